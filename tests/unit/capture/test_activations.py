from __future__ import annotations

import dataclasses
import itertools
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

from tb_kerasviz.analysis.activation_plan import OutputLayout, layout_of
from tb_kerasviz.analysis.thumbnails import draw_thumbnails, thumbnail
from tb_kerasviz.wire import activations as wire
from tb_kerasviz.wire import codec, schema
from tests.activations import reading
from tests.activations.reading import BUDGET, create_reader
from tests.unit.analysis.test_map_reduction import channels_of, check_stats
from tests.unit.capture import models

Array = np.ndarray[Any, Any]


@pytest.fixture(autouse=True)
def _seed() -> None:
    keras.utils.set_random_seed(4)


def random(*shape: int) -> Array:
    return np.random.default_rng(2).normal(size=(3, *shape)).astype(np.float32)


PROBES: dict[str, Any] = {
    "sequential": random(8, 8, 1),
    "operations": random(4),
    "multi": {"a": random(4), "b": random(3)},
    "attention": [random(5, 8), random(6, 8)],
    "shared": [random(4), random(4) + 1],
    "wrappers": random(6, 5),
    "recurrent": np.array([[1, 2, 3, 0, 0, 0], [4, 5, 6, 7, 8, 9], [1] * 6], np.int32),
    "disconnected": [random(4), random(2)],
}


def capture(model: keras.Model, probe: Any, wanted: Any = None) -> Captured:
    return Captured(create_reader(model, probe, wanted).capture(1).reduce())


class Captured(reading.Captured):
    """Compares channel by channel, down to the last bits."""

    def check(self, key: tuple[str, int, int], output: Any) -> None:
        """Compares one output with what the layer returned elsewhere."""
        wanted = channels_of(keras.ops.convert_to_numpy(output), False)
        samples = self.values[key]
        assert len(samples) == len(wanted)
        for sample, x in zip(samples, wanted, strict=True):
            for channel in range(len(x)):
                check_stats(sample.stats[channel], x[channel])
                spread = np.ptp(x[channel])
                slack = 2e-6 * np.abs(x).max() + 1e-35
                error = np.abs(sample.maps[channel] - x[channel]).max()
                assert error <= spread / 510 + slack, key


@pytest.mark.parametrize("name", sorted(PROBES))
def test_values_are_those_of_a_forward_pass(name: str) -> None:
    model = models.GRAPHS[name]()
    found = capture(model, PROBES[name])

    function = getattr(model, "_functional", model)
    tensors = {}
    for layer in function.operations:
        if isinstance(layer, layers.InputLayer):
            continue
        for call, node in enumerate(layer._inbound_nodes):
            if node in itertools.chain(*function._nodes_by_depth.values()):
                for output, tensor in enumerate(node.outputs):
                    path = getattr(layer, "path", None) or layer.name
                    tensors[path, call, output] = tensor
    reference = keras.Model(function._inputs_struct, tensors)
    for key, output in reference(PROBES[name], training=False).items():
        found.check(key, output)
    assert found.skipped == {} or name in ("wrappers", "attention")


def test_layers_inside_of_layers_are_read_too() -> None:
    probe = random(6, 5)
    model = models.wrappers()
    found = capture(model, probe)

    forward = model.get_layer("bi").forward_layer
    found.check((forward.path, 0, 0), forward(probe))
    # The cells run inside a loop, and are not listed as failures either.
    assert not [path for path in (*found.skipped, *found.values) if "cell" in path]


def test_layers_of_nested_models() -> None:
    model, probe = models.nested(), random(4)
    found = capture(model, probe)

    left, right = model.get_layer("left"), model.get_layer("right")
    found.check((left.get_layer("dense").path, 0, 0), left.get_layer("dense")(probe))
    (path,) = [p for p, _, _ in found.values if p == "right/dense"]
    found.check((path, 0, 0), right.get_layer("dense")(model.get_layer("relu")(probe)))
    # A model's output is that of its last layer, so it is not repeated.
    assert not {"left", "right", "tail"} & {p for p, _, _ in found.values}


