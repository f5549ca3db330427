"""Captures what every layer returns for the probe."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable
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


MAX_REASON = 500
"""Most characters of why a layer was skipped."""


class ActivationReader:
    """Runs the probe through a model and reads every layer's output.

    The forward pass is compiled once and its outputs are reduced on the
    device; what is kept of each layer is planned from the shapes alone, so
    that all captures of one reader compare. A model whose layers change needs
    a new reader.

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
        self._recorded: list[_Recorded] = []
        self._skipped: list[SkippedLayer] = []
        self._plan: _ReaderPlan | None = None

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
            outputs = self._run(self._probe.inputs)
        if self._plan is None:
            self._plan = self._create_plan()
        plan = self._plan
        return wire.ActivationCapture(
            step=step,
            samples=plan.samples,
            probe_samples=self._probe.given_samples,
            layers=self._read_layers(plan, outputs),
            skipped=plan.skipped,
            thumbnails=(),
            raw_bytes=plan.raw_bytes,
            budget_bytes=self._budget_bytes,
        )

    @property
    def thumbnail_side(self) -> int:
        """Side of the miniatures that fit the budget; 0 for none."""
        return 0 if self._plan is None else self._plan.thumbnail_side

    def _forward(self, inputs: Any) -> list[Any]:
        """Calls the model and returns what its layers returned; is traced."""
        recorded: list[_Recorded] = []
        self._skipped = []

        def on_call(entry: LayerEntry, call: int, outputs: Any) -> None:
            if id(entry.layer) not in self._wanted:
                return
            for number, value in enumerate(keras.tree.flatten(outputs)):
                if self._backend.is_readable(value):
                    recorded.append(_Recorded(entry, call, number, value))
                else:
                    kind = type(value).__name__
                    self._skip(entry, f"its output is no dense tensor here ({kind})")

        kwargs = {"training": False} if self._model._call_has_training_arg else {}
        with record_calls(self._entries, on_call):
            self._model(inputs, **kwargs)
        outputs = [item.take_value() for item in recorded]
        self._recorded = recorded
        return outputs

    def _read_layers(
        self, plan: _ReaderPlan, outputs: list[Any]
    ) -> list[wire.LayerArrays]:
        layers = []
        for reader in list(plan.readers):
            try:
                layers.append(reader.read(outputs[reader.position]))
            except Exception as error:  # noqa: BLE001, the other layers go on
                plan.readers.remove(reader)
                reason = f"it could not be reduced: {error}"[:MAX_REASON]
                path = reader.item.entry.path
                plan.skipped.append(SkippedLayer(path=path, reason=reason))
        return layers

    def _create_plan(self) -> _ReaderPlan:
        known = {id(item.entry.layer) for item in self._recorded}
        known_paths = {item.path for item in self._skipped}
        for entry in self._entries:
            wanted = id(entry.layer) in self._wanted
            if (
                wanted
                and id(entry.layer) not in known
                and entry.path not in known_paths
            ):
                self._skip(entry, "the forward pass does not call it")
        usable: list[tuple[int, _Recorded, OutputLayout]] = []
        for position, item in enumerate(self._recorded):
            layout = layout_of(item.shape, item.channels_first)
            if isinstance(layout, str):
                self._skip(item.entry, layout)
            elif layout.samples != self._probe.samples:
                # Its rows are not the samples, for instance merged with time.
                self._skip(
                    item.entry,
                    f"its output {item.shape} has no row for each of the "
                    f"{self._probe.samples} samples",
                )
            else:
                usable.append((position, item, layout))
        plan = plan_capture([a for _, _, a in usable], self._budget_bytes)
        reducers: dict[tuple[Any, ...], Callable[[Any], Any]] = {}
        readers = []
        for (position, item, _), layer_plan in zip(usable, plan.layers, strict=True):
            # Layers of one shape share a compiled reduction: compiling one for
            # each would take most of a minute for a hundred layers.
            key = (item.shape, item.dtype, item.channels_first, layer_plan)
            if key not in reducers:
                reducers[key] = self._backend.compile_forward(
                    functools.partial(
                        reduce_output,
                        plan=layer_plan,
                        samples=plan.samples,
                        channels_first=item.channels_first,
                    )
                )
            readers.append(_LayerReader(item, layer_plan, position, reducers[key]))
        return _ReaderPlan(
            plan.samples, plan.thumbnail_side, readers, self._skipped, plan.nbytes
        )

    def _skip(self, entry: LayerEntry, reason: str) -> None:
        reason = reason[:MAX_REASON]
        self._skipped.append(SkippedLayer(path=entry.path, reason=reason))


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
        self.shape: tuple[Any, ...] = tuple(value.shape)
        self.dtype = keras.backend.standardize_dtype(value.dtype)
        data_format = getattr(entry.layer, "data_format", "")
        self.channels_first = data_format == "channels_first"
        self._value = value

    def take_value(self) -> Any:
        """Gives the tensor away, so that it does not outlive the trace."""
        value, self._value = self._value, None
        return value


@dataclasses.dataclass(frozen=True)
class _LayerReader:
    """Reduces one output and copies it to the host."""

    item: _Recorded
    plan: LayerPlan
    position: int
    reduce: Callable[[Any], Any]

    def read(self, output: Any) -> wire.LayerArrays:
        arrays = {
            name: np.array(keras.ops.convert_to_numpy(tensor))
            for name, tensor in self.reduce(output).items()
        }
        item, layout = self.item, self.plan.layout
        return wire.LayerArrays(
            path=item.entry.path,
            call=item.call,
            output=item.output,
            class_name=type(item.entry.layer).__name__,
            kind=layout.kind,
            shape=item.shape,
            dtype=item.dtype,
            channels=layout.channels,
            kept_channels=self.plan.channels,
            full_map=(layout.height, layout.width),
            kept_map=(self.plan.height, self.plan.width),
            cut=self.plan.cut,
            **arrays,
        )


@dataclasses.dataclass(frozen=True)
class _ReaderPlan:
    """What a reader keeps of each capture."""

    samples: int
    thumbnail_side: int
    readers: list[_LayerReader]
    skipped: list[SkippedLayer]
    raw_bytes: int
