"""Sequential and functional models."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import layers

from tests.graphs.truth import call, case


@case(
    call("input", "InputLayer", [], "N,8,8,1"),
    call("conv", "Conv2D", "input", "N,6,6,4", params=40),
    call("norm", "BatchNormalization", "conv", "N,6,6,4", params=16),
    call("flat", "Flatten", "norm", "N,144"),
    call("drop", "Dropout", "flat", "N,144"),
    call("out", "Dense", "drop", "N,3", params=435),
    outputs="out",
)
def sequential() -> keras.Model:
    return keras.Sequential(
        [
            keras.Input((8, 8, 1), name="input"),
            layers.Conv2D(4, 3, activation="relu", name="conv"),
            layers.BatchNormalization(name="norm"),
            layers.Flatten(name="flat"),
            layers.Dropout(0.5, name="drop"),
            layers.Dense(3, name="out"),
        ]
    )


@case(
    call("input_layer", "InputLayer", [], "N,4"),
    call("hidden", "Dense", "input_layer", "N,5", params=25),
    call("out", "Dense", "hidden", "N,2", params=12),
    outputs="out",
    inputs=lambda: np.zeros((3, 4), np.float32),
)
def sequential_unbuilt() -> keras.Model:
    return keras.Sequential(
        [layers.Dense(5, name="hidden"), layers.Dense(2, name="out")]
    )


@case(
    call("i", "InputLayer", [], "N,4"),
    call("multiply", "Multiply", "i", "N,4"),
    call("add", "Add", ["multiply", "i"], "N,4"),
    outputs="add",
)
def operations_with_a_constant() -> keras.Model:
    """TensorBoard's own graph answers HTTP 500."""
    i = keras.Input((4,), name="i")
    return keras.Model(i, i * 2 + i)


@case(
    call("q", "InputLayer", [], "N,5,8"),
    call("v", "InputLayer", [], "N,6,8"),
    call(
        "mha",
        "MultiHeadAttention",
        ["q", "v", "v"],
        "N,5,8",
        params=288,
        contains=["query", "key", "value", "attention_output"],
        keywords=True,
    ),
    call("add", "Add", ["mha", "q"], "N,5,8"),
    outputs="add",
)
def attention_by_keyword() -> keras.Model:
    """TensorBoard's own graph shows an attention without inputs."""
    q = keras.Input((5, 8), name="q")
    v = keras.Input((6, 8), name="v")
    attention = layers.MultiHeadAttention(2, 4, name="mha")
    y = attention(query=q, value=v, key=v)
    return keras.Model([q, v], layers.Add(name="add")([y, q]))


@case(
    call("a", "InputLayer", [], "N,4"),
    call("b", "InputLayer", [], "N,4"),
    call("dense", "Dense", "a", "N,4", params=20),
    call("dense#1", "Dense", "b", "N,4"),
    call("dense#2", "Dense", "dense#1", "N,4"),
    call("sub", "Subtract", ["dense", "dense#2"], "N,4"),
    outputs="sub",
)
def shared_layer() -> keras.Model:
    """TensorBoard's own graph shows a self-loop."""
    a = keras.Input((4,), name="a")
    b = keras.Input((4,), name="b")
    dense = layers.Dense(4, name="dense")
    first = dense(a)
    return keras.Model([a, b], layers.Subtract(name="sub")([first, dense(dense(b))]))


@case(
    call("a", "InputLayer", [], "N,4"),
    call("b", "InputLayer", [], "N,3"),
    call("join", "Concatenate", ["a", "b"], "N,7"),
    call("head", "Dense", "join", "N,2", params=16),
    call("aux", "Dense", "b", "N,1", params=4),
    outputs={"head": "head", "aux": "aux"},
)
def dict_of_inputs_and_outputs() -> keras.Model:
    """TensorBoard's own graph ends in a KeyError."""
    a = keras.Input((4,), name="a")
    b = keras.Input((3,), name="b")
    joined = layers.Concatenate(name="join")([a, b])
    return keras.Model(
        {"a": a, "b": b},
        {
            "head": layers.Dense(2, name="head")(joined),
            "aux": layers.Dense(1, name="aux")(b),
        },
    )


@case(
    call("left", "InputLayer", [], "N,4"),
    call("right", "InputLayer", [], "N,4"),
    call("maximum", "Maximum", ["left", "right"], "N,4"),
    call("minimum", "Minimum", ["right", "left"], "N,4"),
    call("out", "Dense", "minimum", "N,2", params=10),
    outputs={"0": "maximum", "1": "out"},
)
def list_of_inputs_and_outputs() -> keras.Model:
    a = keras.Input((4,), name="left")
    b = keras.Input((4,), name="right")
    high = layers.Maximum(name="maximum")([a, b])
    low = layers.Minimum(name="minimum")([b, a])
    return keras.Model([a, b], [high, layers.Dense(2, name="out")(low)])


