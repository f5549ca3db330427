"""The event file of a run directory in an object store.

It goes through TensorBoard's own file layer, so that whatever TensorBoard can
read (S3 by boto3, every scheme that fsspec knows) can be written too, without
TensorFlow.

Object stores cannot append: TensorBoard's layer has no append for S3, and
fsspec's file systems differ in whether it works. So each write puts the whole
object again, which every store does atomically, and a new object is begun
when this one has grown to a few megabytes.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Sequence

from tensorboard.compat.tensorflow_stub.io import gfile

from tb_kerasviz.writer import event_file

SEGMENT_BYTES = 4 * 2**20
"""Size from which a new object is begun: bounds what is put again."""


class RemoteEventFile(event_file.EventFile):
    """An event file as a series of objects in a store."""

    min_interval_secs = 1.0

    def __init__(
        self,
        directory: str,
        first_step: int,
        wall_clock: Callable[[], float] = time.time,
    ) -> None:
        """Describes the file; its first object is made by the first `write`.

        Args:
            directory: URL of the run directory.
            first_step: See `open_event_file.open_event_file`.
            wall_clock: Seconds since the epoch.
        """
        self._directory = directory.rstrip("/")
        self._first_step: int | None = first_step
        self._wall_clock = wall_clock
        self._path = ""
        self._segment = b""

    def write(self, frames: Sequence[bytes]) -> None:
        """Appends all frames, or none of them; see `EventFile.write`."""
        store = gfile.get_filesystem(self._directory)
        path, segment, first_step = self._path, self._segment, self._first_step
        size = sum(len(frame) for frame in frames)
        if not path or len(segment) + size > SEGMENT_BYTES:
            now = self._wall_clock()
            names = [*self._list_names(store), path.rpartition("/")[2]]
            path = f"{self._directory}/{event_file.create_file_name(names, now)}"
            segment = b"".join(event_file.first_frames(first_step, now))
            # Only the first object of a writer voids what was before it.
            first_step = None
        segment = b"".join((segment, *frames))
        store.write(path, segment, binary_mode=True)
        self._path, self._segment, self._first_step = path, segment, first_step

    def close(self) -> None:
        """Forgets the object; each write left it complete."""
        self._path, self._segment = "", b""

    def _list_names(self, store: gfile.LocalFileSystem) -> list[str]:
        # Object stores have no directories, and each has its own error for it.
        # What really cannot be written is shown by the write that follows.
        with contextlib.suppress(Exception):
            store.makedirs(self._directory)
        with contextlib.suppress(Exception):
            return [str(name) for name in store.listdir(self._directory)]
        return []
