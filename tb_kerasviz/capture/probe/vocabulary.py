"""The `vocabulary=` argument: what token each id stands for."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from tb_kerasviz.capture.probe.errors import ProbeError

TokenOf = Callable[[int], str | None]
"""Gives the token of an id; None for an id that has none."""

_WANTED = (
    'a sequence of tokens like ["", "[UNK]", "the"], a mapping from ids to tokens, '
    "or a mapping from names of inputs to one of these"
)


@dataclasses.dataclass(frozen=True)
class Vocabulary:
    """Tokens by id.

    Attributes:
        tokens: Of all inputs, or None.
        by_input: Of single ones, by name.
    """

    tokens: Mapping[int, str] | None
    by_input: Mapping[str, Mapping[int, str]]

    def check_names(self, names: Sequence[str]) -> None:
        """Compares the names with those of the probe's inputs.

        Raises:
            ProbeError: There is no such input.
        """
        unknown = [name for name in self.by_input if name not in names]
        if unknown:
            raise ProbeError(
                f"vocabulary= names the inputs {', '.join(map(repr, unknown))}; the "
                f"probe's are {', '.join(map(repr, names))}."
            )

    def of_input(self, name: str) -> TokenOf | None:
        """Tokens of one input; None where there are none for it."""
        tokens = self.by_input.get(name, self.tokens)
        return None if tokens is None else tokens.get


def check_vocabulary(vocabulary: Any) -> Vocabulary:
    """Reads the argument.

    Args:
        vocabulary: None; tokens by id, as a sequence or a mapping; or a mapping
            from names of inputs to such.

    Raises:
        TypeError: It is none of these.
        ValueError: It holds nothing, or an id below 0.
    """
    if vocabulary is None:
        return Vocabulary(None, {})
    if isinstance(vocabulary, Mapping) and any(
        isinstance(key, str) for key in vocabulary
    ):
        if not all(isinstance(key, str) for key in vocabulary):
            raise TypeError(
                f"vocabulary must be {_WANTED}; received a mapping from texts and "
                "other things."
            )
        return Vocabulary(
            None, {k: _read(v, f"vocabulary[{k!r}]") for k, v in vocabulary.items()}
        )
    return Vocabulary(_read(vocabulary, "vocabulary"), {})


def _read(tokens: Any, name: str) -> dict[int, str]:
    if isinstance(tokens, np.ndarray):
        tokens = tokens.tolist()
    if isinstance(tokens, Mapping):
        pairs = list(tokens.items())
    elif isinstance(tokens, Sequence) and not isinstance(tokens, (str, bytes)):
        pairs = list(enumerate(tokens))
    else:
        raise TypeError(
            f"{name} must be {_WANTED}; received {tokens!r:.100} of type "
            f"{type(tokens).__name__}."
        )
    if not pairs:
        raise ValueError(f"{name} holds no tokens; it must be {_WANTED}.")
    return dict(_pair(key, token, name) for key, token in pairs)


def _pair(key: Any, token: Any, name: str) -> tuple[int, str]:
    if isinstance(key, bool) or not isinstance(key, (int, np.integer)):
        raise TypeError(
            f"ids in {name} must be integers; received {key!r:.100} of type "
            f"{type(key).__name__}."
        )
    if key < 0:
        raise ValueError(f"ids in {name} must not be below 0; received {key}.")
    if isinstance(token, bytes):
        token = token.decode("utf-8", "replace")
    if not isinstance(token, str):
        raise TypeError(
            f"tokens in {name} must be texts; received {token!r:.100} of type "
            f"{type(token).__name__} for the id {key}."
        )
    return int(key), str(token)
