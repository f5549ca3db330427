"""Writer: logs a custom training loop."""

from __future__ import annotations

import dataclasses
import operator
import os
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self

import keras
import numpy as np

from tb_kerasviz.analysis.dynamics_windows import summarise_window
from tb_kerasviz.capture.activations import ActivationReader
from tb_kerasviz.capture.backends import is_main_process
from tb_kerasviz.capture.dynamics import measure_given
from tb_kerasviz.capture.layer_filter import create_layer_filter
from tb_kerasviz.capture.model_graph import create_model_graph
from tb_kerasviz.capture.probe import (
    Probe,
    Vocabulary,
    capture_probe,
    check_probe,
    check_vocabulary,
    take_probe,
)
from tb_kerasviz.capture.symbolic_build import build_from_inputs
from tb_kerasviz.graph_log import digest_graph
from tb_kerasviz.host_values import to_float, to_host
from tb_kerasviz.training_log import (
    TrainingLog,
    check_log_dir,
    open_training_log,
)
from tb_kerasviz.weight_log import WeightLog
from tb_kerasviz.wire import tags
from tb_kerasviz.writer import admission
from tb_kerasviz.writer.interface import ScalarRecord

CAPTURE_BYTES = 8 * 2**20


class Writer:
    """Logs a custom training loop for the "Keras" tab.

    Steps of one kind of data must increase from call to call; all methods
    return at once and write in the background. Of several processes that train
    together the first one writes.

    Example::

        with tb_kerasviz.Writer("logs/run1") as writer:
            writer.write_model(0, model)
            for step, (x, y) in enumerate(batches, start=1):
                loss, grads = train_step(x, y)
                writer.write_scalars(step, {"loss": loss})
                writer.write_gradients(step, model, grads)

    Args:
        log_dir: Directory or URL of one training. A training that goes on in
            a directory that holds logs continues them: what they hold from
            the first written step on is void; from step 0 or 1, where a
            training begins, all of it.

    Raises:
        TypeError: `log_dir` is no path.
        ValueError: `log_dir` is empty.
    """

    def __init__(self, log_dir: str | os.PathLike[str]) -> None:
        self._log_dir = check_log_dir(log_dir)
        self._log: TrainingLog | None = None
        self._closed = False
        self._last: dict[str, int] = {}
        self._reading: _Reading | None = None
        self._gradient_paths: list[str] = []
        self._graph_digest = b""
        self._weight_log = WeightLog(CAPTURE_BYTES, create_layer_filter(None))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def write_scalars(
        self, step: int, scalars: Mapping[str, Any], *, split: str = "train"
    ) -> None:
        """Writes ordinary scalar summaries, also seen in TensorBoard's own tabs.

        Args:
            step: Optimizer steps done so far.
            scalars: Value of each tag: a number or a tensor of one element.
            split: "train", "validation" or another directory below `log_dir`.

        Raises:
            TypeError: A tag is no text, or `scalars` no mapping.
            ValueError: A value is no number, `split` is no directory name, a
                tag is too long or no valid text, or the step is not above the
                tag's last one.
        """
        if not isinstance(scalars, Mapping):
            raise TypeError(
                'scalars must be a mapping like {"loss": 0.3}; received '
                f"{type(scalars).__name__}."
            )
        _check_split(split)
        values: dict[str, float] = {}
        for tag, value in scalars.items():
            _check_tag(tag)
            number = to_float(value)
            if number is None:
                raise ValueError(
                    f"the scalar {tag!r} must be one number; received {value!r:.200}."
                )
            values[tag] = number
            _check_names(split, tag)
        step = self._check_step(step, [f"{split}/{tag}" for tag in values])
        self._open(step).write_scalars(step, split, values)

    def write_model(self, step: int, model: keras.Model, *, inputs: Any = None) -> None:
        """Writes the architecture of a model, if it is not as written last.

        Args:
            step: Step from which on the model is like that.
            model: A Keras model.
            inputs: Inputs that build a model that is not built yet, such as
                the first batch or a structure of `keras.KerasTensor`.

        Raises:
            TypeError: `model` is not a Keras model.
            ValueError: The step is not above the last one, or the model could
                not be built from `inputs`.
        """
        _check_model(model)
        if inputs is not None and not model.built:
            build_from_inputs(model, inputs)
        graph = create_model_graph(model, inputs)
        step = self._check_step(step, ["model_graph"])
        log, digest = self._open(step), digest_graph(graph)
        if digest != self._graph_digest:
            log.write_model_graph(step, graph)
            self._graph_digest = digest

    def write_weights(
        self, step: int, model: keras.Model, *, native_histograms: bool = False
    ) -> None:
        """Writes statistics, histograms and values of all weights.

        From the second time on also how far each variable moved since the time
        before, and since the first.

        Args:
            step: Optimizer steps done so far.
            model: A built Keras model.
            native_histograms: Whether to write them as ordinary histogram
                summaries too, which TensorBoard's own Histograms and
                Distributions tabs show.

        Raises:
            TypeError: `model` is not a Keras model.
            ValueError: It has no weights yet, or the step is not above the
                last one.
        """
        _check_model(model)
        if not model.weights:
            raise ValueError(
                f"{model.name} has no weights; build it first by calling it on data."
            )
        step = self._check_step(step, ["weights"])
        snapshot = self._weight_log.snapshot(model, step)
        held = snapshot.nbytes * (2 if native_histograms else 1)
        self._open(step, held).write_weights(step, snapshot, native_histograms)

    def write_activations(
        self,
        step: int,
        model: keras.Model,
        probe: Any,
        *,
        labels: Any = None,
        vocabulary: Any = None,
        training: bool = False,
    ) -> None:
        """Writes what every layer returns for the probe.

        The forward pass is compiled only once for a model and a probe, and
        the probe is logged only when it, its labels or its tokens change.

        Args:
            step: Optimizer steps done so far.
            model: A Keras model; nothing in it changes.
            probe: What `model(...)` takes, or a dataset, whose first batch is
                taken; see `KerasViz`. The first batch of an iterator stays the
                probe while the same one is passed.
            labels: One label per sample, shown beside it.
            vocabulary: Tokens of ids in the probe; see `KerasViz`.
            training: Whether the model runs as it does in training, for
                instance with dropout. Also then nothing in it changes.

        Raises:
            TypeError: `model` is not a Keras model, `vocabulary` is no
                vocabulary, or `training` no bool.
            ValueError: The model is not built or cannot take the probe,
                `vocabulary` is for an input that there is not, or the step is
                not above the last one.
        """
        _check_model(model)
        if not model.built:
            raise ValueError(
                f"{model.name} is not built; call it on data first, or log it by "
                "write_model(..., inputs=...)."
            )
        if not isinstance(training, bool):
            raise TypeError(
                f"training must be True or False; received {training!r:.100} of "
                f"type {type(training).__name__}."
            )
        before = self._reading
        tokens = None
        if before is not None and before.vocabulary is vocabulary:
            tokens = before.tokens
        if tokens is None:
            tokens = check_vocabulary(vocabulary)
        if before is not None and before.is_of(model, probe, labels, training):
            reading = before
        else:
            reading = self._read_probe(model, probe, labels, training)
        reading = dataclasses.replace(reading, vocabulary=vocabulary, tokens=tokens)
        inputs = None
        if before is None or not before.shows(reading):
            inputs = capture_probe(reading.taken, model, tokens)
        snapshot = reading.reader.capture(_to_step(step))
        step = self._check_step(step, ["activations"])
        log = self._open(step)
        if inputs is not None:
            log.write_probe(step, inputs)
        self._reading = reading
        log.write_activations(step, snapshot)
        if reading.reader.notice:
            log.report_once(step, "activations", reading.reader.notice)

    def write_gradients(
        self, step: int, model: keras.Model, grads: Sequence[Any]
    ) -> None:
        """Writes the norms of gradients, and of the weights as they are now.

        Args:
            step: Optimizer steps done so far.
            model: The model that they are the gradients of.
            grads: One for each of `model.trainable_variables`, in their order
                and shapes; None where a variable has none.

        Raises:
            TypeError: `model` is not a Keras model.
            ValueError: The gradients do not match the variables, or the step
                is not above the last one.
        """
        _check_model(model)
        paths, measured = measure_given(_to_step(step), model, grads)
        step = self._check_step(step, ["dynamics"])
        log = self._open(step)
        if paths != self._gradient_paths:
            log.write_dynamics_index(step, paths)
            self._gradient_paths = paths
        log.write_dynamics(summarise_window(measured))

    def flush(self) -> bool:
        """Waits until everything is written; False if that took too long."""
        return self._log is None or self._log.flush()

    def close(self) -> None:
        """Writes what waits and ends; a second call does nothing."""
        self._closed = True
        if self._log is not None:
            self._log.close()

    def _open(self, step: int, weight_bytes: int = 0) -> TrainingLog:
        if self._closed:
            raise ValueError("the writer is closed; make a new Writer.")
        if self._log is None:
            # A loop that counts from 1 is as new as one that counts from 0.
            first_step = step if step > 1 else 0
            self._log = open_training_log(
                self._log_dir,
                first_step,
                max(weight_bytes, CAPTURE_BYTES),
                writes=is_main_process(),
            )
        return self._log

    def _read_probe(
        self, model: keras.Model, probe: Any, labels: Any, training: bool
    ) -> _Reading:
        taken = take_probe(probe, labels)
        before = self._reading
        if (
            before is not None
            and before.model is model
            and before.training is training
            and before.has_inputs(taken)
        ):
            reader = before.reader
        else:
            check_probe(taken, model)
            everything = create_layer_filter(None)
            reader = ActivationReader(
                model, taken, CAPTURE_BYTES, everything, training=training
            )
        return _Reading(model, probe, labels, training, taken, reader)

    def _check_step(self, step: int, names: Sequence[str]) -> int:
        number = _to_step(step)
        for name in names:
            last = self._last.get(name)
            if last is not None and number <= last:
                raise ValueError(
                    f"steps of {name} must increase: received {number} after {last}."
                )
        self._last.update(dict.fromkeys(names, number))
        return number


