"""Models and layers whose `call` is the user's own."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import layers, ops

from tests.graphs.truth import CONSTANT, call, case


def _rows(*shape: int) -> Any:
    return lambda: np.ones((2, *shape), np.float32)


class Perceptron(keras.Model):
    def __init__(self) -> None:
        super().__init__(name="perceptron")
        self.hidden = layers.Dense(5, name="hidden")
        self.out = layers.Dense(2, name="out")
        self.unused = layers.Dense(3, name="unused")

    def call(self, x: Any) -> Any:
        return self.out(ops.relu(self.hidden(x)))


@case(
    call("x", "InputLayer", [], "N,4"),
    call("hidden", "Dense", "x", "N,5", params=25),
    call("relu", "Relu", "hidden", "N,5"),
    call("out", "Dense", "relu", "N,2", params=12),
    outputs="out",
    inputs=_rows(4),
)
def subclassed_model_with_an_unused_layer() -> keras.Model:
    return Perceptron()


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


def _residual(key: str, source: str) -> Any:
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


class DictModel(keras.Model):
    def __init__(self) -> None:
        super().__init__(name="dict_model")
        self.text = layers.Dense(3, name="text_dense")
        self.image = layers.Dense(3, name="image_dense")
        self.join = layers.Add(name="join")

    def call(self, inputs: Any) -> Any:
        text, image = self.text(inputs["text"]), self.image(inputs["image"])
        return {"both": self.join([text, image]), "parts": [text, image]}


@case(
    call("text", "InputLayer", [], "N,4"),
    call("image", "InputLayer", [], "N,5"),
    call("text_dense", "Dense", "text", "N,3", params=15),
    call("image_dense", "Dense", "image", "N,3", params=18),
    call("join", "Add", ["text_dense", "image_dense"], "N,3"),
    outputs={"both": "join", "parts/0": "text_dense", "parts/1": "image_dense"},
    inputs=lambda: {
        "text": np.ones((2, 4), np.float32),
        "image": np.ones((2, 5), np.float32),
    },
)
def subclassed_model_of_dicts() -> keras.Model:
    return DictModel()


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


class Mixer(layers.Layer):
    """Takes tensors in lists, dicts and keywords, and things that are none."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.dense = layers.Dense(3, name="dense")

    def call(
        self, pair: Any, named: Any, *, extra: Any, times: int = 1, flag: bool = True
    ) -> Any:
        total = pair[0] + pair[1]
        for _ in range(times):
            total = total + named["third"]
        return self.dense(ops.concatenate([total, extra], axis=-1) if flag else total)


class MixedArguments(keras.Model):
    def __init__(self) -> None:
        super().__init__(name="mixed_arguments")
        self.one = layers.Dense(2, name="one")
        self.two = layers.Dense(2, name="two")
        self.mixer = Mixer(name="mixer")

    def call(self, x: Any) -> Any:
        one, two = self.one(x), self.two(x)
        return self.mixer([one, two], {"third": one}, extra=x, times=2)


@case(
    call("x", "InputLayer", [], "N,4"),
    call("one", "Dense", "x", "N,2", params=10),
    call("two", "Dense", "x", "N,2", params=10),
    call(
        "mixer",
        "Mixer",
        ["one", "two", "one", "x"],
        "N,3",
        params=21,
        inside=[
            call("mixer/add", "Add", ["one", "two"], "N,2"),
            call("mixer/add~2", "Add", ["mixer/add", "one"], "N,2"),
            call("mixer/add~3", "Add", ["mixer/add~2", "one"], "N,2"),
            call("mixer/concatenate", "Concatenate", ["mixer/add~3", "x"], "N,6"),
            call("mixer/dense", "Dense", "mixer/concatenate", "N,3", params=21),
        ],
    ),
    outputs="mixer/dense",
    inputs=_rows(4),
)
def arguments_of_every_kind() -> keras.Model:
    return MixedArguments()


class Branching(keras.Model):
    """Python's own control flow, on what is known of a symbolic tensor."""

    def __init__(self) -> None:
        super().__init__(name="branching")
        self.wide = layers.Dense(8, name="wide")
        self.narrow = layers.Dense(3, name="narrow")
        self.drop = layers.Dropout(0.5, name="drop")
        self.again = layers.Dense(8, name="again")

    def call(self, x: Any, training: bool = False) -> Any:
        x = self.wide(x) if x.shape[-1] == 4 else self.narrow(x)
        for _ in range(2):
            x = self.again(x)
        if training:
            x = self.drop(x)
        return x


@case(
    call("x", "InputLayer", [], "N,4"),
    call("wide", "Dense", "x", "N,8", params=40),
    call("again", "Dense", "wide", "N,8", params=72),
    call("again#1", "Dense", "again", "N,8"),
    outputs="again#1",
    inputs=_rows(4),
)
def python_control_flow() -> keras.Model:
    return Branching()


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


