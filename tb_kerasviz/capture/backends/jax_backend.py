"""The JAX backend."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax
import keras
import numpy as np
from jax.extend import core as jax_core

from tb_kerasviz.capture.backends.interface import (
    Array,
    Backend,
    CompiledForward,
    DynamicsTap,
    Forward,
    Processes,
    StateValues,
    TapTarget,
)
from tb_kerasviz.capture.backends.jax_forward import JaxForward
from tb_kerasviz.capture.backends.jax_renewal import renew_train_function
from tb_kerasviz.capture.backends.jax_tap import JaxTap
from tb_kerasviz.capture.backends.train_function import RenewedTrainFunction

# Older versions have it elsewhere, newer ones warn of that place.
_get_trace_state = (
    getattr(jax_core, "get_opaque_trace_state", None) or jax.core.get_opaque_trace_state
)


def create_backend() -> Backend:
    """The JAX backend."""
    return JaxBackend()


class JaxBackend(Backend):
    """Compiles with `jax.jit`; the values of variables are arguments."""

    def compile_forward(
        self,
        function: Forward,
        inputs: Any,
        get_variables: Callable[[], Sequence[keras.Variable]],
    ) -> CompiledForward:
        """See the base class."""
        return JaxForward(function, inputs, get_variables)

    def is_readable(self, value: Any) -> bool:
        """See the base class."""
        # Keys of random numbers are arrays of no numbers.
        return isinstance(value, jax.Array) and isinstance(value.dtype, np.dtype)

    def tracing_place(self) -> object:
        """See the base class."""
        place: object = _get_trace_state()
        return place

    def copy(self, value: Any) -> Any:
        """See the base class."""
        return jax.numpy.array(value, copy=True)

    def detach(self, values: list[Any], state: StateValues) -> list[Any]:
        """See the base class.

        What the trainer's next step is given, it may donate: the memory of
        variables is gone then.
        """
        shared = {id(value) for _, value in state}
        return [self.copy(v) if id(v) in shared else v for v in values]

    def wait_for(self, values: Sequence[Any]) -> None:
        """See the base class; JAX returns before it has computed, everywhere."""
        for value in values:
            if isinstance(value, jax.Array):
                value.block_until_ready()

    def to_host(self, tensor: Any) -> Array:
        """See the base class."""
        return np.asarray(tensor)

    def find_processes(self) -> Processes:
        """See the base class."""
        return Processes(int(jax.process_count()), bool(jax.process_index() == 0))

    def create_tap(self, target: TapTarget) -> DynamicsTap:
        """See the base class."""
        return JaxTap(target)

    def renew_train_function(
        self, model: keras.Model, taps: Sequence[DynamicsTap]
    ) -> RenewedTrainFunction:
        """See the base class."""
        return renew_train_function(
            model, [tap for tap in taps if isinstance(tap, JaxTap)]
        )
