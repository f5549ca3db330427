"""Symbolic tensors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import keras

from tb_kerasviz.capture.identity import Operation


def is_symbol(value: Any) -> bool:
    """Whether a value is a symbolic tensor."""
    return isinstance(value, keras.KerasTensor)


def symbols(structure: Any) -> list[keras.KerasTensor]:
    """The symbolic tensors in a structure."""
    return [leaf for leaf in keras.tree.flatten(structure) if is_symbol(leaf)]


class Lengths(NamedTuple):
    """Lengths that open axes are given to trace with."""

    batch: int
    """Of the first axis."""
    other: int


def filled(tensor: keras.KerasTensor, lengths: Lengths) -> keras.KerasTensor:
    """A new tensor whose open axes have lengths."""
    shape = tuple(
        n if n is not None else lengths.other if axis else lengths.batch
        for axis, n in enumerate(tensor.shape)
    )
    return keras.KerasTensor(shape, dtype=tensor.dtype, sparse=tensor.sparse)


def exact_outputs(
    layer: Operation, outputs: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    """What a layer returns, as new tensors with shapes that are fully known.

    Args:
        layer: A layer.
        outputs: What its `symbolic_call` returned: it may be what it was given,
            and axes may be open although those of the inputs are not.
        args: What it was called with.
        kwargs: The same by name.
    """
    known = all(None not in t.shape for t in symbols((args, kwargs)))
    if known and any(None in t.shape for t in symbols(outputs)):
        outputs = _infer(layer, outputs, args, kwargs)
    given = {id(tensor) for tensor in symbols((args, kwargs))}

    def other(value: Any) -> Any:
        return _copy(value, value.shape) if id(value) in given else value

    return keras.tree.map_structure(other, outputs)


def _infer(
    layer: Operation, outputs: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    """Infers shapes from what a layer computes, not from what it declares."""
    try:
        if type(layer) is keras.layers.EinsumDense:
            # By its equation, which is a hundred times faster.
            kernel = keras.KerasTensor(layer.kernel.shape, layer.compute_dtype)
            found = keras.ops.einsum(layer.equation, args[0], kernel)
        else:
            found = keras.Operation.compute_output_spec(layer, *args, **kwargs)
    except Exception:  # noqa: BLE001 - then they stay open
        return outputs
    shapes = [tensor.shape for tensor in symbols(found)]
    return _with_shapes(outputs, shapes)


def _with_shapes(outputs: Any, shapes: Sequence[Any]) -> Any:
    tensors = symbols(outputs)
    if [len(t.shape) for t in tensors] != [len(shape) for shape in shapes]:
        return outputs
    exact = {id(t): _copy(t, shape) for t, shape in zip(tensors, shapes, strict=True)}
    return keras.tree.map_structure(lambda t: exact.get(id(t), t), outputs)


def _copy(tensor: keras.KerasTensor, shape: Any) -> keras.KerasTensor:
    copy = keras.KerasTensor(shape, dtype=tensor.dtype, sparse=tensor.sparse)
    mask = getattr(tensor, "_keras_mask", None)
    if mask is not None:
        copy._keras_mask = mask
    return copy
