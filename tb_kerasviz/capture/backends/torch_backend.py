"""The PyTorch backend: forward passes run eagerly."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import torch

from tb_kerasviz.capture.backends.interface import Backend, DynamicsTap, TapTarget
from tb_kerasviz.capture.backends.torch_tap import TorchTap


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

    def create_tap(self, target: TapTarget) -> DynamicsTap:
        """See the base class."""
        return TorchTap(target)
