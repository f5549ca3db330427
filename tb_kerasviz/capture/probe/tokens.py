"""The tokens of texts and of sequences of ids."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from tb_kerasviz.capture.probe.arrays import Array, is_text
from tb_kerasviz.capture.probe.vocabulary import TokenOf

logger = logging.getLogger("tb_kerasviz")

MAX_POSITIONS = 512
"""Most tokens of one sample that are logged."""

MAX_CHARACTERS = 40
"""Most characters of a token that are logged."""

Rows = list[list[str]]
"""For each sample, a text for each position."""


def input_tokens(
    array: Array,
    *,
    model: keras.Model,
    tensor: Any,
    token_of: TokenOf | None,
    texts_besides: bool,
) -> Rows:
    """Tokens of one input of a probe; of one that is none, nothing.

    Args:
        array: The input.
        model: The model.
        tensor: The input as the model declares it, or None.
        token_of: Tokens that the user gave for it.
        texts_besides: Whether the probe holds texts: then the vocabularies in
            the model are for those, and not for ids.
    """
    if is_text(array):
        return tokens_of_texts(array, find_vectorizer(model, tensor))
    if not holds_ids(array, token_of is not None):
        return []
    if token_of is None and not texts_besides:
        token_of = find_vocabulary(model)
    return tokens_of_ids(array, token_of)


def bound_tokens(rows: Rows) -> tuple[tuple[tuple[str, ...], ...], str]:
    """Cuts tokens to what is logged.

    Returns:
        The tokens, and what was left out, as a phrase; empty if nothing was.
    """
    cuts = []
    longest = max(map(len, rows), default=0)
    if longest > MAX_POSITIONS:
        cuts.append(f"the first {MAX_POSITIONS} of {longest} tokens")
    rows = [row[:MAX_POSITIONS] for row in rows]
    if any(len(token) > MAX_CHARACTERS for row in rows for token in row):
        cuts.append(f"{MAX_CHARACTERS} characters of each token")
    bounded = tuple(tuple(_bounded(token) for token in row) for row in rows)
    return bounded, ", ".join(cuts)


def holds_ids(array: Array, has_tokens: bool) -> bool:
    """Whether an input is sequences of ids, `[N, T]` of integers.

    Args:
        array: The input.
        has_tokens: Whether there are tokens for it. Bytes are pixels rather
            than ids where there are none.
    """
    if array.ndim != 2 or array.dtype.kind not in "iu":
        return False
    return has_tokens or array.dtype.itemsize > 1


def tokens_of_ids(array: Array, token_of: TokenOf | None) -> Rows:
    """Tokens of ids; an id without one stands for itself.

    Args:
        array: Integers `[N, T]`.
        token_of: Gives the token of an id.
    """

    def token(number: int) -> str:
        found = None if token_of is None else token_of(number)
        return str(number) if found is None else found

    return [[token(int(number)) for number in row] for row in array]


def tokens_of_texts(array: Array, vectorizer: Any) -> Rows:
    """Tokens of texts.

    Args:
        array: Texts `[N]` or `[N, 1]`, which are split; or `[N, ...]` of
            tokens.
        vectorizer: The model's TextVectorization layer for this input; None
            to split at whitespace.
    """
    plain = np.array([_to_text(value) for value in array.flat], object)
    if plain.size != len(array):
        return [[str(token) for token in row] for row in plain.reshape(len(array), -1)]
    if vectorizer is not None:
        try:
            return _vectorized(plain, vectorizer)
        except Exception as error:
            logger.debug("the tokens of a text could not be read", exc_info=error)
    return [text.split() for text in plain]


def find_vectorizer(model: keras.Model, tensor: Any) -> Any:
    """The TextVectorization layer that an input of a model goes into, or None.

    Args:
        model: The model.
        tensor: The input, as the model declares it, or None.
    """
    found = _layers(model, keras.layers.TextVectorization)
    if len(found) > 1:
        found = [layer for layer in found if _takes(layer, tensor)]
    return found[0] if len(found) == 1 else None


def find_vocabulary(model: keras.Model) -> TokenOf | None:
    """Tokens of ids from the only layer of a model that has a vocabulary."""
    found = _layers(model, keras.layers.TextVectorization, keras.layers.StringLookup)
    if len(found) != 1:
        return None
    try:
        tokens = [_to_text(token) for token in found[0].get_vocabulary()]
    except Exception as error:
        logger.debug("the vocabulary of a layer could not be read", exc_info=error)
        return None
    return dict(enumerate(tokens)).get


def _layers(model: keras.Model, *kinds: type) -> list[Any]:
    layers = model._flatten_layers(include_self=False, recursive=True)
    found = {id(layer): layer for layer in layers if isinstance(layer, kinds)}
    # The lookup inside of a TextVectorization is not one of its own.
    inner = {id(getattr(layer, "_lookup_layer", None)) for layer in found.values()}
    return [layer for key, layer in found.items() if key not in inner]


def _takes(layer: Any, tensor: Any) -> bool:
    if tensor is None:
        return False
    return any(
        given is tensor
        for node in layer._inbound_nodes
        for given in keras.tree.flatten(node.input_tensors)
    )


def _vectorized(texts: Array, layer: Any) -> Rows:
    """The words that a TextVectorization makes of texts, by its positions."""
    # What comes before the words are looked up: also those it does not know.
    words = layer._preprocess(texts)
    rows = words.to_list() if hasattr(words, "to_list") else np.asarray(words).tolist()
    split: Rows = [
        [_to_text(word) for word in (row if isinstance(row, list) else [row])]
        for row in rows
    ]
    if layer.get_config()["output_mode"] != "int":
        return split
    steps = layer.call(texts).shape[1]
    if steps is None:
        return split
    return [[*row, *[""] * int(steps)][: int(steps)] for row in split]


def _to_text(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return str(value)


def _bounded(token: str) -> str:
    # Lone surrogates are legal in Python's text and not in JSON's UTF-8.
    plain = token.encode("utf-8", "replace").decode()
    if len(plain) > MAX_CHARACTERS:
        plain = plain[: MAX_CHARACTERS - 1] + "…"
    return plain


def has_texts(arrays: Sequence[Array]) -> bool:
    """Whether an input holds texts."""
    return any(map(is_text, arrays))
