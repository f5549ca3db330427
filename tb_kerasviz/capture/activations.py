"""Captures what every layer returns for the probe."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from tb_kerasviz.analysis.activation_plan import (
    LayerPlan,
    OutputLayout,
    layout_of,
    plan_capture,
)
from tb_kerasviz.analysis.thumbnails import thumbnail
from tb_kerasviz.capture.backends import load_backend
from tb_kerasviz.capture.call_recorder import record_calls, recordable_layers
from tb_kerasviz.capture.identity import LayerEntry, LayerTree
from tb_kerasviz.capture.layer_filter import LayerFilter
from tb_kerasviz.capture.map_reduction import reduce_output
from tb_kerasviz.capture.probe import Probe
from tb_kerasviz.capture.state import unchanged_state
from tb_kerasviz.wire import activations as wire
from tb_kerasviz.wire.schema import SkippedLayer

Array = np.ndarray[Any, Any]


class ActivationReader:
    """Runs the probe through a model and reads every layer's output.

    The forward pass is compiled once and reduces on the device; what is kept
    of each layer is planned from the shapes alone, so that all captures of
    one reader compare. A model whose layers change needs a new reader.

    Args:
        model: A built Keras model.
        probe: The inputs.
        budget_bytes: Most bytes of a capture.
        layer_filter: Which layers to keep.
    """

    def __init__(
        self,
        model: keras.Model,
        probe: Probe,
        budget_bytes: int,
        layer_filter: LayerFilter,
    ) -> None:
        self._model = model
        self._probe = probe
        self._budget_bytes = budget_bytes
        self._tree = LayerTree(model)
        self._entries = recordable_layers(self._tree)
        self._wanted = {id(e.layer) for e in self._entries if layer_filter(e.path)}
        self._backend = load_backend()
        self._run = self._backend.compile_forward(self._forward)
        # Filled while the forward pass is traced.
        self._planned: list[_Recorded] = []
        self._plans: tuple[LayerPlan, ...] = ()
        self._skipped: list[SkippedLayer] = []
        self._samples = 0
        self._thumbnail_side = 0
        self._raw_bytes = 0

    @property
    def paths(self) -> list[str]:
        """Paths of the layers that could be read, before the filter."""
        return [entry.path for entry in self._entries]

    @property
    def matches(self) -> int:
        """How many layers the filter leaves."""
        return len(self._wanted)

    def capture(self, step: int) -> wire.ActivationCapture:
        """Reads the activations as they are now.

        Nothing in the model changes.

        Args:
            step: Step of the capture.

        Raises:
            ValueError: The model cannot take the probe.
        """
        with unchanged_state(self._model):
            results = self._run(self._probe.inputs)
        arrays = [
            {name: _to_numpy(tensor) for name, tensor in result.items()}
            for result in results
        ]
        layers = [
            wire.LayerArrays(
                path=item.entry.path,
                call=item.call,
                output=item.output,
                class_name=type(item.entry.layer).__name__,
                kind=plan.layout.kind,
                shape=item.shape,
                dtype=item.dtype,
                channels=plan.layout.channels,
                kept_channels=plan.channels,
                full_map=(plan.layout.height, plan.layout.width),
                kept_map=(plan.height, plan.width),
                cut=plan.cut,
                **result,
            )
            for item, plan, result in zip(
                self._planned, self._plans, arrays, strict=True
            )
        ]
        return wire.ActivationCapture(
            step=step,
            samples=self._samples,
            probe_samples=self._probe.given_samples,
            layers=layers,
            skipped=self._skipped,
            thumbnails=(),
            raw_bytes=self._raw_bytes,
            budget_bytes=self._budget_bytes,
        )

    @property
    def thumbnail_side(self) -> int:
        """Side of the miniatures that fit the budget; 0 for none."""
        return self._thumbnail_side

    def _forward(self, inputs: Any) -> list[dict[str, Any]]:
        recorded: list[_Recorded] = []

        def on_call(entry: LayerEntry, call: int, outputs: Any) -> None:
            for number, value in enumerate(keras.tree.flatten(outputs)):
                recorded.append(_Recorded(entry, call, number, value))

        kwargs = {"training": False} if self._model._call_has_training_arg else {}
        with record_calls(self._entries, on_call):
            self._model(inputs, **kwargs)
        return self._reduce(recorded)

    def _reduce(self, recorded: list[_Recorded]) -> list[dict[str, Any]]:
        """Plans what to keep and reduces to it; part of the traced function."""
        self._skipped = []
        called = {id(item.entry.layer) for item in recorded}
        for entry in self._entries:
            if id(entry.layer) in self._wanted and id(entry.layer) not in called:
                self._skip(entry, "the forward pass does not call it")
        usable: list[tuple[_Recorded, OutputLayout]] = []
        for item in recorded:
            if id(item.entry.layer) not in self._wanted:
                continue
            layout = self._layout(item)
            if isinstance(layout, str):
                self._skip(item.entry, layout)
            else:
                usable.append((item, layout))
        # A layer may merge or split the batch; the common one is the probe's.
        samples = min([self._probe.samples, *(a.samples for _, a in usable)])
        plan = plan_capture([a for _, a in usable], self._budget_bytes)
        self._samples = min(samples, plan.samples)
        self._thumbnail_side = plan.thumbnail_side
        self._raw_bytes = plan.nbytes
        self._planned, self._plans, results = [], (), []
        for (item, _), layer_plan in zip(usable, plan.layers, strict=True):
            try:
                result = reduce_output(
                    item.value, layer_plan, self._samples, item.channels_first
                )
            except Exception as error:  # noqa: BLE001, the other layers go on
                self._skip(item.entry, f"its output could not be reduced: {error}")
                continue
            self._planned.append(item)
            self._plans += (layer_plan,)
            results.append(result)
        return results

    def _layout(self, item: _Recorded) -> OutputLayout | str:
        if not self._backend.is_readable(item.value):
            return (
                f"its output is no dense tensor of the forward pass "
                f"({type(item.value).__name__})"
            )
        layout = layout_of(item.shape, item.channels_first)
        if not isinstance(layout, str) and layout.samples < self._probe.samples:
            return f"its output {item.shape} has no row for each probe sample"
        return layout

    def _skip(self, entry: LayerEntry, reason: str) -> None:
        self._skipped.append(SkippedLayer(path=entry.path, reason=reason[:500]))


def draw_thumbnails(
    capture: wire.ActivationCapture, side: int
) -> list[tuple[Array, Array, Array]]:
    """Draws the miniatures of a capture; meant for the writer's thread.

    Args:
        capture: The capture.
        side: Height and width of a miniature.

    Returns:
        Per sample: uint8 `[L, side, side]`, float32 low `[L]`, high `[L]`.
    """
    if not side or not capture.layers:
        return []
    drawn = []
    for sample in range(capture.samples):
        parts = [
            thumbnail(
                wire.dequantise(
                    layer.maps[sample],
                    layer.scale[sample],
                    layer.offset[sample],
                    layer.nonfinite[sample],
                ),
                side,
            )
            for layer in capture.layers
        ]
        drawn.append(
            (
                np.stack([codes for codes, _, _ in parts]),
                np.array([low for _, low, _ in parts], np.float32),
                np.array([high for _, _, high in parts], np.float32),
            )
        )
    return drawn


class _Recorded:
    """One output of one call, while the forward pass is traced."""

    def __init__(self, entry: LayerEntry, call: int, output: int, value: Any) -> None:
        self.entry = entry
        self.call = call
        self.output = output
        self.value = value
        self.shape: tuple[Any, ...] = tuple(getattr(value, "shape", ()))
        dtype = getattr(value, "dtype", None)
        self.dtype = keras.backend.standardize_dtype(dtype) if dtype else ""
        data_format = getattr(entry.layer, "data_format", "")
        self.channels_first = data_format == "channels_first"


def _to_numpy(tensor: Any) -> Array:
    array: Array = np.array(keras.ops.convert_to_numpy(tensor))
    return array
