from __future__ import annotations

from typing import Any

import pytest

from tb_kerasviz.analysis.graph_costs import Costs, LayerFacts, graph_costs
from tb_kerasviz.wire.schema import CallNode, Shape

DENSE = LayerFacts(
    class_name="Dense", module="keras.src.layers.core.dense", config={}, variables={}
)
LOOP = LayerFacts(
    class_name="TimeDistributed",
    module="keras.src.layers.rnn.time_distributed",
    config={},
    variables={},
    is_loop=True,
)
BLOCK = LayerFacts(class_name="Block", module="mine", config={}, variables={})
RESHAPE = LayerFacts(
    class_name="Reshape", module="keras.src.ops.numpy", config={}, variables={}
)
INPUT = LayerFacts(
    class_name="InputLayer",
    module="keras.src.layers.core.input_layer",
    config={},
    variables={},
)


def graph(*calls: dict[str, Any]) -> list[CallNode]:
    """Calls of one input and one output, numbered; `inputs` are ids of calls."""
    counts: dict[str, int] = {}
    nodes: list[CallNode] = []
    for call in calls:
        layer = call["layer"]
        inputs: tuple[Shape, ...] = (call["takes"],) if "takes" in call else ()
        nodes.append(
            CallNode(
                id=len(nodes),
                layer=layer,
                call=counts.get(layer, 0),
                parent=call.get("parent"),
                input_shapes=inputs,
                output_shapes=(call["gives"],) if "gives" in call else (),
                output_dtypes=("float32",) if "gives" in call else (),
                inputs=tuple((source, 0) for source in call.get("inputs", ())),
            )
        )
        counts[layer] = counts.get(layer, 0) + 1
    return nodes


def test_what_is_inside_counts_instead_of_what_is_around_it() -> None:
    costs = graph_costs(
        graph(
            {"layer": "block", "takes": (None, 4), "gives": (None, 3)},
            {"layer": "a", "parent": 0, "takes": (None, 4), "gives": (None, 5)},
            {"layer": "b", "parent": 0, "takes": (None, 5), "gives": (None, 3)},
        ),
        {"block": BLOCK, "a": DENSE, "b": DENSE},
    )

    assert costs.layers["a"] == Costs(20, 0, 20, 0)
    assert costs.layers["b"] == Costs(15, 0, 12, 0)
    assert costs.layers["block"] == costs.total == Costs(35, 0, 32, 0)
    assert [n.multiply_adds for n in costs.nodes] == [None, 20, 15]


def test_a_layer_that_is_not_opened_may_be_unknown() -> None:
    costs = graph_costs(
        graph(
            {"layer": "block", "takes": (None, 4), "gives": (None, 3)},
            {"layer": "never"},
            {"layer": "a", "takes": (None, None, 3), "gives": (None, None, 2)},
        ),
        {"block": BLOCK, "never": DENSE, "a": DENSE},
    )

    assert costs.layers["block"] == Costs(0, 1, 12, 0)
    assert costs.layers["never"] == costs.layers["a"] == Costs(0, 1, 0, 1)
    assert costs.total == Costs(0, 3, 12, 2)


@pytest.mark.parametrize("steps", [7, None])
def test_one_step_of_a_loop_stands_for_all(steps: int | None) -> None:
    costs = graph_costs(
        graph(
            {"layer": "outer", "takes": (None, steps, 3, 4)},
            {"layer": "inner", "parent": 0, "takes": (None, 3, 4)},
            {"layer": "a", "parent": 1, "takes": (None, 4), "gives": (None, 5)},
            {"layer": "b", "parent": 0, "takes": (None, 4), "gives": (None, 2)},
        ),
        {"outer": LOOP, "inner": LOOP, "a": DENSE, "b": DENSE},
    )

    if steps is None:
        assert costs.total == Costs(0, 2, 0, 2)
    else:
        assert costs.layers["a"] == Costs(7 * 3 * 20, 0, 7 * 3 * 20, 0)
        assert costs.layers["b"] == Costs(7 * 8, 0, 7 * 8, 0)
        assert costs.total == costs.layers["a"] + costs.layers["b"]


