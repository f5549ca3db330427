"""Chooses the event file for a run directory by where it lies."""

from __future__ import annotations

import time
from collections.abc import Callable

from tb_kerasviz.writer.event_file import EventFile
from tb_kerasviz.writer.local_file import LocalEventFile


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
