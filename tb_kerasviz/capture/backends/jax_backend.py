"""The JAX backend: forward passes run op by op; steps are not measured yet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax
import keras

from tb_kerasviz.capture.backends.interface import (
    Backend,
    DynamicsTap,
    UnsupportedError,
)


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

    def create_tap(
        self,
        optimizer: keras.optimizers.Optimizer,
        get_variables: Callable[[], Sequence[keras.Variable]],
        capacity: int,
        *,
        built: bool,
    ) -> DynamicsTap:
        """See the base class."""
        raise UnsupportedError(
            "gradient and update norms are not read on the JAX backend yet; "
            "everything else is logged"
        )
