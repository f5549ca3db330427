"""The model graph."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

import msgspec

from tb_kerasviz.wire.schema.base import Document, Shape


class VariableInfo(msgspec.Struct, frozen=True, kw_only=True):
    """One variable of a layer."""

    path: str
    name: str
    shape: tuple[int, ...]
    dtype: str
    trainable: bool
    params: int
    """Number of elements."""
    initializer: str = ""
    """Like "GlorotUniform(seed=1)"; empty if unknown."""
    regularizer: str = ""
    """Like "L2(l2=0.01)"; empty if there is none."""


class LayerNode(msgspec.Struct, frozen=True, kw_only=True):
    """One layer, operation, input or nested model; unique by path."""

    path: str
    name: str
    class_name: str
    module: str
    kind: Literal["layer", "operation", "input", "model"]
    trainable: bool
    dtype_policy: str
    input_shapes: tuple[Shape, ...]
    """Shapes of the first call's inputs, `[N, ...]`; empty if unknown."""
    output_shapes: tuple[Shape, ...]
    """Shapes of the first call's outputs, `[N, ...]`; empty if unknown."""
    output_dtypes: tuple[str, ...]
    params: int
    """Elements of all variables, those of children included."""
    trainable_params: int
    variables: tuple[VariableInfo, ...]
    """The layer's own variables, without those of its children."""
    config: dict[str, Any]
    """What `get_config()` returned, as JSON; bounded, see `config_notes`."""
    config_notes: tuple[str, ...]
    """What of the configuration was shortened or could not be held."""
    calls: int
    """How often the graph calls it; 0 where the calls are unknown."""
    children: tuple[LayerNode, ...]
    input_dtypes: tuple[str, ...] = ()
    """Of the first call's inputs, aligned with `input_shapes`."""
    non_default: tuple[str, ...] = ()
    """Keys of `config` that differ from what the class takes by default."""
    source_file: str = ""
    """File of a class that is neither Keras's nor an installed package's."""
    source_line: int = 0
    """Line where that class begins, from 1; 0 if unknown."""
    multiply_adds: int = 0
    """Per sample, over all its calls, those of its children included; the known
    part."""
    unknown_multiply_adds: int = 0
    """Leaf calls in it whose multiply-adds no formula gives."""
    activation_bytes: int = 0
    """Bytes of the outputs per sample, of the leaf calls in it; the known part."""
    unknown_activation_bytes: int = 0
    """Leaf calls in it whose outputs have no known size."""


class CallNode(msgspec.Struct, frozen=True, kw_only=True):
    """One call of a layer: what the graph draws. A shared layer has several."""

    id: int
    """Position in `ModelGraph.nodes`."""
    layer: str
    """Path of the layer that is called."""
    call: int
    """Which of the layer's calls this is, from 0."""
    parent: int | None
    """`id` of the call of the nested model or layer that this call is made by."""
    input_shapes: tuple[Shape, ...]
    output_shapes: tuple[Shape, ...]
    input_dtypes: tuple[str, ...] = ()
    output_dtypes: tuple[str, ...] = ()
    inputs: tuple[tuple[int, int] | None, ...] = ()
    """Which leaf call, and which of its outputs, made each input; aligned with
    `input_shapes`. None where that could not be traced."""
    untraced: str = ""
    """Why what happens inside, or where the inputs come from, is not known;
    empty if it is."""
    multiply_adds: int | None = None
    """Per sample; of a leaf call. None = unknown, or the sum of what is inside."""
    activation_bytes: int | None = None
    """Bytes of the outputs per sample; of a leaf call. None as above."""


class GraphOutput(msgspec.Struct, frozen=True, kw_only=True):
    """One output of the model."""

    name: str
    """Where it is in the output's structure, like "head" of a dict or "0"."""
    node: int
    """`CallNode.id` of the leaf call that makes it."""
    output: int
    """Which of that call's outputs."""


class ModelGraph(Document, frozen=True, kw_only=True):
    """The architecture of a model at one step."""

    name: str
    class_name: str
    layers: tuple[LayerNode, ...]
    """The model's direct layers, in the order of `model.summary()`."""
    nodes: tuple[CallNode, ...]
    """Every call, parents before children, in order of execution."""
    links: tuple[tuple[int, int], ...]
    """Data flow between leaf calls: pairs of `CallNode.id`."""
    params: int
    trainable_params: int
    non_trainable_params: int
    optimizer_params: int
    """Elements of the optimizer's variables; 0 until it has made them, at the
    first step of its first training."""
    optimizer: str
    """Class name of the optimizer; empty if there is none."""
    backend: str
    keras_version: str
    notices: tuple[str, ...]
    """What could not be read of the model, one sentence each."""
    optimizer_bytes: int = 0
    """Bytes of the optimizer's variables, where `optimizer_params` counts any."""
    outputs: tuple[GraphOutput, ...] = ()
    """What the model returns; empty if unknown."""
    multiply_adds: int = 0
    unknown_multiply_adds: int = 0
    activation_bytes: int = 0
    unknown_activation_bytes: int = 0

    @property
    def edges(self) -> tuple[tuple[str, str], ...]:
        """Data flow between leaves as (source path, target path)."""
        layers = [node.layer for node in self.nodes]
        pairs = ((layers[source], layers[target]) for source, target in self.links)
        return tuple(dict.fromkeys(pairs))

    def walk(self) -> Iterator[LayerNode]:
        """All layers of the model, parents before their children."""
        stack = list(reversed(self.layers))
        while stack:
            layer = stack.pop()
            yield layer
            stack.extend(reversed(layer.children))
