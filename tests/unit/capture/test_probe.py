from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from tb_kerasviz.capture.probe import (
    MAX_SAMPLES,
    MAX_VALUES,
    ProbeError,
    capture_probe,
    check_probe,
    input_names,
    take_probe,
)
from tb_kerasviz.wire import codec, probes, schema
from tests.unit.capture import models

Array = np.ndarray[Any, Any]

RANDOM = np.random.default_rng(9)
X = RANDOM.random((6, 8, 8, 1)).astype(np.float32)
Y = np.arange(6)


class Batches(keras.utils.PyDataset):
    def __init__(self, batches: list[Any]) -> None:
        super().__init__()
        self.batches = batches

    def __len__(self) -> int:
        return len(self.batches)

    def __getitem__(self, index: int) -> Any:
        return self.batches[index]


def generate(*batches: Any) -> Iterator[Any]:
    yield from batches


def tf_dataset(*arrays: Any) -> tf.data.Dataset:
    data = arrays[0] if len(arrays) == 1 else arrays
    return tf.data.Dataset.from_tensor_slices(data).batch(4)


@pytest.mark.parametrize("convert", [np.asarray, tf.constant, keras.ops.array])
def test_an_array_or_tensor_is_taken_as_it_is(convert: Callable[..., Any]) -> None:
    probe = take_probe(convert(X))

    assert isinstance(probe.inputs, np.ndarray)
    np.testing.assert_array_equal(probe.inputs, X)
    assert (probe.samples, probe.given_samples, probe.labels) == (6, 6, ())


def test_ragged_and_sparse_tensors_are_filled_with_zeros() -> None:
    ragged = take_probe(tf.ragged.constant([[1], [2, 3]])).inputs
    np.testing.assert_array_equal(ragged, [[1, 0], [2, 3]])
    np.testing.assert_array_equal(take_probe(tf.sparse.eye(3)).inputs, np.eye(3))


def test_a_variable_is_taken() -> None:
    np.testing.assert_array_equal(take_probe(keras.Variable(X)).inputs, X)


def test_lists_and_dicts_keep_their_structure() -> None:
    as_dict = take_probe({"a": X, "b": tf.constant(Y)}).inputs
    assert set(as_dict) == {"a", "b"}
    np.testing.assert_array_equal(as_dict["b"], Y)

    first, second = take_probe([X, Y]).inputs
    np.testing.assert_array_equal(first, X)
    np.testing.assert_array_equal(second, Y)


def test_the_probe_does_not_change_with_the_array_it_was_taken_from() -> None:
    given = X.copy()
    probe = take_probe(given)
    given[:] = 7

    np.testing.assert_array_equal(probe.inputs, X)


@pytest.mark.parametrize(
    "dataset",
    [
        lambda: tf_dataset(X, Y),
        lambda: Batches([(X[:4], Y[:4]), (X[4:], Y[4:])]),
        lambda: generate((X[:4], Y[:4]), (X[4:], Y[4:])),
        lambda: generate((X[:4], Y[:4], np.ones(4))),
        lambda: iter(tf_dataset(X, Y)),
    ],
)
def test_the_first_batch_of_a_dataset_is_taken(dataset: Callable[[], Any]) -> None:
    probe = take_probe(dataset())
    np.testing.assert_array_equal(probe.inputs, X[:4])
    assert probe.labels == ("0", "1", "2", "3")

    # Labels that are given go before those of the dataset.
    assert take_probe(dataset(), list("abcd")).labels == tuple("abcd")


@pytest.mark.parametrize(
    "dataset",
    [lambda: tf_dataset(X), lambda: Batches([X[:4]]), lambda: generate(X[:4], X[4:])],
)
def test_a_dataset_without_labels(dataset: Callable[[], Any]) -> None:
    probe = take_probe(dataset())

    np.testing.assert_array_equal(probe.inputs, X[:4])
    assert probe.labels == ()


def test_a_dataset_of_dicts() -> None:
    probe = take_probe(tf_dataset({"a": X, "b": Y}))

    assert set(probe.inputs) == {"a", "b"}
    assert probe.samples == 4


def test_only_the_first_samples_are_kept_and_all_are_counted() -> None:
    probe = take_probe(np.zeros((100, 3)), np.arange(100))

    assert (probe.samples, probe.given_samples) == (MAX_SAMPLES, 100)
    assert probe.inputs.shape == (MAX_SAMPLES, 3)
    assert probe.labels == tuple(str(i) for i in range(MAX_SAMPLES))


