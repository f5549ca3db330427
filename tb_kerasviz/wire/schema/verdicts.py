"""What is said of a training: findings, each with its rule and its place."""

from __future__ import annotations

import msgspec

from tb_kerasviz.wire.schema.base import Document, LoggedNumber

FINDING_KINDS = (
    "nonfinite",
    "loss_rose",
    "steps_too_large",
    "no_gradient",
    "vanishing",
    "steps_too_small",
    "gradient_spike",
)
"""What can be found in dynamics; `analysis/training_rules.py` says by which rule."""


class TrainingFinding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is the matter with a training."""

    kind: str
    """One of `FINDING_KINDS`."""
    broken: bool
    """Whether the training can hardly be meant so; else it is only unusual."""
    headline: str
    """In a few words."""
    text: str
    """In a sentence or two, with names and numbers."""
    rule: str
    """When this is said, and where the thresholds come from."""
    variable: str
    """Path of the variable to look at; empty = none in particular."""
    layer: str
    """Path of the variable's layer in the model graph; empty without one."""
    step: int
    """Step to look at."""


class NonfiniteOrigin(msgspec.Struct, frozen=True, kw_only=True):
    """What was NaN or infinite first."""

    step: int
    kind: str
    """"loss", "gradient" or "weight"; of one step the earliest of them."""
    variables: tuple[str, ...]
    """Paths of the first variables of which it was; empty for the loss."""
    more: int
    """How many more there are."""


class TrainingVerdict(msgspec.Struct, frozen=True, kw_only=True):
    """What can be said of a training from its dynamics."""

    run: str
    """Name of the training."""
    state: str
    """"judged"; "short": there are too few steps; "none": no dynamics were logged;
    "error": they cannot be read."""
    headline: str
    """What was found, in a few words."""
    text: str
    """A sentence for where nothing was found or can be; else empty."""
    findings: tuple[TrainingFinding, ...]
    """In the order in which they came about."""
    first_nonfinite: NonfiniteOrigin | None
    steps: tuple[int, ...]
    """Last step of each of the points below."""
    ratio_median: tuple[LoggedNumber, ...]
    """Median over kernels of the update ratio; None where nothing is known."""
    ratio_largest: tuple[LoggedNumber, ...]
    """The largest update ratio of a kernel in a step."""


class TrainingVerdicts(Document, frozen=True, kw_only=True):
    """Answer of the route `/dynamics/verdicts` (parameters `skip` and `count`)."""

    verdicts: tuple[TrainingVerdict, ...]
    """Of the trainings from `skip` on, by name: at most `count`, and fewer where that
    would take long; at least one, if there is one."""
    total: int
    """How many trainings there are."""
