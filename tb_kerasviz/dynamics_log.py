"""The dynamics of one fit: read from its optimizers, and logged."""

from __future__ import annotations

import dataclasses
import weakref
from collections.abc import Sequence

import keras
import numpy as np

from tb_kerasviz.analysis.dynamics_windows import DynamicsRow
from tb_kerasviz.analysis.nonfinite_origin import (
    describe_first_nonfinite,
    find_first_nonfinite,
)
from tb_kerasviz.capture.backends.interface import UnsupportedError
from tb_kerasviz.capture.dynamics import DynamicsReader
from tb_kerasviz.capture.gradients import GradientPlan, plan_gradients
from tb_kerasviz.capture.identity import LayerTree
from tb_kerasviz.capture.layer_filter import LayerFilter
from tb_kerasviz.training_log import TrainingLog


@dataclasses.dataclass(frozen=True)
class HistogramOptions:
    """How gradients are counted.

    Attributes:
        layer_filter: Of which layers.
        budget_bytes: About the most bytes of a capture.
        native: Whether they are logged as ordinary histogram summaries too.
    """

    layer_filter: LayerFilter
    budget_bytes: int
    native: bool

    def plan(
        self, tree: LayerTree, variables: Sequence[keras.Variable]
    ) -> GradientPlan:
        """Chooses whose gradients are logged; see `plan_gradients`."""
        return plan_gradients(tree, variables, self.layer_filter, self.budget_bytes)


class DynamicsLog:
    """Follows the optimizers of a model, and logs what they do.

    It must be made before the train step is traced.

    Args:
        log: Where it is logged.
        model: A compiled model.
        every: Steps of a row, see `WindowAggregator`.
        first_step: Step at which the fit begins.
        histograms: How gradients are counted; None if they are not.

    Raises:
        UnsupportedError: It cannot be done here; the text says why.
    """

    def __init__(
        self,
        log: TrainingLog,
        model: keras.Model,
        every: int,
        first_step: int,
        histograms: HistogramOptions | None = None,
    ) -> None:
        self._log = log
        plan = None if histograms is None else histograms.plan
        self._reader = DynamicsReader(model, every, plan)
        self._histograms = histograms
        self._first_step = first_step
        self._named = False
        self._reported: set[str] = set()
        # A fit that ends by an exception never says so: then the optimizer is
        # given back when this is collected.
        self._remove = weakref.finalize(self, self._reader.remove)
        self._remove.atexit = False

    def count_steps(self, steps: int) -> None:
        """Notes that training went on; reads and logs when it is time to.

        Args:
            steps: How many batches were trained on.
        """
        self._write(self._reader.count_steps(steps))

    def read(self, step: int, finish: bool = False) -> None:
        """Reads and logs what was measured since the last time.

        Args:
            step: Step of the training, for what is to be said.
            finish: Whether an unfinished window gives a row too.

        Raises:
            UnsupportedError: Nothing could be measured; the text says why.
        """
        self._write(self._reader.read(finish))
        self._write_histograms(step)
        if self._reader.lost:
            self._report_once(
                step,
                "dynamics",
                f"{self._reader.lost} optimizer steps were not measured, since "
                "more of them were made in a batch than are kept at a time.",
            )
        replaced = self._reader.describe_replacement()
        if replaced:
            self._report_once(step, "dynamics", replaced)

    def want_histograms(self, step: int) -> None:
        """Asks for the gradients of the next step to be counted.

        Those of the first step are without being asked for.

        Args:
            step: Step of the training, for what is to be said.
        """
        # What was counted meanwhile would be lost.
        self._write_histograms(step)
        self._reader.want_histograms()

    def remove(self) -> None:
        """Leaves the optimizers as they were; may be called more than once."""
        self._remove()

    def _write_histograms(self, step: int) -> None:
        if self._histograms is None:
            return
        try:
            counted = self._reader.take_histograms()
        except UnsupportedError as error:
            # The norms are measured all the same.
            self._report_once(step, "gradients", str(error))
            return
        if counted is not None and self._log.accepts(counted.step):
            self._log.write_gradients(counted, self._histograms.native)

    def _write(self, rows: Sequence[DynamicsRow]) -> None:
        # The first step builds some models: only now the names are known.
        if rows and not self._named:
            step = self._log.first_step(self._first_step)
            self._log.write_dynamics_index(step, self._reader.paths)
            self._named = True
        for row in rows:
            self._log.write_dynamics(row)
        if rows:
            self._report_nonfinite(rows)

    def _report_nonfinite(self, rows: Sequence[DynamicsRow]) -> None:
        first = find_first_nonfinite(
            self._reader.paths,
            np.stack([row.values for row in rows]),
            np.stack([row.totals for row in rows]),
        )
        if first is not None:
            step = next(row.step for row in rows if row.step >= first.step)
            self._report_once(step, "nonfinite", describe_first_nonfinite(first))

    def _report_once(self, step: int, topic: str, message: str) -> None:
        if topic not in self._reported:
            self._reported.add(topic)
            self._log.report(step, topic, message)
