"""Outputs of layers as they were taken, and what they are reduced to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tb_kerasviz.analysis.map_reduction import reduce_output
from tb_kerasviz.capture.backends.interface import Backend
from tb_kerasviz.capture.forward_pass import skip
from tb_kerasviz.capture.output_masks import reduce_mask
from tb_kerasviz.capture.output_plan import OutputPlan, PlannedOutput
from tb_kerasviz.wire import activations as wire
from tb_kerasviz.wire.schema import SkippedLayer


class ActivationSnapshot:
    """Tensors of one capture, until they are reduced.

    The training goes on as soon as there is one; all the rest may be done on
    the writer's thread.

    Args:
        plan: What is kept.
        parts: The outputs, one for each of the plan's.
        build: Makes the capture of what the outputs were reduced to, and of
            those that could not be.
    """

    def __init__(
        self,
        plan: OutputPlan,
        parts: Sequence[OutputPart],
        build: Callable[
            [Sequence[wire.LayerArrays], Sequence[SkippedLayer]],
            wire.ActivationCapture,
        ],
    ) -> None:
        self._plan = plan
        self._parts = parts
        self._build = build

    @property
    def nbytes(self) -> int:
        """Bytes of memory that the snapshot holds."""
        return sum(part.nbytes for part in self._parts)

    @property
    def thumbnail_side(self) -> int:
        """Side of the miniatures that fit the budget; 0 for none."""
        return self._plan.thumbnail_side

    def reduce(self) -> wire.ActivationCapture:
        """Reduces the outputs; a second call gives the same.

        What cannot be reduced is listed as skipped, with why, and does not
        take the other layers along.
        """
        results = [part.reduce() for part in self._parts]
        return self._build(
            [r for r in results if isinstance(r, wire.LayerArrays)],
            [r for r in results if isinstance(r, SkippedLayer)],
        )


class OutputPart:
    """One output of a snapshot; holds only the result once it is reduced.

    Args:
        planned: What to keep of it.
        samples: Of how many samples.
        tensor: The output.
        backend: The backend that it is a tensor of.
        masks: Masks by number.
    """

    def __init__(
        self,
        planned: PlannedOutput,
        samples: int,
        tensor: Any,
        backend: Backend,
        masks: Sequence[Any] = (),
    ) -> None:
        self._planned = planned
        self._samples = samples
        self._tensor = tensor
        number = planned.item.mask
        self._mask = None if number is None else masks[number]
        self._backend = backend
        self._writes = backend.writes(tensor)
        self._result: wire.LayerArrays | SkippedLayer | None = None

    @property
    def nbytes(self) -> int:
        """Bytes of memory that the part holds."""
        result = self._result
        if result is None:
            return self._planned.item.nbytes
        if isinstance(result, SkippedLayer):
            return 0
        arrays = (result.maps, result.nonfinite, result.scale, result.offset)
        units = result.units
        more = () if units is None else (units.stats, units.histogram)
        return sum(int(a.nbytes) for a in (*arrays, result.stats, *more))

    def reduce(self) -> wire.LayerArrays | SkippedLayer:
        """Reduces the output, at the first call."""
        if self._result is None:
            try:
                self._result = self._compute()
            except Exception as error:  # noqa: BLE001, the other layers go on
                reason = f"it could not be reduced: {error}"
                self._result = skip(self._planned.item.entry, reason)
            self._tensor = None
        return self._result

    def _compute(self) -> wire.LayerArrays:
        item, plan = self._planned.item, self._planned.plan
        if self._backend.writes(self._tensor) != self._writes:
            raise RuntimeError("it was written into before it was read")
        reduced = reduce_output(
            self._backend.to_host(self._tensor),
            plan,
            self._samples,
            item.channels_first,
            self._planned.activation.limits,
        )
        mask = None
        if self._mask is not None:
            mask = reduce_mask(self._backend.to_host(self._mask), plan, self._samples)
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
            slices=plan.slices,
            activation=self._planned.activation.name,
            maps=reduced.maps,
            scale=reduced.scale,
            offset=reduced.offset,
            nonfinite=reduced.nonfinite,
            stats=reduced.stats,
            mask=mask,
            name=item.name,
            units=reduced.units,
        )
