"""One `fit` of one model, as KerasViz logs it."""

from __future__ import annotations

import contextlib
import logging
import math
import time
import weakref
from collections.abc import Callable, Mapping
from typing import Any

import keras

from tb_kerasviz.callback_options import Options
from tb_kerasviz.capture.activations import ActivationReader
from tb_kerasviz.capture.backends import find_processes
from tb_kerasviz.capture.backends.interface import UnsupportedError
from tb_kerasviz.capture.layer_filter import describe_no_match
from tb_kerasviz.capture.model_graph import create_model_graph
from tb_kerasviz.capture.optimizers import find_optimizers, read_steps
from tb_kerasviz.capture.probe import (
    Probe,
    ProbeError,
    capture_probe,
    check_probe,
    take_probe,
)
from tb_kerasviz.capture.tracing.first_call import FirstCall, needs_inputs
from tb_kerasviz.capture.weights import MAX_SNAPSHOT_BYTES
from tb_kerasviz.dynamics_log import DynamicsLog, HistogramOptions
from tb_kerasviz.graph_log import GraphLog
from tb_kerasviz.logging_costs import LoggingCosts
from tb_kerasviz.scalar_tags import (
    Scalars,
    batch_scalars,
    epoch_scalars,
    evaluation_scalars,
)
from tb_kerasviz.training_log import holds_logs, open_training_log
from tb_kerasviz.weight_log import WeightLog
from tb_kerasviz.wire import schema
from tb_kerasviz.writer.schedule import CaptureSchedule

logger = logging.getLogger("tb_kerasviz")


