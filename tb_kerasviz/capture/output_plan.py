"""What is kept of the outputs that a forward pass returns."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from tb_kerasviz.analysis.activation_plan import (
    LayerPlan,
    OutputLayout,
    layout_of,
    plan_capture,
)
from tb_kerasviz.capture.forward_pass import RecordedOutput, skip
from tb_kerasviz.capture.layer_activation import Activation, activation_of
from tb_kerasviz.wire.schema import SkippedLayer


@dataclasses.dataclass(frozen=True)
class PlannedOutput:
    """One output of the forward pass, and what is kept of it.

    Attributes:
        position: Which of the forward pass's outputs it is.
        item: The output.
        plan: What is kept.
        activation: The function that it was made by.
    """

    position: int
    item: RecordedOutput
    plan: LayerPlan
    activation: Activation


@dataclasses.dataclass(frozen=True)
class OutputPlan:
    """What is kept of each capture; the same for all captures of one reader.

    Attributes:
        samples: Samples that are kept, the first ones.
        thumbnail_side: Side of the miniatures; 0 for none.
        outputs: The outputs that are kept, in order of execution.
        skipped: Outputs that cannot be kept, each with why.
        raw_bytes: Bytes of what is kept, before compression.
    """

    samples: int
    thumbnail_side: int
    outputs: Sequence[PlannedOutput]
    skipped: Sequence[SkippedLayer]
    raw_bytes: int


def plan_outputs(
    recorded: Sequence[RecordedOutput],
    unread: Sequence[SkippedLayer],
    samples: int,
    budget_bytes: int,
) -> OutputPlan:
    """Plans what is kept, from shapes alone.

    Args:
        recorded: The outputs.
        unread: What could not be recorded, to be listed as well.
        samples: Samples of the probe.
        budget_bytes: Most bytes of a capture.
    """
    skipped = list(unread)
    usable: list[tuple[int, RecordedOutput, OutputLayout]] = []
    for position, item in enumerate(recorded):
        layout = layout_of(item.shape, item.channels_first, item.attention)
        if isinstance(layout, str):
            skipped.append(skip(item.entry, layout))
        elif layout.samples != samples:
            # Its rows are not the samples, for instance merged with time.
            reason = (
                f"its output {item.shape} has no row for each of the {samples} samples"
            )
            skipped.append(skip(item.entry, reason))
        else:
            usable.append((position, item, layout))
    activations = [
        activation_of(item.entry.layer, item.output) for _, item, _ in usable
    ]
    plan = plan_capture(
        [layout for _, _, layout in usable],
        budget_bytes,
        [activation.limits is not None for activation in activations],
    )
    outputs = [
        PlannedOutput(position, item, layer_plan, activation)
        for (position, item, _), layer_plan, activation in zip(
            usable, plan.layers, activations, strict=True
        )
    ]
    return OutputPlan(plan.samples, plan.thumbnail_side, outputs, skipped, plan.nbytes)