def test_each_call_of_a_nested_model() -> None:
    model, probe = models.nested_twice(), [random(4), random(4) * 2]
    found = capture(model, probe)

    dense = model.get_layer("block").get_layer("dense")
    for call in (0, 1):
        found.check((dense.path, call, 0), dense(probe[call]))


def test_every_output_of_a_layer_with_several() -> None:
    x = keras.Input((6, 5))
    lstm = layers.LSTM(4, return_sequences=True, return_state=True, name="lstm")
    model = keras.Model(x, layers.Add(name="add")(lstm(x)[1:]))
    probe = random(6, 5)
    found = capture(model, probe)

    for output, value in enumerate(lstm(probe)):
        found.check(("lstm", 0, output), value)
    kinds = [(e.kind, e.shape) for e in found.index.layers if e.path == "lstm"]
    assert kinds == [("sequence", (3, 6, 4)), ("vector", (3, 4)), ("vector", (3, 4))]


def test_a_subclassed_model() -> None:
    model, probe = models.Subclassed(), random(4)
    model(probe)
    found = capture(model, probe)

    found.check((model.first.path, 0, 0), model.first(probe))
    assert len(found.values) == 5


def test_the_order_is_that_of_execution_and_the_entries_describe() -> None:
    found = capture(models.sequential(), PROBES["sequential"])

    assert [(e.path, e.class_name, e.kind, e.shape) for e in found.index.layers] == [
        ("seq/conv", "Conv2D", "map", (3, 6, 6, 4)),
        ("seq/norm", "BatchNormalization", "map", (3, 6, 6, 4)),
        ("seq/flat", "Flatten", "vector", (3, 144)),
        ("drop", "Dropout", "vector", (3, 144)),
        ("seq/out", "Dense", "vector", (3, 3)),
    ]
    assert {e.dtype for e in found.index.layers} == {"float32"}
    assert (found.index.samples, found.index.probe_samples) == (3, 3)
    assert found.index.raw_bytes <= found.index.budget_bytes == BUDGET


@pytest.mark.parametrize("dtype", ["mixed_float16", "mixed_bfloat16", "float64"])
def test_other_dtypes(dtype: str) -> None:
    x = keras.Input((4,))
    layer = layers.Dense(3, dtype=dtype, name="d")
    found = capture(keras.Model(x, layer(x)), random(4))

    assert found.index.layers[0].dtype == dtype.removeprefix("mixed_")
    output = keras.ops.cast(layer(random(4)), "float32")
    check = found.values["d", 0, 0][0].stats[:, 2]
    np.testing.assert_allclose(check, output[0], rtol=0.02, atol=0.02)


def test_captures_follow_the_weights() -> None:
    model, probe = models.sequential(), PROBES["sequential"]
    reader = create_reader(model, probe)
    reader.capture(0)
    model.compile("sgd", "sparse_categorical_crossentropy")
    model.fit(probe, np.array([0, 1, 2]), epochs=2, verbose=0)

    Captured(reader.capture(1).reduce()).check(
        ("seq/out", 0, 0), model(probe, training=False)
    )


PATHS = ["seq/conv", "seq/norm", "seq/flat", "drop", "seq/out"]
"""Keras gives a layer without a build step no path."""


def test_a_filter_chooses_layers() -> None:
    model = models.sequential()
    reader = create_reader(model, PROBES["sequential"], "conv|out")
    found = Captured(reader.capture(0).reduce())

    assert sorted(path for path, _, _ in found.values) == ["seq/conv", "seq/out"]
    assert reader.matches == 2
    assert reader.paths == PATHS
    assert found.skipped == {}


def test_a_filter_that_matches_nothing_captures_nothing() -> None:
    reader = create_reader(models.sequential(), PROBES["sequential"], "nothing")

    assert reader.matches == 0
    assert reader.capture(0).reduce().layers == []


