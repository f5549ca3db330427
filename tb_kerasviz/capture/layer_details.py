"""What is said of each layer of a model, beside how it is called."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import keras

from tb_kerasviz.capture import configuration
from tb_kerasviz.capture.identity import (
    LayerEntry,
    LayerTree,
    Operation,
    own_variables,
)
from tb_kerasviz.wire import schema


def layer_nodes(
    tree: LayerTree,
    nodes: Sequence[schema.CallNode],
    call_counts: Mapping[str, int],
) -> tuple[schema.LayerNode, ...]:
    """Describes every layer of a model.

    Args:
        tree: The model's layers.
        nodes: Every call of the model's graph, in order of execution.
        call_counts: How often each layer path is called; layers that are not
            in it are not known to be called.

    Returns:
        The model's direct layers, with theirs inside.
    """
    first: dict[str, schema.CallNode] = {}
    for node in nodes:
        if node.layer in call_counts:
            first.setdefault(node.layer, node)
    return tuple(_layer_node(entry, tree, first, call_counts) for entry in tree.roots)


def count_elements(variables: Iterable[Any]) -> int:
    """Elements of variables, each variable once."""
    unique = {id(v): math.prod(v.shape) for v in variables}
    return sum(unique.values())


def _layer_node(
    entry: LayerEntry,
    tree: LayerTree,
    first_calls: Mapping[str, schema.CallNode],
    call_counts: Mapping[str, int],
) -> schema.LayerNode:
    layer = entry.layer
    weights = getattr(layer, "weights", [])
    config, notes = configuration.read_config(layer, bool(entry.children))
    first = first_calls.get(entry.path)
    policy = getattr(layer, "dtype_policy", None)
    return schema.LayerNode(
        path=entry.path,
        name=layer.name,
        class_name=type(layer).__name__,
        module=type(layer).__module__,
        kind=_kind(layer),
        trainable=bool(getattr(layer, "trainable", False)),
        dtype_policy=str(getattr(policy, "name", "")),
        input_shapes=first.input_shapes if first else (),
        output_shapes=first.output_shapes if first else (),
        input_dtypes=first.input_dtypes if first else (),
        output_dtypes=first.output_dtypes if first else (),
        params=count_elements(weights),
        trainable_params=count_elements(getattr(layer, "trainable_weights", ())),
        variables=tuple(
            schema.VariableInfo(
                path=tree.variable_path(v),
                name=v.name,
                shape=tuple(int(n) for n in v.shape),
                dtype=keras.backend.standardize_dtype(v.dtype),
                trainable=bool(v.trainable),
                params=math.prod(v.shape),
            )
            for v in own_variables(entry)
        ),
        config=config,
        config_notes=tuple(notes),
        calls=call_counts.get(entry.path, 0),
        children=tuple(
            _layer_node(child, tree, first_calls, call_counts)
            for child in entry.children
        ),
    )


def _kind(layer: Operation) -> Any:
    if isinstance(layer, keras.layers.InputLayer):
        return "input"
    if isinstance(layer, keras.Model):
        return "model"
    return "layer" if isinstance(layer, keras.layers.Layer) else "operation"
