"""Reads the logs through TensorBoard's data provider, and only here.

A small call to the data server takes 44 ms whatever it asks, so everything is
listed with two calls, the listing is kept, and only series that changed are
read anew. Blobs are kept in a cache bounded in bytes.
"""

from __future__ import annotations

import collections
import contextlib
import dataclasses
import threading
import time
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from typing import Any, TypeVar, cast

from tensorboard.data import provider

from tb_kerasviz.plugin import listing
from tb_kerasviz.plugin.cache import LoadingCache
from tb_kerasviz.plugin.errors import (
    NotFoundError,
    UnavailableError,
    quote,
)
from tb_kerasviz.plugin.provider_errors import provider_errors
from tb_kerasviz.wire import codec, metadata, schema, tags

LIST_SECS = 1.0
"""For how long a listing answers what was logged."""

FIND_SECS = 10.0
"""For how long a listing answers where a record that it holds is."""

MAX_HEAVY_READS = 4
HEAVY_WAIT_SECS = 2.0
"""How long a read waits for its turn before the answer is "busy"."""

MAX_SCALARS = 1000
"""Most points of a scalar series: as many as TensorBoard keeps by default."""

MAX_BLOB_BYTES = 32 * 2**20
MAX_DOCUMENT_BYTES = 32 * 2**20
"""Largest index document that is inflated in TensorBoard's process."""

_BLOB_CACHE_BYTES = 64 * 2**20
_DOCUMENT_CACHE_BYTES = 16 * 2**20  # as inflated JSON
_DERIVED_CACHE_BYTES = 96 * 2**20
_SUMMARY_CACHE_BYTES = 8 * 2**20
_RUNS_PER_CALL = 16  # bounds one answer of the data server
_MAX_EXPERIMENTS = 4
_SCALARS_PLUGIN = "scalars"
_ALL = 10**6  # more than any series holds: "do not downsample"

_D = TypeVar("_D", bound=schema.Document)
_T = TypeVar("_T")


@dataclasses.dataclass
class _Experiment:
    """The listing of one experiment, and when it was made."""

    lock: threading.Lock = dataclasses.field(default_factory=threading.Lock)
    runs: listing.Listing = dataclasses.field(default_factory=dict)
    listed_at: float = float("-inf")


