"""Captures what every layer returns for the probe."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from tb_kerasviz.capture.backends import load_backend
from tb_kerasviz.capture.call_recorder import recordable_layers
from tb_kerasviz.capture.forward_pass import ForwardPass, skip
from tb_kerasviz.capture.identity import LayerTree
from tb_kerasviz.capture.layer_filter import LayerFilter
from tb_kerasviz.capture.map_reduction import reduce_output
from tb_kerasviz.capture.output_plan import OutputPlan, PlannedOutput, plan_outputs
from tb_kerasviz.capture.probe import Probe
from tb_kerasviz.wire import activations as wire
from tb_kerasviz.wire.schema import SkippedLayer


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
        self._probe = probe
        self._budget_bytes = budget_bytes
        self._entries = recordable_layers(LayerTree(model))
        self._backend = load_backend()
        self._forward = ForwardPass(
            model, self._backend, self._entries, lambda entry: layer_filter(entry.path)
        )
        self._plan: OutputPlan | None = None
        self._readers: list[_OutputReader] = []
        self._skipped: list[SkippedLayer] = []

    @property
    def paths(self) -> list[str]:
        """Paths of the layers that could be read, before the filter."""
        return [entry.path for entry in self._entries]

    @property
    def matches(self) -> int:
        """How many layers the filter leaves."""
        return self._forward.wanted_layers

    @property
    def thumbnail_side(self) -> int:
        """Side of the miniatures that fit the budget; 0 for none."""
        return 0 if self._plan is None else self._plan.thumbnail_side

    def capture(self, step: int) -> wire.ActivationCapture:
        """Reads the activations as they are now.

        Nothing in the model changes.

        Args:
            step: Step of the capture.

        Raises:
            ValueError: The model cannot take the probe.
        """
        outputs = self._forward.run(self._probe.inputs)
        if self._plan is None:
            self._plan = self._create_plan()
        plan = self._plan
        return wire.ActivationCapture(
            step=step,
            samples=plan.samples,
            probe_samples=self._probe.given_samples,
            layers=self._read_layers(outputs),
            skipped=self._skipped,
            thumbnails=(),
            raw_bytes=plan.raw_bytes,
            budget_bytes=self._budget_bytes,
        )

    def _create_plan(self) -> OutputPlan:
        plan = plan_outputs(
            self._forward.recorded, self._probe.samples, self._budget_bytes
        )
        self._skipped = [*self._forward.skipped(), *plan.skipped]
        reducers: dict[tuple[Any, ...], Callable[[Any], Any]] = {}
        for output in plan.outputs:
            item = output.item
            # Layers of one shape share a compiled reduction: compiling one for
            # each would take most of a minute for a hundred layers.
            key = (item.shape, item.dtype, item.channels_first, output.plan)
            if key not in reducers:
                reducers[key] = self._backend.compile_forward(
                    functools.partial(
                        reduce_output,
                        plan=output.plan,
                        samples=plan.samples,
                        channels_first=item.channels_first,
                    )
                )
            self._readers.append(_OutputReader(output, reducers[key]))
        return plan

    def _read_layers(self, outputs: list[Any]) -> list[wire.LayerArrays]:
        layers = []
        for reader in list(self._readers):
            try:
                layers.append(reader.read(outputs))
            except Exception as error:  # noqa: BLE001, the other layers go on
                self._readers.remove(reader)
                reason = f"it could not be reduced: {error}"
                self._skipped.append(skip(reader.output.item.entry, reason))
        return layers


class _OutputReader:
    """Reduces one output and copies it to the host."""

    def __init__(self, output: PlannedOutput, reduce: Callable[[Any], Any]) -> None:
        self.output = output
        self._reduce = reduce

    def read(self, outputs: list[Any]) -> wire.LayerArrays:
        item, plan = self.output.item, self.output.plan
        arrays: dict[str, Any] = {
            name: np.array(keras.ops.convert_to_numpy(tensor))
            for name, tensor in self._reduce(outputs[self.output.position]).items()
        }
        return wire.LayerArrays(
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
            **arrays,
        )
