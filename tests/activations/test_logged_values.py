"""What is logged of an output is what the layer returned."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

from tb_kerasviz.capture.identity import LayerTree
from tests.activations import catalogue, truth
from tests.activations.catalogue import SAMPLES, random

Array = np.ndarray[Any, Any]


@contextlib.contextmanager
def recorded(model: keras.Model) -> Iterator[dict[tuple[str, int, int], Any]]:
    """What layers return when they are called, by path, call and output."""
    found: dict[tuple[str, int, int], Any] = {}
    tree = LayerTree(model)
    original = layers.Layer.__call__

    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        outputs = original(self, *args, **kwargs)
        path = tree.path_of(self)
        calls = len({key[1] for key in found if key[0] == path})
        for number, value in enumerate(keras.tree.flatten(outputs)):
            if path is not None:
                found[path, calls, number] = value
        return outputs

    layers.Layer.__call__ = call
    try:
        yield found
    finally:
        layers.Layer.__call__ = original


@pytest.mark.parametrize("name", sorted(catalogue.CASES))
def test_layers_of_every_kind(name: str) -> None:
    model, probe = catalogue.CASES[name]()
    found = truth.read(model, probe)

    tensors = keras.tree.map_structure(keras.ops.convert_to_tensor, probe)
    with recorded(model) as outputs:
        model(tensors, training=False)
    known = [key for key in outputs if key in found.entries]
    for key in known:
        truth.check_roughly(found, key, outputs[key])
    # A layer inside of another one may be called without Keras's noticing.
    missing = {path for path, _, _ in found.entries} - {path for path, _, _ in known}
    # An operation is no layer, and is not recorded here.
    assert not [path for path in missing if not path.startswith(("each", "not_equal"))]
    assert not [path for path in found.skipped if "cell" not in path]
    assert found.index.measured_samples == SAMPLES
    assert not found.index.training


class Cast(layers.Layer):
    """Returns its input as another dtype, or in another shape."""

    def __init__(
        self, to: str = "float32", shape: tuple[int, ...] | None = None
    ) -> None:
        super().__init__(name="cast", dtype="float32", autocast=False)
        self.to = to
        self.shape = shape

    def call(self, x: Any) -> Any:
        x = keras.ops.cast(x, self.to)
        return x if self.shape is None else keras.ops.reshape(x, self.shape)


def check_known(values: Array, to: str = "float32", **options: Any) -> truth.Read:
    x = keras.Input(values.shape[1:], dtype=str(values.dtype))
    model = keras.Model(x, Cast(to)(x))
    found = truth.read(model, values)
    wanted = keras.ops.cast(keras.ops.convert_to_tensor(values), to)
    truth.check(found, ("cast", 0, 0), wanted, **options)
    return found


@pytest.mark.parametrize(
    "dtype",
    ["bool", "uint8", "int8", "int32", "float16", "bfloat16", "float32"],
)
@pytest.mark.parametrize("shape", [(7,), (9, 4), (6, 5, 40)], ids=str)
def test_every_dtype(dtype: str, shape: tuple[int, ...]) -> None:
    check_known(np.abs(random(*shape)) * 20, dtype)


@pytest.mark.parametrize(
    "shape",
    [(1,), (300,), (1, 1), (50, 2), (2, 50), (1, 1, 3), (40, 30, 1), (2, 2, 64)],
    ids=str,
)
def test_every_shape(shape: tuple[int, ...]) -> None:
    check_known(random(*shape))


def test_one_number_for_each_sample() -> None:
    x = keras.Input((4,))
    model = keras.Model(x, keras.ops.sum(x, axis=-1))
    probe = random(4)
    found = truth.read(model, probe)

    (key,) = found.entries
    assert found.entries[key].kind == "vector"
    truth.check_roughly(found, key, probe.sum(axis=-1))


@pytest.mark.parametrize(
    ("shape", "slices"),
    [
        ((3, 6, 5, 2), (0, 1, 2)),
        ((20, 6, 5, 2), (1, 3, 6, 8, 11, 13, 16, 18)),
        ((2, 3, 4, 5, 2), (0, 1, 2, 3, 4, 5)),
    ],
    ids=str,
)
def test_volumes_keep_depths_side_by_side(
    shape: tuple[int, ...], slices: tuple[int, ...]
) -> None:
    found = check_known(random(*shape))

    (entry,) = found.index.layers
    assert entry.slices == slices
    height, width = shape[-3:-1]
    assert entry.full_map == (height, width)
    assert entry.kept_map == (height, width * len(slices))
    depth = math.prod(shape[:-3])
    assert entry.cut == (f"8 of {depth} depths" if depth > 8 else "")


@pytest.mark.parametrize("shape", [(3, 7, 6), (3, 9), (4, 5, 6, 7)], ids=str)
def test_channels_first(shape: tuple[int, ...]) -> None:
    values = random(*shape)
    x = keras.Input(shape)
    layer = Cast()
    layer.data_format = "channels_first"
    found = truth.read(keras.Model(x, layer(x)), values)

    truth.check(found, ("cast", 0, 0), values, channels_first=True)


@pytest.mark.parametrize("shape", [(8, 6, 3), (30, 40), (5,)], ids=str)
def test_values_that_are_not_finite(shape: tuple[int, ...]) -> None:
    values = random(*shape)
    values[0, ..., 0] = np.nan
    values[1, ..., 1] = np.inf
    values[:, ..., 2] = -np.inf
    flat = values.reshape(SAMPLES, -1)
    flat[2, ::3] = [np.nan, np.inf, -np.inf][0]

    check_known(values)


@pytest.mark.parametrize(
    "values",
    [
        np.zeros((SAMPLES, 4, 4, 2)),
        np.full((SAMPLES, 4, 4, 2), -2.5),
        np.linspace(-1e30, 1e30, SAMPLES * 32).reshape(SAMPLES, 4, 4, 2),
        np.linspace(0, 1e-25, SAMPLES * 32).reshape(SAMPLES, 4, 4, 2),
        1e6 + np.arange(SAMPLES * 32.0).reshape(SAMPLES, 4, 4, 2) / 16,
        np.eye(SAMPLES, 40),
    ],
    ids=["zeros", "constant", "large", "small", "offset", "one-hot"],
)
def test_hard_values(values: Array) -> None:
    check_known(values.astype(np.float32))


BOUNDED = {
    "tanh": (-0.94, 0.94),
    "softsign": (-0.94, 0.94),
    "hard_tanh": (-0.94, 0.94),
    "sigmoid": (0.03, 0.97),
    "hard_sigmoid": (0.03, 0.97),
    "sparse_sigmoid": (0.03, 0.97),
    "relu6": (-math.inf, 5.82),
}


@pytest.mark.parametrize("name", sorted(BOUNDED))
def test_saturated_units(name: str) -> None:
    probe = random(6, 5, 4) * np.array([0.1, 1, 10, 1000], np.float32)
    probe[..., 3] = np.abs(probe[..., 3])
    x = keras.Input(probe.shape[1:])
    model = keras.Model(x, layers.Activation(name, name="act")(x))
    reader = truth.create_reader(model, probe)
    (tensor,) = reader._forward.run().layers.values()
    found = truth.Read(reader.capture(0).reduce())

    truth.check(found, ("act", 0, 0), tensor, limits=BOUNDED[name])
    assert found.entries["act", 0, 0].activation == name
    counts = found.entries["act", 0, 0].unit_counts
    assert counts is not None
    assert counts.saturated


def test_names_of_activations() -> None:
    def own(x: Any) -> Any:
        return x * 2

    named = {
        "relu": layers.ReLU(),
        "relu6": layers.ReLU(max_value=6),
        "leaky_relu": layers.LeakyReLU(),
        "softmax": layers.Softmax(),
        "gelu": layers.Dense(3, activation="gelu"),
        "": layers.Dense(3),
    }
    x = keras.Input((4,))
    model = keras.Model(x, [layer(x) for layer in named.values()])
    names = {layer.name: name for name, layer in named.items()}
    found = truth.read(model, random(4))
    assert {entry.path: entry.activation for entry in found.index.layers} == names

    model = keras.Model(x, layers.Dense(2, activation=own)(x))
    assert truth.read(model, random(4)).index.layers[0].activation == ""


def test_dead_units() -> None:
    probe = np.abs(random(6, 5, 4))
    probe[..., 1] = -1
    x = keras.Input(probe.shape[1:])
    found = truth.read(keras.Model(x, layers.ReLU(name="relu")(x)), probe)

    counts = found.entries["relu", 0, 0].unit_counts
    assert counts is not None
    assert (counts.dead, counts.constant, counts.saturated) == (1, 1, None)


@pytest.mark.parametrize("budget", [60_000, 200_000])
def test_a_capture_is_written_within_its_budget(budget: int) -> None:
    values = np.random.default_rng(1).normal(size=(8, 40, 40, 24)).astype(np.float32)
    x = keras.Input(values.shape[1:])
    model = keras.Model(x, [Cast()(x), layers.AveragePooling2D(2, name="pool")(x)])
    found = truth.read(model, values, budget=budget)

    assert budget / 3 < found.written_bytes <= budget
    # Of all samples, also of those whose maps were not kept.
    assert found.index.measured_samples == 8
    units = found.units(("cast", 0, 0))
    truth.check_stats(units.stats, np.moveaxis(values, -1, 0).reshape(24, -1))
