"""Models and layers whose `call` is the user's own."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import layers, ops

from tests.graphs.truth import call, case


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


class Heads(layers.Layer):
    """Returns a dict with a tuple in it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.main = layers.Dense(3, name="main")
        self.side = layers.Dense(2, name="side")

    def call(self, x: Any) -> Any:
        side = self.side(x)
        return {"main": self.main(x), "sides": (side, side + 1.0)}


@case(
    call("x", "InputLayer", [], "N,4"),
    call(
        "heads",
        "Heads",
        "x",
        ["N,3", "N,2", "N,2"],
        params=25,
        inside=[
            call("heads/side", "Dense", "x", "N,2", params=10),
            call("heads/main", "Dense", "x", "N,3", params=15),
            call("heads/add", "Add", "heads/side", "N,2"),
        ],
    ),
    call("join", "Concatenate", ["heads/add", "heads/main"], "N,5"),
    call("out", "Dense", "heads/side", "N,1", params=3),
    outputs={"0": "join", "1": "out"},
)
def layer_with_outputs_in_a_structure() -> keras.Model:
    x = keras.Input((4,), name="x")
    found = Heads(name="heads")(x)
    first, second = found["sides"]
    join = layers.Concatenate(name="join")([second, found["main"]])
    return keras.Model(x, [join, layers.Dense(1, name="out")(first)])


CASES = (
    subclassed_model_with_an_unused_layer,
    subclassed_model_of_dicts,
    arguments_of_every_kind,
    python_control_flow,
    variational_auto_encoder,
    model_with_a_weight_of_its_own,
    functional_model_of_a_subclass,
    precisions_in_a_subclassed_model,
    layer_with_outputs_in_a_structure,
)
