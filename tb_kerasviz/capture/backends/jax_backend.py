"""The JAX backend: forward passes run op by op."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import keras

from tb_kerasviz.capture.backends.interface import Backend, DynamicsTap, TapTarget
from tb_kerasviz.capture.backends.jax_tap import JaxTap


def create_backend() -> Backend:
    """The JAX backend."""
    return JaxBackend()


class JaxBackend(Backend):
    """Runs without compiling: the weights would become constants."""

    def compile_forward(self, function: Callable[[Any], Any]) -> Callable[[Any], Any]:
        """See the base class."""

        def run(arrays: Any) -> Any:
            return function(keras.tree.map_structure(jax.numpy.asarray, arrays))

        return run

    def is_readable(self, value: Any) -> bool:
        """See the base class."""
        return isinstance(value, jax.Array) and not isinstance(value, jax.core.Tracer)

    def create_tap(self, target: TapTarget) -> DynamicsTap:
        """See the base class."""
        return JaxTap(target)
