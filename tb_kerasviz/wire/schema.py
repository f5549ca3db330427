"""Every JSON document of the format, as typed immutable structs.

This is the single definition: `frontend/generate_wire.py` turns it into
`frontend/src/wire/generated.ts`, and a test fails when that file is stale.

Words are Keras's and TensorBoard's with their meanings. A *path* is Keras's
`layer.path` or `variable.path` and identifies a layer or a variable; a *step*
is `optimizer.iterations` after the update; `N` in a shape is the batch axis
and is `None` where it is not fixed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

import msgspec

Shape = tuple[int | None, ...]

ACTIVATION_STATS = ("min", "max", "mean", "std", "zero_fraction", "nonfinite")
"""Columns of a channel's statistics: over its finite values, except the last,
which counts NaN and infinite values. A channel without any finite value has
NaN in the first five."""

WEIGHT_STATS = (
    "min",
    "max",
    "mean",
    "std",
    "norm",
    "zero_fraction",
    "nonfinite",
)
"""Columns of a variable's statistics, with the same rule. `norm` is the
Euclidean norm of the finite values."""

DYNAMICS_COLUMNS = (
    "grad_norm_mean",
    "grad_norm_max",
    "update_norm_mean",
    "update_norm_max",
    "weight_norm",
    "nonfinite",
    "nonfinite_first_step",
    "window",
    "crc16",
)
"""Columns of the dynamics of one variable in one window of optimizer steps.

`grad_norm_*` and `update_norm_*`: mean and maximum, over the window, of the
Euclidean norm of the gradient and of the change of the weights.
`weight_norm`: Euclidean norm of the weights after the window's last step.
`nonfinite`: NaN or infinite gradient elements, summed over the window.
`nonfinite_first_step`: first step of the window that had one, -1 if none.
`window`: number of optimizer steps in the window.
`crc16`: low 16 bits of the CRC-32 of the row's other columns (little-endian
float32), so that a flipped bit is never shown as data.
"""


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """What every top-level document carries."""

    version: int
    """Version of the format that wrote it."""


class MemberRef(msgspec.Struct, frozen=True, kw_only=True):
    """Where one gzip member lies in a capture's blob sequence."""

    blob: int
    """Index into the blob sequence; blob 0 is the index document itself."""
    offset: int
    """First byte of the member in that blob."""
    length: int
    """Number of bytes of the member."""


# Architecture ---------------------------------------------------------------


class VariableInfo(msgspec.Struct, frozen=True, kw_only=True):
    """One variable of a layer."""

    path: str
    name: str
    shape: tuple[int, ...]
    dtype: str
    trainable: bool
    params: int
    """Number of elements."""


class LayerNode(msgspec.Struct, frozen=True, kw_only=True):
    """One layer, operation, input or nested model; unique by path."""

    path: str
    name: str
    class_name: str
    module: str
    kind: Literal["layer", "operation", "input", "model"]
    trainable: bool
    dtype_policy: str
    input_shapes: tuple[Shape, ...]
    """Shapes of the first call's inputs, `[N, ...]`; empty if unknown."""
    output_shapes: tuple[Shape, ...]
    """Shapes of the first call's outputs, `[N, ...]`; empty if unknown."""
    output_dtypes: tuple[str, ...]
    params: int
    """Elements of all variables, those of children included."""
    trainable_params: int
    variables: tuple[VariableInfo, ...]
    """The layer's own variables, without those of its children."""
    config: dict[str, Any]
    """What `get_config()` returned, as JSON; bounded, see `config_notes`."""
    config_notes: tuple[str, ...]
    """What of the configuration was shortened or could not be held."""
    calls: int
    """How often the graph calls it; 0 where the calls are unknown."""
    children: tuple[LayerNode, ...]


class CallNode(msgspec.Struct, frozen=True, kw_only=True):
    """One call of a layer: what the graph draws. A shared layer has several."""

    id: int
    """Position in `ModelGraph.nodes`."""
    layer: str
    """Path of the layer that is called."""
    call: int
    """Which of the layer's calls this is, from 0."""
    parent: int | None
    """`id` of the call of the nested model that this call belongs to."""
    input_shapes: tuple[Shape, ...]
    output_shapes: tuple[Shape, ...]


class ModelGraph(Document, frozen=True, kw_only=True):
    """The architecture of a model at one step."""

    name: str
    class_name: str
    layers: tuple[LayerNode, ...]
    """The model's direct layers, in the order of `model.summary()`."""
    nodes: tuple[CallNode, ...]
    """Every call, parents before children, in order of execution."""
    links: tuple[tuple[int, int], ...]
    """Data flow between leaf calls: pairs of `CallNode.id`."""
    params: int
    trainable_params: int
    non_trainable_params: int
    optimizer_params: int
    """Elements of the optimizer's variables; 0 until it has made them, at the
    first step of its first training."""
    optimizer: str
    """Class name of the optimizer; empty if there is none."""
    backend: str
    keras_version: str
    notices: tuple[str, ...]
    """What could not be read of the model, one sentence each."""

    @property
    def edges(self) -> tuple[tuple[str, str], ...]:
        """Data flow between leaves as (source path, target path)."""
        layers = [node.layer for node in self.nodes]
        pairs = ((layers[source], layers[target]) for source, target in self.links)
        return tuple(dict.fromkeys(pairs))

    def walk(self) -> Iterator[LayerNode]:
        """All layers of the model, parents before their children."""
        stack = list(reversed(self.layers))
        while stack:
            layer = stack.pop()
            yield layer
            stack.extend(reversed(layer.children))


# Probe and activations ------------------------------------------------------


