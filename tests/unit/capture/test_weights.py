from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

from tb_kerasviz.analysis.histogram import histogram
from tb_kerasviz.analysis.tensor_stats import tensor_stats
from tb_kerasviz.capture import weights
from tb_kerasviz.capture.host_buffers import HostBuffers
from tb_kerasviz.capture.layer_filter import create_layer_filter
from tb_kerasviz.capture.weight_history import WeightHistory
from tb_kerasviz.capture.weights import snapshot_weights
from tb_kerasviz.wire import codec, schema
from tb_kerasviz.wire import weights as wire
from tests.unit.capture import models

EVERYTHING = create_layer_filter(None)


@pytest.fixture(autouse=True)
def _seed() -> None:
    keras.utils.set_random_seed(4)


def values_of(model: keras.Model) -> dict[str, Any]:
    return {v.path: keras.ops.convert_to_numpy(v.value) for v in model.weights}


def captured(
    model: keras.Model, budget: int = 2**20, wanted: Any = None
) -> dict[str, wire.VariableArrays]:
    snapshot = snapshot_weights(model, 1, budget, create_layer_filter(wanted))
    capture = snapshot.reduce()
    assert capture.skipped == []
    assert capture.raw_bytes == sum(v.values.nbytes for v in capture.variables)
    return {v.path: v for v in capture.variables}


@pytest.mark.parametrize("name", ["sequential", "nested", "shared", "recurrent"])
def test_everything_is_captured_once_and_as_it_is(name: str) -> None:
    model = models.GRAPHS[name]()
    found = captured(model)

    assert len(found) == len(model.weights)
    for variable, item in zip(model.weights, found.values(), strict=True):
        value = keras.ops.convert_to_numpy(variable.value)
        np.testing.assert_array_equal(item.values, value)
        assert (item.shape, item.dtype) == (value.shape, "float32")
        assert item.trainable == variable.trainable
        assert item.cut == ""
        np.testing.assert_array_equal(item.stats, tensor_stats(value))
        counts, edges = histogram(value)
        np.testing.assert_array_equal(item.counts, counts)
        np.testing.assert_array_equal(item.edges, edges)


def test_a_snapshot_does_not_change_with_the_model() -> None:
    model = models.sequential()
    before = values_of(model)
    snapshot = snapshot_weights(model, 1, 2**20, EVERYTHING)
    for variable in model.weights:
        variable.assign(variable.value * 0 + 7)

    for item in snapshot.reduce().variables:
        np.testing.assert_array_equal(item.values, before[item.path])


def test_a_budget_keeps_true_values_and_all_statistics() -> None:
    model = keras.Sequential(
        [keras.Input((200,)), layers.Dense(100, name="big"), layers.Dense(2)],
        name="m",
    )
    whole, found = captured(model), captured(model, budget=14_000)

    assert sum(v.values.nbytes for v in found.values()) <= 10_000
    big, full = found["m/big/kernel"], whole["m/big/kernel"]
    assert big.cut == f"{'x'.join(map(str, big.values.shape))} of 200x100"
    chosen = [
        range(n) if k is None else k for k, n in zip(big.kept, (200, 100), strict=True)
    ]
    np.testing.assert_array_equal(big.values, full.values[np.ix_(*chosen)])
    np.testing.assert_array_equal(big.stats, full.stats)
    np.testing.assert_array_equal(big.counts, full.counts)


def test_many_variables_are_written_within_the_budget() -> None:
    stack = [layers.Dense(40, name=f"layer_{i}") for i in range(30)]
    model = keras.Sequential([keras.Input((40,)), *stack], name="m")
    budget = 100_000
    capture = snapshot_weights(model, 1, budget, EVERYTHING).reduce()

    written = sum(map(len, wire.encode_weights(capture, 0)))
    assert budget / 2 < written <= budget


def test_values_that_are_not_finite_are_counted() -> None:
    model = models.sequential()
    kernel = model.get_layer("out").kernel
    value = keras.ops.convert_to_numpy(kernel.value).copy()
    value[0] = [np.nan, np.inf, -np.inf]
    kernel.assign(value)
    item = captured(model)[kernel.path]

    assert item.stats[schema.WEIGHT_STATS.index("nonfinite")] == 3
    assert item.counts.sum() == value.size - 3
    np.testing.assert_array_equal(item.values, value)


def test_a_filter_chooses_by_the_path_of_the_layer() -> None:
    found = captured(models.sequential(), wanted="conv")

    assert sorted(found) == ["seq/conv/bias", "seq/conv/kernel"]


def test_variables_of_one_name_are_kept_apart() -> None:
    class Twice(layers.Layer):
        def build(self, shape: Any) -> None:
            self.one = self.add_weight(shape=(2,), name="w", initializer="ones")
            self.two = self.add_weight(shape=(3,), name="w", initializer="zeros")

    model = keras.Sequential([keras.Input((2,)), Twice(name="twice")], name="m")
    found = captured(model)

    assert sorted(item.shape for item in found.values()) == [(2,), (3,)]


def test_weights_of_the_model_itself() -> None:
    model = models.Subclassed(name="mine")
    model(np.zeros((1, 4), np.float32))

    assert captured(model)[model.gain.path].values == 1


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float64", "int32", "bool"])
def test_other_dtypes_are_read_as_float32(dtype: str) -> None:
    class Held(layers.Layer):
        def build(self, shape: Any) -> None:
            self.held = self.add_weight(
                shape=(3,), name="held", dtype=dtype, initializer="ones"
            )

    model = keras.Sequential([keras.Input((2,)), Held(name="h")], name="m")
    (item,) = captured(model).values()

    assert item.dtype == dtype
    assert item.values.dtype == np.float32
    np.testing.assert_array_equal(item.values, 1)