@pytest.mark.parametrize(
    ("labels", "wanted"),
    [
        ([3, 1, 2], ("3", "1", "2")),
        (np.array([3.0, 1.5, np.nan]), ("3", "1.5", "nan")),
        (["cat", "dog", "näme"], ("cat", "dog", "näme")),
        (np.array([[1], [0], [2]]), ("1", "0", "2")),
        (np.eye(3)[[2, 0, 1]], ("2", "0", "1")),
        (tf.constant(["cat", "dog", "cow"]), ("cat", "dog", "cow")),
        (tf.constant([3, 1, 2]), ("3", "1", "2")),
        (np.array([True, False, True]), ("True", "False", "True")),
        (["x" * 500, "", "b"], ("x" * 100, "", "b")),
    ],
)
def test_labels_of_every_kind(labels: Any, wanted: tuple[str, ...]) -> None:
    assert take_probe(np.zeros((3, 2)), labels).labels == wanted


@pytest.mark.parametrize(
    ("probe", "labels", "message"),
    [
        ([], None, r"probe is empty; received \[\]"),
        ({}, None, "probe is empty"),
        (np.float32(3), None, "received a scalar"),
        (3, None, "received a scalar"),
        ([[1.0, 2.0]], None, "received a scalar"),
        (np.zeros((0, 4)), None, r"no samples; received shape \(0, 4\)"),
        (
            [X, Y[:2]],
            None,
            r"same number of samples; received \[\(6, 8, 8, 1\), \(2,\)\]",
        ),
        ({"a": X, "b": None}, None, "received a scalar|received NoneType"),
        (Batches([]), None, r"has no batches"),
        (generate(), None, r"dataset \(generator\) has no batches"),
        (tf_dataset(X).take(0), None, "has no batches"),
        (X, [1, 2], "one label for each of the 6 samples; received 2"),
        (X, 5, "one label for each of the 6 samples; received 0"),
        (object(), None, "received"),
    ],
)
def test_a_wrong_probe_is_named(probe: Any, labels: Any, message: str) -> None:
    with pytest.raises(ProbeError, match=message):
        take_probe(probe, labels)


def test_a_probe_that_fits_passes() -> None:
    check_probe(take_probe(X), models.sequential())
    check_probe(take_probe({"a": X[:, :4, 0, 0], "b": X[:, :3, 0, 0]}), models.multi())
    # Keras adds or drops a last axis of length 1.
    check_probe(take_probe(X[..., 0]), models.sequential())
    # A model that declares no inputs takes anything.
    check_probe(take_probe(X), models.Subclassed())


@pytest.mark.parametrize(
    ("probe", "model", "shapes"),
    [
        (X[:, :7], models.sequential, ["(6, 7, 8, 1)", "(None, 8, 8, 1)"]),
        ([X, X], models.sequential, ["2 inputs of shapes (6, 8, 8, 1), (6"]),
        (X, models.multi, ["shape (6, 8, 8, 1)", "shapes (None, 4), (None, 3)"]),
    ],
)
def test_a_probe_that_does_not_fit_names_both_shapes(
    probe: Any, model: Callable[[], keras.Model], shapes: list[str]
) -> None:
    with pytest.raises(ProbeError, match="the probe does not fit the model") as caught:
        check_probe(take_probe(probe), model())
    for shape in shapes:
        assert shape in str(caught.value)


def test_inputs_have_the_names_of_the_model() -> None:
    pair = {"a": X[:, :4, 0, 0], "b": X[:, :3, 0, 0]}
    assert input_names(take_probe(pair), models.multi()) == ["a", "b"]
    assert input_names(take_probe(pair), models.Subclassed()) == ["a", "b"]
    assert input_names(take_probe(X), models.Subclassed()) == ["input"]
    nested = {"x": [Y, Y]}
    assert input_names(take_probe(nested), models.Subclassed()) == ["x/0", "x/1"]


def captured(array: Array) -> probes.InputArrays:
    (item,) = capture_probe(take_probe(array), ["x"]).inputs
    return item


def seen(item: probes.InputArrays) -> Array:
    """The values that the picture's levels stand for."""
    return item.low + item.samples / 255.0 * (item.high - item.low)


