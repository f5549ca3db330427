"""The event file of one run directory, on a disk or in an object store.

One writer has one file of its own in a directory, made when the first record
arrives and never appended to an existing file: TensorBoard's readers lose
everything behind a torn record that somebody appends to.
"""

from __future__ import annotations

import abc
import contextlib
import os
import pathlib
import re
import socket
import time
import uuid
from collections.abc import Callable, Iterable, Sequence

from tb_kerasviz.wire import records
from tb_kerasviz.writer import events

_MAX_BUFFERS = 512
"""Buffers per system call; POSIX lets a system refuse more than 1024."""

_NAME_TIME = re.compile(r"events\.out\.tfevents\.(\d+)")


class EventFile(abc.ABC):
    """Appends framed records to the event file of one run directory."""

    min_interval_secs: float = 0.0
    """Shortest time between two writes that is not wasteful."""

    lost_files: int = 0
    """How often somebody deleted the file that was being written."""

    @abc.abstractmethod
    def write(self, frames: Sequence[bytes]) -> None:
        """Appends all frames, or none of them.

        After an error the file ends where it ended before. The next call must
        begin with the same frames: a reader may have seen the first bytes of
        them, and goes on from there.

        Args:
            frames: Framed records.

        Raises:
            Exception: They could not be written.
        """

    @abc.abstractmethod
    def close(self) -> None:
        """Closes the file; never raises."""


def open_event_file(
    directory: str,
    first_step: int,
    wall_clock: Callable[[], float] = time.time,
) -> EventFile:
    """The event file of a run directory. Nothing is made before the first write.

    Args:
        directory: The run directory: a path, or a URL such as "gs://bucket/run".
        first_step: First step that the writer may write. Files of an earlier
            training lose what they hold at this step and above.
        wall_clock: Seconds since the epoch.
    """
    if "://" in directory and not directory.startswith("file://"):
        # Costs 0.1 s and is not needed for local directories.
        from tb_kerasviz.writer import remote_file

        return remote_file.RemoteEventFile(directory, first_step, wall_clock)
    return LocalEventFile(directory.removeprefix("file://"), first_step, wall_clock)


def create_file_name(existing: Iterable[str], wall_time: float) -> str:
    """A name for a new event file, which sorts behind those that exist.

    TensorBoard's Python ingester reads the files of a directory in the order
    of their names and never goes back: a new file that sorts first, because
    the clock was set back, would not be read at all.

    Args:
        existing: Names of the files in the directory.
        wall_time: Seconds since the epoch.
    """
    host = re.sub(r"[^A-Za-z0-9_-]", "_", socket.gethostname()) or "localhost"
    rest = f"{host}.{os.getpid()}.{uuid.uuid4().hex[:8]}.v2"
    others = [name for name in existing if "tfevents" in name]
    times = [int(m[1]) for name in others if (m := _NAME_TIME.match(name))]
    seconds = int(wall_time)
    newest = max(others, default="")
    if f"events.out.tfevents.{seconds:010d}.{rest}" <= newest:
        seconds = max([seconds, *times]) + 1
    return f"events.out.tfevents.{seconds:010d}.{rest}"


def first_frames(first_step: int | None, wall_time: float) -> list[bytes]:
    """The records that a file begins with.

    Args:
        first_step: First step of the writer; None for a further file of the
            same writer, where a second start would void the first file.
        wall_time: Seconds since the epoch.
    """
    frames = [records.frame_record(events.encode_file_version(wall_time))]
    if first_step is not None:
        start = events.encode_session_start(first_step, wall_time)
        frames.append(records.frame_record(start))
    return frames


class LocalEventFile(EventFile):
    """An event file on a disk."""

    def __init__(
        self,
        directory: str,
        first_step: int,
        wall_clock: Callable[[], float] = time.time,
    ) -> None:
        """Describes the file; it is made by the first `write`.

        Args:
            directory: Path of the run directory.
            first_step: See `open_event_file`.
            wall_clock: Seconds since the epoch.
        """
        self._directory = directory
        self._first_step: int | None = first_step
        self._wall_clock = wall_clock
        self._descriptor = -1
        self._good_bytes = 0
        """Length of the file up to the end of its last whole batch."""

    def write(self, frames: Sequence[bytes]) -> None:
        """Appends all frames, or none of them; see `EventFile.write`."""
        if self._descriptor >= 0 and os.fstat(self._descriptor).st_nlink == 0:
            # Somebody deleted the file, often with its directory. Writing on
            # would succeed and be lost; a new file is read by TensorBoard.
            self.close()
            self.lost_files += 1
        if self._descriptor < 0:
            self._create()
        self._append(frames)

    def close(self) -> None:
        """Closes the file; never raises."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            # The data was handed over by write, so nothing is left to do.
            with contextlib.suppress(OSError):
                os.close(descriptor)

    def _create(self) -> None:
        directory = pathlib.Path(self._directory)
        directory.mkdir(parents=True, exist_ok=True)
        now = self._wall_clock()
        path = directory / create_file_name((p.name for p in directory.iterdir()), now)
        flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0)
        self._descriptor = os.open(path, flags, 0o644)
        self._good_bytes = 0
        try:
            self._append(first_frames(self._first_step, now))
        except OSError:
            # The next attempt makes a new file; do not leave one behind for
            # each of them.
            self.close()
            path.unlink(missing_ok=True)
            raise

    def _append(self, frames: Sequence[bytes]) -> None:
        try:
            size = _write_all(self._descriptor, frames)
        except OSError:
            self._cut_torn_tail()
            raise
        self._good_bytes += size

    def _cut_torn_tail(self) -> None:
        try:
            os.ftruncate(self._descriptor, self._good_bytes)
            os.lseek(self._descriptor, self._good_bytes, os.SEEK_SET)
        except OSError:
            # The file may end in a torn record. Nothing may follow it there,
            # so the next attempt goes to a new file. That one must not void
            # what this one holds.
            self.close()
            self._first_step = None


def _write_all(descriptor: int, frames: Sequence[bytes]) -> int:
    """Writes all frames with as few system calls as the system allows."""
    total = sum(len(frame) for frame in frames)
    views = [memoryview(frame) for frame in frames]
    first = 0
    while first < len(views):
        if hasattr(os, "writev"):
            done = os.writev(descriptor, views[first : first + _MAX_BUFFERS])
        else:  # Windows
            done = os.write(descriptor, views[first])
        while first < len(views) and done >= len(views[first]):
            done -= len(views[first])
            first += 1
        if done:
            views[first] = views[first][done:]
    return total
