"""Histograms of weights and gradients as TensorBoard's own dashboards show them."""

from __future__ import annotations

import numpy as np

from tb_kerasviz.analysis.histogram import coarsen
from tb_kerasviz.analysis.octave_histogram import drop_small_octaves
from tb_kerasviz.wire.gradients import GradientsCapture
from tb_kerasviz.wire.weights import WeightsCapture
from tb_kerasviz.writer.interface import Histograms

MAX_BUCKETS = 32
"""Most buckets: `tf.summary.histogram` writes 30, and every bucket of every
variable takes 24 bytes, which are not compressed."""

_SINGLE_MARGIN = 0.5
"""What `tf.summary.histogram` puts around a single value."""


def native_weight_histograms(capture: WeightsCapture) -> Histograms:
    """The histograms of a capture, tagged as `keras.callbacks.TensorBoard` does.

    Their buckets are sums of the capture's bins: every finite value is in one.

    Args:
        capture: The capture.

    Returns:
        Counts and edges by tag.
    """
    histograms = {}
    for variable in capture.variables:
        counts, edges = coarsen(variable.counts, variable.edges, MAX_BUCKETS)
        if len(counts) == 1:
            edges = np.add(edges, [-_SINGLE_MARGIN, _SINGLE_MARGIN])
        tag = f"{variable.path.replace(':', '_')}/histogram"
        histograms[tag] = counts, edges
    return histograms


def native_gradient_histograms(capture: GradientsCapture) -> Histograms:
    """The histograms of a step's gradients.

    Their buckets are the octaves of the capture; the smallest ones, which one
    axis cannot tell from zero, are one bucket with the zeros where there are
    more than `MAX_BUCKETS`.

    Args:
        capture: The capture.

    Returns:
        Counts and edges by tag.
    """
    return {
        f"{variable.path.replace(':', '_')}/gradient_histogram": drop_small_octaves(
            variable.counts, variable.edges, MAX_BUCKETS
        )
        for variable in capture.variables
    }
