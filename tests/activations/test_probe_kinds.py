"""Probes of every kind reach the model as it takes them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers, ops

from tb_kerasviz.capture.probe import ProbeError, check_probe, take_probe
from tests.activations.reading import capture

X = np.random.default_rng(5).normal(size=(3, 4)).astype(np.float32)
Y = np.arange(3)
IDS = np.array([[1, 2, 3], [3, 2, 1], [0, 0, 4]], np.int32)

only_on_tensorflow = pytest.mark.only_on("tensorflow")


class Batches(keras.utils.PyDataset):
    def __len__(self) -> int:
        return 1

    def __getitem__(self, index: int) -> Any:
        return X, Y


def endless() -> Iterator[Any]:
    while True:
        yield X, Y


def tf_dataset() -> Any:
    import tensorflow as tf

    return tf.data.Dataset.from_tensor_slices((X, Y)).batch(3).repeat()


def torch_loader() -> Any:
    import torch
    from torch.utils.data import DataLoader, TensorDataset

    return DataLoader(TensorDataset(torch.tensor(X), torch.tensor(Y)), 3)


def torch_parameter() -> Any:
    import torch

    return torch.nn.Parameter(torch.tensor(X))


def jax_array() -> Any:
    import jax

    return jax.numpy.asarray(X)


def tf_tensor() -> Any:
    import tensorflow as tf

    return tf.constant(X)


@pytest.mark.parametrize(
    "make",
    [
        lambda: X,
        X.tolist,
        lambda: X.astype(np.float64),
        lambda: ops.convert_to_tensor(X),
        lambda: keras.Variable(X),
        tf_tensor,
        jax_array,
        torch_parameter,
        tf_dataset,
        torch_loader,
        Batches,
        endless,
        lambda: iter([X]),
    ],
)
def test_the_same_samples_of_every_kind(make: Callable[[], Any]) -> None:
    x = keras.Input((4,))
    model = keras.Model(x, layers.Dense(3, name="dense")(x))
    capture(model, make()).check(("dense", 0, 0), model(X))


class Subclassed(keras.Model):
    def __init__(self) -> None:
        super().__init__()
        self.dense = layers.Dense(3, name="dense")

    def call(self, inputs: Any) -> Any:
        return self.dense(inputs["a"] if isinstance(inputs, dict) else inputs[0][0])


@pytest.mark.parametrize("probe", [{"a": X, "b": [X, Y]}, [(X, X), X], ([X], X)])
def test_structures_reach_a_subclassed_model(probe: Any) -> None:
    model = Subclassed()
    model([[X]])
    found = capture(model, probe)
    found.check((model.dense.path, 0, 0), model.dense(X))


def test_inputs_go_by_name_as_in_keras() -> None:
    a, b = keras.Input((4,), name="a"), keras.Input((4,), name="b")
    model = keras.Model([b, a], layers.Subtract(name="subtract")([a, b]))
    found = capture(model, {"a": X, "b": X * 2})
    found.check(("subtract", 0, 0), -X)


def test_an_optional_input_that_is_none() -> None:
    class Adds(layers.Layer):
        def call(self, x: Any, y: Any = None) -> Any:
            return x if y is None else x + y

    a = keras.Input((4,), name="a")
    b = keras.Input((4,), name="b", optional=True)
    model = keras.Model({"a": a, "b": b}, Adds(name="adds")(a, b))
    capture(model, {"a": X, "b": X}).check(("adds", 0, 0), X * 2)
    capture(model, {"a": X, "b": None}).check(("adds", 0, 0), X)


@pytest.mark.parametrize("dtype", ["int8", "int64", "uint8", "bool"])
def test_inputs_of_other_dtypes(dtype: str) -> None:
    x = keras.Input((3,), dtype=dtype)
    model = keras.Model(x, layers.Lambda(lambda t: ops.cast(t, "float32"), name="l")(x))
    capture(model, IDS.astype(dtype)).check(("l", 0, 0), IDS.astype(dtype))


def vectorizer() -> Any:
    layer = layers.TextVectorization(output_sequence_length=3, name="words")
    layer.adapt(["one two three"])
    return layer


def texts_array(texts: Any) -> Any:
    return np.array(texts, object).reshape(2, 1)


@only_on_tensorflow
@pytest.mark.parametrize(
    "texts",
    [
        ["one two", "three"],
        [["one two"], ["three"]],
        np.array(["one two", "three"]),
        np.array([[b"one two"], [b"three"]], object),
    ],
)
def test_texts(texts: Any) -> None:
    words = vectorizer()
    inputs = keras.Input((1,), dtype="string")
    y = layers.Embedding(9, 2, name="embed")(words(inputs))
    model = keras.Model(inputs, y)
    found = capture(model, texts)

    ids = words(np.array(["one two", "three"]))
    found.check(("words", 0, 0), ids)
    found.check(("embed", 0, 0), model(texts_array(texts)))
    assert found.outputs[""].entry.shape == (2, 3, 2)


@only_on_tensorflow
def test_texts_that_a_layer_returns_are_listed() -> None:
    ids = keras.Input((3,), dtype="int32")
    lookup = layers.StringLookup(vocabulary=["a", "b"], invert=True, name="lookup")
    double = layers.Rescaling(2.0, name="double")
    found = capture(keras.Model(ids, [lookup(ids), double(ids)]), IDS)

    assert found.skipped["lookup"] == "its output is texts, which are not shown"
    found.check(("double", 0, 0), IDS * 2)


@pytest.mark.only_on("jax", "torch")
def test_texts_are_refused_where_no_model_takes_them() -> None:
    x = keras.Input((4,))
    model = keras.Model(x, layers.Dense(3)(x))
    with pytest.raises(ProbeError, match="holds texts, which no model takes on the "):
        check_probe(take_probe(["one", "two"]), model)


def test_ids_that_a_text_vectorization_made() -> None:
    words = vectorizer()
    ids = keras.Input((3,), dtype="int32")
    model = keras.Model(ids, layers.Embedding(9, 2, name="embed")(ids))
    made = words(np.array(["one two", "three"]))
    capture(model, made).check(("embed", 0, 0), model(made))


@only_on_tensorflow
def test_ragged_sequences_become_dense_with_a_mask() -> None:
    import tensorflow as tf

    ragged = tf.ragged.constant([[1, 2], [3], [4, 5, 6]])
    inputs = keras.Input((None,), dtype="int32", ragged=True)
    embed = layers.Embedding(9, 2, name="embed")
    model = keras.Model(inputs, embed(inputs))
    found = capture(model, ragged)

    found.check(("embed", 0, 0), model(ragged).to_tensor())
    masks = [sample.mask for sample in found.values["embed", 0, 0]]
    wanted = [[1, 1, 0], [1, 0, 0], [1, 1, 1]]
    assert [mask.astype(int).tolist() for mask in masks if mask is not None] == wanted


@only_on_tensorflow
def test_a_model_that_declares_a_dense_input_gets_a_dense_one() -> None:
    import tensorflow as tf

    ragged = tf.ragged.constant([[1, 2], [3], [4, 5, 6]])
    inputs = keras.Input((3,), dtype="int32")
    embed = layers.Embedding(9, 2, name="embed")
    model = keras.Model(inputs, embed(inputs))
    capture(model, ragged).check(("embed", 0, 0), embed(ragged.to_tensor()))


@only_on_tensorflow
def test_ragged_outputs_that_cannot_be_kept_are_listed() -> None:
    import tensorflow as tf

    class Twice(layers.Layer):
        def call(self, x: Any) -> Any:
            return tf.RaggedTensor.from_tensor(x[..., None], ragged_rank=2)

    model = Beside(Twice(name="odd"))
    model(X)
    found = capture(model, X)
    assert list(found.skipped.values()) == [
        "its output is ragged in more than one axis"
    ]
    found.check((model.dense.path, 0, 0), model.dense(X))


class Beside(keras.Model):
    """A layer whose output nobody uses, then another."""

    def __init__(self, layer: Any) -> None:
        super().__init__()
        self.layer = layer
        self.dense = layers.Dense(2, name="dense")

    def call(self, x: Any) -> Any:
        self.layer(x)
        return self.dense(x)


@only_on_tensorflow
def test_sparse_inputs() -> None:
    import tensorflow as tf

    sparse = tf.sparse.from_dense(np.eye(3, 4, dtype=np.float32))
    for declared in (True, False):
        inputs = keras.Input((4,), sparse=declared)
        dense = layers.Dense(2, name="dense")
        model = keras.Model(inputs, dense(inputs))
        capture(model, sparse).check(("dense", 0, 0), dense(np.eye(3, 4)))
