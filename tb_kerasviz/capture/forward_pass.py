"""Calls a model on the probe and takes what its layers return."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import keras

from tb_kerasviz.capture.backends.interface import Backend
from tb_kerasviz.capture.call_recorder import record_calls
from tb_kerasviz.capture.identity import LayerEntry
from tb_kerasviz.capture.state import unchanged_state
from tb_kerasviz.wire.schema import SkippedLayer

MAX_REASON = 500
"""Most characters of why a layer was skipped."""


class ForwardPass:
    """A compiled forward pass that returns the outputs of layers.

    Args:
        model: A built Keras model; nothing in it changes.
        backend: The backend that Keras runs on.
        entries: The layers whose calls are counted, in the order of the model.
        wanted: Whether a layer's outputs are returned.
    """

    def __init__(
        self,
        model: keras.Model,
        backend: Backend,
        entries: Sequence[LayerEntry],
        wanted: Callable[[LayerEntry], bool],
    ) -> None:
        self._model = model
        self._backend = backend
        self._entries = entries
        self._wanted = {id(e.layer) for e in entries if wanted(e)}
        self._run = backend.compile_forward(self._forward)
        # Filled while the forward pass is traced.
        self._recorded: list[RecordedOutput] = []
        self._skipped: list[SkippedLayer] = []

    @property
    def wanted_layers(self) -> int:
        """How many layers are wanted."""
        return len(self._wanted)

    @property
    def recorded(self) -> Sequence[RecordedOutput]:
        """What the last trace found; `run` returns a tensor for each."""
        return self._recorded

    def run(self, inputs: Any) -> list[Any]:
        """Calls the model.

        Args:
            inputs: Structure of NumPy arrays, of the same shapes at every call.

        Returns:
            Tensors, one for each of `recorded`.

        Raises:
            ValueError: The model cannot take the inputs.
        """
        with unchanged_state(self._model):
            outputs: list[Any] = self._run(inputs)
        return outputs

    def skipped(self) -> list[SkippedLayer]:
        """Wanted layers that the last trace could not read, each with why."""
        skipped = list(self._skipped)
        known = {id(item.entry.layer) for item in self._recorded}
        known_paths = {item.path for item in skipped}
        for entry in self._entries:
            if id(entry.layer) not in self._wanted or id(entry.layer) in known:
                continue
            if entry.path not in known_paths:
                skipped.append(skip(entry, "the forward pass does not call it"))
        return skipped

    def _forward(self, inputs: Any) -> list[Any]:
        """Calls the model and returns what its layers returned; is traced."""
        recorded: list[RecordedOutput] = []
        self._skipped = []

        def on_call(entry: LayerEntry, call: int, outputs: Any) -> None:
            if id(entry.layer) not in self._wanted:
                return
            for number, value in enumerate(keras.tree.flatten(outputs)):
                if self._backend.is_readable(value):
                    recorded.append(RecordedOutput(entry, call, number, value))
                else:
                    kind = type(value).__name__
                    reason = f"its output is no dense tensor here ({kind})"
                    self._skipped.append(skip(entry, reason))

        kwargs = {"training": False} if self._model._call_has_training_arg else {}
        with record_calls(self._entries, on_call):
            self._model(inputs, **kwargs)
        outputs = [item.take_value() for item in recorded]
        self._recorded = recorded
        return outputs


class RecordedOutput:
    """One output of one call, while the forward pass is traced."""

    def __init__(self, entry: LayerEntry, call: int, output: int, value: Any) -> None:
        self.entry = entry
        self.call = call
        self.output = output
        self.shape: tuple[Any, ...] = tuple(value.shape)
        self.dtype = keras.backend.standardize_dtype(value.dtype)
        data_format = getattr(entry.layer, "data_format", "")
        self.channels_first = data_format == "channels_first"
        self._value = value

    def take_value(self) -> Any:
        """Gives the tensor away, so that it does not outlive the trace."""
        value, self._value = self._value, None
        return value


def skip(entry: LayerEntry, reason: str) -> SkippedLayer:
    """Says why a layer is not read."""
    return SkippedLayer(path=entry.path, reason=reason[:MAX_REASON])
