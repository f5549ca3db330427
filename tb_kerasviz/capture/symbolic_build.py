"""Builds a model that is not built yet, for `write_model(inputs=)`."""

from __future__ import annotations

import warnings
from typing import Any

import keras


def build_from_inputs(model: keras.Model, inputs: Any) -> None:
    """Builds a model by one call, symbolic if that can be done.

    Args:
        model: A model that is not built.
        inputs: A structure of arrays, tensors or `keras.KerasTensor`.

    Raises:
        ValueError: The model cannot be called on them; names both.
    """
    try:
        specs = keras.tree.map_structure(_symbolic, inputs)
        shapes = keras.tree.map_structure(lambda t: t.shape, specs)
        if isinstance(model, keras.Sequential):
            # Its graph keeps the batch axis open, as fit() would build it.
            model.build((None, *shapes[1:]))
        else:
            _call(model, specs, inputs)
    except Exception as error:
        raise ValueError(
            f"{model.name} ({type(model).__name__}) could not be built from "
            f"inputs of type {type(inputs).__name__}: {error}"
        ) from error


def _symbolic(leaf: Any) -> Any:
    if isinstance(leaf, keras.KerasTensor):
        return leaf
    tensor = keras.ops.convert_to_tensor(leaf)
    dtype = keras.backend.standardize_dtype(tensor.dtype)
    return keras.KerasTensor(tuple(tensor.shape), dtype=dtype)


def _call(model: keras.Model, specs: Any, inputs: Any) -> None:
    leaves = keras.tree.flatten(inputs)
    has_values = not any(isinstance(leaf, keras.KerasTensor) for leaf in leaves)
    try:
        with warnings.catch_warnings():
            # Keras's, about the symbolic call, where there is another way.
            if has_values:
                warnings.simplefilter("ignore")
            model(specs)
    except Exception:
        # Code that looks at values can only be called with some.
        if not has_values:
            raise
        model(keras.tree.map_structure(keras.ops.convert_to_tensor, inputs))
