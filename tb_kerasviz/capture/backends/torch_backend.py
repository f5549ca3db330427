"""The PyTorch backend."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import keras
import torch

from tb_kerasviz.capture.backends.interface import (
    Array,
    Backend,
    CompiledForward,
    DynamicsTap,
    Forward,
    Processes,
    RawState,
    StateValues,
    TapTarget,
)
from tb_kerasviz.capture.backends.torch_forward import (
    TorchForward,
    TorchState,
    raw_modules,
)
from tb_kerasviz.capture.backends.torch_tap import TorchTap

_NUMPY_DTYPES = (
    torch.bool,
    torch.uint8,
    torch.int8,
    torch.int16,
    torch.int32,
    torch.int64,
    torch.float16,
    torch.float32,
    torch.float64,
)


def create_backend() -> Backend:
    """The PyTorch backend."""
    return TorchBackend()


class TorchBackend(Backend):
    """Runs eagerly and without gradients."""

    def compile_forward(
        self,
        function: Forward,
        inputs: Any,
        get_variables: Callable[[], Sequence[keras.Variable]],
    ) -> CompiledForward:
        """See the base class."""
        return TorchForward(function, inputs, get_variables)

    def is_readable(self, value: Any) -> bool:
        """See the base class."""
        return (
            isinstance(value, torch.Tensor)
            and value.layout == torch.strided
            and not value.is_quantized
        )

    def copy(self, value: Any) -> Any:
        """See the base class."""
        return value.detach().clone()

    def writes(self, value: Any) -> int:
        """See the base class."""
        return int(value._version)

    def detach(self, values: list[Any], state: StateValues) -> list[Any]:
        """See the base class."""
        shared = {_memory(tensor) for _, tensor in state}
        return [self.copy(v) if _memory(v) in shared else v.detach() for v in values]

    def wait_for(self, values: Sequence[Any]) -> None:
        """See the base class."""
        tensors = [value for value in values if isinstance(value, torch.Tensor)]
        for device in {tensor.device for tensor in tensors if tensor.is_cuda}:
            torch.cuda.synchronize(device)

    def to_host(self, tensor: Any) -> Array:
        """See the base class."""
        tensor = tensor.detach().cpu()
        if tensor.dtype not in _NUMPY_DTYPES:
            tensor = tensor.float()
        array: Array = tensor.numpy()
        return array

    def raw_state(self, layers: Sequence[keras.layers.Layer]) -> RawState:
        """See the base class."""
        return TorchState(raw_modules(layers))

    def find_processes(self) -> Processes:
        """See the base class."""
        distributed = torch.distributed
        if not (distributed.is_available() and distributed.is_initialized()):
            return Processes()
        return Processes(distributed.get_world_size(), distributed.get_rank() == 0)

    def create_tap(self, target: TapTarget) -> DynamicsTap:
        """See the base class."""
        return TorchTap(target)


def _memory(tensor: torch.Tensor) -> int:
    return int(tensor.untyped_storage().data_ptr())
