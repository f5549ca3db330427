"""What every call of a model costs, and the sums over its layers."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import msgspec

from tb_kerasviz.analysis.call_shapes import (
    LayerCall,
    Unknown,
    activation_bytes,
    product,
    row_ratio,
)
from tb_kerasviz.analysis.layer_costs import is_keras, multiply_adds
from tb_kerasviz.analysis.operation_costs import is_operation
from tb_kerasviz.wire.schema import CallNode, Shape


@dataclasses.dataclass(frozen=True, kw_only=True)
class LayerFacts:
    """What the costs of a layer's calls depend on, beside their shapes.

    Attributes:
        class_name: Of the layer.
        module: Where that class is defined.
        config: What `get_config()` returned, as JSON values.
        variables: Shapes of variables by name, as in `LayerCall`.
        arguments: For each of its calls, shapes by name of the argument, as in
            `LayerCall`, and a number for the tensor that is the call's input
            of that number; empty if they are not known.
        is_loop: Whether what it calls is called once for each time step, which
            is the second axis of its input.
    """

    class_name: str
    module: str
    config: Mapping[str, Any]
    variables: Mapping[str, Shape]
    arguments: Sequence[Mapping[str, tuple[Shape | int, ...]]] = ()
    is_loop: bool = False


@dataclasses.dataclass(frozen=True)
class Costs:
    """Sums over leaf calls, each with the number of those that are not in it."""

    multiply_adds: int = 0
    unknown_multiply_adds: int = 0
    activation_bytes: int = 0
    unknown_activation_bytes: int = 0

    def __add__(self, other: Costs) -> Costs:
        return Costs(
            self.multiply_adds + other.multiply_adds,
            self.unknown_multiply_adds + other.unknown_multiply_adds,
            self.activation_bytes + other.activation_bytes,
            self.unknown_activation_bytes + other.unknown_activation_bytes,
        )


@dataclasses.dataclass(frozen=True)
class GraphCosts:
    """Costs of a graph.

    Attributes:
        nodes: The calls, with the costs of the leaves.
        layers: Costs of each layer path over all its calls.
        total: Costs of the whole graph.
    """

    nodes: tuple[CallNode, ...]
    layers: Mapping[str, Costs]
    total: Costs


def graph_costs(
    nodes: Sequence[CallNode], facts: Mapping[str, LayerFacts]
) -> GraphCosts:
    """Costs of every leaf call, and their sums.

    What is inside of a call counts in its stead, so that nothing is counted
    twice. What a loop over time calls counts once for each step.

    Args:
        nodes: The calls of a graph, parents before children.
        facts: By layer path.
    """
    opened = {node.parent for node in nodes}
    repeats = _repeats(nodes, facts)
    rows = _rows(nodes, facts)
    firsts: dict[str, CallNode] = {}
    costs: list[Costs] = []
    priced: list[CallNode] = []
    for node in nodes:
        if node.id in opened:
            costs.append(Costs())
            priced.append(node)
            continue
        times = _times(repeats[node.id], rows[node.id])
        first = firsts.setdefault(node.layer, node)
        made = _scaled(_multiply_adds(node, facts[node.layer], first), times)
        kept = _scaled(_activation_bytes(node, facts[node.layer]), times)
        costs.append(Costs(made or 0, made is None, kept or 0, kept is None))
        priced.append(
            msgspec.structs.replace(node, multiply_adds=made, activation_bytes=kept)
        )
    for node in reversed(nodes):
        if node.parent is not None:
            costs[node.parent] += costs[node.id]
    total = sum((costs[n.id] for n in nodes if n.parent is None), Costs())
    return GraphCosts(tuple(priced), _by_layer(nodes, costs), total)


def _multiply_adds(node: CallNode, facts: LayerFacts, first: CallNode) -> int | None:
    arguments: Mapping[str, tuple[Shape | int, ...]] = {}
    if node.call < len(facts.arguments):
        arguments = facts.arguments[node.call]
    elif facts.arguments and node.input_shapes == first.input_shapes:
        # An operation in the code of a layer that is called again: its
        # constants are the same ones.
        arguments = facts.arguments[0]
    return multiply_adds(
        LayerCall(
            class_name=facts.class_name,
            module=facts.module,
            config=facts.config,
            inputs=node.input_shapes,
            outputs=node.output_shapes,
            variables=facts.variables,
            arguments={
                name: tuple(_shape(value, node) for value in values)
                for name, values in arguments.items()
            },
        )
    )


def _shape(argument: Shape | int, node: CallNode) -> Shape:
    return node.input_shapes[argument] if isinstance(argument, int) else argument


def _activation_bytes(node: CallNode, facts: LayerFacts) -> int | None:
    is_input = facts.class_name == "InputLayer" and is_keras(facts.module)
    if is_input and node.parent is not None:
        return 0  # It passes on what its model is called with.
    return activation_bytes(node.output_shapes, node.output_dtypes)


def _times(repeats: int | None, rows: Fraction | None) -> Fraction | None:
    return None if repeats is None or rows is None else repeats * rows


def _scaled(cost: int | None, times: Fraction | None) -> int | None:
    if cost == 0:
        return 0
    if cost is None or times is None:
        return None
    return round(cost * times)


def _repeats(
    nodes: Sequence[CallNode], facts: Mapping[str, LayerFacts]
) -> list[int | None]:
    """How often each call is made for one of its outermost call."""
    repeats: list[int | None] = []
    for node in nodes:
        times: int | None = 1
        if node.parent is not None:
            parent = nodes[node.parent]
            times = repeats[node.parent]
            if facts[parent.layer].is_loop:
                steps = parent.input_shapes[0][1:2] if parent.input_shapes else (None,)
                try:
                    times = None if times is None else times * product(steps)
                except Unknown:
                    times = None
        repeats.append(times)
    return repeats


def _rows(
    nodes: Sequence[CallNode], facts: Mapping[str, LayerFacts]
) -> list[Fraction | None]:
    """How many rows of each call's output are one sample's."""
    rows: list[Fraction | None] = []
    for node in nodes:
        sources = [rows[s[0]] for s in node.inputs if s is not None and s[0] < node.id]
        known = [count for count in sources if count is not None]
        if len(known) < len(sources):
            rows.append(None)
            continue
        count: Fraction | None = max(known, default=Fraction(1))
        layer = facts[node.layer]
        if layer.class_name == "Reshape" and is_operation(layer.module):
            try:
                ratio = row_ratio(node.input_shapes[0], node.output_shapes[0])
                count = max(known, default=Fraction(1)) * ratio
            except (Unknown, LookupError):
                count = None
        rows.append(count)
    return rows


def _by_layer(nodes: Sequence[CallNode], costs: Sequence[Costs]) -> dict[str, Costs]:
    layers: dict[str, Costs] = {}
    for node in nodes:
        # A layer that calls itself counts once.
        above = node.parent
        while above is not None and nodes[above].layer != node.layer:
            above = nodes[above].parent
        if above is None:
            layers[node.layer] = layers.get(node.layer, Costs()) + costs[node.id]
    return layers
