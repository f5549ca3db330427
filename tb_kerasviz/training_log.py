"""The log of one training: turns what was captured into records."""

from __future__ import annotations

import dataclasses
import logging
import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tb_kerasviz.analysis.dynamics_windows import DynamicsRow
from tb_kerasviz.analysis.thumbnails import draw_thumbnails
from tb_kerasviz.capture.activation_snapshot import ActivationSnapshot
from tb_kerasviz.capture.gradients import GradientSnapshot
from tb_kerasviz.capture.weights import WeightSnapshot
from tb_kerasviz.native_histograms import (
    native_gradient_histograms,
    native_weight_histograms,
)
from tb_kerasviz.wire import codec, schema, tags
from tb_kerasviz.wire.activations import encode_activations
from tb_kerasviz.wire.dynamics import seal_rows
from tb_kerasviz.wire.gradients import encode_gradients
from tb_kerasviz.wire.metadata import WIRE_VERSION
from tb_kerasviz.wire.probes import ProbeCapture, encode_probe
from tb_kerasviz.wire.weights import encode_weights
from tb_kerasviz.writer.async_writer import AsyncRecordWriter
from tb_kerasviz.writer.discarding_writer import DiscardingWriter
from tb_kerasviz.writer.interface import (
    BlobRecord,
    HistogramsRecord,
    RecordWriter,
    ScalarRecord,
    TensorRecord,
    TrainingCosts,
)

logger = logging.getLogger("tb_kerasviz")

QUEUE_BYTES = 64 * 2**20

MAX_WAITING_BYTES = 512 * 2**20
"""Most memory that the outputs of layers may hold while they wait."""


class TrainingLog:
    """Writes one training's data; every method returns at once.

    Methods return whether the record was accepted: False means that its step
    was not above the last one of its tag.

    Args:
        writer: Takes the records; it is closed with the log.
        first_step: First step that this log accepts.
        queue_bytes: Bytes that may wait in the writer.
    """

    def __init__(
        self,
        writer: RecordWriter,
        first_step: int = 0,
        queue_bytes: int = QUEUE_BYTES,
    ) -> None:
        self._writer = writer
        self._first_step = first_step
        self._queue_bytes = queue_bytes
        self._lock = threading.Lock()
        self._encoding_secs = 0.0
        self._told: set[tuple[str, str]] = set()

    def accepts(self, step: int) -> bool:
        """Whether a step is not one that logs from before hold."""
        return step >= self._first_step

    def first_step(self, step: int) -> int:
        """`step`, or the first one that this log accepts if that is later."""
        return max(step, self._first_step)

    def write_scalars(
        self, step: int, directory: str, values: Mapping[str, float]
    ) -> list[str]:
        """Writes scalar summaries.

        Args:
            step: Step of all of them.
            directory: Run directory, such as "train".
            values: Value of each tag.

        Returns:
            The tags that were refused.
        """
        return [
            tag
            for tag, value in values.items()
            if not self._writer.add(
                ScalarRecord(directory=directory, tag=tag, step=step, value=value)
            )
        ]

    def write_model_graph(self, step: int, graph: schema.ModelGraph) -> bool:
        """Writes the architecture, as it is from this step on."""
        return self._write_document(tags.MODEL_GRAPH, step, graph)

    def write_weights(
        self, step: int, snapshot: WeightSnapshot, native_histograms: bool = False
    ) -> bool:
        """Writes a capture of weights.

        One that takes up more than half of the queue is reduced before it is
        handed over: waiting for that is better than losing it.

        Args:
            step: Step of the capture.
            snapshot: The capture.
            native_histograms: Whether to write ordinary histogram summaries
                besides.
        """
        if snapshot.nbytes > self._queue_bytes // 2:
            snapshot.reduce()
        if native_histograms:
            # Both hold the snapshot, and so both count its memory.
            self._writer.add(
                HistogramsRecord(
                    directory=tags.TRAIN_DIR,
                    tag="weight histograms",
                    step=step,
                    read=lambda: native_weight_histograms(snapshot.reduce()),
                    nbytes=snapshot.nbytes,
                )
            )
        return self._write_capture(
            tags.WEIGHTS,
            step,
            snapshot.nbytes,
            lambda sequence: encode_weights(snapshot.reduce(), sequence),
        )

    def write_gradients(
        self, snapshot: GradientSnapshot, native_histograms: bool = False
    ) -> bool:
        """Writes histograms of the gradients of a step.

        Args:
            snapshot: The gradients.
            native_histograms: Whether to write ordinary histogram summaries
                besides.
        """
        if native_histograms:
            self._writer.add(
                HistogramsRecord(
                    directory=tags.TRAIN_DIR,
                    tag="gradient histograms",
                    step=snapshot.step,
                    read=lambda: native_gradient_histograms(snapshot.reduce()),
                    nbytes=snapshot.nbytes,
                )
            )
        return self._write_capture(
            tags.GRADIENTS,
            snapshot.step,
            snapshot.nbytes,
            lambda sequence: encode_gradients(snapshot.reduce(), sequence),
        )

    def write_probe(self, step: int, capture: ProbeCapture) -> bool:
        """Writes the probe's inputs."""
        return self._writer.add(
            BlobRecord(
                tag=tags.PROBE,
                step=step,
                nbytes=sum(item.samples.nbytes for item in capture.inputs),
                encode=lambda sequence: encode_probe(capture, sequence),
            )
        )

    def write_activations(self, step: int, snapshot: ActivationSnapshot) -> bool:
        """Writes a capture of activations.

        The queue is made to hold two of its size. What is too large for that
        is reduced before it is handed over, as weights are.
        """
        if snapshot.nbytes > MAX_WAITING_BYTES // 2:
            snapshot.reduce()
        self._writer.reserve(2 * snapshot.nbytes)

        def encode(sequence: int) -> list[bytes]:
            capture = snapshot.reduce()
            drawn = draw_thumbnails(capture, snapshot.thumbnail_side)
            return encode_activations(
                dataclasses.replace(capture, thumbnails=drawn), sequence
            )

        return self._write_capture(tags.ACTIVATIONS, step, snapshot.nbytes, encode)

    def write_dynamics_index(self, step: int, variables: Sequence[str]) -> bool:
        """Names the rows of the dynamics from this step on.

        Args:
            step: First step that they hold for.
            variables: Paths of the V variables.
        """
        index = schema.DynamicsIndex(
            version=WIRE_VERSION,
            variables=tuple(variables),
            columns=schema.DYNAMICS_COLUMNS,
            step_columns=schema.STEP_COLUMNS,
        )
        return self._write_document(tags.DYNAMICS_INDEX, step, index)

    def write_dynamics(self, row: DynamicsRow) -> bool:
        """Writes one row of dynamics, and what holds for all variables together."""
        totals = seal_rows(row.totals[None])[0]
        self._writer.add(
            TensorRecord(tag=tags.STEP_DYNAMICS, step=row.step, values=totals)
        )
        return self._writer.add(
            TensorRecord(tag=tags.DYNAMICS, step=row.step, values=seal_rows(row.values))
        )

    def report(self, step: int, topic: str, message: str) -> None:
        """Tells the user something, in the log of Python and in the tab.

        Args:
            step: Step at which it happened.
            topic: What it is about, such as "activations".
            message: One or more sentences.
        """
        logger.warning("tb_kerasviz: %s: %s", topic, message)
        self._writer.report(schema.Notice(step=step, topic=topic, message=message))

    def report_once(self, step: int, topic: str, message: str) -> None:
        """Tells the user something that was not told before."""
        if (topic, message) not in self._told:
            self._told.add((topic, message))
            self.report(step, topic, message)

    def note_costs(self, costs: TrainingCosts) -> None:
        """Says in the run's status what logging costs the training."""
        self._writer.note_costs(costs)

    def flush(self) -> bool:
        """Waits until everything is written; False if it took too long."""
        return self._writer.flush()

    def close(self) -> None:
        """Writes what waits and ends; a second call does nothing."""
        self._writer.close()

    def take_encoding_secs(self) -> float:
        """Processor time that captures took from the writer's thread.

        Since the last call; of captures that are encoded by now.
        """
        with self._lock:
            secs, self._encoding_secs = self._encoding_secs, 0.0
        return secs

    def _write_capture(
        self,
        tag: tags.Kind,
        step: int,
        nbytes: int,
        encode: Callable[[int], list[bytes]],
    ) -> bool:
        def timed(sequence: int) -> list[bytes]:
            began = time.thread_time()
            try:
                return encode(sequence)
            finally:
                with self._lock:
                    self._encoding_secs += time.thread_time() - began

        return self._writer.add(
            BlobRecord(tag=tag, step=step, nbytes=nbytes, encode=timed)
        )

    def _write_document(
        self, tag: tags.Kind, step: int, document: schema.Document
    ) -> bool:
        return self._writer.add(
            BlobRecord(
                tag=tag,
                step=step,
                nbytes=4096,
                encode=lambda sequence: [codec.encode_document(document, sequence)],
            )
        )