@case(
    call("x", "InputLayer", [], "N,6"),
    call("get_item", "GetItem", "x", "N,2"),
    call("negative", "Negative", "x", "N,6"),
    call("dense", "Dense", "negative", "N,2", params=14),
    call("concatenate", "Concatenate", ["get_item", "dense"], "N,4"),
    call("relu", "Relu", "concatenate", "N,4"),
    call("mean", "Mean", "relu", "N"),
    outputs="mean",
)
def operations_of_many_kinds() -> keras.Model:
    x = keras.Input((6,), name="x")
    parts = [x[:, :2], layers.Dense(2, name="dense")(-x)]
    joined = keras.ops.concatenate(parts, axis=-1)
    return keras.Model(x, keras.ops.mean(keras.ops.relu(joined), axis=-1))


@case(
    call("x", "InputLayer", [], "N,6"),
    call("split", "Split", "x", ["N,2", "N,2", "N,2"]),
    call("one", "Dense", "split:2", "N,3", params=9),
    call("two", "Dense", "split", "N,3", params=9),
    call("add", "Add", ["one", "two"], "N,3"),
    outputs={"0": "add", "1": "split:1"},
)
def an_operation_with_several_outputs() -> keras.Model:
    x = keras.Input((6,), name="x")
    first, middle, last = keras.ops.split(x, 3, axis=-1)
    one = layers.Dense(3, name="one")(last)
    two = layers.Dense(3, name="two")(first)
    return keras.Model(x, [layers.Add(name="add")([one, two]), middle])


@case(
    call("x", "InputLayer", [], "N,4"),
    call("double", "Lambda", "x", "N,4"),
    call("out", "Dense", "double", "N,2", params=10),
    outputs="out",
)
def lambda_layer() -> keras.Model:
    def double(x: Any) -> Any:
        return x * 2

    x = keras.Input((4,), name="x")
    doubled = layers.Lambda(double, output_shape=(4,), name="double")(x)
    return keras.Model(x, layers.Dense(2, name="out")(doubled))


@case(
    call("x", "InputLayer", [], "N,4"),
    call("half", "Dense", "x", "N,3:float16", params=15),
    call("full", "Dense", "half", "N,2", params=8),
    outputs="full",
)
def mixed_precision() -> keras.Model:
    x = keras.Input((4,), name="x")
    half = layers.Dense(3, name="half", dtype="mixed_float16")(x)
    return keras.Model(x, layers.Dense(2, name="full")(half))


@case(
    call("a", "InputLayer", [], "N,4"),
    call("unused", "InputLayer", [], "N,2"),
    call("d", "Dense", "a", "N,2", params=10),
    outputs="d",
)
def input_that_nothing_reads() -> keras.Model:
    a = keras.Input((4,), name="a")
    unused = keras.Input((2,), name="unused")
    return keras.Model([a, unused], layers.Dense(2, name="d")(a))


@case(
    call("a", "InputLayer", [], "N,4"),
    call("b", "InputLayer", [], "N,2"),
    call("one", "Dense", "a", "N,2", params=10),
    call("two", "Dense", "b", "N,2", params=6),
    outputs={"0": "one", "1": "two"},
)
def two_parts_without_an_edge_between() -> keras.Model:
    a, b = keras.Input((4,), name="a"), keras.Input((2,), name="b")
    one, two = layers.Dense(2, name="one"), layers.Dense(2, name="two")
    return keras.Model([a, b], [one(a), two(b)])


@case(call("x", "InputLayer", [], "N,4"), outputs="x")
def input_that_is_the_output() -> keras.Model:
    x = keras.Input((4,), name="x")
    return keras.Model(x, x)


@case(outputs={}, untraced=True)
def empty_sequential() -> keras.Model:
    return keras.Sequential(name="empty")


@case(
    call("input_layer", "InputLayer", [], "N,4"),
    call("only", "Dense", "input_layer", "N,2", params=10),
    outputs="only",
    inputs=lambda: np.zeros((2, 4), np.float32),
)
def one_layer() -> keras.Model:
    return keras.Sequential([layers.Dense(2, name="only")])


CASES = (
    sequential,
    sequential_unbuilt,
    operations_with_a_constant,
    attention_by_keyword,
    shared_layer,
    dict_of_inputs_and_outputs,
    list_of_inputs_and_outputs,
    operations_of_many_kinds,
    an_operation_with_several_outputs,
    lambda_layer,
    mixed_precision,
    input_that_nothing_reads,
    two_parts_without_an_edge_between,
    input_that_is_the_output,
    empty_sequential,
    one_layer,
)
