"""What `Writer` takes, and what it says of what it does not take."""

from __future__ import annotations

import operator
from collections.abc import Mapping

import keras
import numpy as np

from tb_kerasviz.host_values import to_float, to_host
from tb_kerasviz.wire import tags
from tb_kerasviz.writer import admission
from tb_kerasviz.writer.interface import ScalarRecord


def check_scalars(scalars: object, split: object) -> dict[str, float]:
    """Scalars as numbers.

    Args:
        scalars: Value of each tag: a number or a tensor of one element.
        split: The directory that they belong to.

    Raises:
        TypeError: A tag is no text, or `scalars` no mapping.
        ValueError: A value is no number, `split` is no directory name, or a
            tag is too long or no valid text.
    """
    if not isinstance(scalars, Mapping):
        raise TypeError(
            'scalars must be a mapping like {"loss": 0.3}; received '
            f"{type(scalars).__name__}."
        )
    if (
        not isinstance(split, str)
        or split in ("", ".", "..", tags.PLUGIN_DIR)
        or any(c in split for c in "/\\\0")
    ):
        raise ValueError(
            'split must be the name of a directory such as "train" or '
            f'"validation", and not "{tags.PLUGIN_DIR}"; received {split!r}.'
        )
    return {tag: _check_scalar(tag, value, split) for tag, value in scalars.items()}


def to_step(step: object) -> int:
    """A step as an integer.

    Raises:
        TypeError: It is none.
        ValueError: It is not from 0 to 2**53 - 1.
    """
    value = to_host(step)
    try:
        number = operator.index(
            value.item() if isinstance(value, np.ndarray) else value
        )
    except (TypeError, ValueError):
        raise TypeError(
            f"step must be an integer; received {step!r:.100} of type "
            f"{type(step).__name__}."
        ) from None
    if isinstance(step, bool) or not 0 <= number < 2**53:
        raise ValueError(f"step must be from 0 to 2**53 - 1; received {step!r}.")
    return number


def check_switch(name: str, value: object) -> None:
    """Refuses what is not True or False.

    Args:
        name: Name of the argument.
        value: The argument.

    Raises:
        TypeError: It is something else.
    """
    if not isinstance(value, bool):
        raise TypeError(
            f"{name} must be True or False; received {value!r:.100} of type "
            f"{type(value).__name__}."
        )


def check_model(model: object) -> None:
    """Whether something is a Keras model.

    Raises:
        TypeError: It is not.
    """
    if not isinstance(model, keras.Model):
        raise TypeError(
            f"model must be a keras.Model; received {model!r:.100} of type "
            f"{type(model).__name__}."
        )


def _check_scalar(tag: object, value: object, split: str) -> float:
    if not isinstance(tag, str) or not tag:
        raise TypeError(f"tags must be non-empty texts; received {tag!r}.")
    number = to_float(value)
    if number is None:
        raise ValueError(
            f"the scalar {tag!r} must be one number; received {value!r:.200}."
        )
    try:
        admission.examine(ScalarRecord(directory=split, tag=tag, step=0, value=number))
    except ValueError as error:
        raise ValueError(
            f"the tag {tag!r:.80} of split {split!r:.80} cannot be written: {error}"
        ) from error
    return number
