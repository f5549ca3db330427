"""The histogram and the statistics of a tensor, as its member holds them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from tb_kerasviz.wire import codec, schema

Array = np.ndarray[Any, Any]


def take_histogram(
    arrays: Mapping[str, Array], what: str
) -> tuple[Array, Array, Array]:
    """Counts, edges and statistics of a decoded member.

    Args:
        arrays: The member's arrays.
        what: What it is, for the error's text.

    Raises:
        WireError: They are missing or do not fit each other.
    """
    bins = max(1, np.size(arrays.get("counts", ())))

    def take(name: str, dtype: str, size: int) -> Array:
        return codec.take_array(arrays, name, dtype, (size,), what)

    return (
        take("counts", "int64", bins),
        take("edges", "float64", bins + 1),
        take("stats", "float32", len(schema.WEIGHT_STATS)),
    )