@dataclasses.dataclass(frozen=True)
class _Reading:
    """What `write_activations` was called with, and what it made of it."""

    model: keras.Model
    probe: Any
    labels: Any
    training: bool
    taken: Probe
    reader: ActivationReader
    vocabulary: Any = None
    tokens: Vocabulary | None = None

    def is_of(
        self, model: keras.Model, probe: Any, labels: Any, training: bool
    ) -> bool:
        """Whether these are the same objects as before."""
        given = (model, probe, labels, training)
        mine = (self.model, self.probe, self.labels, self.training)
        return all(a is b for a, b in zip(given, mine, strict=True))

    def has_inputs(self, taken: Probe) -> bool:
        """Whether a probe has the same inputs, such as `x[:8]` cut anew."""
        if self.taken.composites or taken.composites:
            return False  # A ragged one is another than one that was padded.
        mine, others = self.taken.arrays(), taken.arrays()
        return self.taken.paths() == taken.paths() and all(
            array.dtype == other.dtype and np.array_equal(array, other)
            for array, other in zip(mine, others, strict=True)
        )

    def shows(self, other: _Reading) -> bool:
        """Whether a reading needs no probe of its own in the log."""
        return (
            other.model is self.model
            and other.taken.labels == self.taken.labels
            and other.tokens == self.tokens
            and (other.taken is self.taken or self.has_inputs(other.taken))
        )


