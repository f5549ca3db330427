"""Values of a framework as values of the host."""

from __future__ import annotations

import numbers
from typing import Any

import keras
import numpy as np


def to_host(value: Any) -> Any:
    """A variable or tensor of the backend as an array; all else as it is."""
    if isinstance(value, keras.Variable) or keras.ops.is_tensor(value):
        return keras.ops.convert_to_numpy(value)
    return value


def to_float(value: Any) -> float | None:
    """A scalar of any kind as a float; None if it is none."""
    try:
        array = np.asarray(to_host(value))
        # NumPy would read a text as its number, and None as NaN.
        if array.size != 1 or array.dtype.kind in "SUcmM":
            return None
        if array.dtype == object and not isinstance(array.item(), numbers.Real):
            return None
        return float(array.astype(np.float64).reshape(()))
    except (TypeError, ValueError):
        return None