def test_a_variable_that_cannot_be_read_is_listed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model = models.sequential()
    read = weights._read

    def fail(variable: keras.Variable, buffers: HostBuffers) -> Any:
        if variable.name == "bias":
            raise RuntimeError("lost device")
        return read(variable, buffers)

    monkeypatch.setattr(weights, "_read", fail)
    capture = snapshot_weights(model, 1, 2**20, EVERYTHING).reduce()
    assert [(s.path, s.reason) for s in capture.skipped] == [
        ("seq/conv/bias", "lost device"),
        ("seq/out/bias", "lost device"),
    ]
    assert len(capture.variables) == len(model.weights) - 2


def test_large_models_are_reduced_while_they_are_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model = models.sequential()
    wanted = captured(model, budget=500)
    monkeypatch.setattr(weights, "MAX_SNAPSHOT_BYTES", 100)
    snapshot = snapshot_weights(model, 1, 500, EVERYTHING)

    assert snapshot.nbytes <= 500
    for item in snapshot.reduce().variables:
        np.testing.assert_array_equal(item.values, wanted[item.path].values)
        np.testing.assert_array_equal(item.stats, wanted[item.path].stats)


def test_a_capture_is_the_same_after_a_round_trip() -> None:
    capture = snapshot_weights(models.sequential(), 9, 600, EVERYTHING).reduce()
    blobs = wire.encode_weights(capture, 0)

    index = codec.decode_document(blobs[0], schema.WeightIndex, "index")
    assert (index.step, index.budget_bytes) == (9, 600)
    for item, entry in zip(capture.variables, index.variables, strict=True):
        ref = entry.member
        member = codec.slice_member(blobs[ref.blob], ref, "member")
        found = wire.decode_weights(member, entry)
        for name in ("values", "counts", "edges", "stats"):
            np.testing.assert_array_equal(getattr(found, name), getattr(item, name))
        for name in (
            *("path", "shape", "dtype", "trainable", "kept", "cut"),
            *("spatial_axes", "change", "change_from_start"),
        ):
            assert getattr(entry, name) == getattr(item, name)


def test_changes_are_the_same_after_a_round_trip() -> None:
    history, model = WeightHistory(), models.sequential()
    snapshot_weights(model, 2, 2**20, EVERYTHING, history).reduce()
    for variable in model.weights:
        variable.assign(variable.value + 1)
    capture = snapshot_weights(model, 9, 2**20, EVERYTHING, history).reduce()
    blobs = wire.encode_weights(capture, 0)

    index = codec.decode_document(blobs[0], schema.WeightIndex, "index")
    assert (index.previous_step, index.start_step, index.changes_cut) == (2, 2, "")
    for item, entry in zip(capture.variables, index.variables, strict=True):
        assert entry.change == item.change == pytest.approx(np.prod(item.shape) ** 0.5)
        assert entry.change_from_start == item.change_from_start


def test_kernels_of_every_kind_keep_whole_tiles_and_rows() -> None:
    inputs = {
        name: keras.Input(shape, name=name)
        for name, shape in {
            "one": (16, 24),
            "two": (16, 16, 24),
            "three": (6, 6, 6, 24),
            "tokens": (9, 24),
        }.items()
    }
    attend = layers.MultiHeadAttention(4, 6, name="attend")
    outputs = [
        layers.Conv1D(40, 5, name="conv1d")(inputs["one"]),
        layers.SeparableConv1D(40, 3, name="separable")(inputs["one"]),
        layers.Conv2D(40, (3, 5), name="conv2d")(inputs["two"]),
        layers.Conv2DTranspose(40, 3, name="transpose")(inputs["two"]),
        layers.DepthwiseConv2D(3, name="depthwise")(inputs["two"]),
        layers.Conv3D(40, 2, name="conv3d")(inputs["three"]),
        attend(inputs["tokens"], inputs["tokens"]),
        layers.Embedding(500, 12, name="embed")(inputs["tokens"]),
        layers.Dense(50, name="dense")(inputs["tokens"]),
    ]
    model = keras.Model(inputs, outputs, name="m")
    budget = 2000 * len(model.weights)
    found, whole = captured(model, budget=budget), captured(model, budget=2**24)

    for path, item in found.items():
        tile = item.shape[: item.spatial_axes]
        assert item.values.shape[: item.spatial_axes] == tile
        chosen = [
            range(size) if kept is None else kept
            for size, kept in zip(item.shape, item.kept, strict=True)
        ]
        np.testing.assert_array_equal(item.values, whole[path].values[np.ix_(*chosen)])
        assert item.values.size > 0
        assert bool(item.cut) == (item.values.size < whole[path].values.size)
    axes = {p: v.spatial_axes for p, v in found.items() if v.spatial_axes}
    named = {path.split("/", path.count("/") - 1)[-1]: n for path, n in axes.items()}
    assert named == {
        "conv1d/kernel": 1,
        "separable/depthwise_kernel": 1,
        "separable/pointwise_kernel": 1,
        "conv2d/kernel": 2,
        "transpose/kernel": 2,
        "depthwise/kernel": 2,
        "conv3d/kernel": 3,
    }
    (query,) = (v for p, v in found.items() if p.endswith("attend/query/kernel"))
    assert query.shape == (24, 4, 6)
    assert query.values.shape[1] == 4
