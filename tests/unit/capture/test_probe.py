from __future__ import annotations

import pathlib
from collections.abc import Callable, Iterator
from typing import Any

import jax.numpy as jnp
import keras
import numpy as np
import pytest
import tensorflow as tf
import torch
from keras import layers

from tb_kerasviz.capture.probe import (
    MAX_SAMPLES,
    ProbeError,
    check_probe,
    fit_inputs,
    input_names,
    take_probe,
)
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


def fails() -> Iterator[Any]:
    yield pathlib.Path("/no/such/file").read_bytes()


def endless() -> Iterator[Any]:
    while True:
        yield X[:4], Y[:4]


def tf_dataset(*arrays: Any) -> tf.data.Dataset:
    data = arrays[0] if len(arrays) == 1 else arrays
    return tf.data.Dataset.from_tensor_slices(data).batch(4)


@pytest.mark.parametrize(
    "convert",
    [
        np.asarray,
        tf.constant,
        tf.Variable,
        keras.ops.array,
        jnp.asarray,
        torch.tensor,
        lambda x: torch.tensor(x, requires_grad=True),
        lambda x: torch.tensor(x).to_sparse(),
        lambda x: x.tolist(),
        lambda x: list(map(tuple, x.tolist())),
    ],
)
def test_an_array_or_tensor_is_taken_as_it_is(convert: Callable[..., Any]) -> None:
    probe = take_probe(convert(X))

    assert isinstance(probe.inputs, np.ndarray)
    assert not probe.composites
    np.testing.assert_array_equal(probe.inputs, X)
    assert (probe.samples, probe.given_samples, probe.labels) == (6, 6, ())


def test_ragged_and_sparse_tensors_are_filled_with_zeros() -> None:
    ragged = take_probe(tf.ragged.constant([[1], [2, 3]])).inputs
    np.testing.assert_array_equal(ragged, [[1, 0], [2, 3]])
    np.testing.assert_array_equal(take_probe(tf.sparse.eye(3)).inputs, np.eye(3))


@pytest.mark.parametrize(
    "make",
    [
        lambda: tf.constant([[1, 2.5]], tf.bfloat16),
        lambda: jnp.array([[1, 2.5]], "bfloat16"),
        lambda: torch.tensor([[1, 2.5]], dtype=torch.bfloat16),
    ],
)
def test_small_floats_are_numbers(make: Callable[[], Any]) -> None:
    taken = take_probe(make()).inputs
    np.testing.assert_array_equal(taken.astype(np.float32), [[1, 2.5]])


@pytest.mark.parametrize(
    "texts",
    [
        ["one two", "näme"],
        ("one two", "näme"),
        np.array(["one two", "näme"]),
        np.array(["one two", "näme"], object),
        np.array([b"one two", "näme".encode()]),
        tf.constant(["one two", "näme"]),
        tf.ragged.constant(["one two", "näme"]),
    ],
)
def test_texts_are_taken(texts: Any) -> None:
    taken = take_probe(texts).inputs

    assert taken.dtype == object
    texts = [t.decode() if isinstance(t, bytes) else t for t in taken]
    assert texts == ["one two", "näme"]


def test_lists_of_numbers_are_arrays_and_lists_of_arrays_are_inputs() -> None:
    np.testing.assert_array_equal(take_probe([[1, 2], [3, 4]]).inputs, [[1, 2], [3, 4]])
    as_dict = take_probe({"a": [[1], [2]], "b": ["x", "y"]}).inputs
    assert as_dict["a"].shape == (2, 1)
    assert as_dict["b"].tolist() == ["x", "y"]
    first, second = take_probe([[[1, 2], [3, 4]], [[1], [2]]]).inputs
    assert (first.shape, second.shape) == ((2, 2), (2, 1))


def test_an_iterator_loses_only_its_first_batch() -> None:
    batches = generate((X[:4], Y[:4]), (X[4:], Y[4:]))
    take_probe(batches)

    ((_, left),) = batches
    np.testing.assert_array_equal(left, [4, 5])


def test_an_input_that_is_none_stays_none() -> None:
    probe = take_probe({"a": X, "b": None})

    assert probe.inputs["b"] is None
    assert probe.paths() == ["a"]


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
        lambda: tf_dataset(X, Y).repeat(),
        lambda: torch.utils.data.DataLoader(
            torch.utils.data.TensorDataset(torch.tensor(X), torch.tensor(Y)), 4
        ),
        endless,
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
        ([[1.0], [2.0, 3.0]], None, r"same number of samples.*\(1,\), \(2,\)"),
        ([[[1.0], [2.0, 3.0]]], None, "must be padded to one length; received"),
        ([1, [2]], None, "must all be of one length"),
        (np.zeros((0, 4)), None, r"no samples; received shape \(0, 4\)"),
        (
            [X, Y[:2]],
            None,
            r"same number of samples; received \[\(6, 8, 8, 1\), \(2,\)\]",
        ),
        ({"a": None}, None, "probe is empty"),
        (Batches([]), None, r"has no batches"),
        (generate(), None, r"dataset \(generator\) has no batches"),
        (tf_dataset(X).take(0), None, "has no batches"),
        (generate(()), None, r"first batch of the probe's dataset \(generator\) is"),
        (fails(), None, "gave no first batch: FileNotFoundError: "),
        (np.array([1 + 2j]), None, "numbers or texts; received values of dtype comp"),
        (np.array(["2020-01-01"], "datetime64[D]"), None, "dtype datetime64"),
        (np.array([{}, "a"], object), None, "received ndarray of dict, str"),
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


