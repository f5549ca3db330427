"""Counts gradients inside of a TensorFlow graph."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from tb_kerasviz.analysis.octave_histogram import MOMENTS, RAW_BINS
from tb_kerasviz.capture.backends.gradient_histograms import GradientHistograms


class TensorFlowHistograms(GradientHistograms):
    """Keeps the counts in variables that neither optimizer nor model tracks.

    Args:
        variables: The V variables.
    """

    def __init__(self, variables: Sequence[keras.Variable]) -> None:
        super().__init__(variables)
        size = len(self.variables)
        # Also while a step is traced: they belong to no graph.
        with tf.init_scope():
            self._wanted = tf.Variable(True, trainable=False)
            self._step = tf.Variable(-1, trainable=False, dtype=tf.int64)
            self._counts = tf.Variable(
                tf.zeros((size, RAW_BINS), tf.int32), trainable=False
            )
            self._moments = tf.Variable(tf.zeros((size, len(MOMENTS))), trainable=False)
        self._offered: Sequence[Any] = ()

    def ask(self) -> None:
        """See the base class."""
        self._wanted.assign(True)

    def read_step(self) -> int:
        """See the base class."""
        return int(self._step.numpy())

    def read_counts(self) -> tuple[Any, Any]:
        """See the base class."""
        return self._counts.numpy(), self._moments.numpy()

    def keep(self, grads: Sequence[Any]) -> None:
        """See the base class."""
        self._offered = grads

    def count_wanted(self, step: Any) -> None:
        """See the base class."""
        grads, self._offered = self._offered, ()
        tf.cond(self._wanted, lambda: self._store(step, grads), lambda: None)

    def bits_of(self, tensor: Any) -> Any:
        """See the base class."""
        return tf.bitcast(tensor, tf.int32)

    def _store(self, step: Any, grads: Sequence[Any]) -> None:
        counts, moments = self.count(grads)
        self._counts.assign(counts)
        self._moments.assign(moments)
        self._step.assign(tf.cast(step, tf.int64))
        self._wanted.assign(False)
