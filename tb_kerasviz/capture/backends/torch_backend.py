"""The PyTorch backend: forward passes run eagerly; steps are not measured yet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import keras
import torch

from tb_kerasviz.capture.backends.interface import (
    Backend,
    DynamicsTap,
    UnsupportedError,
)


def create_backend() -> Backend:
    """The PyTorch backend."""
    return TorchBackend()


class TorchBackend(Backend):
    """Runs eagerly and without gradients."""

    def compile_forward(self, function: Callable[[Any], Any]) -> Callable[[Any], Any]:
        """See the base class."""

        def run(arrays: Any) -> Any:
            with torch.no_grad():
                return function(
                    keras.tree.map_structure(keras.ops.convert_to_tensor, arrays)
                )

        return run

    def is_readable(self, value: Any) -> bool:
        """See the base class."""
        return isinstance(value, torch.Tensor) and value.layout == torch.strided

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
            "gradient and update norms are not read on the PyTorch backend yet; "
            "everything else is logged"
        )
