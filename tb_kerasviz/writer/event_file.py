"""What an event file of one run directory is, wherever it lies.

One writer has one file of its own in a directory, made when the first record
arrives and never appended to an existing file: TensorBoard's readers lose
everything behind a torn record that somebody appends to.
"""

from __future__ import annotations

import abc
import os
import re
import socket
import uuid
from collections.abc import Iterable, Sequence

from tb_kerasviz.wire import records
from tb_kerasviz.writer import events

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
