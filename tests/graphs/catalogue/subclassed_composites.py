"""Keras's own layers that hold layers, in models with a `call` of their own."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import layers, ops

from tests.graphs.truth import CONSTANT, call, case


class PairModel(keras.Model):
    def __init__(self) -> None:
        super().__init__(name="pair_model")
        self.mha = layers.MultiHeadAttention(2, 4, name="mha")
        self.norm = layers.LayerNormalization(name="norm")

    def call(self, inputs: Any) -> Any:
        query, value = inputs
        return self.norm(query + self.mha(query=query, value=value, key=value))


@case(
    call("inputs_0", "InputLayer", [], "N,5,8"),
    call("inputs_1", "InputLayer", [], "N,6,8"),
    call(
        "mha",
        "MultiHeadAttention",
        ["inputs_0", "inputs_1", "inputs_1"],
        "N,5,8",
        params=288,
        contains=["query", "key", "value", "attention_output"],
        keywords=True,
    ),
    call("add", "Add", ["inputs_0", "mha"], "N,5,8"),
    call("norm", "LayerNormalization", "add", "N,5,8", params=16),
    outputs="norm",
    inputs=lambda: [np.ones((2, 5, 8), np.float32), np.ones((2, 6, 8), np.float32)],
)
def attention_by_keyword_in_a_subclassed_model() -> keras.Model:
    return PairModel()


class Positions(layers.Layer):
    """An embedding of numbers that do not come from the input."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.token = layers.Embedding(20, 8, name="token")
        self.position = layers.Embedding(6, 8, name="position")

    def call(self, x: Any) -> Any:
        positions = self.position(ops.arange(6))
        return self.token(x) + positions


class TinyTransformer(keras.Model):
    def __init__(self) -> None:
        super().__init__(name="tiny_transformer")
        self.embed = Positions(name="embed")
        self.mha = layers.MultiHeadAttention(2, 4, name="mha")
        self.out = layers.Dense(2, name="out")

    def call(self, tokens: Any) -> Any:
        x = self.embed(tokens)
        return self.out(x + self.mha(x, x))


@case(
    call("tokens", "InputLayer", [], "N,6:int32"),
    call(
        "embed",
        "Positions",
        "tokens",
        "N,6,8",
        params=208,
        inside=[
            call("embed/position", "Embedding", CONSTANT, "6,8", params=48),
            call("embed/token", "Embedding", "tokens", "N,6,8", params=160),
            call("embed/add", "Add", ["embed/token", "embed/position"], "N,6,8"),
        ],
    ),
    call(
        "mha",
        "MultiHeadAttention",
        ["embed/add", "embed/add"],
        "N,6,8",
        params=288,
        contains=["query", "key", "value", "attention_output"],
    ),
    call("add", "Add", ["embed/add", "mha"], "N,6,8"),
    call("out", "Dense", "add", "N,6,2", params=18),
    outputs="out",
    inputs=lambda: np.ones((2, 6), np.int32),
)
def embedding_of_positions() -> keras.Model:
    return TinyTransformer()


class Reader(keras.Model):
    def __init__(self) -> None:
        super().__init__(name="reader")
        self.embed = layers.Embedding(20, 4, mask_zero=True, name="embed")
        lstm = layers.LSTM(3, return_sequences=True)
        self.both = layers.Bidirectional(lstm, name="both")
        self.each = layers.TimeDistributed(layers.Dense(2, name="dense"), name="each")
        self.gru = layers.GRU(3, return_state=True, name="gru")

    def call(self, x: Any) -> Any:
        y = self.both(self.embed(x))
        last, _ = self.gru(y)
        return self.each(y), last


@case(
    call("x", "InputLayer", [], "N,6:int32"),
    call("embed", "Embedding", "x", "N,6,4", params=80),
    call("not_equal", "NotEqual", "x", "N,6:bool"),
    call(
        "both",
        "Bidirectional",
        ["embed", "not_equal"],
        "N,6,6",
        params=192,
        contains=["forward_lstm", "backward_lstm", "forward_lstm/lstm_cell"],
    ),
    call(
        "gru",
        "GRU",
        ["both", "not_equal"],
        ["N,3", "N,3"],
        params=99,
        contains=["gru_cell"],
    ),
    call(
        "each",
        "TimeDistributed",
        ["both", "not_equal"],
        "N,6,2",
        params=14,
        contains=["dense"],
    ),
    outputs={"0": "each", "1": "gru"},
    inputs=lambda: np.ones((2, 6), np.int32),
)
def recurrent_layers_in_a_subclassed_model() -> keras.Model:
    return Reader()


CASES = (
    attention_by_keyword_in_a_subclassed_model,
    embedding_of_positions,
    recurrent_layers_in_a_subclassed_model,
)
