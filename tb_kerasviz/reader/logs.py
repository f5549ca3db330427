"""load(): finds the trainings below a directory."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

from tb_kerasviz.log_files import log_directories
from tb_kerasviz.reader.run import Run
from tb_kerasviz.reader.run_records import enumerate_names


class Logs(Mapping[str, Run]):
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
                f"no training {name!r}; there are: {enumerate_names(self._runs)}"
            ) from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._runs)

    def __len__(self) -> int:
        return len(self._runs)

    def __repr__(self) -> str:
        return f"Logs({enumerate_names(self._runs)})"


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
