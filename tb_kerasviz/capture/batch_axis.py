"""The batch axis of sequential models that a training builds."""

from __future__ import annotations

from typing import Any

import keras
import msgspec

from tb_kerasviz.wire import schema


def open_batch_axis(model: keras.Model, graph: schema.ModelGraph) -> schema.ModelGraph:
    """Makes the batch axis `None` where `fit` fixed it by building the model.

    On JAX and PyTorch, Keras builds a sequential model that declares no input
    for the size of the first batch; on TensorFlow for any. The model takes any
    size on all of them, so the graph is to say the same.

    Args:
        model: The model that the graph is of.
        graph: Its graph; given back as it is for all other models.
    """
    batch = _built_size(model)
    if batch is None:
        return graph

    def opened(shapes: tuple[schema.Shape, ...]) -> tuple[schema.Shape, ...]:
        return tuple(
            (None, *shape[1:]) if shape and shape[0] == batch else shape
            for shape in shapes
        )

    def layer(node: schema.LayerNode) -> schema.LayerNode:
        return msgspec.structs.replace(
            node,
            input_shapes=opened(node.input_shapes),
            output_shapes=opened(node.output_shapes),
            children=tuple(layer(child) for child in node.children),
        )

    nodes = tuple(
        msgspec.structs.replace(
            node,
            input_shapes=opened(node.input_shapes),
            output_shapes=opened(node.output_shapes),
        )
        for node in graph.nodes
    )
    return msgspec.structs.replace(
        graph, nodes=nodes, layers=tuple(layer(node) for node in graph.layers)
    )


def _built_size(model: keras.Model) -> int | None:
    """Size of the batch that a sequential model was built for, if it was."""
    if not isinstance(model, keras.Sequential):
        return None
    first = next(iter(model._layers), None)
    if not isinstance(first, keras.layers.InputLayer):
        return None
    # Keras tells in no other way whether the user made the input layer, or
    # `build()`, which alone gives it nothing but a batch shape and a dtype.
    made_of: Any = getattr(first, "_auto_config", None)
    given = {
        k for k, v in getattr(made_of, "config", {}).items() if v not in (None, False)
    }
    if given != {"batch_shape", "dtype"}:
        return None
    size = first.batch_shape[0]
    return None if size is None else int(size)