class ProbeInput(msgspec.Struct, frozen=True, kw_only=True):
    """One input of the probe."""

    name: str
    shape: tuple[int, ...]
    """`[N, ...]` as given."""
    dtype: str
    picture: bool
    """Whether each sample is a picture `[H, W, C]`, C in 1, 3, 4. Then the
    member holds uint8 `picture` `[H, W, C]`, else float32 `values` [...]."""
    low: float
    """Value that picture level 0 stands for."""
    high: float
    """Value that picture level 255 stands for."""
    members: tuple[MemberRef, ...]
    """One per kept sample."""
    cut: str
    """What was left out, as a phrase; empty if nothing was."""


class ProbeIndex(Document, frozen=True, kw_only=True):
    """The probe's inputs, logged once."""

    samples: int
    """Samples kept."""
    probe_samples: int
    """Samples given."""
    inputs: tuple[ProbeInput, ...]
    labels: tuple[str, ...]
    """One per kept sample, or none."""


class LayerActivation(msgspec.Struct, frozen=True, kw_only=True):
    """One output of one call of a layer, in one capture.

    Each member (one per sample) is a safetensors document with

    * `maps` uint8 `[K, h, w]`: the kept channels; value = offset + scale*code;
    * `scale`, `offset` float32 `[K]`;
    * `nonfinite` uint8 `[K, h, w]`, only where there is something to mark:
      0 finite, 1 NaN, 2 +Inf, 3 -Inf (the code at such a place is 0);
    * `stats` float32 `[C, S]` with the columns `ACTIVATION_STATS`, for every
      channel, over the sample's unreduced values.
    """

    path: str
    call: int
    output: int
    class_name: str
    kind: Literal["map", "sequence", "vector"]
    """`map`: `[N, H, W, C]` and other spatial outputs; `sequence`:
    `[N, T, C]`, kept as h = 1, w = T; `vector`: `[N, C]`, h = w = 1."""
    shape: tuple[int, ...]
    """Shape of the output, `[N, ...]`."""
    dtype: str
    channels: int
    kept_channels: tuple[int, ...]
    """Indices of the K channels whose maps were kept."""
    full_map: tuple[int, int]
    """Height and width of a map before reduction."""
    kept_map: tuple[int, int]
    """Height and width of a kept map."""
    members: tuple[MemberRef, ...]
    """One per kept sample."""
    cut: str
    """What was reduced, as a phrase like "48 of 512 channels, 28x28 of
    112x112"; empty if nothing was."""


class SkippedLayer(msgspec.Struct, frozen=True, kw_only=True):
    """A layer whose output was not logged."""

    path: str
    reason: str


class ActivationIndex(Document, frozen=True, kw_only=True):
    """One capture of activations.

    Member `thumbnails[s]` holds, for sample s, uint8 `codes` `[L, t, t]`
    (0..254 from low to high, 255 = non-finite) and float32 `low`, `high` `[L]`
    for the L entries of `layers`.
    """

    step: int
    samples: int
    probe_samples: int
    layers: tuple[LayerActivation, ...]
    """In order of execution."""
    skipped: tuple[SkippedLayer, ...]
    thumbnails: tuple[MemberRef, ...]
    raw_bytes: int
    """Bytes of the maps before compression."""
    budget_bytes: int


# Weights and dynamics -------------------------------------------------------


class WeightCapture(msgspec.Struct, frozen=True, kw_only=True):
    """One variable in one capture.

    The member is a safetensors document with float32 `values` (the kept
    part), int64 `counts` `[B]`, float64 `edges` `[B + 1]` and float32 `stats`
    `[S]` with the entries `WEIGHT_STATS`.
    """

    path: str
    shape: tuple[int, ...]
    dtype: str
    trainable: bool
    kept: tuple[tuple[int, ...] | None, ...]
    """Per axis, the indices that were kept; None = all of that axis."""
    member: MemberRef
    cut: str


class WeightIndex(Document, frozen=True, kw_only=True):
    """One capture of weights."""

    step: int
    variables: tuple[WeightCapture, ...]
    skipped: tuple[SkippedLayer, ...]
    raw_bytes: int
    budget_bytes: int


class DynamicsIndex(Document, frozen=True, kw_only=True):
    """Names the rows and columns of the dynamics from this step on."""

    variables: tuple[str, ...]
    """Paths of the V variables."""
    columns: tuple[str, ...]


# Status ---------------------------------------------------------------------


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """Something the user should know; each is reported once."""

    step: int
    topic: str
    """What it is about: "activations", "weights", "dynamics", ..."""
    message: str


class Status(Document, frozen=True, kw_only=True):
    """Counters and notices of one writer. The last one of a run counts."""

    step: int
    accepted: int
    """Records taken into the queue = written + dropped + still queued."""
    written: int
    dropped: dict[str, int]
    """Records dropped, by tag."""
    refused: dict[str, int]
    """Records never accepted because their step was not new, by tag."""
    blocked_secs: float
    """Time that training waited for the queue."""
    notices: tuple[Notice, ...]
    closed: bool
    """Whether this is the end marker of its writer."""
    package_version: str


# HTTP -----------------------------------------------------------------------


class RunInfo(msgspec.Struct, frozen=True, kw_only=True):
    """One training, as the plugin lists it."""

    name: str
    """Its `log_dir` below TensorBoard's; "." for TensorBoard's own."""
    run: str
    """Name of TensorBoard's run that holds its data."""
    steps: dict[str, tuple[int, ...]]
    """Steps of each kind of data, ascending. Of `dynamics`, which may have
    thousands, only a lower bound of the first and the last."""
    error: str
    """Why its data cannot be read; empty if it can."""


class RunList(Document, frozen=True, kw_only=True):
    """Answer of the route `/runs`."""

    runs: tuple[RunInfo, ...]
