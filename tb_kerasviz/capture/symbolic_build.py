"""Builds a model that is not built yet, for `write_model(inputs=)`."""

from __future__ import annotations

from typing import Any

import keras


def build_from_inputs(model: keras.Model, inputs: Any) -> None:
    """Builds a model by one symbolic call, without computing anything.

    Args:
        model: A model that is not built.
        inputs: A structure of arrays, tensors or `keras.KerasTensor`.

    Raises:
        ValueError: The model cannot be called on them; names both.
    """

    def symbolic(leaf: Any) -> Any:
        if isinstance(leaf, keras.KerasTensor):
            return leaf
        tensor = keras.ops.convert_to_tensor(leaf)
        dtype = keras.backend.standardize_dtype(tensor.dtype)
        return keras.KerasTensor(tuple(tensor.shape), dtype=dtype)

    try:
        specs = keras.tree.map_structure(symbolic, inputs)
        shapes = keras.tree.map_structure(lambda t: t.shape, specs)
        if isinstance(model, keras.Sequential):
            # Its graph keeps the batch axis open, as fit() would build it.
            model.build((None, *shapes[1:]))
        else:
            model(specs)
    except Exception as error:
        raise ValueError(
            f"{model.name} ({type(model).__name__}) could not be built from "
            f"inputs of type {type(inputs).__name__}: {error}"
        ) from error
