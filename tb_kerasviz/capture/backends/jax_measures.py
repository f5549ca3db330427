"""Sums over gradients and weights on JAX, as cheap as XLA makes them.

A compiled function of its own each, so that a step that runs op by op calls it
once; inside of a compiled step it becomes a part of that.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax
from jax import lax
from jax import numpy as jnp

LARGE = 1 << 13
"""Elements from which on a variable is read in lanes, on CPUs."""

LANES = 64

_NONE = (float("nan"), 0.0, float("nan"))


@jax.jit
def measure_gradients(grads: Sequence[Any]) -> Any:
    """Measures V gradients.

    Args:
        grads: Arrays, None where a variable has none.

    Returns:
        float32 `[V, 3]`: sum of squares, elements that are not finite, share
        of zeros.
    """
    rows = [jnp.array(_NONE) if grad is None else _of_gradient(grad) for grad in grads]
    return jnp.stack(rows)


@jax.jit
def measure_weights(before: Sequence[Any], after: Sequence[Any]) -> Any:
    """Measures V weights around a step.

    Args:
        before: Arrays; None where the weights are not known.
        after: Arrays of the same shapes.

    Returns:
        float32 `[V, 3]`: sum of squares of the change and of the weights after
        it, weights that are not finite.
    """
    nothing = jnp.array([jnp.nan, jnp.nan, 0.0])
    return jnp.stack(
        [
            nothing if old is None else _of_weights(old, new)
            for old, new in zip(before, after, strict=True)
        ]
    )


def _of_gradient(grad: Any) -> Any:
    square, zeros = _sums([grad], lambda g: (g * g, g == 0))
    share = zeros / max(1, grad.size)
    return jnp.stack([square, _count_nonfinite(square, grad), share])


def _of_weights(old: Any, new: Any) -> Any:
    change, square = _sums([old, new], lambda a, b: ((b - a) * (b - a), b * b))
    return jnp.stack([change, square, _count_nonfinite(square, new)])


def _count_nonfinite(square: Any, array: Any) -> Any:
    """How many elements are NaN or infinite.

    An array whose sum of squares is finite has none, so that they are looked
    at only once there are some.
    """
    return lax.cond(
        jnp.isfinite(square),
        lambda: jnp.float32(0),
        lambda: jnp.sum(~jnp.isfinite(array), dtype=jnp.float32),
    )


def _sums(arrays: list[Any], terms: Callable[..., tuple[Any, ...]]) -> list[Any]:
    """Sums of what `terms` makes of arrays of one shape, element by element."""
    flat = [array.reshape(-1) for array in arrays]
    size = flat[0].size
    if jax.default_backend() != "cpu":
        return [jnp.sum(term) for term in _wide_terms(flat, terms)]
    if size < LARGE:
        return _small_sums(flat, terms)
    # Without this, XLA computes the gradient or the weights a second time
    # inside of the sums.
    barrier: Any = lax.optimization_barrier
    flat = list(barrier(flat))
    whole = size - size % LANES
    lanes = [array[:whole].reshape(-1, LANES) for array in flat]
    sums = [
        jnp.sum(jnp.sum(term, axis=0))  # Only this order becomes vector code.
        for term in _wide_terms(lanes, terms)
    ]
    if whole == size:
        return sums
    rest = _small_sums([array[whole:] for array in flat], terms)
    return [one + other for one, other in zip(sums, rest, strict=True)]


def _small_sums(flat: list[Any], terms: Callable[..., tuple[Any, ...]]) -> list[Any]:
    # All of them in one loop: for few elements, the loops are what costs.
    values = _wide_terms(flat, terms)
    zeros = tuple(jnp.float32(0) for _ in values)

    def add(one: tuple[Any, ...], other: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(a + b for a, b in zip(one, other, strict=True))

    return list(lax.reduce(tuple(values), zeros, add, (0,)))


def _wide_terms(arrays: list[Any], terms: Callable[..., tuple[Any, ...]]) -> list[Any]:
    # Sums in half precision overflow.
    wide = [array.astype(jnp.float32) for array in arrays]
    return [term.astype(jnp.float32) for term in terms(*wide)]
