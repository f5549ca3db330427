"""Captures the weights of a model."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from tb_kerasviz.analysis.histogram import histogram
from tb_kerasviz.analysis.tensor_stats import tensor_stats
from tb_kerasviz.analysis.weight_plan import Kept, describe_cut, plan_weights
from tb_kerasviz.capture.host_buffers import HostBuffers
from tb_kerasviz.capture.identity import LayerTree, own_variables
from tb_kerasviz.capture.layer_filter import LayerFilter
from tb_kerasviz.capture.variable_axes import AxisNames
from tb_kerasviz.capture.weight_history import Comparison, WeightHistory
from tb_kerasviz.wire import weights as wire
from tb_kerasviz.wire.schema import SkippedLayer, VariableAxis

Array = np.ndarray[Any, Any]

MAX_SNAPSHOT_BYTES = 256 * 2**20
"""Up to so many bytes, training only waits for a copy to the host; the
statistics of larger models are computed variable by variable while it waits,
so that memory stays bounded."""

_ENTRY_BYTES = 1024
"""About what the histogram, the statistics and the names of a variable take;
they are always written."""


class WeightSnapshot:
    """Weights on the host, with the plan of what to keep of them.

    Args:
        step: Step of the capture.
        parts: The variables.
        skipped: Variables that could not be read.
        budget_bytes: Most bytes of the kept values.
        history: What to compare the variables with.
        comparison: What those that are reduced already were compared by.
    """

    def __init__(
        self,
        step: int,
        *,
        parts: Sequence[_Part],
        skipped: Sequence[SkippedLayer],
        budget_bytes: int,
        history: WeightHistory,
        comparison: Comparison | None,
    ) -> None:
        self._step = step
        self._parts = parts
        self._skipped = skipped
        self._budget_bytes = budget_bytes
        self._history = history
        self._comparison = comparison
        self._capture: wire.WeightsCapture | None = None

    @property
    def nbytes(self) -> int:
        """Bytes of memory that the snapshot holds."""
        return sum(part.nbytes for part in self._parts)

    def reduce(self) -> wire.WeightsCapture:
        """Computes statistics and histograms, and keeps what was planned.

        It touches only memory of the snapshot and of the history: meant for
        the writer's thread. Another call gives the same again.
        """
        if self._capture is None:
            comparison = self._compare()
            variables = [part.reduce(comparison) for part in self._parts]
            comparison.finish()
            self._capture = wire.WeightsCapture(
                step=self._step,
                variables=variables,
                skipped=self._skipped,
                raw_bytes=sum(v.values.nbytes for v in variables),
                budget_bytes=self._budget_bytes,
                previous_step=comparison.previous_step,
                start_step=comparison.start_step,
                changes_cut=comparison.cut,
            )
        return self._capture

    def remember(self) -> None:
        """Only lets the next capture be compared with this one."""
        comparison = self._compare()
        for part in self._parts:
            part.compare(comparison)
        comparison.finish()

    def _compare(self) -> Comparison:
        if self._comparison is None:
            nbytes = {part.path: part.nbytes for part in self._parts}
            self._comparison = self._history.compare(self._step, nbytes)
        return self._comparison


def snapshot_weights(
    model: keras.Model,
    step: int,
    budget_bytes: int,
    layer_filter: LayerFilter,
    history: WeightHistory | None = None,
) -> WeightSnapshot:
    """Copies the weights of a model to the host.

    Args:
        model: A Keras model.
        step: Step of the capture.
        budget_bytes: Most bytes of the kept values of all variables.
        layer_filter: Which layers to keep.
        history: Earlier values, to measure changes by; None if there are none.
    """
    history = WeightHistory() if history is None else history
    tree = LayerTree(model)
    chosen = _choose(tree, layer_filter)
    sizes = [4 * math.prod(one.shape) for one in chosen]
    plans = plan_weights(
        [one.shape for one in chosen],
        budget_bytes - len(chosen) * _ENTRY_BYTES,
        [one.spatial_axes for one in chosen],
    )
    comparison = None
    if sum(sizes) > MAX_SNAPSHOT_BYTES:
        paths = [one.path for one in chosen]
        comparison = history.compare(step, dict(zip(paths, sizes, strict=True)))
    parts: list[_Part] = []
    skipped: list[SkippedLayer] = []
    for one, kept in zip(chosen, plans, strict=True):
        try:
            part = _Part(one, history.buffers, kept)
            if comparison is not None:
                part.reduce(comparison)
        except Exception as error:  # noqa: BLE001, the others go on
            skipped.append(SkippedLayer(path=one.path, reason=f"{error}"[:500]))
            continue
        parts.append(part)
    snapshot = WeightSnapshot(
        step,
        parts=parts,
        skipped=skipped,
        budget_bytes=budget_bytes,
        history=history,
        comparison=comparison,
    )
    if comparison is not None:
        snapshot.reduce()
    return snapshot


@dataclasses.dataclass(frozen=True)
class _Chosen:
    """A variable that is captured.

    Attributes:
        path: Its path.
        variable: The live variable.
        spatial_axes: As in `schema.WeightCapture`, as `axes`.
        axes: What its axes stand for.
    """

    path: str
    variable: keras.Variable
    spatial_axes: int
    axes: tuple[VariableAxis, ...]

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(int(size) for size in self.variable.shape)


def _choose(tree: LayerTree, layer_filter: LayerFilter) -> list[_Chosen]:
    """The variables of the layers that are wanted, each once."""
    entries = tree.walk()
    names = AxisNames(entries)
    found: dict[int, _Chosen] = {}
    owned: set[int] = set()
    for entry in entries:
        for variable in own_variables(entry):
            owned.add(id(variable))
            if id(variable) not in found and layer_filter(entry.path):
                found[id(variable)] = _Chosen(
                    tree.variable_path(variable),
                    variable,
                    _spatial_axes(entry.layer, variable),
                    names.of(entry.layer, variable.name, len(variable.shape)),
                )
    for variable in tree.model.weights:  # Those that the model itself holds.
        if id(variable) not in owned and layer_filter(""):
            path = tree.variable_path(variable)
            found[id(variable)] = _Chosen(path, variable, 0, ())
    return list(found.values())


class _Part:
    """One variable of a snapshot; holds only the result once it is reduced."""

    def __init__(self, chosen: _Chosen, buffers: HostBuffers, kept: Kept) -> None:
        self.path = chosen.path
        self._dtype = keras.backend.standardize_dtype(chosen.variable.dtype)
        self._trainable = bool(chosen.variable.trainable)
        self._spatial_axes = chosen.spatial_axes
        self._axes = chosen.axes
        self._kept = kept
        self._values = _read(chosen.variable, buffers)
        self._result: wire.VariableArrays | None = None

    @property
    def nbytes(self) -> int:
        return int(self._values.nbytes)

    def compare(self, comparison: Comparison) -> None:
        if self._result is None:
            comparison.measure(self.path, self._values)

    def reduce(self, comparison: Comparison) -> wire.VariableArrays:
        if self._result is None:
            self._result = self._compute(self._values, comparison)
            self._values = self._result.values
        return self._result

    def _compute(self, values: Array, comparison: Comparison) -> wire.VariableArrays:
        counts, edges = histogram(values)
        kept = values
        for axis, indices in enumerate(self._kept):
            if indices is not None:
                kept = np.take(kept, indices, axis)
        change = comparison.measure(self.path, values)
        return wire.VariableArrays(
            path=self.path,
            shape=values.shape,
            dtype=self._dtype,
            trainable=self._trainable,
            spatial_axes=self._spatial_axes,
            axes=self._axes,
            kept=self._kept,
            cut=describe_cut(values.shape, self._kept),
            values=kept,
            counts=counts,
            edges=edges,
            stats=tensor_stats(values),
            change=change.since_previous,
            change_from_start=change.since_start,
        )


def _spatial_axes(layer: keras.layers.Layer, variable: keras.Variable) -> int:
    """How many first axes are those of a convolution's window."""
    window = getattr(layer, "kernel_size", None)
    if not isinstance(window, (tuple, list)):
        return 0
    # Behind them are the channels it reads and those it makes.
    return len(window) if len(variable.shape) == len(window) + 2 else 0


def _read(variable: keras.Variable, buffers: HostBuffers) -> Array:
    if keras.backend.backend() == "tensorflow":
        # Lends the tensor's memory, which `convert_to_numpy` copies.
        lent = np.asarray(keras.ops.convert_to_tensor(variable.value))
    else:
        lent = keras.ops.convert_to_numpy(variable.value)
    # A copy: on TensorFlow and PyTorch the variable's memory changes in place,
    # and what JAX's array lends cannot be donated to the next step.
    return buffers.copy(lent)
