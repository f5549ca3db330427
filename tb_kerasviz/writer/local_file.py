"""The event file of a run directory on a disk."""

from __future__ import annotations

import contextlib
import os
import pathlib
import time
from collections.abc import Callable, Sequence

from tb_kerasviz.writer.event_file import EventFile, create_file_name, first_frames

_MAX_BUFFERS = 512
"""Buffers per system call; POSIX lets a system refuse more than 1024."""


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
            first_step: See `open_event_file.open_event_file`.
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