def texts_model() -> keras.Model:
    words = layers.TextVectorization(output_sequence_length=4)
    words.adapt(["one two three"])
    return keras.Sequential([keras.Input((1,), dtype="string"), words])


@pytest.mark.parametrize(
    ("probe", "model", "sentence"),
    [
        (X[:, :7], models.sequential,
         ("received shape (6, 7, 8, 1) and dtype float32, the model takes shape "
         "(None, 8, 8, 1) and dtype float32.")),
        ([X, X], models.sequential,
         ("received 2 inputs of shape (6, 8, 8, 1) and dtype float32; shape (6, 8, 8, "
         "1) and dtype float32, the model takes shape (None, 8, 8, 1) and dtype "
         "float32. Where the second one is the labels, pass it as probe_labels=.")),
        (X, models.multi,
         ("received shape (6, 8, 8, 1) and dtype float32, the model takes 2 inputs of "
         "shape (None, 4) and dtype float32 ('a'); shape (None, 3) and dtype float32 "
         "('b').")),
        ({"a": X[:, :4, 0, 0], "c": X[:, :3, 0, 0]}, models.multi,
         ("received 2 inputs of shape (6, 4) and dtype float32 ('a'); shape (6, 3) and "
         "dtype float32 ('c'), the model takes")),
        (["one", "two"], models.sequential,
         ("received shape (2,) and dtype string, the model takes shape (None, 8, 8, 1) "
         "and dtype float32.")),
        (X, texts_model,
         ("received shape (6, 8, 8, 1) and dtype float32, the model takes shape (None, "
         "1) and dtype string.")),
    ],
)  # fmt: skip
def test_a_probe_that_does_not_fit_names_both(
    probe: Any, model: Callable[[], keras.Model], sentence: str
) -> None:
    with pytest.raises(ProbeError) as caught:
        check_probe(take_probe(probe), model())
    text = str(caught.value)
    assert text.startswith("the probe does not fit the model: ")
    assert sentence in text


def test_inputs_are_matched_as_keras_does_it() -> None:
    a, b = keras.Input((4,), name="a"), keras.Input((3,), name="b")
    listed = keras.Model([b, a], layers.Concatenate()([a, b]))
    by_name = {"a": X[:, :4, 0, 0], "b": X[:, :3, 0, 0], "unused": Y}
    for model in (listed, models.multi()):
        probe = take_probe(by_name)
        check_probe(probe, model)
        model(probe.inputs)
        assert input_names(probe, model) == ["a", "b", "unused"]
    # In their order, where they have no names.
    pair = take_probe([X[:, :3, 0, 0], X[:, :4, 0, 0]])
    check_probe(pair, listed)
    assert input_names(pair, listed) == ["b", "a"]
    swapped = take_probe([X[:, :4, 0, 0], X[:, :3, 0, 0]])
    with pytest.raises(ProbeError, match="does not fit"):
        check_probe(swapped, listed)


def test_an_optional_input_may_be_left_out() -> None:
    a, b = keras.Input((4,), name="a"), keras.Input((3,), name="b", optional=True)
    model = keras.Model({"a": a, "b": b}, a * 2)
    check_probe(take_probe({"a": X[:, :4, 0, 0], "b": None}), model)
    check_probe(take_probe({"a": X[:, :4, 0, 0]}), model)


def test_a_model_gets_ragged_and_sparse_inputs_as_it_takes_them() -> None:
    ragged = take_probe(tf.ragged.constant([[1, 2], [3], [4, 5, 6]]))
    embed = layers.Embedding(9, 2)
    inputs = keras.Input((None,), dtype="int32", ragged=True)
    fed = fit_inputs(ragged, keras.Model(inputs, embed(inputs)))
    assert isinstance(fed, tf.RaggedTensor)
    assert fed.to_list() == [[1, 2], [3], [4, 5, 6]]
    inputs = keras.Input((3,), dtype="int32")
    fed = fit_inputs(ragged, keras.Model(inputs, embed(inputs)))
    np.testing.assert_array_equal(fed, [[1, 2, 0], [3, 0, 0], [4, 5, 6]])

    wide = tf.sparse.from_dense(np.eye(20, 4, dtype=np.float32))
    sparse = take_probe({"x": wide})
    inputs = keras.Input((4,), sparse=True, name="x")
    fed = fit_inputs(sparse, keras.Model({"x": inputs}, layers.Dense(2)(inputs)))
    assert isinstance(fed["x"], tf.SparseTensor)
    np.testing.assert_array_equal(tf.sparse.to_dense(fed["x"]), np.eye(MAX_SAMPLES, 4))


def test_inputs_have_the_names_of_the_model() -> None:
    pair = {"a": X[:, :4, 0, 0], "b": X[:, :3, 0, 0]}
    assert input_names(take_probe(pair), models.multi()) == ["a", "b"]
    assert input_names(take_probe(pair), models.Subclassed()) == ["a", "b"]
    assert input_names(take_probe(X), models.Subclassed()) == ["input"]
    nested: Any = {"x": [Y, Y]}
    assert input_names(take_probe(nested), models.Subclassed()) == ["x/0", "x/1"]
