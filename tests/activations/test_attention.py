"""Scores of attention layers against what the layers return when asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers, ops

from tests.activations.reading import Array, Captured, capture, create_reader

RANDOM = np.random.default_rng(5)
X = RANDOM.normal(size=(3, 6, 8)).astype(np.float32)
Y = RANDOM.normal(size=(3, 4, 8)).astype(np.float32)
IDS = np.array([[1, 2, 3, 4, 0, 0], [5, 6, 0, 0, 0, 0], [7, 8, 9, 1, 2, 3]], np.int32)


def scores_of(layer: Any, *args: Any, **kwargs: Any) -> Array:
    """What the layer returns when it is asked, as `[N, heads, Q, K]`."""
    scores = layer(*args, return_attention_scores=True, **kwargs)[1]
    array = ops.convert_to_numpy(scores)
    return array if array.ndim == 4 else array[:, np.newaxis]


def check_scores(found: Captured, path: str, wanted: Array, call: int = 0) -> None:
    (entry,) = [
        entry
        for entry in found.index.layers
        if (entry.path, entry.call, entry.name) == (path, call, "attention_scores")
    ]
    heads, queries, keys = wanted.shape[1:]
    assert entry.kind == "attention"
    assert entry.shape == wanted.shape
    assert entry.channels == heads
    assert entry.kept_channels == tuple(range(heads))
    assert entry.full_map == entry.kept_map == (queries, keys)
    assert entry.cut == ""
    found.check((path, call, entry.output), np.moveaxis(wanted, 1, -1))


MULTI_HEAD: dict[str, Callable[[], keras.layers.Layer]] = {
    "multi_head": lambda: layers.MultiHeadAttention(2, 4, name="a"),
    "dropout": lambda: layers.MultiHeadAttention(2, 4, dropout=0.3, name="a"),
    "grouped": lambda: layers.GroupQueryAttention(4, 4, 2, name="a"),
    "grouped_dropout": lambda: layers.GroupQueryAttention(
        4, 4, 2, dropout=0.3, name="a"
    ),
    "no_bias": lambda: layers.MultiHeadAttention(3, 5, use_bias=False, name="a"),
}


@pytest.mark.parametrize("name", sorted(MULTI_HEAD))
def test_scores_of_every_call(name: str) -> None:
    x, y = keras.Input((6, 8)), keras.Input((4, 8))
    layer = MULTI_HEAD[name]()
    first = layer(x, x)
    second = layer(first, first, use_causal_mask=True)
    model = keras.Model([x, y], [first, second, layer(second, y)])
    before = [ops.convert_to_numpy(output) for output in model([X, Y])]
    found = capture(model, [X, Y])

    check_scores(found, "a", scores_of(layer, X, X), call=0)
    causal = scores_of(layer, before[0], before[0], use_causal_mask=True)
    check_scores(found, "a", causal, call=1)
    assert np.triu(causal, 1).max() == 0
    check_scores(found, "a", scores_of(layer, before[1], Y), call=2)
    assert [e.name for e in found.index.layers if e.path == "a"] == [
        *["", "attention_scores"] * 3
    ]
    # What is computed is as it was.
    for call, output in enumerate(before):
        found.check(("a", call, 0), output)
    for output, again in zip(before, model([X, Y]), strict=True):
        np.testing.assert_array_equal(ops.convert_to_numpy(again), output)


@pytest.mark.parametrize("name", sorted(MULTI_HEAD))
def test_scores_with_padding_masks(name: str) -> None:
    ids = keras.Input((6,), dtype="int32")
    embed = layers.Embedding(10, 8, mask_zero=True, name="embed")
    layer = MULTI_HEAD[name]()
    y, z = embed(ids), embed(ids)
    first = layer(y, z)
    model = keras.Model(ids, layer(first, z, use_causal_mask=True))
    found = capture(model, IDS)

    def embedded() -> Any:
        # Attention takes the mask off what it is given.
        return embed(IDS)

    plain = scores_of(layer, embedded(), embedded())
    check_scores(found, "a", plain, call=0)
    assert plain[1, :, 1, 2:].max() == 0, "padding is not looked at"
    once = layer(embedded(), embedded())
    check_scores(
        found, "a", scores_of(layer, once, embedded(), use_causal_mask=True), call=1
    )


def test_scores_with_a_mask_that_is_given() -> None:
    mask = RANDOM.random((3, 6, 6)) > 0.4
    mask[:, :, 0] = True
    layer = layers.MultiHeadAttention(2, 4, name="a")
    x, m = keras.Input((6, 8)), keras.Input((6, 6), dtype="bool")
    found = capture(keras.Model([x, m], layer(x, x, attention_mask=m)), [X, mask])

    check_scores(found, "a", scores_of(layer, X, X, attention_mask=mask))


def test_scores_that_the_model_asks_for_are_logged_once() -> None:
    x = keras.Input((6, 8))
    layer = layers.MultiHeadAttention(2, 4, name="a")
    outputs = layer(x, x, return_attention_scores=True)
    found = capture(keras.Model(x, outputs), X)

    check_scores(found, "a", scores_of(layer, X, X))
    assert [(e.output, e.name) for e in found.index.layers if e.path == "a"] == [
        (0, "0"),
        (1, "attention_scores"),
    ]


@pytest.mark.parametrize("make", [layers.Attention, layers.AdditiveAttention])
def test_scores_of_plain_attention(make: Any) -> None:
    x, ids = keras.Input((4, 8)), keras.Input((6,), dtype="int32")
    embed = layers.Embedding(10, 8, mask_zero=True, name="embed")
    layer = make(use_scale=True, name="a")
    first = layer([x, embed(ids)])
    model = keras.Model([x, ids], layer([first, x], use_causal_mask=True))
    found = capture(model, [Y, IDS])

    plain = scores_of(layer, [Y, embed(IDS)])
    check_scores(found, "a", plain, call=0)
    assert plain[1, :, :, 2:].max() == 0, "padding is not looked at"
    causal = scores_of(layer, [layer([Y, embed(IDS)]), Y], use_causal_mask=True)
    check_scores(found, "a", causal, call=1)


def test_scores_over_two_axes() -> None:
    x = keras.Input((3, 5, 8))
    images = RANDOM.normal(size=(2, 3, 5, 8)).astype(np.float32)
    layer = layers.MultiHeadAttention(2, 4, name="a")
    rows = layers.MultiHeadAttention(2, 4, attention_axes=2, name="rows")
    found = capture(keras.Model(x, [layer(x, x), rows(x, x)]), images)

    whole = scores_of(layer, images, images).reshape(2, 2, 15, 15)
    check_scores(found, "a", whole)
    # Heads of the first row, then of the second, ...
    each = scores_of(rows, images, images).reshape(2, 3 * 2, 5, 5)
    check_scores(found, "rows", each)


class Rotated(layers.MultiHeadAttention):
    """Turns its queries before it compares them."""

    def _compute_attention(
        self, query: Any, key: Any, *args: Any, **kwargs: Any
    ) -> Any:
        return super()._compute_attention(ops.roll(query, 1, -1), key, *args, **kwargs)


class Scoreless(layers.MultiHeadAttention):
    """Computes something else, and has no scores."""

    def _compute_attention(self, query: Any, key: Any, value: Any, *_: Any) -> Any:
        return query + ops.mean(value, axis=1, keepdims=True), None


def test_a_subclass_that_computes_in_its_own_way() -> None:
    x = keras.Input((6, 8))
    layer = Rotated(2, 4, name="a")
    found = capture(keras.Model(x, layer(x, x)), X)

    wanted = scores_of(layer, X, X)
    check_scores(found, "a", wanted)
    plain = layers.MultiHeadAttention(2, 4)
    plain.build(X.shape, X.shape)
    plain.set_weights(layer.get_weights())
    assert np.abs(wanted - scores_of(plain, X, X)).max() > 0.01


def test_a_subclass_without_scores_says_so() -> None:
    x = keras.Input((6, 8))
    layer = Scoreless(2, 4, name="a")
    found = capture(keras.Model(x, layer(x, x)), X)

    assert "attention scores" in found.skipped["a"]
    assert "has no scores" in found.skipped["a"]
    found.check(("a", 0, 0), layer(X, X))


def test_flash_attention_is_left_on_and_scores_come_nevertheless() -> None:
    x = keras.Input((6, 8))
    layer = layers.MultiHeadAttention(2, 4, name="a")
    model = keras.Model(x, layer(x, x))
    wanted = scores_of(layer, X, X)
    seen = []
    plain = layer._compute_attention

    def watched(*args: Any, **kwargs: Any) -> Any:
        seen.append(layer._flash_attention)
        # The processors of a test have none.
        flash, layer._flash_attention = layer._flash_attention, False
        try:
            return plain(*args, **kwargs)
        finally:
            layer._flash_attention = flash

    layer.__dict__["_compute_attention"] = watched
    layer._flash_attention = True
    found = capture(model, X)

    check_scores(found, "a", wanted)
    assert seen == [True, False]
    assert layer._flash_attention is True
    assert layer.__dict__["_compute_attention"] is watched


def test_only_the_attention_that_is_wanted_is_read() -> None:
    x = keras.Input((6, 8))
    first = layers.MultiHeadAttention(2, 4, name="first")
    second = layers.MultiHeadAttention(2, 4, name="second")
    y = first(x, x)
    model = keras.Model(x, second(y, y))
    found = capture(model, X, "^second$")

    assert {e.path for e in found.index.layers} == {"second"}
    check_scores(found, "second", scores_of(second, first(X, X), first(X, X)))


def test_long_attention_is_averaged_and_short_is_not() -> None:
    x = keras.Input((200, 8))
    layer = layers.MultiHeadAttention(2, 4, name="a")
    long = RANDOM.normal(size=(2, 200, 8)).astype(np.float32)
    found = capture(keras.Model(x, layer(x, x)), long, budget=10**7)

    (entry,) = [e for e in found.index.layers if e.name == "attention_scores"]
    assert (entry.full_map, entry.kept_map) == ((200, 200), (100, 100))
    assert entry.cut == "100x100 of 200x200 (averaged)"
    wanted = scores_of(layer, long, long).reshape(2, 2, 100, 2, 100, 2).mean((3, 5))
    for sample, values in enumerate(found.values["a", 0, entry.output]):
        np.testing.assert_allclose(values.maps, wanted[sample], atol=1e-3)


def test_heads_are_left_out_whole_where_the_budget_is_small() -> None:
    x = keras.Input((40, 8))
    layer = layers.MultiHeadAttention(8, 4, name="a")
    probe = RANDOM.normal(size=(1, 40, 8)).astype(np.float32)
    found = capture(keras.Model(x, layer(x, x)), probe, budget=22_000)

    (entry,) = [e for e in found.index.layers if e.name == "attention_scores"]
    assert entry.kept_map == (40, 40)
    kept = entry.kept_channels
    assert 0 < len(kept) < 8
    assert entry.cut == f"{len(kept)} of 8 heads"
    wanted = scores_of(layer, probe, probe)
    (values,) = found.values["a", 0, entry.output]
    np.testing.assert_allclose(values.maps, wanted[0, list(kept)], atol=1e-3)


def test_training_with_attention_is_as_without_us() -> None:
    def train(look: bool) -> list[Array]:
        keras.utils.set_random_seed(3)
        x = keras.Input((6, 8))
        y = layers.MultiHeadAttention(2, 4, dropout=0.2, seed=1, name="a")(x, x)
        model = keras.Model(x, layers.Dense(1)(y))
        model.compile("sgd", "mse")
        reader = create_reader(model, X)
        for step in range(3):
            if look:
                reader.capture(step)
            model.train_on_batch(X, X[..., :1])
        return model.get_weights()

    for ours, theirs in zip(train(look=True), train(look=False), strict=True):
        np.testing.assert_array_equal(ours, theirs)