def test_a_sample_may_become_many_rows_and_one_again() -> None:
    windows = graph_costs(
        graph(
            {"layer": "x", "gives": (None, 8, 8, 4)},
            # Four windows of sixteen pixels, each a row of its own.
            {"layer": "r", "takes": (None, 8, 8, 4), "gives": (None, 16, 4)},
            {"layer": "a", "takes": (None, 16, 4), "gives": (None, 16, 5)},
            {"layer": "r", "takes": (None, 16, 5), "gives": (None, 8, 8, 5)},
            {"layer": "b", "takes": (None, 8, 8, 5), "gives": (None, 8, 8, 1)},
        ),
        {"x": INPUT, "r": RESHAPE, "a": DENSE, "b": DENSE},
    )
    plain = [n.multiply_adds for n in windows.nodes]
    assert plain[2] == 16 * 5 * 4  # Without links nothing is known of windows.

    nodes = graph(
        {"layer": "x", "gives": (None, 8, 8, 4)},
        {"layer": "r", "takes": (None, 8, 8, 4), "gives": (None, 16, 4), "inputs": [0]},
        {"layer": "a", "takes": (None, 16, 4), "gives": (None, 16, 5), "inputs": [1]},
        {"layer": "r", "takes": (None, 16, 5), "gives": (None, 8, 8, 5), "inputs": [2]},
        {"layer": "b", "takes": (None, 8, 8, 5), "gives": (None, 8, 8), "inputs": [3]},
    )
    costs = graph_costs(nodes, {"x": INPUT, "r": RESHAPE, "a": DENSE, "b": DENSE})
    assert [n.multiply_adds for n in costs.nodes] == [0, 0, 64 * 20, 0, 64 * 5]
    assert [n.activation_bytes for n in costs.nodes] == [
        4 * 64 * n for n in (4, 4, 5, 5, 1)
    ]


def test_rows_that_are_not_known_make_what_follows_unknown() -> None:
    nodes = graph(
        {"layer": "x", "gives": (None, None, 6)},
        {"layer": "r", "takes": (None, None, 6), "gives": (None, 6), "inputs": [0]},
        {"layer": "a", "takes": (None, 6), "gives": (None, 5), "inputs": [1]},
        {"layer": "r", "takes": (None, None, 6), "gives": (None, None, 2, 3)},
        {"layer": "b", "takes": (None, 6), "gives": (None, 5)},
    )
    costs = graph_costs(nodes, {"x": INPUT, "r": RESHAPE, "a": DENSE, "b": DENSE})
    assert [n.multiply_adds for n in costs.nodes] == [0, 0, None, 0, 30]


def test_the_input_of_a_nested_model_is_not_counted_again() -> None:
    costs = graph_costs(
        graph(
            {"layer": "x", "gives": (None, 4)},
            {"layer": "model", "takes": (None, 4), "gives": (None, 4)},
            {"layer": "model/x", "parent": 1, "takes": (None, 4), "gives": (None, 4)},
        ),
        {"x": INPUT, "model": BLOCK, "model/x": INPUT},
    )
    assert costs.total == Costs(0, 0, 16, 0)


def test_a_layer_that_calls_itself_counts_once() -> None:
    costs = graph_costs(
        graph(
            {"layer": "block"},
            {"layer": "block", "parent": 0},
            {"layer": "a", "parent": 1, "takes": (None, 4), "gives": (None, 5)},
        ),
        {"block": BLOCK, "a": DENSE},
    )
    assert costs.layers["block"] == costs.total == Costs(20, 0, 20, 0)


def test_the_arguments_of_a_call_are_its_inputs_and_constants() -> None:
    matmul = LayerFacts(
        class_name="Matmul",
        module="keras.src.ops.numpy",
        config={},
        variables={},
        arguments=[{"x1": ((9, 9),), "x2": (0,)}],
    )
    nodes = graph(
        {"layer": "m", "takes": (None, 9, 2), "gives": (None, 9, 2)},
        # In the code of a layer that is called again, with the same constant.
        {"layer": "m", "takes": (None, 9, 2), "gives": (None, 9, 2)},
        # What was traced with another length may have another one.
        {"layer": "m", "takes": (None, 8, 2), "gives": (None, 8, 2)},
    )
    costs = graph_costs(nodes, {"m": matmul})
    assert [n.multiply_adds for n in costs.nodes] == [162, 162, None]

    from_left = {"x1": (0,), "x2": ((83, 9),)}
    opened = LayerFacts(**{**vars(matmul), "arguments": [from_left]})
    nodes = graph({"layer": "m", "takes": (None, 4, None), "gives": (None, 4, 9)})
    assert graph_costs(nodes, {"m": opened}).total == Costs(0, 1, 4 * 36, 0)
