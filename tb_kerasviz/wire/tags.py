"""The tags that exist, and the run directories below a log directory.

One tag per family of data, never one per layer or variable: TensorBoard
slows down with thousands of tags.
"""

from __future__ import annotations

from typing import Final, Literal

PLUGIN_DIR = "kerasviz"
"""Run directory below `log_dir` that holds everything but scalars."""

TRAIN_DIR = "train"
VALIDATION_DIR = "validation"

MODEL_GRAPH: Final = "model_graph"
"""Blob sequence `[1]`: a `schema.ModelGraph` document."""

PROBE: Final = "probe"
"""Blob sequence `[1 + B]`: a `schema.ProbeIndex`, then packed members."""

ACTIVATIONS: Final = "activations"
"""Blob sequence `[1 + B]`: a `schema.ActivationIndex`, then packed members."""

WEIGHTS: Final = "weights"
"""Blob sequence `[1 + B]`: a `schema.WeightIndex`, then packed members."""

GRADIENTS: Final = "gradients"
"""Blob sequence `[1 + B]`: a `schema.GradientIndex`, then packed members."""

DYNAMICS: Final = "dynamics"
"""Tensor float32 `[V, C]` per window of optimizer steps."""

STEP_DYNAMICS: Final = "step_dynamics"
"""Tensor float32 `[C]` per window of optimizer steps, of all variables together."""

DYNAMICS_INDEX: Final = "dynamics_index"
"""Blob sequence `[1]`: a `schema.DynamicsIndex`, names of rows and columns."""

STATUS: Final = "status"
"""Blob sequence `[1]`: a `schema.Status`. The last one counts."""

Kind = Literal[
    "model_graph",
    "probe",
    "activations",
    "weights",
    "gradients",
    "dynamics",
    "step_dynamics",
    "dynamics_index",
    "status",
]

BLOB_KINDS: tuple[Kind, ...] = (
    "model_graph",
    "probe",
    "activations",
    "weights",
    "gradients",
    "dynamics_index",
    "status",
)
TENSOR_KINDS: tuple[Kind, ...] = ("dynamics", "step_dynamics")
KINDS: tuple[Kind, ...] = BLOB_KINDS + TENSOR_KINDS