class Sampling(layers.Layer):
    """Draws from a normal distribution, with a state of its own."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.seed = keras.random.SeedGenerator(1)

    def call(self, inputs: Any) -> Any:
        mean, log_variance = inputs
        noise = keras.random.normal(ops.shape(mean), seed=self.seed)
        return mean + ops.exp(0.5 * log_variance) * noise


class VariationalAutoEncoder(keras.Model):
    def __init__(self) -> None:
        super().__init__(name="vae")
        x = keras.Input((6,), name="pixels")
        h = layers.Dense(4, name="hidden")(x)
        self.encoder = keras.Model(
            x,
            [layers.Dense(2, name="mean")(h), layers.Dense(2, name="log_variance")(h)],
            name="encoder",
        )
        self.sampling = Sampling(name="sampling")
        self.decoder = keras.Sequential(
            [keras.Input((2,), name="code"), layers.Dense(6, name="pixel_dense")],
            name="decoder",
        )

    def call(self, x: Any) -> Any:
        return self.decoder(self.sampling(self.encoder(x)))


@case(
    call("x", "InputLayer", [], "N,6"),
    call(
        "encoder",
        "Functional",
        "x",
        ["N,2", "N,2"],
        params=48,
        inside=[
            call("encoder/pixels", "InputLayer", "x", "N,6"),
            call("encoder/hidden", "Dense", "encoder/pixels", "N,4", params=28),
            call("encoder/mean", "Dense", "encoder/hidden", "N,2", params=10),
            call("encoder/log_variance", "Dense", "encoder/hidden", "N,2", params=10),
        ],
    ),
    call("sampling", "Sampling", ["encoder/mean", "encoder/log_variance"], "N,2"),
    call(
        "decoder",
        "Sequential",
        "sampling",
        "N,6",
        params=18,
        inside=[
            call("decoder/code", "InputLayer", "sampling", "N,2"),
            call("decoder/pixel_dense", "Dense", "decoder/code", "N,6", params=18),
        ],
    ),
    outputs="decoder/pixel_dense",
    inputs=_rows(6),
)
def variational_auto_encoder() -> keras.Model:
    return VariationalAutoEncoder()


class OwnWeight(keras.Model):
    """Holds a variable itself, and makes a layer when it is built."""

    def __init__(self) -> None:
        super().__init__(name="own_weight")
        self.gain = self.add_weight(shape=(4,), name="gain", initializer="ones")
        self.dense: Any = None

    def build(self, input_shape: Any) -> None:
        self.dense = layers.Dense(input_shape[-1], name="dense")
        self.dense.build(input_shape)
        self.built = True

    def call(self, x: Any) -> Any:
        return self.dense(x * self.gain)


@case(
    call("x", "InputLayer", [], "N,4"),
    call("multiply", "Multiply", "x", "N,4"),
    call("dense", "Dense", "multiply", "N,4", params=20),
    outputs="dense",
    inputs=_rows(4),
)
def model_with_a_weight_of_its_own() -> keras.Model:
    return OwnWeight()


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


class FunctionalSubclass(keras.Model):
    """A functional model with a `train_step` or the like of its own."""


@case(
    call("x", "InputLayer", [], "N,4"),
    call("dense", "Dense", "x", "N,2", params=10),
    outputs="dense",
)
def functional_model_of_a_subclass() -> keras.Model:
    x = keras.Input((4,), name="x")
    return FunctionalSubclass(x, layers.Dense(2, name="dense")(x))


class InHalves(keras.Model):
    def __init__(self) -> None:
        super().__init__(name="in_halves")
        self.first = layers.Dense(3, name="first", dtype="mixed_float16")
        self.second = layers.Dense(2, name="second")

    def call(self, x: Any) -> Any:
        one, two = ops.split(self.first(x), [1], axis=-1)
        return self.second(two), one


@case(
    call("x", "InputLayer", [], "N,4"),
    call("first", "Dense", "x", "N,3:float16", params=15),
    call("split", "Split", "first", ["N,1:float16", "N,2:float16"]),
    call("second", "Dense", "split:1", "N,2", params=6),
    outputs={"0": "second", "1": "split"},
    inputs=_rows(4),
)
def precisions_in_a_subclassed_model() -> keras.Model:
    return InHalves()


CASES = (
    subclassed_model_with_an_unused_layer,
    layers_of_several_nestings,
    subclassed_layer_called_twice,
    layer_shared_by_two_layers,
    functional_in_subclassed_in_functional,
    subclassed_in_sequential_in_subclassed,
    subclassed_model_of_dicts,
    attention_by_keyword_in_a_subclassed_model,
    arguments_of_every_kind,
    python_control_flow,
    embedding_of_positions,
    variational_auto_encoder,
    model_with_a_weight_of_its_own,
    recurrent_layers_in_a_subclassed_model,
    functional_model_of_a_subclass,
    precisions_in_a_subclassed_model,
)