class FitSession:
    """Follows one fit from its beginning to its end.

    Each kind of data is handled by itself: when one fails, it is reported
    once and left alone, and the others go on.

    Args:
        model: The model.
        options: What to log.
    """

    def __init__(self, model: keras.Model, options: Options) -> None:
        self._options = options
        self._step = read_step(model)
        processes = find_processes()
        writes = processes.is_main
        begins_again = writes and self._step == 0 and holds_logs(options.log_dir)
        # What was logged at the step itself stays: it is not done again.
        self._log = open_training_log(
            options.log_dir,
            self._step + 1 if self._step else 0,
            _snapshot_bytes(model) * (2 if options.native_histograms else 1),
            writes=writes,
        )
        if begins_again:
            self._log.report(
                0,
                "log_dir",
                "this training begins at step 0 in a log_dir that already holds "
                "logs, so what they hold is not shown any more; a log_dir of its "
                "own for each training (and after each compile()) keeps both",
            )
        self._graphs = GraphLog(self._log, options.log_dir, self._read_graph)
        self._first_call = FirstCall()
        self._probe: Probe | None = None
        # A fit that ends by an exception never says so.
        weakref.finalize(self, self._first_call.stop).atexit = False
        self._first_step = self._step
        self._epochs = 0
        self._batch_begin = 0
        self._batches = 0
        self._read_step = self._epoch_step = self._scalar_step = self._step
        self._read_batches = 0
        self._batches_per_step = _batches_per_step(model)
        self._started = False
        self._failed: set[str] = set()
        self._reported: set[str] = set()
        self._weights = CaptureSchedule(options.weights)
        self._activations = CaptureSchedule(options.activations)
        # Reading a model may need all processes: then all must do the same, and
        # nothing may depend on the time of one, or on what its log holds.
        self._alone = processes.count == 1
        self._costs = LoggingCosts(
            self._log, options.max_overhead if self._alone else None
        )
        self._weight_log = WeightLog(
            options.capture_bytes, options.layer_filter, options.native_histograms
        )
        self._reader: ActivationReader | None = None
        self._dynamics: DynamicsLog | None = None

    def begin(self, model: keras.Model) -> None:
        """Before the first step: the architecture and the probe."""
        calls_needed = needs_inputs(model)
        if model.built and (self._options.probe is not None or not calls_needed):
            self._start(model)
        elif calls_needed:
            self._first_call.watch(model)
        every = self._options.dynamics
        if every is not None:
            self._attempt("dynamics", lambda: self._follow_dynamics(model, every))

    def begin_batch(self, batch: int) -> None:
        """Notes the first batch of an execution."""
        self._batch_begin = batch

    def end_batch(
        self, batch: int, logs: Any, get_model: Callable[[], keras.Model]
    ) -> None:
        """After one or several optimizer steps.

        Args:
            batch: Number of the execution's last batch.
            logs: Metrics so far.
            get_model: Gives the model; dear on JAX, so only where needed.
        """
        steps = max(1, batch - self._batch_begin + 1)
        self._batches += steps
        since = self._batches - self._read_batches
        self._step = self._read_step + since // self._batches_per_step
        if not self._started:
            self._take_step(get_model())
            self._start(get_model())
        elif self._graphs.changes_at(self._step):
            self._take_step(get_model())
            self._update_graph(get_model())
        dynamics = self._dynamics
        if dynamics is not None:
            self._attempt("dynamics", lambda: dynamics.count_steps(steps))
        if self._batch_scalars_due(steps):
            self._take_step(get_model())
            # Not where gradients were only accumulated, or the step skipped.
            if self._step > self._scalar_step:
                self._attempt(
                    "scalars",
                    lambda: self._write_scalars(self._step, batch_scalars(logs)),
                )
            self._scalar_step = self._step
        trained = self._step - self._first_step
        due = (
            self._weights.step_is_due(trained),
            self._activations.step_is_due(trained),
        )
        if any(due):
            model = get_model()
            self._take_step(model)
            self._capture(model, *due)

    def end_epoch(self, logs: Mapping[str, Any], model: keras.Model) -> None:
        """After an epoch and its validation."""
        self._epochs += 1
        self._take_step(model)
        if self._step == self._epoch_step:
            self._log.report(self._step, "steps", _describe_standstill(model))
        self._epoch_step = self._step
        self._update_graph(model)
        if self._options.scalars is not None:
            self._attempt(
                "scalars",
                lambda: self._write_scalars(self._step, epoch_scalars(logs, model)),
            )
        if self._dynamics is not None:
            self._read_dynamics(self._dynamics)
        self._capture(
            model,
            self._weights.epoch_is_due(self._epochs),
            self._activations.epoch_is_due(self._epochs),
        )

    def end_test(self, logs: Mapping[str, Any], model: keras.Model) -> None:
        """After an evaluation during the fit."""
        if self._options.scalars is None:
            return
        step = read_step(model)
        self._attempt(
            "scalars", lambda: self._write_scalars(step, evaluation_scalars(logs))
        )

    def end(self) -> None:
        """Leaves the model as it was and closes the log."""
        began = time.perf_counter()
        self._first_call.stop()
        if self._dynamics is not None:
            self._read_dynamics(self._dynamics, finish=True)
        self._remove_dynamics()
        self._costs.tell(time.perf_counter() - began)
        self._log.close()

    def add_overhead(self, secs: float) -> None:
        """Notes the time that one of Keras's hooks took."""
        self._costs.add_call(secs)

    def fail(self, hook: str, error: Exception) -> None:
        """Ends logging after an unexpected error."""
        self.log_failure(hook, error)
        try:
            self._remove_dynamics()
            self._log.report(self._step, "logging", _failure_text(hook, error))
            self._log.close()
        except Exception:
            logger.debug("closing after a failure failed", exc_info=True)

    @staticmethod
    def log_failure(hook: str, error: Exception) -> None:
        """Reports an unexpected error in Python's log."""
        logger.error("tb_kerasviz: %s", _failure_text(hook, error), exc_info=error)

    # Beginning ---------------------------------------------------------------

    def _start(self, model: keras.Model) -> None:
        self._started = True
        self._first_call.stop()
        self._update_graph(model)
        at_start = self._step == self._first_step
        if self._options.weights is not None and at_start:
            self._timed("weights", lambda: self._capture_weights(model))
        if self._options.probe is None:
            self._failed.add("activations")
            return
        if self._options.activations is None:
            return
        self._attempt("activations", lambda: self._open_probe(model))
        if at_start:
            self._timed("activations", lambda: self._capture_activations(model))

    def _update_graph(self, model: keras.Model) -> None:
        self._attempt("model graph", lambda: self._graphs.update(model, self._step))

    def _read_graph(self, model: keras.Model) -> schema.ModelGraph:
        inputs: Any = self._first_call.inputs
        if inputs is None and self._options.probe is not None:
            # What is wrong with it is said where its activations are read.
            with contextlib.suppress(ProbeError):
                inputs = self._take_probe().inputs
        return create_model_graph(model, inputs)

    def _take_probe(self) -> Probe:
        # Once: the probe may be an iterator.
        if self._probe is None:
            options = self._options
            self._probe = take_probe(options.probe, options.probe_labels)
        return self._probe

    def _open_probe(self, model: keras.Model) -> None:
        options = self._options
        probe = self._take_probe()
        check_probe(probe, model)
        reader = ActivationReader(
            model,
            probe,
            options.capture_bytes,
            options.layer_filter,
            training=options.probe_training,
        )
        if not reader.matches:
            raise ProbeError(describe_no_match(options.layers, reader.paths))
        capture = capture_probe(probe, model, options.vocabulary)
        self._log.write_probe(self._log.first_step(self._step), capture)
        self._reader = reader

    def _follow_dynamics(self, model: keras.Model, every: int) -> None:
        options = self._options
        histograms = None
        if options.gradient_histograms:
            histograms = HistogramOptions(
                options.layer_filter, options.capture_bytes, options.native_histograms
            )
        self._dynamics = DynamicsLog(self._log, model, every, self._step, histograms)

    # During ------------------------------------------------------------------

    def _take_step(self, model: keras.Model) -> None:
        # Between two of these the step is counted, which costs nothing.
        before, self._read_step = self._read_step, read_step(model)
        self._step = self._read_step
        self._read_batches = self._batches
        if self._step < before:
            self._report_once(
                "step",
                f"the optimizer's step went back from {before} to {self._step}; "
                "until it is above that again, nothing is logged of the steps that "
                "are logged already.",
            )

    def _capture(
        self, model: keras.Model, weights_due: bool, activations_due: bool
    ) -> None:
        if not (weights_due or activations_due):
            return
        if not self._costs.allows_capture(self._step):
            return
        if weights_due:
            self._timed("weights", lambda: self._capture_weights(model))
        if activations_due:
            self._timed("activations", lambda: self._capture_activations(model))

    def _capture_weights(self, model: keras.Model) -> None:
        self._weight_log.capture(self._log, model, self._step)
        dynamics = self._dynamics
        if dynamics is not None and self._options.gradient_histograms:
            self._attempt("gradients", lambda: dynamics.want_histograms(self._step))

    def _capture_activations(self, model: keras.Model) -> None:
        if self._reader is None:
            return
        if self._alone and not self._log.accepts(self._step):
            return  # A continued log holds this step already.
        snapshot = self._reader.capture(self._step)
        self._log.write_activations(self._step, snapshot)
        if self._reader.notice:
            self._log.report_once(self._step, "activations", self._reader.notice)

    def _read_dynamics(self, dynamics: DynamicsLog, finish: bool = False) -> None:
        self._attempt("dynamics", lambda: dynamics.read(self._step, finish))

    def _remove_dynamics(self) -> None:
        dynamics, self._dynamics = self._dynamics, None
        if dynamics is not None:
            dynamics.remove()

    def _batch_scalars_due(self, steps: int) -> bool:
        every = self._options.scalars
        if every is None or every == "epoch":
            return False
        if every == "batch":
            return True
        before = self._batches - steps
        return self._batches // every > before // every

    def _write_scalars(self, step: int, scalars: Scalars) -> None:
        for directory, values in scalars.items():
            self._log.write_scalars(step, directory, values)

    # Errors ------------------------------------------------------------------

    def _timed(self, topic: str, action: Callable[[], object]) -> None:
        self._costs.time_capture(lambda: self._attempt(topic, action))

    def _report_once(self, topic: str, message: str) -> None:
        if topic not in self._reported:
            self._reported.add(topic)
            self._log.report(self._step, topic, message)

    def _attempt(self, topic: str, action: Callable[[], object]) -> None:
        if topic in self._failed:
            return
        try:
            action()
        except Exception as error:
            self._failed.add(topic)
            logger.debug("details of the failure in %s", topic, exc_info=error)
            self._log.report(self._step, topic, _describe(error))


