"""The weights of one model: captured, compared and logged."""

from __future__ import annotations

import keras

from tb_kerasviz.capture.layer_filter import LayerFilter
from tb_kerasviz.capture.weight_history import WeightHistory
from tb_kerasviz.capture.weights import WeightSnapshot, snapshot_weights
from tb_kerasviz.training_log import TrainingLog


class WeightLog:
    """Captures the weights of a model, each compared with those before.

    Args:
        budget_bytes: Most bytes of the kept values of a capture.
        layer_filter: Which layers to keep.
        native_histograms: Whether `capture` logs ordinary histogram summaries
            besides.
    """

    def __init__(
        self,
        budget_bytes: int,
        layer_filter: LayerFilter,
        native_histograms: bool = False,
    ) -> None:
        self._native_histograms = native_histograms
        self._budget_bytes = budget_bytes
        self._layer_filter = layer_filter
        self._history = WeightHistory()

    def snapshot(self, model: keras.Model, step: int) -> WeightSnapshot:
        """Copies the weights to the host; see `snapshot_weights`."""
        return snapshot_weights(
            model, step, self._budget_bytes, self._layer_filter, self._history
        )

    def capture(self, log: TrainingLog, model: keras.Model, step: int) -> None:
        """Logs the weights as they are at a step.

        Where an earlier training logged that step already, they are only what
        later captures are compared with.
        """
        snapshot = self.snapshot(model, step)
        if log.accepts(step):
            log.write_weights(step, snapshot, self._native_histograms)
        else:
            snapshot.remember()
