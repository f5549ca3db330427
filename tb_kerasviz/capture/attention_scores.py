"""The scores of attention layers, which they compute and do not return."""

from __future__ import annotations

import contextlib
import functools
import inspect
import math
from collections.abc import Callable, Iterator
from typing import Any, Protocol

import keras

from tb_kerasviz.capture.identity import Operation
from tb_kerasviz.capture.tracing.errors import describe

NAME = "attention_scores"
"""What the output is called, as Keras's argument that asks for it."""


class ScoreListener(Protocol):
    """Is told of the scores of one layer."""

    def on_scores(self, scores: Any, by_head: Any, mask: Any) -> None:
        """Takes the scores of one computation.

        Args:
            scores: As the layer computed them; it may return the same object.
            by_head: `[N, heads, Q, K]`.
            mask: Which keys any query may look at, bool `[N, K]`; None where
                all may be looked at, or that is not known.
        """

    def on_no_scores(self, reason: str) -> None:
        """Is told why a computation's scores are not known."""

    def unheard(self) -> contextlib.AbstractContextManager[None]:
        """Calls of layers inside of it are not the model's."""


def inner_layers(layer: Operation) -> list[Operation]:
    """Layers of an attention layer that only see its scores."""
    kinds = (keras.layers.MultiHeadAttention, keras.layers.GroupQueryAttention)
    if not isinstance(layer, kinds):
        return []
    names = ("_softmax", "_dropout_layer")
    return [part for name in names if (part := getattr(layer, name, None)) is not None]


def wrap_attention(
    layer: Operation, listener: ScoreListener
) -> tuple[str, Callable[..., Any]] | None:
    """What to put on an attention layer, so that it tells of its scores.

    It returns what it returned before, computed in the same way: where a fused
    computation has no scores they are computed besides, by the layer itself.

    Args:
        layer: A layer.
        listener: Is told of the scores, at each call.

    Returns:
        The name of a method and what to put in its place; None for a layer
        that is no attention layer of Keras's.
    """
    if isinstance(layer, keras.layers.MultiHeadAttention):
        return "_compute_attention", _wrap_multi_head(layer, listener)
    if isinstance(layer, keras.layers.GroupQueryAttention):
        return "_compute_attention", _wrap_grouped(layer, listener)
    if isinstance(layer, keras.layers.Attention):
        return "_apply_scores", _wrap_plain(layer, listener)
    return None


def _wrap_multi_head(layer: Operation, listener: ScoreListener) -> Callable[..., Any]:
    original = layer._compute_attention
    # Of Keras's class: a subclass may take the same arguments as `*args`.
    plain = keras.layers.MultiHeadAttention._compute_attention
    signature = inspect.signature(plain)

    def compute_again(*args: Any, **kwargs: Any) -> Any:
        given = signature.bind(layer, *args, **kwargs).arguments
        tensors = (given["query"], given["key"], given["value"])
        mask, training = given.get("attention_mask"), given.get("training")
        # As the layer's own `call` does.
        causal = {"use_causal_mask": True} if given.get("use_causal_mask") else {}
        with listener.unheard(), _attributes(layer, _flash_attention=False):
            return original(*tensors, mask, training, True, **causal)[1]

    return _wrap(
        original,
        listener,
        compute_again,
        lambda scores: _by_head(scores, len(layer._attention_axes)),
        lambda *args, **kwargs: _key_mask(signature.bind(layer, *args, **kwargs)),
    )


def _wrap_grouped(layer: Operation, listener: ScoreListener) -> Callable[..., Any]:
    original = layer._compute_attention
    signature = inspect.signature(keras.layers.GroupQueryAttention._compute_attention)

    def compute_again(*args: Any, **kwargs: Any) -> Any:
        # This layer keeps the argument in an attribute.
        asked = {"_flash_attention": False, "_return_attention_scores": True}
        with listener.unheard(), _attributes(layer, **asked):
            return original(*args, **kwargs)[1]

    return _wrap(
        original,
        listener,
        compute_again,
        _by_head,
        lambda *args, **kwargs: _key_mask(signature.bind(layer, *args, **kwargs)),
    )


def _wrap_plain(layer: Operation, listener: ScoreListener) -> Callable[..., Any]:
    original = layer._apply_scores

    return _wrap(original, listener, None, _by_head, None)


def _wrap(
    original: Callable[..., Any],
    listener: ScoreListener,
    compute_again: Callable[..., Any] | None,
    by_head: Callable[[Any], Any],
    key_mask: Callable[..., Any] | None,
) -> Callable[..., Any]:
    @functools.wraps(original)
    def compute(*args: Any, **kwargs: Any) -> Any:
        result = original(*args, **kwargs)
        try:
            scores = result[1]
            if scores is None and compute_again is not None:
                scores = compute_again(*args, **kwargs)
            if scores is None:
                listener.on_no_scores("its way to compute attention has no scores")
            else:
                mask = None if key_mask is None else key_mask(*args, **kwargs)
                listener.on_scores(scores, by_head(scores), mask)
        except Exception as error:  # noqa: BLE001 - the class may be the user's
            listener.on_no_scores(f"they could not be computed: {describe(error)}")
        return result

    return compute


def _key_mask(given: inspect.BoundArguments) -> Any:
    """Which keys any query may look at, bool `[N, K]`, or None.

    Args:
        given: What a computation was called with. Its mask is of queries, keys,
            values and causality together, `[N, Q, K]`.
    """
    mask = given.arguments.get("attention_mask")
    return None if mask is None or len(mask.shape) != 3 else keras.ops.any(mask, axis=1)


def _by_head(scores: Any, axes: int = 1) -> Any:
    """Scores as `[N, heads, Q, K]`.

    Args:
        scores: `[N, ..., Q..., K...]`, where heads are among the second.
        axes: Number of axes of the queries, and of the keys.
    """
    # Some of it may only be known when it runs.
    shape = keras.ops.shape(scores)
    first = len(shape) - 2 * axes
    if len(shape) == 4 and axes == 1:
        return scores
    queries, keys = math.prod(shape[first : first + axes]), math.prod(shape[-axes:])
    heads = math.prod(shape[1:first])
    return keras.ops.reshape(scores, (shape[0], heads, queries, keys))


@contextlib.contextmanager
def _attributes(layer: Operation, **values: Any) -> Iterator[None]:
    """Gives a layer other attributes, past Keras, which tracks what is set."""
    attributes = layer.__dict__
    missing = object()
    before = {name: attributes.get(name, missing) for name in values}
    attributes.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is missing:
                del attributes[name]
            else:
                attributes[name] = value
