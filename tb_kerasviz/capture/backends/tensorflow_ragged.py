"""Ragged outputs as dense ones, with a mask."""

from __future__ import annotations

from typing import Any

import tensorflow as tf


def dense_sequence(value: Any) -> tuple[Any, Any] | str:
    """Fills a ragged output with zeros.

    Args:
        value: A `tf.RaggedTensor` `[N, (T), ...]`.

    Returns:
        `[N, T, ...]` and bool `[N, T]`, or a reason why there is none.
    """
    if value.ragged_rank != 1:
        return "its output is ragged in more than one axis"
    if value.dtype == tf.string:
        return "its output is texts, which are not shown"
    return value.to_tensor(), tf.sequence_mask(value.row_lengths())
