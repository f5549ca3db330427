"""Counts gradients inside of a train step of JAX."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax
import keras
from jax import lax
from jax import numpy as jnp

from tb_kerasviz.analysis.octave_histogram import MOMENTS, RAW_BINS
from tb_kerasviz.capture.backends.gradient_histograms import GradientHistograms

State = dict[str, Any]

KEY = "histograms"
"""Where a ring's state holds that of its histograms."""


class JaxHistograms(GradientHistograms):
    """Has its state in that of a ring, which the train step takes and gives back.

    Args:
        variables: The V variables.
        get_state: Gives the ring's state as it is between two steps.
    """

    def __init__(
        self, variables: Sequence[keras.Variable], get_state: Callable[[], State]
    ) -> None:
        super().__init__(variables)
        self._get_state = get_state
        self._offered: list[Any] = []
        self._traced: State = {}
        # Compiled by itself where the step runs op by op.
        self._count: Callable[..., State] = jax.jit(self._count_if_wanted)

    def first_state(self) -> State:
        """What the ring's state holds at first."""
        size = len(self.variables)
        return {
            "wanted": jnp.ones((), bool),
            "step": jnp.full((), -1, jnp.int32),
            "counts": jnp.zeros((size, RAW_BINS), jnp.int32),
            "moments": jnp.zeros((size, len(MOMENTS))),
        }

    def ask(self) -> None:
        """See the base class."""
        state = self._get_state()[KEY]
        wanted = jnp.ones((), bool)
        # Where it was before: elsewhere, the step would be compiled anew.
        if state["wanted"].committed:
            wanted = jax.device_put(wanted, state["wanted"].sharding)
        self._get_state()[KEY] = {**state, "wanted": wanted}

    def read_step(self) -> int:
        """See the base class."""
        return int(self._get_state()[KEY]["step"])

    def read_counts(self) -> tuple[Any, Any]:
        """See the base class."""
        # Copies: the next step is given these arrays' memory.
        state = jax.device_get(self._get_state()[KEY])
        return state["counts"].copy(), state["moments"].copy()

    def begin(self, state: State) -> None:
        """Takes the state as the step was given it."""
        self._traced = state

    def finish(self) -> State:
        """The state after the step."""
        state, self._traced = self._traced, {}
        return state

    def keep(self, grads: Sequence[Any]) -> None:
        """See the base class."""
        self._offered = list(grads)

    def count_wanted(self, step: Any) -> None:
        """See the base class; a step of -1 is none."""
        grads, self._offered = self._offered, []
        self._traced = self._count(self._traced, jnp.asarray(step, jnp.int32), grads)

    def bits_of(self, tensor: Any) -> Any:
        """See the base class."""
        return lax.bitcast_convert_type(tensor, jnp.int32)

    def _count_if_wanted(self, state: State, step: Any, grads: list[Any]) -> State:
        def count() -> State:
            counts, moments = self.count(grads)
            return {
                "wanted": jnp.zeros((), bool),
                "step": step,
                "counts": counts,
                "moments": moments,
            }

        return dict(lax.cond(state["wanted"] & (step >= 0), count, lambda: dict(state)))
