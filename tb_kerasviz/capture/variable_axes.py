"""What the axes of a variable stand for, by the layer that holds it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from keras import layers

from tb_kerasviz.capture.identity import LayerEntry
from tb_kerasviz.wire.schema import VariableAxis

Names = tuple[VariableAxis, ...]

_CONVOLUTIONS = (layers.Conv1D, layers.Conv2D, layers.Conv3D)
# In Keras these are no kinds of the ones above, and have another order of channels.
_TRANSPOSED = (layers.Conv1DTranspose, layers.Conv2DTranspose, layers.Conv3DTranspose)
_DEPTHWISE = (layers.DepthwiseConv1D, layers.DepthwiseConv2D)
_SEPARABLE = (layers.SeparableConv1D, layers.SeparableConv2D)
_ATTENTION = (layers.MultiHeadAttention, layers.GroupQueryAttention)
_NORMALISATIONS = (
    layers.BatchNormalization,
    layers.GroupNormalization,
    layers.LayerNormalization,
)

_WINDOWS = {1: ("position",), 2: ("row", "column"), 3: ("depth", "row", "column")}

_LSTM_GATES = ("input gate", "forget gate", "candidate", "output gate")
_GRU_GATES = ("update gate", "reset gate", "candidate")
_EQUATION = re.compile(r"([^,]+),([^,]+)->(.+)")


class AxisNames:
    """Names the axes of the variables of a model.

    Args:
        entries: All layers of the model.
    """

    def __init__(self, entries: Iterable[LayerEntry]) -> None:
        self._attention_parts = {
            id(child.layer)
            for entry in entries
            if isinstance(entry.layer, _ATTENTION)
            for child in entry.children
        }

    def of(self, layer: Any, name: str, rank: int) -> Names:
        """Names the axes of a variable.

        Args:
            layer: The layer that holds it.
            name: The variable's own name, such as "kernel".
            rank: How many axes it has.

        Returns:
            One for each axis; none if they are not known.
        """
        try:
            if id(layer) in self._attention_parts:
                found = _attention_axes(layer, name)
            else:
                found = _axes(layer, name, rank)
        except Exception:  # noqa: BLE001 - a property may be the user's code
            return ()
        return found if len(found) == rank else ()


def _named(*names: str) -> Names:
    return tuple(VariableAxis(name=name) for name in names)


def _axes(layer: Any, name: str, rank: int) -> Names:
    if isinstance(layer, (*_CONVOLUTIONS, *_TRANSPOSED, *_DEPTHWISE, *_SEPARABLE)):
        return _convolution_axes(layer, name, rank)
    if isinstance(layer, layers.Dense):
        return _DENSE.get(name, ())
    if isinstance(layer, layers.EinsumDense):
        return _einsum_axes(layer.equation, name)
    if isinstance(layer, layers.Embedding):
        return _named("token", "unit") if name == "embeddings" else ()
    if isinstance(layer, layers.LSTMCell):
        return _gated_axes(name, _LSTM_GATES, rank)
    if isinstance(layer, layers.GRUCell):
        return _gated_axes(name, _GRU_GATES, rank)
    if isinstance(layer, layers.SimpleRNNCell):
        return _SIMPLE_RNN.get(name, ())
    if isinstance(layer, _NORMALISATIONS):
        return _named("channel")
    return ()


_DENSE = {
    "kernel": _named("input", "unit"),
    "bias": _named("unit"),
    "lora_kernel_a": _named("input", "rank"),
    "lora_kernel_b": _named("rank", "unit"),
}
_SIMPLE_RNN = {
    "kernel": _named("input", "unit"),
    "recurrent_kernel": _named("unit before", "unit"),
    "bias": _named("unit"),
}


def _convolution_axes(layer: Any, name: str, rank: int) -> Names:
    window = _WINDOWS.get(rank - 2, ())
    if name == "bias":
        return _named("output channel")
    if name == "pointwise_kernel":
        return _named(*window, "input channel", "output channel")
    if name not in ("kernel", "depthwise_kernel"):
        return ()
    if isinstance(layer, (*_DEPTHWISE, *_SEPARABLE)):
        return _named(*window, "input channel", "multiplier")
    if isinstance(layer, _TRANSPOSED):
        return _named(*window, "output channel", "input channel")
    groups = getattr(layer, "groups", 1)
    channel = "input channel" if groups == 1 else "input channel of the group"
    return _named(*window, channel, "output channel")


def _gated_axes(name: str, gates: tuple[str, ...], rank: int) -> Names:
    units = VariableAxis(name="unit", parts=gates)
    if name == "kernel":
        return (*_named("input"), units)
    if name == "recurrent_kernel":
        return (*_named("unit before"), units)
    if name == "bias" and rank == 2:
        return VariableAxis(name="bias", parts=("of the input", "of the state")), units
    return (units,) if name == "bias" else ()


def _attention_axes(layer: Any, name: str) -> Names:
    """Of a dense layer of an attention layer, which knows them by their names."""
    into = layer.name in ("query", "key", "value")
    if not into and layer.name != "attention_output":
        return ()
    if name == "kernel":
        return (
            _named("input", "head", "unit")
            if into
            else _named("head", "unit", "output")
        )
    if name == "bias":
        return _named("head", "unit") if into else _named("output")
    return ()


def _einsum_axes(equation: str, name: str) -> Names:
    """By the equation, such as `ab,bc->ac`: b is summed over, c is new."""
    found = _EQUATION.fullmatch(equation.replace(" ", ""))
    if name != "kernel" or found is None:
        return ()
    inputs, kernel, outputs = found.groups()
    kinds = [
        "output" if letter not in inputs else "input" if letter not in outputs else ""
        for letter in kernel
    ]
    return _named(
        *(
            kind if kind and kinds.count(kind) == 1 else f"{kind} {letter}".strip()
            for kind, letter in zip(kinds, kernel, strict=True)
        )
    )