def read_step(model: keras.Model) -> int:
    """`optimizer.iterations` of a model; 0 if it has no optimizer."""
    return read_steps(find_optimizers(model))


def _batches_per_step(model: keras.Model) -> int:
    optimizer = getattr(model, "optimizer", None)
    optimizer = getattr(optimizer, "inner_optimizer", optimizer)
    return int(getattr(optimizer, "gradient_accumulation_steps", None) or 1)


def _describe_standstill(model: keras.Model) -> str:
    text = (
        "the optimizer made no step in an epoch; what was logged at its step before "
        "is not logged again."
    )
    if any(hasattr(one, "inner_optimizer") for one in find_optimizers(model)):
        text += (
            " Its LossScaleOptimizer leaves out batches whose gradients are not "
            "finite: of all batches of this epoch they were not."
        )
    return text


def _snapshot_bytes(model: keras.Model) -> int:
    total = sum(4 * math.prod(v.shape) for v in model.weights)
    return int(min(total, MAX_SNAPSHOT_BYTES))


def _describe(error: Exception) -> str:
    if isinstance(error, (ProbeError, UnsupportedError)):
        return str(error)
    return (
        f"{type(error).__name__}: {str(error)[:1000]} "
        "(this kind of data is not logged any more in this fit; training and the "
        "rest go on)"
    )


def _failure_text(hook: str, error: Exception) -> str:
    return (
        f"logging ended by an unexpected error in {hook}: "
        f"{type(error).__name__}: {str(error)[:1000]}. Training goes on."
    )
