"""A live Keras model as a `schema.ModelGraph`."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import keras
import msgspec

from tb_kerasviz.analysis.call_shapes import element_bytes
from tb_kerasviz.capture.batch_axis import open_batch_axis
from tb_kerasviz.capture.identity import LayerTree, bounded_text
from tb_kerasviz.capture.layer_details import count_elements, describe
from tb_kerasviz.capture.tracing.model_calls import find_calls
from tb_kerasviz.wire import schema
from tb_kerasviz.wire.metadata import WIRE_VERSION


def create_model_graph(model: keras.Model, inputs: Any = None) -> schema.ModelGraph:
    """Reads the architecture of a model; the model is left as it is.

    Every call and every edge is found, with nested models and layers opened:
    of functional and built sequential models from the graph that Keras keeps,
    of others by calling them on symbolic tensors. What cannot be found out is
    said in the notices.

    Args:
        model: A Keras model; unbuilt ones give what is known.
        inputs: What `model(...)` takes, for models that declare no inputs: a
            structure of arrays, tensors or `keras.KerasTensor`, or a
            `CallInputs`. By default the shapes that the model was built for.
            Not needed for functional models.

    Raises:
        TypeError: `model` is not a Keras model.
    """
    if not isinstance(model, keras.Model):
        raise TypeError(
            f"model must be a keras.Model; received {type(model).__name__}."
        )
    tree = LayerTree(model)
    found = find_calls(tree, inputs)
    calls = found.assembled
    details = describe(tree, calls.nodes, calls.call_counts)
    params = count_elements(model.weights)
    trainable = count_elements(model.trainable_weights)
    graph = schema.ModelGraph(
        version=WIRE_VERSION,
        name=bounded_text(model.name),
        class_name=bounded_text(type(model).__name__),
        layers=details.layers,
        nodes=details.nodes,
        links=calls.links,
        outputs=calls.outputs,
        params=params,
        trainable_params=trainable,
        non_trainable_params=params - trainable,
        optimizer_params=0,
        optimizer="",
        backend=keras.backend.backend(),
        keras_version=keras.__version__,
        notices=found.notices,
        **dataclasses.asdict(details.total),
    )
    return with_optimizer(open_batch_axis(model, graph), model)


def with_optimizer(graph: schema.ModelGraph, model: keras.Model) -> schema.ModelGraph:
    """A graph with the optimizer that its model has now."""
    optimizer = getattr(model, "optimizer", None)
    # Before it is built it has its counters only: a 2 would be misread.
    built = getattr(optimizer, "built", False)
    variables = list(getattr(optimizer, "variables", ())) if built else []
    return msgspec.structs.replace(
        graph,
        optimizer=type(optimizer).__name__ if optimizer is not None else "",
        optimizer_params=count_elements(variables),
        optimizer_bytes=sum(
            math.prod(v.shape) * element_bytes(keras.backend.standardize_dtype(v.dtype))
            for v in {id(v): v for v in variables}.values()
        ),
    )
