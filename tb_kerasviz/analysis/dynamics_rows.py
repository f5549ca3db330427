"""Dynamics of several lists of variables as one table."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from tb_kerasviz.analysis.layer_statistics import DynamicsRows
from tb_kerasviz.wire.schema import DYNAMICS_COLUMNS

Array = np.ndarray[Any, Any]

_AT = {name: at for at, name in enumerate(DYNAMICS_COLUMNS)}


@dataclasses.dataclass(frozen=True)
class DynamicsTable:
    """Dynamics of V variables in W windows of steps.

    Attributes:
        variables: Paths of the variables, in the order of the model.
        steps: int64 `[W]`, ascending: the last step of each window.
        parts: The rows, by step; each of some of the variables.
        places: For each part the windows that it holds, and the index of each of
            its variables.
    """

    variables: tuple[str, ...]
    steps: Array
    parts: tuple[DynamicsRows, ...]
    places: tuple[tuple[slice, Array], ...]

    @classmethod
    def of(cls, parts: Sequence[DynamicsRows]) -> DynamicsTable:
        """Puts parts one behind the other."""
        paths = tuple(dict.fromkeys(path for part in parts for path in part.variables))
        place = {path: at for at, path in enumerate(paths)}
        places, begin = [], 0
        for part in parts:
            rows = np.array([place[path] for path in part.variables], np.int64)
            places.append((slice(begin, begin + len(part.steps)), rows))
            begin += len(part.steps)
        steps = [part.steps for part in parts] or [np.zeros(0, np.int64)]
        return cls(paths, np.concatenate(steps), tuple(parts), tuple(places))

    def column(self, name: str) -> Array:
        """One of `DYNAMICS_COLUMNS` of all variables.

        Returns:
            float32 `[V, W]`, NaN where a variable was not followed.
        """
        shape = (len(self.variables), len(self.steps))
        found = np.full(shape, np.nan, np.float32)
        for part, (span, rows) in zip(self.parts, self.places, strict=True):
            found[rows, span] = part.values[:, :, _AT[name]].T
        return found

    def windows(self) -> Array:
        """Steps of each window, float64 `[W]`, from a row that is not damaged."""
        longest = [np.zeros(0)]
        for part in self.parts:
            windows = part.values[:, :, _AT["window"]].astype(np.float64)
            known = np.where(np.isfinite(windows), windows, 1.0)
            longest.append(known.max(axis=1, initial=1.0))
        return np.concatenate(longest)
