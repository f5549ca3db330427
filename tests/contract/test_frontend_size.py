"""How much of the front end a browser loads, as TensorBoard sends it."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import frontend_build
import pytest

from tb_kerasviz.plugin.static_files import StaticFile, StaticFiles

FRONTEND = Path(__file__).resolve().parents[2] / "frontend"
ENTRY = "src/index.tsx"
VIEWS = ("architecture", "activations", "gradients", "weights")

# Bytes, compressed. The design allows 150 kB; these are nearer to what is needed, so
# that a step beyond them is a step that somebody has thought about.
FIRST_OPEN = 130_000
"""What is loaded before a view is shown, whichever it is."""
EVERYTHING = 240_000
"""That, and all that is loaded behind it."""


class Build:
    """The front end, built, and which of its files load which."""

    def __init__(self, root: Path, manifest: dict[str, Any]) -> None:
        self._root = root
        self._files = StaticFiles(root)
        self._manifest = manifest

    def loaded_by(self, *sources: str) -> set[str]:
        """Files that are loaded to run what was built of these sources."""
        waiting = list(sources)
        seen: set[str] = set()
        while waiting:
            source = waiting.pop()
            if source not in seen:
                seen.add(source)
                waiting += self._manifest[source].get("imports", [])
        files = {self._manifest[source]["file"] for source in seen}
        return files | {name for file in files for name in self._workers_of(file)}

    def all_files(self) -> set[str]:
        """Everything that was built."""
        chunks = {chunk["file"] for chunk in self._manifest.values()}
        return chunks | {name for file in chunks for name in self._workers_of(file)}

    def _workers_of(self, name: str) -> set[str]:
        # Workers are started by their name, and are not in the manifest.
        text = (self._root / name).read_text("utf-8")
        return {
            f"chunks/{found}"
            for found in re.findall(r"[\w.]+\.worker-[\w-]+\.js", text)
        }

    def find(self, name: str) -> StaticFile:
        """A file as the server has it."""
        file = self._files.find(name)
        assert file is not None, name
        return file

    def size(self, name: str) -> int:
        """Bytes that TensorBoard sends for a file."""
        return len(self.find(name).gzipped)


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Build:
    """A build of the sources as they are."""
    vite = FRONTEND / "node_modules" / "vite" / "bin" / "vite.js"
    if not vite.exists():
        pytest.fail("frontend/node_modules has no Vite; run: make packages")
    node = frontend_build.find_node(os.environ)
    assert node is not None
    root = tmp_path_factory.mktemp("static")
    subprocess.run(
        [node.executable, vite, "build", "--outDir", root, "--manifest", "m.json"],
        cwd=FRONTEND,
        check=True,
        capture_output=True,
    )
    return Build(root, json.loads((root / "m.json").read_text("utf-8")))


def source_of(view: str) -> str:
    return f"src/views/{view}/{view}_view.tsx"


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_opens_within_the_budget(build: Build, view: str) -> None:
    files = build.loaded_by(ENTRY, source_of(view))
    sizes = {name: build.size(name) for name in files}
    assert sum(sizes.values()) <= FIRST_OPEN, sizes


def test_all_of_it_is_within_the_budget(build: Build) -> None:
    files = build.all_files()
    sizes = {name: build.size(name) for name in files}
    assert sum(sizes.values()) <= EVERYTHING, sizes


def test_a_view_loads_no_other(build: Build) -> None:
    own = {view: build.loaded_by(source_of(view)) for view in VIEWS}
    for view in VIEWS:
        (chunk,) = {name for name in own[view] if f"/{view}_view-" in name}
        others = build.loaded_by(ENTRY, *(source_of(v) for v in VIEWS if v != view))
        assert chunk not in others


def test_chunks_have_names_that_the_server_lets_browsers_keep(build: Build) -> None:
    files = build.all_files() - {"index.js"}
    assert any("worker" in name for name in files)
    for name in files:
        assert build.find(name).hashed, name
