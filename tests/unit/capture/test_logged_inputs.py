from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from tb_kerasviz.capture.probe import (
    ProbeError,
    capture_probe,
    check_vocabulary,
    take_probe,
)
from tb_kerasviz.capture.probe.logged_inputs import MAX_VALUES, digest_probe
from tb_kerasviz.capture.probe.tokens import MAX_CHARACTERS, MAX_POSITIONS
from tb_kerasviz.wire import codec, probes, schema
from tests.unit.capture import models

Array = np.ndarray[Any, Any]

RANDOM = np.random.default_rng(9)
X = RANDOM.random((6, 8, 8, 1)).astype(np.float32)


def any_model() -> keras.Model:
    """A model that takes anything, as far as is known."""
    return models.Subclassed()


def captured(
    probe: Any, model: keras.Model | None = None, vocabulary: Any = None
) -> probes.InputArrays:
    tokens = check_vocabulary(vocabulary)
    (item,) = capture_probe(take_probe(probe), model or any_model(), tokens).inputs
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
    assert item.cut == "200x100 of 600x300 (one of 3 pixels each way)"


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


def test_a_probe_is_the_same_after_a_round_trip() -> None:
    ids = np.arange(12, dtype=np.int32).reshape(6, 2)
    parts = {"a": X, "b": RANDOM.normal(size=(6, 5)), "c": ids}
    probe = take_probe(parts, list("uvwxyz"))
    capture = capture_probe(probe, any_model())
    blobs = probes.encode_probe(capture, 3)

    index = codec.decode_document(blobs[0], schema.ProbeIndex, "probe")
    assert index.labels == tuple("uvwxyz")
    assert (index.samples, index.probe_samples) == (6, 6)
    assert index.digest == capture.digest == digest_probe(probe)
    assert index.inputs[2].tokens[5] == ("10", "11")
    for item, entry in zip(capture.inputs, index.inputs, strict=True):
        fields = dataclasses.asdict(item)
        samples = fields.pop("samples")
        assert fields == {name: getattr(entry, name) for name in fields}
        for sample, ref in enumerate(entry.members):
            member = codec.slice_member(blobs[ref.blob], ref, "member")
            arrays = codec.decode_arrays(member, "member")
            name = "picture" if entry.picture else "values"
            np.testing.assert_array_equal(arrays[name], samples[sample])


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_pictures_with_channels_first(channels: int) -> None:
    array = RANDOM.random((2, channels, 10, 12)).astype(np.float32)
    inputs = keras.Input(array.shape[1:])
    y = layers.Conv2D(2, 3, data_format="channels_first")(inputs)
    item = captured(array, keras.Model(inputs, y))

    assert item.picture
    assert item.shape == array.shape
    assert item.samples.shape == (2, 10, 12, channels)
    assert np.abs(seen(item) - array.transpose(0, 2, 3, 1)).max() <= 1 / 510 + 1e-6


def test_channels_first_of_keras_own_setting() -> None:
    array = RANDOM.random((2, 3, 10, 12)).astype(np.float32)
    assert not captured(array).picture
    keras.config.set_image_data_format("channels_first")
    try:
        assert captured(array).picture
    finally:
        keras.config.set_image_data_format("channels_last")


IDS = np.array([[1, 2, 0], [2, 9, 1]], np.int32)


@pytest.mark.parametrize(
    ("vocabulary", "wanted"),
    [
        (None, (("1", "2", "0"), ("2", "9", "1"))),
        (["", "the", "cat"], (("the", "cat", ""), ("cat", "9", "the"))),
        (np.array(["", "the", "cat"]), (("the", "cat", ""), ("cat", "9", "the"))),
        ({1: "the", 9: b"dog"}, (("the", "2", "0"), ("2", "dog", "the"))),
        ({"input": ("", "a", "b")}, (("a", "b", ""), ("b", "9", "a"))),
    ],
)
def test_ids_are_shown_by_their_tokens(vocabulary: Any, wanted: Any) -> None:
    item = captured(IDS, vocabulary=vocabulary)

    assert item.tokens == wanted
    assert item.cut == ""
    np.testing.assert_array_equal(item.samples, IDS)


@pytest.mark.parametrize("dtype", ["int64", "uint16"])
def test_ids_of_every_integer_dtype(dtype: str) -> None:
    assert captured(IDS.astype(dtype)).tokens[1] == ("2", "9", "1")


@pytest.mark.parametrize(
    "array",
    [IDS.astype(np.float32), IDS[:, 0], IDS.astype(np.uint8), IDS[..., None] > 1],
)
def test_other_inputs_have_no_tokens(array: Array) -> None:
    assert captured(array).tokens == ()


def test_bytes_are_ids_where_there_is_a_vocabulary() -> None:
    item = captured(IDS.astype(np.uint8), vocabulary=["", "the", "cat"])
    assert item.tokens[0] == ("the", "cat", "")


def test_each_input_has_its_own_vocabulary() -> None:
    probe = take_probe({"words": IDS, "tags": IDS, "other": IDS})
    names = check_vocabulary({"words": ["", "cat"], "tags": {2: "noun"}})
    found = {
        i.name: i.tokens[0] for i in capture_probe(probe, any_model(), names).inputs
    }
    assert found == {
        "words": ("cat", "2", ""),
        "tags": ("1", "noun", "0"),
        "other": ("1", "2", "0"),
    }


