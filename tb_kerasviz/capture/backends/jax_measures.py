"""Sums over gradients and weights on JAX, as cheap as XLA makes them.

A compiled function of its own each, so that a step that runs op by op calls it
once; inside of a compiled step it becomes a part of that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import jax
import numpy as np
from jax import lax
from jax import numpy as jnp

LARGE = 1 << 13
"""Elements from which on a variable is read by itself, on CPUs."""

LANES = 64

Terms = Callable[..., tuple[Any, ...]]

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
    there = [i for i, grad in enumerate(grads) if grad is not None]
    if not there:
        return jnp.array([_NONE] * len(grads))
    found = [grads[i] for i in there]
    squares, zeros = _sums([found], lambda g: (g * g, g == 0))
    sizes = jnp.array([max(1, grad.size) for grad in found], jnp.float32)
    columns = [squares, _count_nonfinite(squares, found), zeros / sizes]
    measured = jnp.stack(columns, axis=1)
    if len(there) == len(grads):
        return measured
    return jnp.array([_NONE] * len(grads)).at[jnp.array(there)].set(measured)


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
    nothing = jnp.array([[jnp.nan, jnp.nan, 0.0]] * len(before))
    known = [i for i, old in enumerate(before) if old is not None]
    if not known:
        return nothing
    old, new = [before[i] for i in known], [after[i] for i in known]
    changes, squares = _sums([old, new], lambda a, b: ((b - a) * (b - a), b * b))
    columns = [changes, squares, _count_nonfinite(squares, new)]
    measured = jnp.stack(columns, axis=1)
    if len(known) == len(before):
        return measured
    return nothing.at[jnp.array(known)].set(measured)


def _count_nonfinite(squares: Any, arrays: Sequence[Any]) -> Any:
    """How many elements of each array are NaN or infinite: float32 `[V]`.

    An array whose sum of squares is finite has none, so that they are looked
    at only once there are some.
    """

    def count() -> Any:
        return jnp.stack(
            [jnp.sum(~jnp.isfinite(one), dtype=jnp.float32) for one in arrays]
        )

    # One condition for all of them: each takes as long as measuring a variable.
    finite = jnp.isfinite(squares).all()
    return lax.cond(finite, lambda: jnp.zeros(len(arrays)), count)


def _sums(arrays: Sequence[Sequence[Any]], terms: Terms) -> list[Any]:
    """Sums of what `terms` makes of V variables, element by element.

    Args:
        arrays: For each argument of `terms`, V arrays.
        terms: Makes several arrays of some, of the same shape.

    Returns:
        float32 `[V]` for each of these.
    """
    sizes = [array.size for array in arrays[0]]
    if jax.default_backend() != "cpu":
        sums = [_plain_sums(flat, terms) for flat in _flat(arrays, range(len(sizes)))]
        return [jnp.stack(one) for one in zip(*sums, strict=True)]
    small = [i for i, size in enumerate(sizes) if size < LARGE]
    large = [i for i, size in enumerate(sizes) if size >= LARGE]
    parts = []
    if small:
        parts.append(_packed_sums(list(_flat(arrays, small)), terms))
    if large:
        sums = [_lane_sums(flat, terms) for flat in _flat(arrays, large)]
        parts.append([jnp.stack(one) for one in zip(*sums, strict=True)])
    places = np.argsort([*small, *large])
    return [jnp.concatenate(one)[places] for one in zip(*parts, strict=True)]


def _flat(arrays: Sequence[Sequence[Any]], at: Sequence[int]) -> Iterator[list[Any]]:
    for i in at:
        yield [one[i].reshape(-1) for one in arrays]


def _packed_sums(variables: Sequence[Sequence[Any]], terms: Terms) -> list[Any]:
    """Of small variables: float32 `[V]` each.

    All of them in a few loops: for few elements, the loops are what costs.
    """
    rows = [-(-flat[0].size // LANES) for flat in variables]
    owners = np.repeat(np.arange(len(rows)), rows)
    # An element that is of no variable counts for nothing.
    real = np.concatenate(
        [
            np.arange(count * LANES) < flat[0].size
            for count, flat in zip(rows, variables, strict=True)
        ]
    ).reshape(-1, LANES)
    packed = []
    for arrays in zip(*variables, strict=True):
        padded = [
            jnp.pad(array, (0, count * LANES - array.size))
            for count, array in zip(rows, arrays, strict=True)
        ]
        packed.append(jnp.concatenate(padded).reshape(-1, LANES))
    sums = [
        jnp.sum(jnp.where(real, term, 0), axis=1) for term in _wide_terms(packed, terms)
    ]
    found = jax.ops.segment_sum(
        jnp.stack(sums, axis=1), owners, len(rows), indices_are_sorted=True
    )
    return list(found.T)


def _lane_sums(flat: Sequence[Any], terms: Terms) -> list[Any]:
    """Of one variable: a scalar each."""
    # Without this, XLA computes the gradient or the weights a second time
    # inside of the sums.
    barrier: Any = lax.optimization_barrier
    flat = list(barrier(list(flat)))
    size = flat[0].size
    whole = size - size % LANES
    lanes = [array[:whole].reshape(-1, LANES) for array in flat]
    sums = [
        jnp.sum(jnp.sum(term, axis=0))  # Only this order becomes vector code.
        for term in _wide_terms(lanes, terms)
    ]
    if whole == size:
        return sums
    rest = _plain_sums([array[whole:] for array in flat], terms)
    return [one + other for one, other in zip(sums, rest, strict=True)]


def _plain_sums(flat: Sequence[Any], terms: Terms) -> list[Any]:
    return [jnp.sum(term) for term in _wide_terms(flat, terms)]


def _wide_terms(arrays: Sequence[Any], terms: Terms) -> list[Any]:
    # Sums in half precision overflow.
    wide = [array.astype(jnp.float32) for array in arrays]
    return [term.astype(jnp.float32) for term in terms(*wide)]
