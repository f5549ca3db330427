"""The optimizers of a model, and how many steps they made."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import keras


def find_optimizers(model: keras.Model) -> list[keras.optimizers.Optimizer]:
    """The optimizers that a model trains with.

    That of `compile`, and those that it has in attributes of its own, as a GAN
    has one for each of its parts.
    """
    values = [getattr(model, "optimizer", None), *_attributes(model)]
    optimizers = [v for v in values if isinstance(v, keras.optimizers.Optimizer)]
    # The optimizer inside of a loss scale optimizer is that one's own affair.
    inner = {id(getattr(one, "inner_optimizer", None)) for one in optimizers}
    unique = {id(one): one for one in optimizers if id(one) not in inner}
    return list(unique.values())


def read_steps(optimizers: Sequence[keras.optimizers.Optimizer]) -> int:
    """Steps that were made: those of the optimizer that made the most."""
    # A tensor, not a variable, where gradients are accumulated.
    counts = [keras.ops.convert_to_numpy(one.iterations) for one in optimizers]
    return max((int(count) for count in counts), default=0)


def _attributes(model: keras.Model) -> Iterable[Any]:
    for value in list(vars(model).values()):
        if isinstance(value, dict):
            yield from list(value.values())
        elif isinstance(value, (list, tuple)):
            yield from list(value)
        else:
            yield value
