"""Runs a forward pass on PyTorch, and what it must leave as it was."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import keras
import torch

from tb_kerasviz.capture.backends.interface import CompiledForward, Forward, RawState


class TorchForward(CompiledForward):
    """Runs eagerly: compiling takes minutes, and fails for much that runs."""

    def __init__(
        self,
        function: Forward,
        inputs: Any,
        get_variables: Callable[[], Sequence[keras.Variable]],
    ) -> None:
        self._function = function
        self._inputs = inputs
        self._get_variables = get_variables

    def __call__(self) -> list[Any]:
        """See the base class."""
        # Copies, since tensors share the memory of arrays, and the model may
        # write into them.
        tensors = keras.tree.map_structure(
            lambda array: (
                None if array is None else keras.ops.convert_to_tensor(array).clone()
            ),
            self._inputs,
        )
        with torch.no_grad():
            state = [(v, v.value) for v in self._get_variables()]
            return self._function(tensors, state)


class TorchState(RawState):
    """PyTorch's random state, which Keras's dropout draws from as well.

    Besides, buffers and modes of modules that are no layers.
    """

    def __init__(self, modules: Sequence[torch.nn.Module]) -> None:
        self._modules = modules

    @contextlib.contextmanager
    def unchanged(self) -> Iterator[None]:
        """See the base class."""
        modes = [(module, module.training) for module in self._modules]
        buffers = [
            (module, name, buffer, buffer.clone())
            for module in self._modules
            for name, buffer in module._buffers.items()
            if buffer is not None
        ]
        uses_gpu = torch.cuda.is_initialized()  # type: ignore[no-untyped-call]
        devices = [torch.cuda.current_device()] if uses_gpu else []
        with torch.random.fork_rng(devices), torch.no_grad():
            try:
                yield
            finally:
                for module, mode in modes:
                    module.training = mode
                for module, name, buffer, kept in buffers:
                    module._buffers[name] = buffer
                    if not torch.equal(buffer, kept):
                        buffer.copy_(kept)


def raw_modules(layers: Sequence[keras.layers.Layer]) -> list[torch.nn.Module]:
    """Modules that layers hold and that are no layers, each once."""
    found: dict[int, torch.nn.Module] = {}
    waiting = [module for layer in layers for module in layer._modules.values()]
    while waiting:
        module = waiting.pop()
        if module is None or id(module) in found:
            continue
        if isinstance(module, (keras.layers.Layer, torch.nn.ParameterDict)):
            continue
        found[id(module)] = module
        waiting += module._modules.values()
    return list(found.values())