class Odd(layers.Layer):
    """Returns what cannot be shown beside what can."""

    def __init__(self, kind: str) -> None:
        super().__init__(name=kind)
        self.kind = kind

    def call(self, x: Any) -> Any:
        if self.kind == "complex":
            return keras.ops.view_as_complex(keras.ops.reshape(x, (-1, 2, 2)))
        if self.kind == "scalar":
            return keras.ops.sum(x)
        if self.kind == "merged":
            return keras.ops.sum(x, axis=0, keepdims=True)
        return {"x": x, "none": None}


class WithOdd(keras.Model):
    def __init__(self) -> None:
        super().__init__()
        kinds = ("complex", "scalar", "merged", "none")
        self.odd = [Odd(kind) for kind in kinds]
        self.idle = layers.Dense(1, name="idle")
        self.end = layers.Dense(2, name="end")

    def call(self, x: Any) -> Any:
        for odd in self.odd:
            odd(x)
        return self.end(x)


def test_what_cannot_be_shown_is_listed_with_the_reason() -> None:
    model = WithOdd()
    model(random(4))
    found = capture(model, random(4))

    reasons = {path.rsplit("/")[-1]: reason for path, reason in found.skipped.items()}
    assert set(reasons) == {"complex", "scalar", "merged", "none", "idle"}
    assert reasons["complex"] == "outputs of dtype complex64 are not shown"
    assert reasons["scalar"] == "its output is a scalar without samples"
    assert "(1, 4) has no row for each" in reasons["merged"]
    assert reasons["none"] == "it returned None"
    assert reasons["idle"] == "the forward pass does not call it"
    found.check((model.end.path, 0, 0), model.end(random(4)))
    assert len([k for k in found.values if k[0] == model.odd[3].path]) == 1


def test_a_model_that_cannot_take_the_probe_is_left_as_it_was() -> None:
    model = models.sequential()
    reader = create_reader(model, random(5, 5, 2))

    with pytest.raises(ValueError, match="shape"):
        reader.capture(0)
    assert not [layer for layer in model.layers if "call" in vars(layer)]
    Captured(create_reader(model, PROBES["sequential"]).capture(0).reduce()).check(
        ("seq/out", 0, 0), model(PROBES["sequential"])
    )


def test_a_call_of_the_users_own_on_an_instance_is_kept() -> None:
    model = models.sequential()
    layer = model.get_layer("conv")
    original = layer.call
    layer.__dict__["call"] = mine = lambda x: original(x) * 2
    found = capture(model, PROBES["sequential"])

    assert vars(layer)["call"] is mine
    found.check(("seq/conv", 0, 0), original(PROBES["sequential"]) * 2)


@pytest.mark.parametrize("budget", [0, 3_000, 30_000])
def test_a_capture_stays_within_its_budget(budget: int) -> None:
    model, probe = models.sequential(), PROBES["sequential"]
    reader = create_reader(model, probe, budget=budget)
    snapshot = reader.capture(0)
    found = snapshot.reduce()

    least = sum(a.channels * (2 * 24 + 8 * 4) + 2 * 320 for a in found.layers)
    written = wire.encode_activations(found, 0)[1:]
    assert sum(map(len, written)) <= max(budget, least)
    assert [a.path for a in found.layers] == PATHS
    names = ("maps", "scale", "offset", "stats")
    arrays = sum(getattr(a, name).nbytes for a in found.layers for name in names)
    units = [a.units for a in found.layers if a.units is not None]
    assert len(units) == len(found.layers)
    arrays += sum(u.stats.nbytes + u.histogram.nbytes for u in units)
    side = snapshot.thumbnail_side
    assert found.raw_bytes == arrays + found.samples * len(found.layers) * side**2


def test_many_outputs_are_written_within_the_budget() -> None:
    stack = [layers.Dense(64, name=f"layer_{i}") for i in range(40)]
    model = keras.Sequential([keras.Input((64,)), *stack])
    for budget in (240_000, 400_000):
        reader = create_reader(model, np.tile(random(64), (5, 1)), budget=budget)
        snapshot = reader.capture(0)
        raw = snapshot.reduce()
        drawn = draw_thumbnails(raw, snapshot.thumbnail_side)
        whole = dataclasses.replace(raw, thumbnails=drawn)

        written = sum(map(len, wire.encode_activations(whole, 0)))
        assert budget / 5 < written <= budget


