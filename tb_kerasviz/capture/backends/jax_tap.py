"""The optimizer's steps on JAX: not measured yet."""

from __future__ import annotations

from tb_kerasviz.analysis.step_measurements import StepMeasurements
from tb_kerasviz.capture.backends.interface import (
    DynamicsTap,
    TapTarget,
    UnsupportedError,
)


class JaxTap(DynamicsTap):
    """Says that it cannot be done."""

    def __init__(self, target: TapTarget) -> None:
        raise UnsupportedError(
            "gradient and update norms are not read on the JAX backend yet; "
            "everything else is logged"
        )

    def remove(self) -> None:
        """See the base class."""

    def read(self) -> StepMeasurements:
        """See the base class."""
        return StepMeasurements.none()
