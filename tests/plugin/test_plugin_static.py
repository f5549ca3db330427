"""The front end's files: from a fixed table, and never anything else."""

from __future__ import annotations

import gzip
import importlib.resources
import logging
import subprocess
from pathlib import Path

import pytest

from tb_kerasviz.plugin import static_files
from tests.plugin import servers

HASHED = "chunks/layout-B7xPq3Zk.js"


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """A folder like a built front end, beside a secret."""
    (tmp_path / "secret.js").write_text("secret")
    root = tmp_path / "static"
    (root / "chunks").mkdir(parents=True)
    (root / "index.js").write_text("export function render() {}")
    (root / HASHED).write_text("chunk")
    (root / "chunks" / "plain.js").write_text("plain")
    (root / "style-B7xPq3Zk.css").write_text("a{}")
    for name in ("index.js.map", "page.html", "picture.svg", "run.py", "stamp"):
        (root / name).write_text("not served")
    return root


def app_of(
    monkeypatch: pytest.MonkeyPatch, logdir: Path, root: Path
) -> servers.Application:
    package = root.parent
    real = importlib.resources.files

    def files(anchor: str) -> object:
        return package if anchor == "tb_kerasviz" else real(anchor)

    monkeypatch.setattr(importlib.resources, "files", files)
    return servers.Application(logdir)


def test_each_file_has_its_type_and_its_cache(
    tmp_path: Path, built: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = app_of(monkeypatch, tmp_path / "logs", built)
    for name, kind, cache in [
        ("index.js", "text/javascript; charset=utf-8", "no-cache, must-revalidate"),
        (HASHED, "text/javascript; charset=utf-8", "private, max-age=31536000"),
        ("chunks/plain.js", "text/javascript; charset=utf-8", "no-cache"),
        ("style-B7xPq3Zk.css", "text/css; charset=utf-8", "no-cache"),
    ]:
        response = app.get("/static/" + name)
        assert response.status_code == 200
        assert response.content_type == kind
        assert response.headers["Cache-Control"].startswith(cache)
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        content = (built / name).read_bytes()
        assert gzip.decompress(response.data) == content
        plain = app.client.get(f"{servers.BASE}/static/{name}")
        assert plain.data == content
        head = app.ask("HEAD", "/static/" + name)
        assert (head.status_code, head.data) == (200, b"")


TRAVERSALS = [
    "../secret.js",
    "%2e%2e/secret.js",
    "%2e%2e%2fsecret.js",
    "%252e%252e/secret.js",
    "..%5csecret.js",
    "..\\secret.js",
    "chunks/../../secret.js",
    "chunks/../index.js",
    "./index.js",
    "/index.js",
    "//index.js",
    "static/index.js",
    "a/static/index.js",
    "/etc/passwd",
    "%2fetc%2fpasswd",
    "file:///etc/passwd",
    "index.js%00",
    "index.js%00.css",
    "%00",
    "index.js/",
    "index.js.map",
    "page.html",
    "picture.svg",
    "run.py",
    "stamp",
    "chunks",
    "chunks/",
    "INDEX.JS",
    "index",
    "..",
    ".",
    "",
    "C:\\index.js",
    "con",
    "~/index.js",
    "x" * 10_000,
    "%ff",
    "link.js",
]


@pytest.mark.parametrize("name", TRAVERSALS)
def test_nothing_but_the_table_is_served(
    tmp_path: Path, built: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    app = app_of(monkeypatch, tmp_path / "logs", built)
    assert app.get("/static/index.js").status_code == 200
    # A file that came later is not in the table, wherever it leads.
    (built / "link.js").symlink_to(tmp_path / "secret.js")
    response = app.client.get(f"{servers.BASE}/static/{name}")
    assert response.status_code == 404
    assert response.content_type == "text/plain; charset=utf-8"
    assert "secret" not in response.get_data(as_text=True)


def test_without_a_built_front_end_the_tab_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    root = tmp_path / "static"
    app = app_of(monkeypatch, tmp_path / "logs", root)
    with caplog.at_level(logging.WARNING):
        response = app.get("/static/index.js")
    assert response.status_code == 200
    assert response.content_type == "text/javascript; charset=utf-8"
    module = gzip.decompress(response.data).decode()
    assert static_files.NOT_BUILT in module
    shown = run_module(module, tmp_path)
    assert shown == static_files.NOT_BUILT
    assert app.get("/static/other.js").status_code == 404
    # Built meanwhile: it is found without starting TensorBoard again.
    root.mkdir()
    (root / "index.js").write_text("built")
    assert gzip.decompress(app.get("/static/index.js").data) == b"built"


def run_module(module: str, folder: Path) -> str:
    """Imports the module as TensorBoard does and returns what it shows."""
    (folder / "module.mjs").write_text(module)
    (folder / "main.mjs").write_text(
        "globalThis.document = {body: {append: (text) => console.log(text)}};"
        "import('./module.mjs').then((m) => void m.render());"
    )
    node = servers.find_node()
    return subprocess.run(
        [node, folder / "main.mjs"], capture_output=True, text=True, check=True
    ).stdout.strip()


def test_files_that_cannot_be_read_leave_tensorboard_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "static"
    root.mkdir()
    (root / "index.js").symlink_to(root / "index.js")  # a loop
    app = app_of(monkeypatch, tmp_path / "logs", root)
    response = app.get("/static/index.js")
    assert response.status_code == 200
    assert static_files.NOT_BUILT in gzip.decompress(response.data).decode()
    assert app.client.get("/data/plugins_listing").status_code == 200
