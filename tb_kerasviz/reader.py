"""load(): reads logs back, without TensorBoard and without a framework."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np

from tb_kerasviz.analysis.layer_statistics import (
    DynamicsRows,
    layer_statistics,
    norms_of_variables,
    summaries_of_layers,
    variables_of_layers,
)
from tb_kerasviz.log_files import RecordIndex, list_files, log_directories
from tb_kerasviz.wire import codec, schema, tags
from tb_kerasviz.wire.activations import Activation, decode_activation
from tb_kerasviz.wire.dynamics import damaged_rows
from tb_kerasviz.wire.metadata import WireError
from tb_kerasviz.wire.weights import Weights, decode_weights

Array = np.ndarray[Any, Any]
_D = TypeVar("_D", bound=schema.Document)


@dataclasses.dataclass(frozen=True)
class Dynamics:
    """Norms of gradients, updates and weights over a training.

    Attributes:
        steps: int64 `[T]`: the last step of each window.
        variables: Paths of the V variables.
        columns: Names of the C columns, see `schema.DYNAMICS_COLUMNS`.
        values: float32 `[T, V, C]`; NaN where a variable was not measured.
        damaged: Number of rows that did not match their checksum; they are
            NaN in `values`.
    """

    steps: Array
    variables: tuple[str, ...]
    columns: tuple[str, ...]
    values: Array
    damaged: int


@dataclasses.dataclass(frozen=True)
class Scalars:
    """One scalar over a training.

    Attributes:
        steps: int64 `[T]`.
        values: float64 `[T]`.
    """

    steps: Array
    values: Array


class Logs(Mapping[str, "Run"]):
    """The trainings below a log directory, by name.

    A training's name is its `log_dir` below the loaded one; "." for that
    directory itself.
    """

    def __init__(self, runs: Mapping[str, Run]) -> None:
        self._runs = dict(runs)

    def __getitem__(self, name: str) -> Run:
        try:
            return self._runs[name]
        except KeyError:
            raise KeyError(
                f"no training {name!r}; there are: {_listed(self._runs)}"
            ) from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._runs)

    def __len__(self) -> int:
        return len(self._runs)

    def __repr__(self) -> str:
        return f"Logs({_listed(self._runs)})"


class Run:
    """What was logged of one training.

    It shows what had been written when it was made; load again for more.
    """

    def __init__(self, name: str, directory: str) -> None:
        self.name = name
        self._directory = directory
        self._indices: dict[str, RecordIndex] = {}

    def __repr__(self) -> str:
        return f"Run({self.name!r})"

    def steps(self, kind: str) -> list[int]:
        """Steps at which data of a kind was logged, ascending.

        Args:
            kind: "activations", "weights", "model_graph", "dynamics",
                "probe", "status" or "dynamics_index".

        Raises:
            ValueError: There is no such kind.
        """
        if kind not in tags.KINDS:
            raise ValueError(f"kind must be one of {_listed(tags.KINDS)}; got {kind!r}")
        return self._index(tags.PLUGIN_DIR).steps(kind)

    def model_graph(self, step: int | None = None) -> schema.ModelGraph:
        """The architecture.

        Args:
            step: The one that held at that step; None for the last one.

        Raises:
            KeyError: None was logged.
            WireError: It is damaged or newer than this package.
        """
        return self._document(tags.MODEL_GRAPH, schema.ModelGraph, step)

    def status(self) -> schema.Status:
        """Counters and notices of the writer, the last that were written.

        Raises:
            KeyError: None was logged.
        """
        return self._document(tags.STATUS, schema.Status, None)

    def dynamics(self) -> Dynamics:
        """Norms of gradients, updates and weights of every variable.

        Raises:
            KeyError: None were logged.
            WireError: They are damaged or newer than this package.
        """
        index = self._index(tags.PLUGIN_DIR)
        steps = index.steps(tags.DYNAMICS)
        if not steps:
            raise KeyError(f"no dynamics were logged in {self.name!r}")
        names: dict[int, tuple[str, ...]] = {
            s: self._exact(tags.DYNAMICS_INDEX, schema.DynamicsIndex, s).variables
            for s in index.steps(tags.DYNAMICS_INDEX)
        }
        variables = tuple(
            dict.fromkeys(path for some in names.values() for path in some)
        )
        place = {path: i for i, path in enumerate(variables)}
        width = len(schema.DYNAMICS_COLUMNS)
        values = np.full((len(steps), len(variables), width), np.nan, np.float32)
        damaged = 0
        for t, step in enumerate(steps):
            starts = [s for s in names if s <= step]
            paths = names[max(starts)] if starts else ()
            rows = self._dynamics_row(step, paths)
            bad = damaged_rows(rows)
            damaged += int(bad.sum())
            columns = [place[path] for path in paths]
            values[t, columns] = np.where(bad[:, None], np.nan, rows)
        return Dynamics(
            np.array(steps, np.int64),
            variables,
            schema.DYNAMICS_COLUMNS,
            values,
            damaged,
        )

    def layer_statistics(self, step: int | None = None) -> schema.LayerStatistics:
        """Statistics of all layers, as the graph is coloured by.

        Args:
            step: Of each statistic the last one at or below this step; None for
                the last step of all.

        Returns:
            For each of `schema.LAYER_STATISTICS` a column, for each layer a
            value; what they mean is said there.

        Raises:
            WireError: Data are damaged or newer than this package.
        """
        index = self._index(tags.PLUGIN_DIR)
        if step is None:
            kinds = (tags.DYNAMICS, tags.WEIGHTS, tags.ACTIVATIONS)
            step = max((s for kind in kinds for s in index.steps(kind)), default=0)

        def last(kind: tags.Kind, until: int) -> int | None:
            return max((s for s in index.steps(kind) if s <= until), default=None)

        variables: dict[str, tuple[str, ...]] = {}
        if index.steps(tags.MODEL_GRAPH):
            variables = variables_of_layers(self.model_graph(step).layers)
        rows, norms, summaries = None, None, None
        at = last(tags.DYNAMICS, step)
        named = None if at is None else last(tags.DYNAMICS_INDEX, at)
        if at is not None and named is not None:
            names = self._exact(tags.DYNAMICS_INDEX, schema.DynamicsIndex, named)
            row = self._dynamics_row(at, names.variables)
            rows = DynamicsRows(names.variables, np.array([at]), row[np.newaxis])
        at = last(tags.WEIGHTS, step)
        if at is not None:
            weights = self._exact(tags.WEIGHTS, schema.WeightIndex, at)
            norms = at, norms_of_variables(weights.variables)
        at = last(tags.ACTIVATIONS, step)
        if at is not None:
            summaries = at, summaries_of_layers(self.activation_index(at).layers)
        return layer_statistics(step, variables, rows, norms, summaries)

    def weights(self, variable_path: str, step: int) -> Weights:
        """One variable's values, histogram and statistics at a step.

        Args:
            variable_path: Keras's `variable.path`.
            step: One of `steps("weights")`.

        Raises:
            KeyError: There is no such step or variable.
            WireError: The data is damaged or newer than this package.
        """
        index = self._exact(tags.WEIGHTS, schema.WeightIndex, step)
        entries = {entry.path: entry for entry in index.variables}
        entry = _choose(entries, variable_path, "variable", self._skipped(index))
        return decode_weights(self._member(tags.WEIGHTS, step, entry.member), entry)

    def activations(
        self,
        layer_path: str,
        step: int,
        sample: int = 0,
        *,
        call: int = 0,
        output: int = 0,
    ) -> Activation:
        """What one layer returned for one probe sample at a step.

        Args:
            layer_path: Keras's `layer.path`.
            step: One of `steps("activations")`.
            sample: Index of the probe sample.
            call: Which call of a layer that is called several times.
            output: Which output of a layer that returns several.

        Raises:
            KeyError: There is no such step, layer, call or output.
            IndexError: There is no such sample.
            WireError: The data is damaged or newer than this package.
        """
        index = self._exact(tags.ACTIVATIONS, schema.ActivationIndex, step)
        paths = {entry.path: entry for entry in index.layers}
        _choose(paths, layer_path, "layer", self._skipped(index))
        calls = {(e.call, e.output): e for e in index.layers if e.path == layer_path}
        if (call, output) not in calls:
            raise KeyError(
                f"{layer_path!r} has no (call, output) {(call, output)}; there are: "
                f"{_listed(calls)}"
            )
        entry = calls[call, output]
        if not 0 <= sample < len(entry.members):
            raise IndexError(
                f"sample must be from 0 to {len(entry.members) - 1}; got {sample}"
            )
        member = self._member(tags.ACTIVATIONS, step, entry.members[sample])
        return decode_activation(member, entry)

    def activation_index(self, step: int) -> schema.ActivationIndex:
        """What one capture of activations holds.

        Args:
            step: One of `steps("activations")`.

        Raises:
            KeyError: There is no such step.
            WireError: It is damaged or newer than this package.
        """
        return self._exact(tags.ACTIVATIONS, schema.ActivationIndex, step)

    def scalars(self, tag: str, split: str = "train") -> Scalars:
        """One scalar over the training.

        Args:
            tag: Such as "epoch_loss".
            split: "train" or "validation".

        Raises:
            KeyError: There is no such tag.
        """
        index = self._index(split)
        steps = index.steps(tag)
        if not steps:
            raise KeyError(
                f"no scalar {tag!r} in {split!r} of {self.name!r}; there are: "
                f"{_listed(index.tags())}"
            )
        values = [float(index.tensor(tag, step).reshape(-1)[0]) for step in steps]
        return Scalars(np.array(steps, np.int64), np.array(values))

    def _index(self, directory: str) -> RecordIndex:
        if directory not in self._indices:
            separator = "/" if "://" in self._directory else os.sep
            path = f"{self._directory}{separator}{directory}"
            self._indices[directory] = RecordIndex(list_files(path))
        return self._indices[directory]

    def _exact(self, tag: tags.Kind, kind: type[_D], step: int) -> _D:
        index = self._index(tags.PLUGIN_DIR)
        steps = index.steps(tag)
        if step not in steps:
            raise KeyError(f"no {tag} at step {step}; there are steps {_listed(steps)}")
        what = f"The {tag} of {self.name} at step {step}"
        return codec.decode_document(index.blobs(tag, step)[0], kind, what)

    def _dynamics_row(self, step: int, paths: Sequence[str]) -> Array:
        rows = self._index(tags.PLUGIN_DIR).tensor(tags.DYNAMICS, step)
        wanted = (len(paths), len(schema.DYNAMICS_COLUMNS))
        if rows.shape != wanted:
            raise WireError(
                f"The dynamics at step {step} have shape {rows.shape}, wanted {wanted}."
            )
        return rows

    def _document(self, tag: tags.Kind, kind: type[_D], step: int | None) -> _D:
        steps = self._index(tags.PLUGIN_DIR).steps(tag)
        if not steps:
            raise KeyError(f"no {tag} was logged in {self.name!r}")
        if step is None:
            return self._exact(tag, kind, steps[-1])
        return self._exact(
            tag, kind, max((s for s in steps if s <= step), default=steps[0])
        )

    def _member(self, tag: tags.Kind, step: int, ref: schema.MemberRef) -> bytes:
        blobs = self._index(tags.PLUGIN_DIR).blobs(tag, step)
        what = f"The {tag} of {self.name} at step {step}"
        if not 0 < ref.blob < len(blobs):
            raise WireError(f"{what} are damaged: they point to blob {ref.blob}.")
        return codec.slice_member(blobs[ref.blob], ref, what)

    @staticmethod
    def _skipped(
        index: schema.WeightIndex | schema.ActivationIndex,
    ) -> dict[str, str]:
        return {item.path: item.reason for item in index.skipped}


def load(log_dir: str | os.PathLike[str]) -> Logs:
    """Reads what was logged below a directory.

    Args:
        log_dir: Directory or URL of one training or of several.

    Returns:
        The trainings by name.

    Raises:
        FileNotFoundError: There is no such directory.
    """
    root = os.fspath(log_dir)
    return Logs({name: Run(name, path) for name, path in log_directories(root)})


def _choose(
    entries: Mapping[str, Any], path: str, what: str, skipped: Mapping[str, str]
) -> Any:
    if path in entries:
        return entries[path]
    if path in skipped:
        raise KeyError(f"{what} {path!r} was not captured: {skipped[path]}")
    raise KeyError(f"no {what} {path!r}; there are: {_listed(entries)}")


def _listed(names: Any, most: int = 20) -> str:
    items = [repr(name) for name in names]
    more = f" and {len(items) - most} more" if len(items) > most else ""
    return (", ".join(items[:most]) or "none") + more