def test_a_vocabulary_of_an_input_that_there_is_not() -> None:
    with pytest.raises(ProbeError, match=r"names the inputs 'word'; the probe's are"):
        captured(IDS, vocabulary={"word": ["a"]})


def test_the_vocabulary_of_a_layer_of_the_model() -> None:
    ids = keras.Input((3,), dtype="int32")
    words = layers.StringLookup(vocabulary=["cat", "dog"], invert=True)
    item = captured(IDS, keras.Model(ids, words(ids)))
    assert item.tokens == (("cat", "dog", "[UNK]"), ("dog", "9", "cat"))
    # What is given goes before it.
    item = captured(IDS, keras.Model(ids, words(ids)), ["", "one"])
    assert item.tokens[0] == ("one", "2", "")


def vectorizer(**arguments: Any) -> keras.layers.Layer:
    layer = layers.TextVectorization(**arguments)
    layer.adapt(["the cat sat on the mat"])
    return layer


def model_of(layer: keras.layers.Layer) -> keras.Model:
    return keras.Sequential([keras.Input((1,), dtype="string"), layer])


@pytest.mark.parametrize(
    ("layer", "wanted"),
    [
        (lambda: vectorizer(output_sequence_length=3),
         [("the", "cat", ""), ("a", "dog", "sat")]),
        (vectorizer, [("the", "cat", "", ""), ("a", "dog", "sat", "down")]),
        (lambda: vectorizer(standardize=None, output_sequence_length=2),
         [("The", "cat!"), ("A", "dog")]),
        (lambda: vectorizer(split="character", output_sequence_length=4),
         [("t", "h", "e", " "), ("a", " ", "d", "o")]),
        (lambda: vectorizer(output_mode="multi_hot"),
         [("the", "cat"), ("a", "dog", "sat", "down")]),
        (lambda: vectorizer(ragged=True),
         [("the", "cat"), ("a", "dog", "sat", "down")]),
    ],
)  # fmt: skip
def test_texts_are_shown_as_the_model_splits_them(
    layer: Callable[[], Any], wanted: Any
) -> None:
    item = captured(["The cat!", "A dog sat down"], model_of(layer()))

    assert list(item.tokens) == wanted
    assert (item.dtype, item.shape, item.cut) == ("string", (2,), "")
    assert item.samples.shape == (2, 0)


@pytest.mark.parametrize(
    ("texts", "wanted"),
    [
        (["The cat!", "näme"], (("The", "cat!"), ("näme",))),
        ([["The cat!"], [""]], (("The", "cat!"), ())),
        ([["a b", "c"], ["d", ""]], (("a b", "c"), ("d", ""))),
        (np.array([b"caf\xc3\xa9", b"\xff"]), (("café",), ("\ufffd",))),
        (tf.ragged.constant([["a", "b"], ["c"]]), (("a", "b"), ("c", ""))),
    ],
)
def test_texts_without_a_vectorizer(texts: Any, wanted: Any) -> None:
    assert captured(texts).tokens == wanted


def test_each_text_goes_to_its_own_vectorizer() -> None:
    a = keras.Input((1,), dtype="string", name="a")
    b = keras.Input((1,), dtype="string", name="b")
    upper = vectorizer(standardize=tf.strings.upper, split="whitespace")
    lower = vectorizer(standardize="lower")
    model = keras.Model([a, b], [upper(a), lower(b)])
    probe = take_probe({"a": ["One two"], "b": ["Three"]})
    first, second = capture_probe(probe, model).inputs
    assert first.tokens == (("ONE", "TWO"),)
    assert second.tokens == (("three",),)


def test_tokens_are_bounded() -> None:
    item = captured([" ".join(["word"] * 600), "x" * 50])
    assert len(item.tokens[0]) == MAX_POSITIONS
    assert item.tokens[1] == ("x" * (MAX_CHARACTERS - 1) + "…",)
    assert item.cut == "the first 512 of 600 tokens, 40 characters of each token"


def test_looking_at_texts_changes_nothing_in_the_model() -> None:
    layer = vectorizer(output_sequence_length=3)
    model = model_of(layer)
    before = dict(vars(layer).items())
    captured(["The cat!"], model)
    assert vars(layer) == before


def test_probes_are_told_apart_by_their_digest() -> None:
    def digest(probe: Any) -> str:
        return digest_probe(take_probe(probe))

    assert digest(X) == digest(X.copy()) == digest(tf.constant(X))
    assert digest({"a": X}) == digest({"a": X})
    assert digest(["ab", "c"]) == digest(np.array(["ab", "c"], object))
    other = X.copy()
    other[0, 0, 0, 0] += 1
    different = [
        X, other, X[:5], X.astype(np.float64), X[..., 0], {"a": X}, {"b": X}, [X, X],
        ["ab", "c"], ["a", "bc"],
    ]  # fmt: skip
    assert len({digest(probe) for probe in different}) == len(different)
