"""What a model is called with, as far as it is known before a call."""

from __future__ import annotations

import dataclasses
import inspect
from typing import Any

import keras
import numpy as np

from tb_kerasviz.capture.tracing.calls import dtype_of, shape_of


@dataclasses.dataclass(frozen=True)
class CallInputs:
    """The arguments of a call of a model.

    Attributes:
        args: Structures of `keras.KerasTensor`, and of other values as given.
        kwargs: The same by name.
        values: The arguments with their values, to call the model with where
            it cannot be called symbolically; None if there are none.
    """

    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    values: tuple[tuple[Any, ...], dict[str, Any]] | None = None

    def named_tensors(self, model: keras.Model) -> list[tuple[str, keras.KerasTensor]]:
        """The symbolic tensors with names by where they are in the arguments."""
        names = _argument_names(model)
        found = []
        named = [
            *zip((*names, *(f"args_{i}" for i in range(99))), self.args, strict=False),
            *self.kwargs.items(),
        ]
        for argument, structure in named:
            for path, leaf in keras.tree.flatten_with_path(structure):
                if isinstance(leaf, keras.KerasTensor):
                    by_key = [str(key) for key in path]
                    plain = all(isinstance(key, int) for key in path)
                    parts = [argument, *by_key] if plain else by_key
                    found.append(("_".join(parts), leaf))
        return found


def symbolic_inputs(inputs: Any) -> CallInputs:
    """The call `model(inputs)`.

    Args:
        inputs: A structure of arrays, tensors or `keras.KerasTensor`.

    Raises:
        ValueError: There is something else in it.
    """
    return symbolic_call((inputs,), {})


def symbolic_call(args: tuple[Any, ...], kwargs: dict[str, Any]) -> CallInputs:
    """Arguments with symbolic tensors in the place of arrays and tensors.

    The first axis is left open where it is the batch: where it is as long as
    that of the first array.

    Args:
        args: Structures of arrays, tensors, `keras.KerasTensor` and others.
        kwargs: The same by name.

    Raises:
        ValueError: An array's dtype is none of Keras's.
    """
    leaves = [leaf for leaf in keras.tree.flatten((args, kwargs)) if _is_array(leaf)]
    batch = next((_length(leaf) for leaf in leaves if len(leaf.shape)), None)
    real = all(_has_values(leaf) for leaf in leaves)

    def symbolic(leaf: Any) -> Any:
        if not _is_array(leaf):
            return leaf
        shape = shape_of(leaf)
        given = isinstance(leaf, keras.KerasTensor)
        if shape and not given and shape[0] == batch:
            shape = (None, *shape[1:])
        dtype = dtype_of(leaf)
        if dtype == "float64" and isinstance(leaf, np.ndarray):
            dtype = keras.config.floatx()  # As Keras feeds it.
        sparse = bool(getattr(leaf, "sparse", False)) if given else False
        return keras.KerasTensor(shape, dtype=dtype, sparse=sparse)

    symbols = keras.tree.map_structure(symbolic, (args, kwargs))
    values = (args, kwargs) if leaves and real else None
    return CallInputs(symbols[0], symbols[1], values)


def built_inputs(model: keras.Model) -> CallInputs | None:
    """The call that a model was built for, of which only shapes are known.

    Args:
        model: A built model.
    """
    shapes = getattr(model, "_build_shapes_dict", None)
    if not shapes:
        return None

    def is_shape(value: Any) -> bool:
        return isinstance(value, (tuple, list)) and all(
            n is None or isinstance(n, int) for n in value
        )

    def symbolic(value: Any) -> Any:
        if is_shape(value):
            return keras.KerasTensor((None, *tuple(value)[1:]), model.input_dtype)
        if isinstance(value, dict):
            return {key: symbolic(item) for key, item in value.items()}
        if isinstance(value, (tuple, list)):
            return [symbolic(item) for item in value]
        return value

    values = [symbolic(value) for value in shapes.values()]
    names = [name.removesuffix("_shape") for name in shapes]
    return CallInputs((values[0],), dict(zip(names[1:], values[1:], strict=True)))


def _argument_names(model: keras.Model) -> list[str]:
    try:
        parameters = inspect.signature(type(model).call).parameters.values()
    except (TypeError, ValueError):
        return []
    positional = (
        inspect.Parameter.POSITIONAL_ONLY,
        inspect.Parameter.POSITIONAL_OR_KEYWORD,
    )
    return [p.name for p in parameters if p.kind in positional][1:]


def _is_array(leaf: Any) -> bool:
    return hasattr(leaf, "shape") and hasattr(leaf, "dtype")


def _has_values(leaf: Any) -> bool:
    if isinstance(leaf, keras.KerasTensor):
        return False
    return isinstance(leaf, np.ndarray) or bool(keras.ops.is_tensor(leaf))


def _length(leaf: Any) -> Any:
    return leaf.shape[0]
