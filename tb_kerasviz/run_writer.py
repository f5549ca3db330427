"""Writer: logs a custom training loop."""

from __future__ import annotations

import dataclasses
import functools
import os
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Any, Self, TypeVar, cast

import keras
import numpy as np

from tb_kerasviz.analysis.dynamics_windows import summarise_window
from tb_kerasviz.capture.activations import ActivationReader
from tb_kerasviz.capture.backends import find_processes
from tb_kerasviz.capture.given_gradients import measure_given, read_given
from tb_kerasviz.capture.gradients import (
    GradientSnapshot,
    count_gradients,
    plan_gradients,
)
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
from tb_kerasviz.loop_costs import LoopCosts
from tb_kerasviz.run_writer_arguments import (
    check_model,
    check_scalars,
    check_switch,
    to_step,
)
from tb_kerasviz.training_log import (
    TrainingLog,
    check_log_dir,
    open_training_log,
)
from tb_kerasviz.weight_log import WeightLog

CAPTURE_BYTES = 8 * 2**20

Method = TypeVar("Method", bound=Callable[..., Any])


def _measured(method: Method) -> Method:
    """Measures how much of the loop's time a method takes."""

    @functools.wraps(method)
    def run(self: Writer, *args: Any, **kwargs: Any) -> Any:
        with self._costs.measure([*args, *kwargs.values()]):
            return method(self, *args, **kwargs)

    return cast("Method", run)


class Writer:
    """Logs a custom training loop for the "Keras" tab.

    Steps of one kind of data must increase from call to call; all methods
    return at once and write in the background. Of several processes that train
    together the first one writes.

    What the calls cost the loop is measured and shown in the tab: their time as
    a share of the wall time since the first call that wrote something. The wait
    until tensors that are given are computed is no cost, since the loop's own
    work is what is waited for.

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
        self._costs = LoopCosts()
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

    @_measured
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
        values = check_scalars(scalars, split)
        step = self._check_step(step, [f"{split}/{tag}" for tag in values])
        self._open(step).write_scalars(step, split, values)

    @_measured
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
        check_model(model)
        if inputs is not None and not model.built:
            build_from_inputs(model, inputs)
        graph = create_model_graph(model, inputs)
        step = self._check_step(step, ["model_graph"])
        log, digest = self._open(step), digest_graph(graph)
        if digest != self._graph_digest:
            log.write_model_graph(step, graph)
            self._graph_digest = digest

    @_measured
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
        check_model(model)
        if not model.weights:
            raise ValueError(
                f"{model.name} has no weights; build it first by calling it on data."
            )
        step = self._check_step(step, ["weights"])
        snapshot = self._weight_log.snapshot(model, step)
        held = snapshot.nbytes * (2 if native_histograms else 1)
        self._open(step, held).write_weights(step, snapshot, native_histograms)

    @_measured
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
        check_model(model)
        if not model.built:
            raise ValueError(
                f"{model.name} is not built; call it on data first, or log it by "
                "write_model(..., inputs=...)."
            )
        check_switch("training", training)
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
        snapshot = reading.reader.capture(to_step(step))
        step = self._check_step(step, ["activations"])
        log = self._open(step)
        if inputs is not None:
            log.write_probe(step, inputs)
        self._reading = reading
        log.write_activations(step, snapshot)
        if reading.reader.notice:
            log.report_once(step, "activations", reading.reader.notice)

    @_measured
    def write_gradients(
        self,
        step: int,
        model: keras.Model,
        grads: Sequence[Any],
        *,
        histograms: bool = False,
    ) -> None:
        """Writes the norms of gradients, and of the weights as they are now.

        Args:
            step: Optimizer steps done so far.
            model: The model that they are the gradients of.
            grads: One for each of `model.trainable_variables`, in their order
                and shapes; None where a variable has none.
            histograms: Whether to write their histograms too. Each takes about
                1 kB, so not at every step of a long training; see `KerasViz`.

        Raises:
            TypeError: `model` is not a Keras model, or `histograms` no bool.
            ValueError: The gradients do not match the variables, or the step
                is not above the last one.
        """
        check_model(model)
        check_switch("histograms", histograms)
        given = read_given(model, grads)
        measured = measure_given(to_step(step), given)
        step = self._check_step(step, ["dynamics"])
        log = self._open(step)
        if given.paths != self._gradient_paths:
            log.write_dynamics_index(step, given.paths)
            self._gradient_paths = given.paths
        log.write_dynamics(summarise_window(measured))
        if histograms:
            plan = plan_gradients(
                given.tree, given.variables, create_layer_filter(None), CAPTURE_BYTES
            )
            counted = count_gradients(step, given.arrays)
            log.write_gradients(GradientSnapshot(counted, plan))

    @_measured
    def flush(self) -> bool:
        """Waits until everything is written; False if that took too long."""
        self._costs.tell()
        return self._log is None or self._log.flush()

    def close(self) -> None:
        """Writes what waits and ends; a second call does nothing."""
        self._closed = True
        if self._log is not None:
            self._costs.tell()
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
                writes=find_processes().is_main,
            )
            self._costs.open(self._log)
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
        number = to_step(step)
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
