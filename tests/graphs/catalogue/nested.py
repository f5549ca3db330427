"""Functional and sequential models in one another."""

from __future__ import annotations

import keras
from keras import layers

from tests.graphs.truth import call, case


def _residual(name: str) -> keras.Model:
    x = keras.Input((4,), name="in")
    return keras.Model(x, layers.Dense(4, name="dense")(x) + x, name=name)


@case(
    call("x", "InputLayer", [], "N,4"),
    call(
        "block",
        "Functional",
        "x",
        "N,4",
        params=20,
        inside=[
            call("block/in", "InputLayer", "x", "N,4"),
            call("block/dense", "Dense", "block/in", "N,4", params=20),
            call("block/add", "Add", ["block/dense", "block/in"], "N,4"),
        ],
    ),
    call("out", "Dense", "block/add", "N,2", params=10),
    outputs="out",
)
def nested_model() -> keras.Model:
    x = keras.Input((4,), name="x")
    return keras.Model(x, layers.Dense(2, name="out")(_residual("block")(x)))


@case(
    call("a", "InputLayer", [], "N,4"),
    call("b", "InputLayer", [], "N,4"),
    call(
        "block",
        "Functional",
        "a",
        "N,4",
        params=20,
        inside=[
            call("block/in", "InputLayer", "a", "N,4"),
            call("block/dense", "Dense", "block/in", "N,4", params=20),
            call("block/add", "Add", ["block/dense", "block/in"], "N,4"),
        ],
    ),
    call(
        "block#1",
        "Functional",
        "b",
        "N,4",
        inside=[
            call("block/in#1", "InputLayer", "b", "N,4"),
            call("block/dense#1", "Dense", "block/in#1", "N,4"),
            call("block/add#1", "Add", ["block/dense#1", "block/in#1"], "N,4"),
        ],
    ),
    call("sub", "Subtract", ["block/add", "block/add#1"], "N,4"),
    outputs="sub",
)
def nested_model_called_twice() -> keras.Model:
    a = keras.Input((4,), name="a")
    b = keras.Input((4,), name="b")
    block = _residual("block")
    return keras.Model([a, b], layers.Subtract(name="sub")([block(a), block(b)]))


@case(
    call("x", "InputLayer", [], "N,4"),
    call(
        "outer",
        "Functional",
        "x",
        "N,4",
        params=40,
        inside=[
            call("outer/in", "InputLayer", "x", "N,4"),
            call(
                "outer/block",
                "Functional",
                "outer/in",
                "N,4",
                params=20,
                inside=[
                    call("outer/block/in", "InputLayer", "outer/in", "N,4"),
                    call(
                        "outer/block/dense",
                        "Dense",
                        "outer/block/in",
                        "N,4",
                        params=20,
                    ),
                    call(
                        "outer/block/add",
                        "Add",
                        ["outer/block/dense", "outer/block/in"],
                        "N,4",
                    ),
                ],
            ),
            call("outer/end", "Dense", "outer/block/add", "N,4", params=20),
        ],
    ),
    outputs="outer/end",
)
def nested_in_nested() -> keras.Model:
    inner = keras.Input((4,), name="in")
    block = _residual("block")(inner)
    outer = keras.Model(inner, layers.Dense(4, name="end")(block), name="outer")
    x = keras.Input((4,), name="x")
    return keras.Model(x, outer(x))


@case(
    call("a", "InputLayer", [], "N,4"),
    call("b", "InputLayer", [], "N,2"),
    call(
        "swap",
        "Functional",
        ["a", "b"],
        ["N,2", "N,4"],
        inside=[
            call("swap/p", "InputLayer", "a", "N,4"),
            call("swap/q", "InputLayer", "b", "N,2"),
        ],
    ),
    call("one", "Dense", "swap/q", "N,3", params=9),
    call("two", "Dense", "swap/p", "N,3", params=15),
    outputs={"0": "one", "1": "two"},
)
def nested_model_that_passes_its_inputs_through() -> keras.Model:
    a = keras.Input((4,), name="a")
    b = keras.Input((2,), name="b")
    p, q = keras.Input((4,), name="p"), keras.Input((2,), name="q")
    first, second = keras.Model([p, q], [q, p], name="swap")([a, b])
    one, two = layers.Dense(3, name="one"), layers.Dense(3, name="two")
    return keras.Model([a, b], [one(first), two(second)])


@case(
    call("x", "InputLayer", [], "N,4"),
    call(
        "body",
        "Sequential",
        "x",
        "N,2",
        params=37,
        inside=[
            call("body/input_layer", "InputLayer", "x", "N,4"),
            call("body/hidden", "Dense", "body/input_layer", "N,5", params=25),
            call("body/out", "Dense", "body/hidden", "N,2", params=12),
        ],
    ),
    call("head", "Dense", "body/out", "N,1", params=3),
    outputs="head",
)
def sequential_in_functional() -> keras.Model:
    x = keras.Input((4,), name="x")
    body = keras.Sequential(
        [layers.Dense(5, name="hidden"), layers.Dense(2, name="out")], name="body"
    )
    return keras.Model(x, layers.Dense(1, name="head")(body(x)))


CASES = (
    nested_model,
    nested_model_called_twice,
    nested_in_nested,
    nested_model_that_passes_its_inputs_through,
    sequential_in_functional,
)
