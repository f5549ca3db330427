"""What was logged, by training, kind and step: plain data, no input or output.

TensorBoard's words: a *run* is a directory of event files, a *time series* is
one tag of a run, a *blob sequence* is one record of such a series.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any

from tensorboard.data import provider

from tb_kerasviz.plugin.errors import (
    NotFoundError,
    UnreadableDataError,
    enumerate_some,
    quote,
)
from tb_kerasviz.wire import metadata, schema, tags

MAX_STEP = 2**53
"""Largest step that JavaScript can name exactly."""

MAX_BLOBS = 4096
"""Most blobs of a record. A hostile log may claim any number, and TensorBoard
would build a reference for each."""

Stamp = tuple[Any, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Record:
    """One logged blob sequence.

    Attributes:
        what: What it is, as it stands in a sentence.
        step: Step of the record.
        wall_time: When it was written; tells a rewritten step from the old.
        blob_keys: What TensorBoard's provider wants for each blob.
    """

    what: str
    step: int
    wall_time: float
    blob_keys: tuple[str, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Series:
    """One kind of data of one run.

    Attributes:
        stamp: Changes whenever a record is added or replaced.
        last_step: Largest step.
        error: Why it cannot be read; empty if it can.
        records: By step, ascending; empty for kinds that are tensors.
    """

    stamp: Stamp
    last_step: int
    error: str
    records: Mapping[int, Record]


@dataclasses.dataclass(frozen=True, slots=True)
class LoggedRun:
    """One training: its name for the user and its series by kind."""

    name: str
    run: str
    series: Mapping[tags.Kind, Series]

    def info(self) -> schema.RunInfo:
        """The run as the front end lists it."""
        kinds = ((kind, self._steps(kind)) for kind in self.series)
        errors = [series.error for series in self.series.values() if series.error]
        return schema.RunInfo(
            name=self.name,
            run=printable(self.run),
            steps={kind: steps for kind, steps in kinds if steps},
            error=errors[0] if errors else "",
        )

    def _steps(self, kind: tags.Kind) -> tuple[int, ...]:
        series = self.series[kind]
        if series.error:
            return ()
        if kind not in tags.TENSOR_KINDS:
            return tuple(series.records)
        # A listing tells only the last step of a tensor series. The first one
        # is that of the index which names its rows.
        index = self.series.get(tags.DYNAMICS_INDEX)
        steps = {series.last_step}
        if index is not None and index.records:
            steps.add(min(*index.records, series.last_step))
        return tuple(sorted(steps))

    def find(self, kind: tags.Kind, step: int | None) -> Record:
        """One record of the run.

        Args:
            kind: Kind of data, a blob sequence.
            step: Its step; None for the last one.

        Raises:
            NotFoundError: There is none.
            UnreadableDataError: The series cannot be read.
        """
        records = self.records(kind)
        if not records:
            raise NotFoundError(f"Run {quote(self.name)} has no {describe(kind)}.")
        record = records.get(max(records) if step is None else step)
        if record is None:
            steps = enumerate_some([str(known) for known in records])
            raise NotFoundError(
                f"Run {quote(self.name)} has no {describe(kind)} at step {step}; "
                f"it has them at: {steps}."
            )
        return record

    def records(self, kind: tags.Kind) -> Mapping[int, Record]:
        """All records of a kind by step, ascending; none if it was not logged.

        Args:
            kind: Kind of data, a blob sequence.

        Raises:
            UnreadableDataError: The series cannot be read.
        """
        self.check(kind)
        series = self.series.get(kind)
        return {} if series is None else series.records

    def last_record(self, kind: tags.Kind, step: int) -> Record | None:
        """The last record of a kind at or below a step.

        Args:
            kind: Kind of data, a blob sequence.
            step: The step.

        Raises:
            UnreadableDataError: The series cannot be read.
        """
        records = self.records(kind)
        last = max((known for known in records if known <= step), default=None)
        return None if last is None else records[last]

    def check(self, kind: tags.Kind) -> None:
        """Refuses a series that cannot be read.

        Raises:
            UnreadableDataError: It cannot; the text says why.
        """
        series = self.series.get(kind)
        if series is not None and series.error:
            raise UnreadableDataError(series.error)


Listing = Mapping[str, LoggedRun]
"""All trainings of an experiment, by name, sorted."""


def find_run(listing: Listing, name: str) -> LoggedRun:
    """A training by its name.

    Raises:
        NotFoundError: There is none.
    """
    run = listing.get(name)
    if run is None:
        names = enumerate_some([quote(known) for known in listing])
        raise NotFoundError(f"There is no run {quote(name)}; there are: {names}.")
    return run


def describe(kind: tags.Kind) -> str:
    """A kind of data in words."""
    return kind.replace("_", " ")


def printable(run: str) -> str:
    """The name of a run as text that JSON can hold.

    A directory's name may be any bytes; Python reads them as lone surrogates.
    """
    return run.encode("utf-8", "backslashreplace").decode("utf-8")


def name_runs(runs: Iterable[str]) -> dict[str, str]:
    """Names for the user, by TensorBoard's name of the run.

    `<name>/kerasviz` is the training `<name>`, `kerasviz` alone is ".". A run
    with our data under any other name keeps it (TensorBoard was started on
    that very directory, or somebody copied the files).
    """
    suffix = "/" + tags.PLUGIN_DIR
    ours = {run: _training_name(run, suffix) for run in runs}
    names: dict[str, str] = {}
    taken: set[str] = set()
    # Those in their proper place first: the others make way for them.
    for run in sorted(ours, key=lambda run: (ours[run] is None, run)):
        name = printable(ours[run] or run)
        while name in taken:
            name += "/."
        taken.add(name)
        names[run] = name
    return names


def _training_name(run: str, suffix: str) -> str | None:
    if run == tags.PLUGIN_DIR:
        return "."
    return run.removesuffix(suffix) if run.endswith(suffix) else None


def head_series(
    kind: tags.Kind,
    name: str,
    listed: provider.BlobSequenceTimeSeries | provider.TensorTimeSeries,
) -> Series:
    """A series as far as TensorBoard's listing tells, without its records.

    Args:
        kind: Kind of data.
        name: Name of the training.
        listed: TensorBoard's entry.
    """
    what = f"The {describe(kind)} of run {quote(name)}"
    length = getattr(listed, "max_length", None)
    error = ""
    try:
        metadata.parse_plugin_content(listed.plugin_content, what)
    except metadata.WireError as wire_error:
        error = str(wire_error)
    if length is not None and length > MAX_BLOBS:
        error = f"{what} claims {length} blobs; at most {MAX_BLOBS} are read."
    stamp = (listed.max_step, listed.max_wall_time, length)
    last = listed.max_step
    return Series(stamp, -1 if last is None else int(last), error, {})


def fill_series(
    head: Series,
    kind: tags.Kind,
    name: str,
    data: Iterable[provider.BlobSequenceDatum],
) -> Series:
    """The series with its records.

    Args:
        head: What the listing told.
        kind: Kind of data.
        name: Name of the training.
        data: TensorBoard's references; of two with one step the later wins.
    """
    records = {
        datum.step: Record(
            what=f"The {describe(kind)} of run {quote(name)} at step {datum.step}",
            step=datum.step,
            wall_time=datum.wall_time,
            blob_keys=tuple(reference.blob_key for reference in datum.values),
        )
        for datum in data
        if 0 <= datum.step <= MAX_STEP
    }
    ordered = {step: records[step] for step in sorted(records)}
    return dataclasses.replace(head, records=ordered)