def _check_split(split: object) -> None:
    if (
        not isinstance(split, str)
        or split in ("", ".", "..", tags.PLUGIN_DIR)
        or any(c in split for c in "/\\\0")
    ):
        raise ValueError(
            'split must be the name of a directory such as "train" or '
            f'"validation", and not "{tags.PLUGIN_DIR}"; received {split!r}.'
        )


def _check_tag(tag: object) -> None:
    if not isinstance(tag, str) or not tag:
        raise TypeError(f"tags must be non-empty texts; received {tag!r}.")


def _check_names(split: str, tag: str) -> None:
    try:
        admission.examine(ScalarRecord(directory=split, tag=tag, step=0, value=0.0))
    except ValueError as error:
        raise ValueError(
            f"the tag {tag!r:.80} of split {split!r:.80} cannot be written: {error}"
        ) from error


def _to_step(step: object) -> int:
    value = to_host(step)
    try:
        number = operator.index(
            value.item() if isinstance(value, np.ndarray) else value
        )
    except (TypeError, ValueError):
        raise TypeError(
            f"step must be an integer; received {step!r:.100} of type "
            f"{type(step).__name__}."
        ) from None
    if isinstance(step, bool) or not 0 <= number < 2**53:
        raise ValueError(f"step must be from 0 to 2**53 - 1; received {step!r}.")
    return number


def _check_model(model: object) -> None:
    if not isinstance(model, keras.Model):
        raise TypeError(
            f"model must be a keras.Model; received {model!r:.100} of type "
            f"{type(model).__name__}."
        )