@pytest.mark.parametrize(
    ("array", "low", "high"),
    [
        (X, 0.0, 1.0),
        (X * 0.1, 0.0, 1.0),
        (np.round(X * 200), 0.0, 255.0),
        (np.round(X * 200).astype(np.uint8), 0.0, 255.0),
        (X * 2 - 1, -1.0, 1.0),
        (np.repeat(X, 3, axis=-1), 0.0, 1.0),
        (np.repeat(X, 4, axis=-1).astype(np.float16), 0.0, 1.0),
        (X[..., 0], 0.0, 1.0),
        (X > 0.5, 0.0, 1.0),
    ],
)
def test_pictures_keep_the_usual_ranges(array: Array, low: float, high: float) -> None:
    item = captured(array)

    assert item.picture
    assert item.samples.dtype == np.uint8
    assert (item.low, item.high) == (low, high)
    assert (item.shape, item.dtype) == (array.shape, str(array.dtype))
    wanted = array.reshape(item.samples.shape).astype(np.float64)
    assert np.abs(seen(item) - wanted).max() <= (high - low) / 510 + 1e-6


def test_pictures_of_another_range_use_their_own() -> None:
    array = (X * 7 - 3).astype(np.float32)
    item = captured(array)

    assert (item.low, item.high) == (float(array.min()), float(array.max()))
    assert np.abs(seen(item) - array).max() <= np.ptp(array) / 510 + 1e-6


def test_pictures_with_values_that_are_not_finite() -> None:
    array = X.copy()
    array[0, 0, 0], array[0, 0, 1], array[0, 0, 2] = np.nan, np.inf, -np.inf
    item = captured(array)

    assert (item.low, item.high) == (0, 1)
    assert item.samples[0, 0, :3, 0].tolist() == [0, 255, 0]
    assert captured(np.full_like(X, np.nan)).samples.max() == 0


def test_large_pictures_are_thinned() -> None:
    array = np.zeros((1, 600, 300, 3), np.uint8)
    array[0, ::3, ::3] = 9
    item = captured(array)

    assert item.samples.shape == (1, 200, 100, 3)
    assert (item.samples == 9).all()
    assert item.cut == "200x100 of 600x300 (every 3th pixel)"


@pytest.mark.parametrize(
    "shape", [(3,), (3, 5), (3, 4, 5), (3, 6, 6, 2), (3, 2, 2, 2, 2)]
)
def test_other_inputs_are_kept_as_values(shape: tuple[int, ...]) -> None:
    array = RANDOM.normal(size=shape)
    item = captured(array)

    assert not item.picture
    assert item.cut == ""
    assert item.samples.dtype == np.float32
    np.testing.assert_array_equal(item.samples, array.astype(np.float32))


def test_long_inputs_are_cut() -> None:
    array = RANDOM.normal(size=(2, MAX_VALUES + 3)).astype(np.float32)
    item = captured(array)

    np.testing.assert_array_equal(item.samples, array[:, :MAX_VALUES])
    assert item.cut == f"the first {MAX_VALUES} of {MAX_VALUES + 3} values"


def test_texts_are_counted_but_not_shown() -> None:
    array = np.array(["one", "two"])
    item = captured(array)

    assert item.samples.shape == (2, 0)
    assert item.cut == f"values of dtype {array.dtype} are not shown"


def test_a_probe_is_the_same_after_a_round_trip() -> None:
    probe = take_probe({"a": X, "b": RANDOM.normal(size=(6, 5))}, list("uvwxyz"))
    capture = capture_probe(probe, ["a", "b"])
    blobs = probes.encode_probe(capture, 3)

    index = codec.decode_document(blobs[0], schema.ProbeIndex, "probe")
    assert index.labels == tuple("uvwxyz")
    assert (index.samples, index.probe_samples) == (6, 6)
    for item, entry in zip(capture.inputs, index.inputs, strict=True):
        fields = dataclasses.asdict(item)
        samples = fields.pop("samples")
        assert fields == {name: getattr(entry, name) for name in fields}
        for sample, ref in enumerate(entry.members):
            member = codec.slice_member(blobs[ref.blob], ref, "member")
            arrays = codec.decode_arrays(member, "member")
            name = "picture" if entry.picture else "values"
            np.testing.assert_array_equal(arrays[name], samples[sample])


def test_texts_reach_a_model_that_takes_them() -> None:
    words = layers.TextVectorization(output_sequence_length=4)
    words.adapt(["one two three"])
    model = keras.Sequential([keras.Input((1,), dtype="string"), words])
    probe = take_probe(np.array([["one two"], ["three"]]))

    check_probe(probe, model)
    assert input_names(probe, model)
