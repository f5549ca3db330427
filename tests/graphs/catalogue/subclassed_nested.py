"""Models and layers of the user's own in one another, and in those of Keras."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import layers, ops

from tests.graphs.truth import Call, call, case


def _rows(*shape: int) -> Any:
    return lambda: np.ones((2, *shape), np.float32)


class Residual(layers.Layer):
    """Layers in attributes, an operation, a weight of its own."""

    def __init__(self, units: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.norm = layers.LayerNormalization(name="norm")
        self.dense = layers.Dense(units, name="dense")
        self.gain = self.add_weight(shape=(), name="gain", initializer="ones")

    def call(self, x: Any) -> Any:
        return x + self.dense(self.norm(x)) * self.gain


class Stack(layers.Layer):
    """A list of layers that hold layers."""

    def __init__(self, count: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.blocks = [Residual(4, name=f"block_{i}") for i in range(count)]

    def call(self, x: Any) -> Any:
        for block in self.blocks:
            x = block(x)
        return x


class Tower(keras.Model):
    def __init__(self) -> None:
        super().__init__(name="tower")
        self.stack = Stack(2, name="stack")
        self.head = layers.Dense(2, name="head")

    def call(self, x: Any) -> Any:
        return self.head(self.stack(x))


def _residual(key: str, source: str) -> Call:
    return call(
        key,
        "Residual",
        source,
        "N,4",
        params=29,
        inside=[
            call(f"{key}/norm", "LayerNormalization", source, "N,4", params=8),
            call(f"{key}/dense", "Dense", f"{key}/norm", "N,4", params=20),
            call(f"{key}/multiply", "Multiply", f"{key}/dense", "N,4"),
            call(f"{key}/add", "Add", [source, f"{key}/multiply"], "N,4"),
        ],
    )


@case(
    call("x", "InputLayer", [], "N,4"),
    call(
        "stack",
        "Stack",
        "x",
        "N,4",
        params=58,
        inside=[
            _residual("stack/block_0", "x"),
            _residual("stack/block_1", "stack/block_0/add"),
        ],
    ),
    call("head", "Dense", "stack/block_1/add", "N,2", params=10),
    outputs="head",
    inputs=_rows(4),
)
def layers_of_several_nestings() -> keras.Model:
    return Tower()


class Twice(keras.Model):
    def __init__(self) -> None:
        super().__init__(name="twice")
        self.block = Residual(4, name="block")
        self.last = layers.Dense(4, name="last")

    def call(self, x: Any) -> Any:
        first = self.block(x)
        return self.last(self.last(self.block(first)))


@case(
    call("x", "InputLayer", [], "N,4"),
    _residual("block", "x"),
    call(
        "block#1",
        "Residual",
        "block/add",
        "N,4",
        inside=[
            call("block/norm#1", "LayerNormalization", "block/add", "N,4"),
            call("block/dense#1", "Dense", "block/norm#1", "N,4"),
            call("block/multiply#1", "Multiply", "block/dense#1", "N,4"),
            call("block/add#1", "Add", ["block/add", "block/multiply#1"], "N,4"),
        ],
    ),
    call("last", "Dense", "block/add#1", "N,4", params=20),
    call("last#1", "Dense", "last", "N,4"),
    outputs="last#1",
    inputs=_rows(4),
)
def subclassed_layer_called_twice() -> keras.Model:
    return Twice()


class TwoTowers(keras.Model):
    """Both hold the same layer."""

    def __init__(self) -> None:
        super().__init__(name="two_towers")
        common = layers.Dense(4, name="common")
        self.left = Holder(common, name="left")
        self.right = Holder(common, name="right")

    def call(self, x: Any) -> Any:
        return self.left(x) - self.right(x)


class Holder(layers.Layer):
    def __init__(self, common: layers.Layer, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.common = common
        self.own = layers.Dense(3, name="own")

    def call(self, x: Any) -> Any:
        return self.own(self.common(x))


@case(
    call("x", "InputLayer", [], "N,4"),
    call(
        "left",
        "Holder",
        "x",
        "N,3",
        params=35,
        inside=[
            call("left/common", "Dense", "x", "N,4", params=20),
            call("left/own", "Dense", "left/common", "N,3", params=15),
        ],
    ),
    call(
        "right",
        "Holder",
        "x",
        "N,3",
        params=35,
        inside=[
            call("left/common#1", "Dense", "x", "N,4"),
            call("right/own", "Dense", "left/common#1", "N,3", params=15),
        ],
    ),
    call("subtract", "Subtract", ["left/own", "right/own"], "N,3"),
    outputs="subtract",
    inputs=_rows(4),
)
def layer_shared_by_two_layers() -> keras.Model:
    return TwoTowers()


def _functional_block() -> keras.Model:
    x = keras.Input((4,), name="in")
    return keras.Model(x, layers.Dense(4, name="dense")(x) + x, name="block")


class AroundFunctional(layers.Layer):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.block = _functional_block()
        self.scale = layers.Rescaling(2.0, name="scale")

    def call(self, x: Any) -> Any:
        return self.scale(self.block(x))


@case(
    call("x", "InputLayer", [], "N,4"),
    call("first", "Dense", "x", "N,4", params=20),
    call(
        "around",
        "AroundFunctional",
        "first",
        "N,4",
        params=20,
        inside=[
            call(
                "around/block",
                "Functional",
                "first",
                "N,4",
                params=20,
                inside=[
                    call("around/block/in", "InputLayer", "first", "N,4"),
                    call(
                        "around/block/dense",
                        "Dense",
                        "around/block/in",
                        "N,4",
                        params=20,
                    ),
                    call(
                        "around/block/add",
                        "Add",
                        ["around/block/dense", "around/block/in"],
                        "N,4",
                    ),
                ],
            ),
            call("around/scale", "Rescaling", "around/block/add", "N,4"),
        ],
    ),
    call("out", "Dense", "around/scale", "N,2", params=10),
    outputs="out",
)
def functional_in_subclassed_in_functional() -> keras.Model:
    x = keras.Input((4,), name="x")
    y = layers.Dense(4, name="first")(x)
    y = AroundFunctional(name="around")(y)
    return keras.Model(x, layers.Dense(2, name="out")(y))


class AroundSequential(keras.Model):
    def __init__(self) -> None:
        super().__init__(name="around_sequential")
        self.body = keras.Sequential(
            [layers.Dense(5, name="hidden"), Residual(5, name="residual")], name="body"
        )
        self.head = layers.Dense(2, name="head")

    def call(self, x: Any) -> Any:
        return self.head(self.body(x))


@case(
    call("x", "InputLayer", [], "N,4"),
    call(
        "body",
        "Sequential",
        "x",
        "N,5",
        params=66,
        inside=[
            call("body/input_layer", "InputLayer", "x", "N,4"),
            call("body/hidden", "Dense", "body/input_layer", "N,5", params=25),
            call(
                "body/residual",
                "Residual",
                "body/hidden",
                "N,5",
                params=41,
                inside=[
                    call(
                        "body/residual/norm",
                        "LayerNormalization",
                        "body/hidden",
                        "N,5",
                        params=10,
                    ),
                    call(
                        "body/residual/dense",
                        "Dense",
                        "body/residual/norm",
                        "N,5",
                        params=30,
                    ),
                    call(
                        "body/residual/multiply",
                        "Multiply",
                        "body/residual/dense",
                        "N,5",
                    ),
                    call(
                        "body/residual/add",
                        "Add",
                        ["body/hidden", "body/residual/multiply"],
                        "N,5",
                    ),
                ],
            ),
        ],
    ),
    call("head", "Dense", "body/residual/add", "N,2", params=12),
    outputs="head",
    inputs=_rows(4),
)
def subclassed_in_sequential_in_subclassed() -> keras.Model:
    return AroundSequential()


class Inner(keras.Model):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.dense = layers.Dense(4, name="dense")

    def call(self, x: Any) -> Any:
        return ops.relu(self.dense(x))


@case(
    call("a", "InputLayer", [], "N,4"),
    call("b", "InputLayer", [], "N,4"),
    call(
        "inner",
        "Inner",
        "a",
        "N,4",
        params=20,
        inside=[
            call("inner/dense", "Dense", "a", "N,4", params=20),
            call("inner/relu", "Relu", "inner/dense", "N,4"),
        ],
    ),
    call(
        "inner#1",
        "Inner",
        "b",
        "N,4",
        inside=[
            call("inner/dense#1", "Dense", "b", "N,4"),
            call("inner/relu#1", "Relu", "inner/dense#1", "N,4"),
        ],
    ),
    call("sub", "Subtract", ["inner/relu", "inner/relu#1"], "N,4"),
    outputs="sub",
)
def subclassed_model_called_twice_in_a_functional_one() -> keras.Model:
    a, b = keras.Input((4,), name="a"), keras.Input((4,), name="b")
    inner = Inner(name="inner")
    return keras.Model([a, b], layers.Subtract(name="sub")([inner(a), inner(b)]))


class SameShape(Residual):
    """Says its shape and builds itself, as Keras wants it of what it distributes."""

    def build(self, input_shape: Any) -> None:
        self.norm.build(input_shape)
        self.dense.build(input_shape)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape


@case(
    call("x", "InputLayer", [], "N,6,4"),
    call(
        "timed",
        "TimeDistributed",
        "x",
        "N,6,4",
        params=29,
        contains=["block", "block/norm", "block/dense"],
    ),
    call("out", "Dense", "timed", "N,6,2", params=10),
    outputs="out",
)
def time_distributed_layer_of_the_users() -> keras.Model:
    x = keras.Input((6, 4), name="x")
    y = layers.TimeDistributed(SameShape(4, name="block"), name="timed")(x)
    return keras.Model(x, layers.Dense(2, name="out")(y))


CASES = (
    layers_of_several_nestings,
    subclassed_layer_called_twice,
    layer_shared_by_two_layers,
    functional_in_subclassed_in_functional,
    subclassed_in_sequential_in_subclassed,
    subclassed_model_called_twice_in_a_functional_one,
    time_distributed_layer_of_the_users,
)
