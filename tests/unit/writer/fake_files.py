"""Event files that are slow, full or broken, as far as a test says."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from tb_kerasviz.writer.event_file import EventFile


class FakeDisk:
    """Opens files whose writes wait for `open_gate` and fail while `broken`."""

    def __init__(self, *, shut: bool = False) -> None:
        self.frames: dict[str, list[bytes]] = {}
        self.broken: OSError | None = None
        self.reached = threading.Event()
        """Set as soon as some write began."""
        self._gate = threading.Event()
        if not shut:
            self._gate.set()

    def open_gate(self) -> None:
        self._gate.set()

    def shut_gate(self) -> None:
        self.reached.clear()
        self._gate.clear()

    def open_file(
        self, directory: str, first_step: int, wall_clock: Callable[[], float]
    ) -> EventFile:
        return FakeFile(self, directory)

    def write(self, directory: str, frames: Sequence[bytes]) -> None:
        self.reached.set()
        self._gate.wait(30)
        if self.broken is not None:
            raise self.broken
        self.frames.setdefault(directory, []).extend(frames)


class FakeFile(EventFile):
    def __init__(self, disk: FakeDisk, directory: str) -> None:
        self._disk = disk
        self._directory = directory

    def write(self, frames: Sequence[bytes]) -> None:
        self._disk.write(self._directory, frames)

    def close(self) -> None:
        pass
