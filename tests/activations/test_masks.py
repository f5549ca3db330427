"""Keras's masks of sequences, as they come with the outputs."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
from keras import layers, ops

from tb_kerasviz.capture.activations import ActivationReader
from tb_kerasviz.capture.layer_filter import create_layer_filter
from tb_kerasviz.capture.probe import take_probe
from tests.activations.reading import BUDGET, Captured, capture

IDS = np.array([[1, 2, 3, 4, 0, 0], [5, 6, 0, 0, 0, 0], [7, 8, 9, 1, 2, 3]], np.int32)
X = np.random.default_rng(5).normal(size=(3, 6, 4)).astype(np.float32)


def masks_of(found: Captured, key: tuple[str, int, int]) -> list[list[bool]] | None:
    samples = found.values[key]
    masks = [s.mask.tolist() for s in samples if s.mask is not None]
    assert len(masks) in (0, len(samples))
    return masks or None


def test_the_mask_of_an_embedding_goes_on_until_a_layer_ends_it() -> None:
    ids = keras.Input((6,), dtype="int32")
    y = layers.Embedding(10, 8, mask_zero=True, name="embed")(ids)
    y = layers.Dropout(0.2, name="drop")(y)
    y = layers.LSTM(4, return_sequences=True, return_state=True, name="lstm")(y)[0]
    y = layers.Dense(3, name="dense")(y)
    y = layers.GRU(2, name="gru")(y)
    found = capture(keras.Model(ids, y), IDS)

    wanted = (IDS != 0).tolist()
    for path in ("embed", "drop", "lstm", "dense"):
        assert masks_of(found, (path, 0, 0)) == wanted, path
    assert masks_of(found, ("lstm", 0, 1)) is None, "a state has no steps"
    assert masks_of(found, ("gru", 0, 0)) is None


def test_a_masking_layer() -> None:
    x = keras.Input((6, 4))
    probe = X.copy()
    probe[0, 3:] = 0
    probe[2, 1] = 0
    found = capture(keras.Model(x, layers.Masking(name="masking")(x)), probe)

    wanted = probe.any(axis=-1).tolist()
    assert masks_of(found, ("masking", 0, 0)) == wanted


def test_attention_takes_the_mask_off_its_inputs_and_it_is_kept() -> None:
    ids = keras.Input((6,), dtype="int32")
    y = layers.Embedding(10, 8, mask_zero=True, name="embed")(ids)
    attended = layers.MultiHeadAttention(2, 4, name="attention")(y, y)
    found = capture(keras.Model(ids, layers.Add(name="add")([y, attended])), IDS)

    wanted = (IDS != 0).tolist()
    assert masks_of(found, ("embed", 0, 0)) == wanted
    assert masks_of(found, ("attention", 0, 0)) == wanted
    assert masks_of(found, ("attention", 0, 1)) == wanted, "of the keys"


class Marks(layers.Layer):
    """Makes masks of its own for two outputs."""

    def __init__(self) -> None:
        super().__init__(name="marks")
        self.supports_masking = True

    def call(self, x: Any) -> Any:
        return x, -x

    def compute_mask(self, inputs: Any, previous_mask: Any) -> Any:
        return [inputs[..., 0] > 0, None]


def test_masks_of_a_layer_of_the_users() -> None:
    x = keras.Input((6, 4))
    outputs = Marks()(x)
    found = capture(keras.Model(x, outputs), X)

    assert masks_of(found, ("marks", 0, 0)) == (X[..., 0] > 0).tolist()
    assert masks_of(found, ("marks", 0, 1)) is None


def test_each_call_has_its_own_mask() -> None:
    a, b = keras.Input((6,), dtype="int32"), keras.Input((6,), dtype="int32")
    embed = layers.Embedding(10, 8, mask_zero=True, name="embed")
    model = keras.Model([a, b], layers.Concatenate(axis=-1)([embed(a), embed(b)]))
    other = np.roll(IDS, 1, axis=1)
    found = capture(model, [IDS, other])

    assert masks_of(found, ("embed", 0, 0)) == (IDS != 0).tolist()
    assert masks_of(found, ("embed", 1, 0)) == (other != 0).tolist()


def test_a_step_that_stands_for_several_counts_where_one_does() -> None:
    ids = np.zeros((2, 1000), np.int32)
    ids[0, :501], ids[1, 999] = 1, 1
    inputs = keras.Input((1000,), dtype="int32")
    embed = layers.Embedding(3, 2, mask_zero=True, name="embed")
    found = capture(keras.Model(inputs, embed(inputs)), ids)

    (entry,) = found.index.layers
    assert entry.kept_map == (1, 500)
    masks = np.array(masks_of(found, ("embed", 0, 0)))
    assert masks.tolist() == (ids.reshape(2, 500, 2) > 0).any(axis=2).tolist()


def test_sequences_without_a_mask_have_none() -> None:
    x = keras.Input((6, 4))
    found = capture(keras.Model(x, layers.Dense(2, name="dense")(x)), X)

    assert masks_of(found, ("dense", 0, 0)) is None


@pytest.mark.parametrize("again", [False, True])
def test_no_mask_is_left_over_from_the_capture_before(again: bool) -> None:
    inputs = keras.Input((6, 4))
    model = keras.Model(inputs, layers.Masking(name="masking")(inputs))
    if again:
        capture(model, X * 0)
    wanted = ops.convert_to_numpy(ops.any(ops.not_equal(X, 0.0), axis=-1))
    assert masks_of(capture(model, X), ("masking", 0, 0)) == wanted.tolist()


@pytest.mark.parametrize("grouped", [False, True])
def test_scores_have_the_mask_of_their_keys_and_not_of_their_queries(
    grouped: bool,
) -> None:
    x, y = (keras.Input((4,), dtype="int32") for _ in range(2))
    embed = layers.Embedding(9, 8, mask_zero=True)
    layer = (
        layers.GroupQueryAttention(4, 2, 1, name="attention")
        if grouped
        else layers.MultiHeadAttention(2, 4, name="attention")
    )
    model = keras.Model([x, y], layer(embed(x), embed(y), use_causal_mask=True))
    queries = np.array([[1, 2, 3, 0], [1, 2, 3, 4]], np.int32)
    keys = np.array([[1, 2, 0, 0], [1, 0, 0, 0]], np.int32)
    found = capture(model, [queries, keys])
    wanted = [[True, True, False, False], [True, False, False, False]]
    assert masks_of(found, ("attention", 0, 1)) == wanted


def test_scores_without_a_mask_have_none() -> None:
    x = keras.Input((4, 8))
    layer = layers.MultiHeadAttention(2, 4, name="attention")
    found = capture(keras.Model(x, layer(x, x)), np.ones((2, 4, 8), np.float32))
    assert masks_of(found, ("attention", 0, 1)) is None


@pytest.mark.parametrize("training", [False, True])
def test_masks_and_scores_where_the_probe_runs_several_times(training: bool) -> None:
    ids = keras.Input((6,), dtype="int32")
    y = layers.Embedding(10, 8, mask_zero=True, name="embed")(ids)
    layer = layers.MultiHeadAttention(2, 4, dropout=0.1, seed=1, name="attention")
    model = keras.Model(ids, layers.Dense(2, name="dense")(layer(y, y)))
    everything = create_layer_filter(None)

    def read(run_bytes: int) -> Captured:
        reader = ActivationReader(
            model,
            take_probe(IDS),
            BUDGET,
            everything,
            training=training,
            run_bytes=run_bytes,
        )
        return Captured(reader.capture(1).reduce())

    whole, parts = read(2**20), read(100)
    assert list(parts.values) == list(whole.values)
    assert ("attention", 0, 1) in whole.values
    for key in whole.values:
        assert masks_of(parts, key) == masks_of(whole, key)
        for one, other in zip(parts.values[key], whole.values[key], strict=True):
            np.testing.assert_allclose(one.maps, other.maps, atol=1e-5)
    np.testing.assert_allclose(
        parts.outputs[""].values, whole.outputs[""].values, atol=1e-5
    )
