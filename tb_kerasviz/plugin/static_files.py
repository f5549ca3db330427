"""The built front end, from a fixed table; a request never makes a path."""

from __future__ import annotations

import dataclasses
import gzip
import importlib.resources
import json
import re
import threading
from collections.abc import Iterator
from importlib.resources.abc import Traversable

from tensorboard.util import tb_logging

ENTRY = "index.js"
"""The module that TensorBoard imports and whose `render` it calls."""

CONTENT_TYPES = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".json": "application/json",
    ".wasm": "application/wasm",
    ".png": "image/png",
    ".woff2": "font/woff2",
}
"""Files of other kinds are not served; nothing here can be opened as a page."""

NOT_BUILT = (
    "The front end of tb_kerasviz is not in this installation. Install the package "
    "again (pip install . or pip install -e . in its source folder builds it), "
    "then reload this page."
)

_HASHED = re.compile(r".*[-.][A-Za-z0-9_-]{8,}\.[a-z0-9]+")
_MAX_FILES = 1000

_logger = tb_logging.get_logger()


@dataclasses.dataclass(frozen=True)
class StaticFile:
    """One file.

    Attributes:
        gzipped: Its bytes, compressed once for all answers.
        content_type: Its media type.
        hashed: Whether its name changes with its content.
    """

    gzipped: bytes
    content_type: str
    hashed: bool


class StaticFiles:
    """The table of all files, read when the first one is asked for."""

    def __init__(self, root: Traversable | None = None) -> None:
        """Reads nothing yet.

        Args:
            root: Folder of the files; by default the package's own.
        """
        self._root = root
        self._lock = threading.Lock()
        self._files: dict[str, StaticFile] = {}

    def find(self, name: str) -> StaticFile | None:
        """The file with exactly this name, relative to the root, if any.

        Where the front end was not built, the entry is a module that says so,
        and the folder is looked at again each time.
        """
        with self._lock:
            if ENTRY not in self._files:
                self._files = self._read_files()
            file = self._files.get(name)
        return _not_built() if file is None and name == ENTRY else file

    def _read_files(self) -> dict[str, StaticFile]:
        try:
            root = self._root
            if root is None:
                root = importlib.resources.files("tb_kerasviz") / "static"
            return dict(_walk(root, ""))
        except OSError as error:
            _logger.warning("The Keras tab's front end cannot be read: %s", error)
            return {}


def _walk(folder: Traversable, prefix: str) -> Iterator[tuple[str, StaticFile]]:
    if not folder.is_dir():
        return
    for _, entry in zip(range(_MAX_FILES), folder.iterdir(), strict=False):
        if entry.is_dir():
            yield from _walk(entry, f"{prefix}{entry.name}/")
            continue
        content_type = CONTENT_TYPES.get(f".{entry.name.rpartition('.')[2]}")
        if content_type is not None:
            # Only chunks are loaded by a hashed name; a long cache of anything
            # else would outlive an upgrade.
            hashed = bool(prefix) and _HASHED.fullmatch(entry.name) is not None
            packed = gzip.compress(entry.read_bytes(), mtime=0)
            yield prefix + entry.name, StaticFile(packed, content_type, hashed)


def _not_built() -> StaticFile:
    # A text node, so that it needs no markup and no style.
    show = f"document.body.append({json.dumps(NOT_BUILT)});"
    module = f"export function render() {{ {show} }}\n"
    return StaticFile(gzip.compress(module.encode(), mtime=0), "text/javascript", False)
