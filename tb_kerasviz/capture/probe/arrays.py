"""Arrays and tensors of every kind as NumPy arrays."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from tb_kerasviz.capture.probe.errors import ProbeError

Array = np.ndarray[Any, Any]

_SCALARS = (bool, int, float, str, bytes, np.generic)
_SMALL_FLOATS = ("bfloat16", "float8")
"""Dtypes that NumPy does not know as numbers."""


def to_array(leaf: Any) -> Array:
    """Copies a leaf of a probe to the host.

    Args:
        leaf: An array, a tensor of any framework, on any device, also ragged
            and sparse ones, or nested lists of numbers or texts.

    Returns:
        Numbers, or an object array of `str` and `bytes`. Ragged and sparse
        tensors are filled with zeros or empty texts.

    Raises:
        ProbeError: It is something else.
    """
    try:
        array = _on_host(leaf)
    except Exception as error:
        raise ProbeError(
            "probe must hold arrays or tensors; received "
            f"{type(leaf).__name__}: {error}"
        ) from error
    if array.dtype.kind in "USO" or type(array.dtype).__name__ == "StringDType":
        array = array.astype(object)
        if not all(isinstance(value, (str, bytes)) for value in array.flat):
            kinds = sorted({type(value).__name__ for value in array.flat})
            raise ProbeError(
                "probe must hold numbers or texts, in arrays of one shape; received "
                f"{type(leaf).__name__} of {', '.join(kinds)[:100]}."
            )
    elif not is_number(array):
        raise ProbeError(
            f"probe must hold numbers or texts; received values of dtype {array.dtype}."
        )
    return array


def is_number(array: Array) -> bool:
    """Whether an array holds real numbers or truth values."""
    name = str(array.dtype)
    return array.dtype.kind in "fiub" or name.startswith(_SMALL_FLOATS)


def is_text(array: Array) -> bool:
    """Whether an array that `to_array` returned holds texts."""
    return bool(array.dtype.kind == "O")


def dtype_name(array: Array) -> str:
    """Dtype of an array that `to_array` returned, in Keras's words."""
    return "string" if is_text(array) else str(array.dtype)


def is_listed_array(value: Any) -> bool:
    """Whether lists hold nothing but numbers, or nothing but texts."""
    if not isinstance(value, (list, tuple)) or not value:
        return False
    return all(isinstance(v, _SCALARS) or is_listed_array(v) for v in value)


def is_ragged(leaf: Any) -> bool:
    """Whether a leaf is a `tf.RaggedTensor`."""
    return hasattr(leaf, "to_tensor") and hasattr(leaf, "row_splits")


def is_sparse(leaf: Any) -> bool:
    """Whether a leaf is a `tf.SparseTensor`."""
    return hasattr(leaf, "dense_shape") and hasattr(leaf, "indices")


def first_rows(leaf: Any, count: int) -> Any:
    """The first samples of a ragged or sparse tensor, as one of its kind."""
    if is_ragged(leaf):
        return leaf[:count]
    indices, values = np.asarray(leaf.indices), np.asarray(leaf.values)
    kept = indices[:, 0] < count
    shape = [count, *np.asarray(leaf.dense_shape)[1:]]
    return type(leaf)(indices[kept], values[kept], shape)


def _on_host(leaf: Any) -> Array:
    if is_ragged(leaf):
        leaf = leaf.to_tensor()
    elif is_sparse(leaf):
        return _fill(leaf)
    elif isinstance(leaf, keras.Variable):
        leaf = leaf.value
    for dense in ("toarray", "todense", "to_dense"):  # SciPy, JAX, PyTorch
        if hasattr(leaf, dense):
            leaf = getattr(leaf, dense)()
            break
    if hasattr(leaf, "detach"):
        leaf = leaf.detach().cpu()
        if str(leaf.dtype) == "torch.bfloat16":
            leaf = leaf.float()
    numpy = getattr(leaf, "numpy", None)
    return np.asarray(numpy() if callable(numpy) else leaf)


def _fill(sparse: Any) -> Array:
    values = np.asarray(sparse.values)
    blank: Any = "" if values.dtype.kind in "OSU" else 0
    array = np.full(tuple(np.asarray(sparse.dense_shape)), blank, values.dtype)
    array[tuple(np.asarray(sparse.indices).T)] = values
    return array