class LogReader:
    """What all requests share: listings and blobs; safe for threads."""

    def __init__(
        self,
        data_provider: provider.DataProvider,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Reads nothing yet.

        Args:
            data_provider: TensorBoard's.
            clock: Tells the age of a listing, in seconds.
        """
        self._provider = data_provider
        self._clock = clock
        self._lock = threading.Lock()
        self._experiments: collections.OrderedDict[str, _Experiment] = (
            collections.OrderedDict()
        )
        self._blobs: LoadingCache[bytes] = LoadingCache(_BLOB_CACHE_BYTES, len)
        self._documents: LoadingCache[tuple[schema.Document, codec.MemberInfo]] = (
            LoadingCache(_DOCUMENT_CACHE_BYTES, lambda entry: entry[1].raw_size)
        )
        self._derived: LoadingCache[tuple[Any, int]] = LoadingCache(
            _DERIVED_CACHE_BYTES, lambda entry: entry[1]
        )
        self._summaries: LoadingCache[tuple[Any, int]] = LoadingCache(
            _SUMMARY_CACHE_BYTES, lambda entry: entry[1]
        )
        self._heavy_reads = threading.BoundedSemaphore(MAX_HEAVY_READS)

    def open(self, context: Any, experiment_id: str) -> Logs:
        """The logs as one request sees them.

        Args:
            context: TensorBoard's request context.
            experiment_id: TensorBoard's experiment.
        """
        return Logs(self, context, experiment_id)

    def list_runs(
        self, context: Any, experiment_id: str, secs: float
    ) -> listing.Listing:
        """All trainings, from a listing that is at most `secs` old.

        Raises:
            UnavailableError: The data server does not answer.
            ChangedLogsError: The logs changed meanwhile.
        """
        experiment = self._experiment(experiment_id)
        # Whoever waits here finds the listing that the first one made.
        with experiment.lock:
            if self._clock() - experiment.listed_at > secs:
                started = self._clock()
                experiment.runs = self._refresh(context, experiment_id, experiment.runs)
                experiment.listed_at = started
            return experiment.runs

    def read_blob(self, context: Any, record: listing.Record, blob: int) -> bytes:
        """One blob of a record.

        Raises:
            WireError: There is no such blob in the record, or it is too large.
            UnavailableError: Too many reads at once, or no data server.
            ChangedLogsError: The record is gone.
        """
        if not 0 <= blob < len(record.blob_keys):
            raise metadata.WireError(
                f"{record.what} is damaged: blob {blob} is wanted, and it has "
                f"{len(record.blob_keys)}."
            )
        key = (record.blob_keys[blob], record.wall_time)
        return self._blobs.get(key, lambda: self._load_blob(context, record, blob))

    def read_document(
        self, context: Any, record: listing.Record, kind: type[_D]
    ) -> tuple[_D, codec.MemberInfo]:
        """The document in blob 0 of a record, decoded, and its checks.

        Raises:
            WireError: It is damaged, too large or newer.
            UnavailableError, ChangedLogsError: As `read_blob`.
        """
        member = self.read_blob(context, record, 0)

        def load() -> tuple[schema.Document, codec.MemberInfo]:
            info = codec.check_member(member, record.what)
            if info.raw_size > MAX_DOCUMENT_BYTES:
                raise metadata.WireError(
                    f"{record.what} claims {info.raw_size} bytes; "
                    f"at most {MAX_DOCUMENT_BYTES} are read."
                )
            return codec.decode_document(member, kind, record.what), info

        key = (record.blob_keys[0], record.wall_time, kind)
        document, info = self._documents.get(key, load)
        return cast(_D, document), info

    def derive(self, key: Hashable, make: Callable[[], tuple[_T, int]]) -> _T:
        """What was made of logged data, kept while there is room.

        Args:
            key: Says which data, in which state, and what is made of them.
            make: Makes it; returns it and its bytes.

        Raises:
            Exception: What `make` raised.
        """
        return cast(_T, self._derived.get(key, make)[0])

    def summarise(self, key: Hashable, make: Callable[[], tuple[_T, int]]) -> _T:
        """As `derive`, for what is small and was made of much.

        It is kept apart, so that it outlives what it was made of.
        """
        return cast(_T, self._summaries.get(key, make)[0])

    def read_tensors(
        self, context: Any, experiment_id: str, run: str, kind: tags.Kind, most: int
    ) -> Sequence[provider.TensorDatum]:
        """A series of tensors; of a long one, `most` of them.

        Args:
            context: TensorBoard's request context.
            experiment_id: TensorBoard's experiment.
            run: TensorBoard's name of the run.
            kind: Kind of data, a tensor.
            most: Most tensors to read; TensorBoard chooses them.

        Raises:
            WireError: One of them is no tensor.
            UnavailableError: Too many reads at once, or no data server.
            ChangedLogsError: The series is gone.
        """
        try:
            with self._heavy_read(), provider_errors():
                found = self._provider.read_tensors(
                    context,
                    experiment_id=experiment_id,
                    plugin_name=metadata.PLUGIN_NAME,
                    downsample=most,
                    run_tag_filter=provider.RunTagFilter(runs=[run], tags=[kind]),
                )
        except (TypeError, ValueError) as error:  # of a tensor that is malformed
            what = f"The {listing.describe(kind)} of run {quote(run)}"
            raise metadata.WireError(f"{what} are damaged: {error}.") from error
        series: Sequence[provider.TensorDatum] = found.get(run, {}).get(kind, [])
        return series

    def read_scalars(
        self, context: Any, experiment_id: str, run: str, tag: str
    ) -> Sequence[provider.ScalarDatum]:
        """An ordinary scalar series; empty if there is none.

        Args:
            context: TensorBoard's request context.
            experiment_id: TensorBoard's experiment.
            run: TensorBoard's name of the run.
            tag: Tag of the series.

        Raises:
            UnavailableError: Too many reads at once, or no data server.
            ChangedLogsError: The series is gone.
        """
        with self._heavy_read(), provider_errors():
            found = self._provider.read_scalars(
                context,
                experiment_id=experiment_id,
                plugin_name=_SCALARS_PLUGIN,
                downsample=MAX_SCALARS,
                run_tag_filter=provider.RunTagFilter(runs=[run], tags=[tag]),
            )
        series: Sequence[provider.ScalarDatum] = found.get(run, {}).get(tag, [])
        return series

    def _experiment(self, experiment_id: str) -> _Experiment:
        # Anybody may make up experiment IDs in the address: bound them.
        with self._lock:
            experiment = self._experiments.setdefault(experiment_id, _Experiment())
            self._experiments.move_to_end(experiment_id)
            while len(self._experiments) > _MAX_EXPERIMENTS:
                self._experiments.popitem(last=False)
            return experiment

    def _refresh(
        self, context: Any, experiment_id: str, old: listing.Listing
    ) -> listing.Listing:
        where = {"experiment_id": experiment_id, "plugin_name": metadata.PLUGIN_NAME}
        with provider_errors():
            blobs = self._provider.list_blob_sequences(context, **where)
            tensors = self._provider.list_tensors(context, **where)
        names = listing.name_runs({*blobs, *tensors})
        series = {
            run: _head_run(name, run, blobs, tensors) for run, name in names.items()
        }
        known = {logged.run: logged for logged in old.values()}
        changed: dict[str, set[tags.Kind]] = {}
        for run, kinds in series.items():
            before = known.get(run)
            for kind, head in kinds.items():
                same = before and before.name == names[run] and before.series.get(kind)
                if same and same.stamp == head.stamp:
                    kinds[kind] = dataclasses.replace(head, records=same.records)
                elif kind in tags.BLOB_KINDS and not head.error:
                    changed.setdefault(run, set()).add(kind)
        for run, kind, data in self._read_references(context, where, changed):
            series[run][kind] = listing.fill_series(
                series[run][kind], kind, names[run], data
            )
        runs = (listing.LoggedRun(names[run], run, series[run]) for run in series)
        return {run.name: run for run in sorted(runs, key=lambda run: run.name)}

    def _read_references(
        self, context: Any, where: Mapping[str, str], changed: dict[str, set[tags.Kind]]
    ) -> Iterator[tuple[str, tags.Kind, list[provider.BlobSequenceDatum]]]:
        runs = sorted(changed)
        for start in range(0, len(runs), _RUNS_PER_CALL):
            batch = runs[start : start + _RUNS_PER_CALL]
            wanted = provider.RunTagFilter(
                runs=batch, tags=set().union(*(changed[run] for run in batch))
            )
            with provider_errors():
                found = self._provider.read_blob_sequences(
                    context, downsample=_ALL, run_tag_filter=wanted, **where
                )
            for run in batch:
                for kind in changed[run]:
                    yield run, kind, found.get(run, {}).get(kind, [])

    def _load_blob(self, context: Any, record: listing.Record, blob: int) -> bytes:
        try:
            with self._heavy_read(), provider_errors():
                data = self._provider.read_blob(
                    context, blob_key=record.blob_keys[blob]
                )
        except (TypeError, ValueError) as error:  # of a tensor that holds no blobs
            raise metadata.WireError(f"{record.what} is damaged: {error}.") from error
        if not isinstance(data, bytes):
            raise metadata.WireError(f"{record.what} is damaged: it holds no bytes.")
        if len(data) > MAX_BLOB_BYTES:
            raise metadata.WireError(
                f"{record.what} has a blob of {len(data)} bytes; "
                f"at most {MAX_BLOB_BYTES} are read."
            )
        return data

    @contextlib.contextmanager
    def _heavy_read(self) -> Iterator[None]:
        if not self._heavy_reads.acquire(timeout=HEAVY_WAIT_SECS):
            raise UnavailableError(
                f"Busy: {MAX_HEAVY_READS} reads of the logs are under way. Try again."
            )
        try:
            yield
        finally:
            self._heavy_reads.release()


@dataclasses.dataclass(frozen=True)
class Logs:
    """The logs of one experiment, for the time of one request."""

    reader: LogReader
    context: Any
    experiment_id: str

    def runs(self) -> listing.Listing:
        """All trainings, by name."""
        return self.reader.list_runs(self.context, self.experiment_id, LIST_SECS)

    def refresh(self, secs: float) -> None:
        """Lists again, unless the listing is at most `secs` old."""
        self.reader.list_runs(self.context, self.experiment_id, secs)

    def find(self, run: str, kind: tags.Kind, step: int | None) -> listing.Record:
        """One record, see `listing.LoggedRun.find`.

        A record that an older listing holds is taken from it, except the last
        one: what is last may have changed.
        """
        if step is not None:
            known = self.reader.list_runs(self.context, self.experiment_id, FIND_SECS)
            with contextlib.suppress(NotFoundError):
                return listing.find_run(known, run).find(kind, step)
        return listing.find_run(self.runs(), run).find(kind, step)

    def find_run(self, run: str) -> listing.LoggedRun:
        """A training by its name, see `listing.find_run`."""
        return listing.find_run(self.runs(), run)

    def read_tensors(
        self, run: listing.LoggedRun, kind: tags.Kind, most: int
    ) -> Sequence[provider.TensorDatum]:
        """See `LogReader.read_tensors`."""
        return self.reader.read_tensors(
            self.context, self.experiment_id, run.run, kind, most
        )

    def read_scalars(
        self, run: listing.LoggedRun, split: str, tag: str
    ) -> Sequence[provider.ScalarDatum]:
        """See `LogReader.read_scalars`; `split` is a directory beside our own."""
        name = run.run.removesuffix(tags.PLUGIN_DIR) + split
        return self.reader.read_scalars(self.context, self.experiment_id, name, tag)

    def read_blob(self, record: listing.Record, blob: int) -> bytes:
        """See `LogReader.read_blob`."""
        return self.reader.read_blob(self.context, record, blob)

    def read_document(
        self, record: listing.Record, kind: type[_D]
    ) -> tuple[_D, codec.MemberInfo]:
        """See `LogReader.read_document`."""
        return self.reader.read_document(self.context, record, kind)


def _head_run(
    name: str,
    run: str,
    blobs: Mapping[str, Mapping[str, provider.BlobSequenceTimeSeries]],
    tensors: Mapping[str, Mapping[str, provider.TensorTimeSeries]],
) -> dict[tags.Kind, listing.Series]:
    listed = [(kind, blobs.get(run, {}).get(kind)) for kind in tags.BLOB_KINDS]
    listed += [(kind, tensors.get(run, {}).get(kind)) for kind in tags.TENSOR_KINDS]
    return {
        kind: listing.head_series(kind, name, entry)
        for kind, entry in listed
        if entry is not None
    }
