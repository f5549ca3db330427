"""The records of one training: found by kind and step, and decoded."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from tb_kerasviz.log_files import RecordIndex, list_files
from tb_kerasviz.wire import codec, schema, tags
from tb_kerasviz.wire.dynamics import CheckedRows, check_rows
from tb_kerasviz.wire.metadata import WireError

_D = TypeVar("_D", bound=schema.Document)
_T = TypeVar("_T")


class RunRecords:
    """What was logged of one training, as it was when this was made.

    Args:
        name: Name of the training.
        directory: Its log directory.
    """

    def __init__(self, name: str, directory: str) -> None:
        self.name = name
        self._directory = directory
        self._indices: dict[str, RecordIndex] = {}

    def index(self, directory: str) -> RecordIndex:
        """All records of a run directory, read once."""
        if directory not in self._indices:
            separator = "/" if "://" in self._directory else os.sep
            path = f"{self._directory}{separator}{directory}"
            self._indices[directory] = RecordIndex(list_files(path))
        return self._indices[directory]

    def exact(self, tag: tags.Kind, kind: type[_D], step: int) -> _D:
        """The document of a kind that was logged at a step.

        Raises:
            KeyError: There is no such step.
            WireError: It is damaged or newer than this package.
        """
        index = self.index(tags.PLUGIN_DIR)
        steps = index.steps(tag)
        if step not in steps:
            raise KeyError(
                f"no {tag} at step {step}; there are steps {enumerate_names(steps)}"
            )
        what = f"The {tag} of {self.name} at step {step}"
        return codec.decode_document(index.blobs(tag, step)[0], kind, what)

    def dynamics_index(self, step: int) -> schema.DynamicsIndex | None:
        """What names the rows and columns of the dynamics of a step, if anything.

        Raises:
            WireError: It is damaged or newer than this package.
        """
        steps = self.index(tags.PLUGIN_DIR).steps(tags.DYNAMICS_INDEX)
        at = max((s for s in steps if s <= step), default=None)
        if at is None:
            return None
        return self.exact(tags.DYNAMICS_INDEX, schema.DynamicsIndex, at)

    def dynamics_rows(self, step: int, names: schema.DynamicsIndex) -> CheckedRows:
        """The dynamics of a step, `[V, C]`.

        Args:
            step: A step that has them.
            names: What names their rows and columns.

        Raises:
            WireError: They are damaged or do not fit the names.
        """
        rows = self.index(tags.PLUGIN_DIR).tensor(tags.DYNAMICS, step)
        wanted = (len(names.variables), len(names.columns))
        if rows.shape != wanted:
            raise WireError(
                f"The dynamics at step {step} have shape {rows.shape}, wanted {wanted}."
            )
        return check_rows(rows, names.columns)

    def document(self, tag: tags.Kind, kind: type[_D], step: int | None) -> _D:
        """The document of a kind that holds at a step; None for the last one.

        Raises:
            KeyError: None was logged.
            WireError: It is damaged or newer than this package.
        """
        steps = self.index(tags.PLUGIN_DIR).steps(tag)
        if not steps:
            raise KeyError(f"no {tag} was logged in {self.name!r}")
        if step is None:
            return self.exact(tag, kind, steps[-1])
        return self.exact(
            tag, kind, max((s for s in steps if s <= step), default=steps[0])
        )

    def member(self, tag: tags.Kind, step: int, ref: schema.MemberRef) -> bytes:
        """The bytes of a member of a capture.

        Raises:
            WireError: It does not lie where the capture says.
        """
        blobs = self.index(tags.PLUGIN_DIR).blobs(tag, step)
        what = f"The {tag} of {self.name} at step {step}"
        if not 0 < ref.blob < len(blobs):
            raise WireError(f"{what} are damaged: they point to blob {ref.blob}.")
        return codec.slice_member(blobs[ref.blob], ref, what)


def choose(
    entries: Mapping[str, _T], path: str, what: str, skipped: Mapping[str, str]
) -> _T:
    """The entry of a layer or variable.

    Raises:
        KeyError: There is none; says why, or which there are.
    """
    if path in entries:
        return entries[path]
    if path in skipped:
        raise KeyError(f"{what} {path!r} was not captured: {skipped[path]}")
    raise KeyError(f"no {what} {path!r}; there are: {enumerate_names(entries)}")


def reasons(skipped: Iterable[schema.SkippedLayer]) -> dict[str, str]:
    """Why each was not captured, by path."""
    return {one.path: one.reason for one in skipped}


def enumerate_names(names: Iterable[Any], most: int = 20) -> str:
    """Some of the names as one phrase, with a count of those left out."""
    items = [repr(name) for name in names]
    more = f" and {len(items) - most} more" if len(items) > most else ""
    return (", ".join(items[:most]) or "none") + more