def open_training_log(
    log_dir: str | os.PathLike[str],
    first_step: int,
    weight_bytes: int = 0,
    *,
    writes: bool = True,
) -> TrainingLog:
    """Opens a log below a directory.

    A directory that already holds logs is continued: what it holds from
    `first_step` on is void, since this training will do those steps again.
    One that holds none takes every step.

    Args:
        log_dir: Directory or URL of one training.
        first_step: First step that will be written; 0 for a new training.
        weight_bytes: Size of a capture of weights in memory, if it is known:
            the queue is then made to hold two.
        writes: Whether this is the process that writes; in another one, all
            that is given to the log is taken and left.
    """
    if not writes:
        return TrainingLog(DiscardingWriter(), first_step)
    first_step = first_step if holds_logs(log_dir) else 0
    queue_bytes = max(QUEUE_BYTES, 2 * weight_bytes)
    writer = AsyncRecordWriter(log_dir, first_step=first_step, queue_bytes=queue_bytes)
    return TrainingLog(writer, first_step, queue_bytes)


def check_log_dir(log_dir: object) -> str:
    """A log directory as text.

    Raises:
        TypeError: It is no path.
        ValueError: It is empty.
    """
    if not isinstance(log_dir, (str, os.PathLike)):
        raise TypeError(
            "log_dir must be a str or os.PathLike; received "
            f"{log_dir!r} of type {type(log_dir).__name__}."
        )
    text = os.fspath(log_dir)
    if not isinstance(text, str) or not text or "\0" in text:
        raise ValueError(f"log_dir must name a directory; received {text!r}.")
    return text


def holds_logs(log_dir: str | os.PathLike[str]) -> bool:
    """Whether a directory already holds logs of this package; never raises."""
    root = os.fspath(log_dir)
    try:
        if "://" not in root:
            return (Path(root) / tags.PLUGIN_DIR).is_dir()
        from tensorboard.compat.tensorflow_stub.io import gfile

        found: bool = gfile.isdir(f"{root.rstrip('/')}/{tags.PLUGIN_DIR}")
        return found
    except Exception:  # noqa: BLE001, whatever a remote file system raises
        return False