def test_miniatures_are_those_of_the_maps() -> None:
    reader = create_reader(models.sequential(), PROBES["sequential"])
    snapshot = reader.capture(0)
    raw = snapshot.reduce()
    assert snapshot.thumbnail_side == 24

    drawn = draw_thumbnails(raw, 24)
    assert len(drawn) == 3
    found = Captured(raw)
    for sample, (codes, low, high) in enumerate(drawn):
        for i, key in enumerate(found.values):
            wanted = thumbnail(found.values[key][sample].maps, 24)
            np.testing.assert_array_equal(codes[i], wanted[0])
            assert (low[i], high[i]) == (np.float32(wanted[1]), np.float32(wanted[2]))
    assert draw_thumbnails(raw, 0) == []


def test_texts_go_through_a_model() -> None:
    words = layers.TextVectorization(output_sequence_length=4, name="words")
    words.adapt(["one two three"])
    model = keras.Sequential(
        [keras.Input((1,), dtype="string"), words, layers.Embedding(9, 3, name="e")],
        name="texts",
    )
    found = capture(model, np.array([["one two"], ["three"]]))

    # TensorFlow loses the number of samples in the look-up of texts.
    ids = words(np.array(["one two", "three"]))
    found.check(("texts/e", 0, 0), model.layers[-1](ids))
    assert found.skipped == {}


def test_channels_first_maps() -> None:
    x = keras.Input((2, 6, 7))
    permute = layers.ZeroPadding2D(1, data_format="channels_first", name="pad")
    found = capture(keras.Model(x, permute(x)), random(2, 6, 7))

    (entry,) = found.index.layers
    assert (entry.channels, entry.full_map) == (2, (8, 9))
    layout = layout_of(entry.shape, True)
    assert isinstance(layout, OutputLayout)
    maps = found.values["pad", 0, 0][1].maps
    np.testing.assert_allclose(maps[:, 1:-1, 1:-1], random(2, 6, 7)[1], atol=0.02)


def check_summary(found: tuple[float | None, ...], values: Array) -> None:
    """Compares a summary with NumPy on the raw output."""
    flat = values.astype(np.float64).ravel()
    finite = flat[np.isfinite(flat)]
    zeros = np.count_nonzero(finite == 0) / finite.size
    wanted = [finite.min(), finite.max(), finite.mean(), finite.std(), zeros]
    assert None not in found
    np.testing.assert_allclose(
        [value or 0.0 for value in found],
        [*wanted, flat.size - finite.size],
        rtol=1e-5,
        atol=1e-6,
    )


@pytest.mark.parametrize("data_format", ["channels_last", "volume", "vector"])
def test_the_index_sums_up_the_raw_outputs(data_format: str) -> None:
    shape = {"channels_last": (7, 5, 3), "volume": (4, 3, 5, 2), "vector": (6,)}
    probe = random(*shape[data_format])
    probe[probe < 0.1] = 0
    probe[0, 0] = np.nan
    probe[1, ..., 1] = np.inf  # A whole channel of one sample.
    inputs = layers.Input(probe.shape[1:])
    model = keras.Model(inputs, layers.Activation("linear", name="same")(inputs))
    taken = create_reader(model, probe, "same").capture(1).reduce()
    blobs = wire.encode_activations(taken, 1)
    index = codec.decode_document(blobs[0], schema.ActivationIndex, "index")
    (entry,) = index.layers
    check_summary(entry.summary, probe)


def test_an_output_without_a_finite_value_has_no_summary() -> None:
    inputs = layers.Input((4,))
    model = keras.Model(inputs, layers.Activation("linear", name="same")(inputs))
    probe = np.full((3, 4), np.nan, np.float32)
    blobs = wire.encode_activations(create_reader(model, probe).capture(1).reduce(), 1)
    index = codec.decode_document(blobs[0], schema.ActivationIndex, "index")
    assert index.layers[-1].summary == (None, None, None, None, None, 12.0)
