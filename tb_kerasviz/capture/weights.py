"""Captures the weights of a model."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from tb_kerasviz.analysis.tensor_stats import histogram, tensor_stats
from tb_kerasviz.analysis.weight_plan import Kept, describe_cut, plan_weights
from tb_kerasviz.capture.identity import LayerTree, own_variables
from tb_kerasviz.capture.layer_filter import LayerFilter
from tb_kerasviz.wire import weights as wire
from tb_kerasviz.wire.schema import SkippedLayer

Array = np.ndarray[Any, Any]

MAX_SNAPSHOT_BYTES = 256 * 2**20
"""Up to so many bytes, training only waits for a copy to the host; the
statistics of larger models are computed variable by variable while it waits,
so that memory stays bounded."""

_ENTRY_BYTES = 1024
"""About what the histogram, the statistics and the names of a variable take;
they are always written."""


@dataclasses.dataclass(frozen=True)
class WeightSnapshot:
    """Weights on the host, with the plan of what to keep of them.

    Attributes:
        step: Step of the capture.
        parts: Per variable its path, dtype, trainable flag, values, plan.
        skipped: Variables that could not be read.
        budget_bytes: Most bytes of the kept values.
    """

    step: int
    parts: Sequence[_Part]
    skipped: Sequence[SkippedLayer]
    budget_bytes: int

    @property
    def nbytes(self) -> int:
        """Bytes of memory that the snapshot holds."""
        return sum(part.nbytes for part in self.parts)

    def reduce(self) -> wire.WeightsCapture:
        """Computes statistics and histograms, and keeps what was planned.

        It touches only memory of the snapshot: meant for the writer's thread.
        """
        variables = [part.reduce() for part in self.parts]
        return wire.WeightsCapture(
            step=self.step,
            variables=variables,
            skipped=self.skipped,
            raw_bytes=sum(v.values.nbytes for v in variables),
            budget_bytes=self.budget_bytes,
        )


def snapshot_weights(
    model: keras.Model, step: int, budget_bytes: int, layer_filter: LayerFilter
) -> WeightSnapshot:
    """Copies the weights of a model to the host.

    Args:
        model: A Keras model.
        step: Step of the capture.
        budget_bytes: Most bytes of the kept values of all variables.
        layer_filter: Which layers to keep.
    """
    tree = LayerTree(model)
    variables: dict[int, keras.Variable] = {}
    owned: set[int] = set()
    for entry in tree.walk():
        for variable in own_variables(entry):
            owned.add(id(variable))
            if layer_filter(entry.path):
                variables[id(variable)] = variable
    for variable in model.weights:  # Those that the model itself holds.
        if id(variable) not in owned and layer_filter(""):
            variables[id(variable)] = variable
    chosen = list(variables.values())
    shapes = [tuple(int(n) for n in v.shape) for v in chosen]
    plans = plan_weights(shapes, budget_bytes - len(shapes) * _ENTRY_BYTES)
    total = sum(4 * int(np.prod(shape)) for shape in shapes)
    parts: list[_Part] = []
    skipped: list[SkippedLayer] = []
    for variable, kept in zip(chosen, plans, strict=True):
        path = tree.variable_path(variable)
        try:
            part = _Part(
                path=path,
                dtype=keras.backend.standardize_dtype(variable.dtype),
                trainable=bool(variable.trainable),
                values=_read(variable),
                kept=kept,
            )
            if total > MAX_SNAPSHOT_BYTES:
                part.reduce()
        except Exception as error:  # noqa: BLE001, the others go on
            skipped.append(SkippedLayer(path=path, reason=f"{error}"[:500]))
            continue
        parts.append(part)
    return WeightSnapshot(step, parts, skipped, budget_bytes)


class _Part:
    """One variable of a snapshot; holds only the result once it is reduced."""

    def __init__(
        self, path: str, dtype: str, trainable: bool, values: Array, kept: Kept
    ) -> None:
        self._path = path
        self._dtype = dtype
        self._trainable = trainable
        self._values = values
        self._kept = kept
        self._result: wire.VariableArrays | None = None

    @property
    def nbytes(self) -> int:
        kept = self._values if self._result is None else self._result.values
        return int(kept.nbytes)

    def reduce(self) -> wire.VariableArrays:
        if self._result is None:
            self._result = self._compute(self._values)
            self._values = self._result.values
        return self._result

    def _compute(self, values: Array) -> wire.VariableArrays:
        counts, edges = histogram(values)
        kept = values
        for axis, indices in enumerate(self._kept):
            if indices is not None:
                kept = np.take(kept, indices, axis)
        return wire.VariableArrays(
            path=self._path,
            shape=values.shape,
            dtype=self._dtype,
            trainable=self._trainable,
            kept=self._kept,
            cut=describe_cut(values.shape, self._kept),
            values=kept,
            counts=counts,
            edges=edges,
            stats=tensor_stats(values),
        )


def _read(variable: keras.Variable) -> Array:
    # A copy: on TensorFlow and PyTorch the variable's memory changes in place.
    return np.array(keras.ops.convert_to_numpy(variable.value), np.float32)
