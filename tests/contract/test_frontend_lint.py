"""The front end's linter holds its architecture, and each of its rules can fail."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

FRONTEND = Path(__file__).resolve().parents[2] / "frontend"
BIOME = FRONTEND / "node_modules" / ".bin" / "biome"

IMPORTS = "lint/style/noRestrictedImports"
GLOBALS = "lint/style/noRestrictedGlobals"
PLUGIN = "plugin"

# File, what it says, and the rule that it breaks, or None.
CASES = [
    ("src/wire/a.ts", 'import "../model/good";', IMPORTS),
    ("src/model/a.ts", 'import "../wire/good";', None),
    ("src/model/b.ts", 'import "../draw/good";', IMPORTS),
    ("src/model/c.ts", 'import "../state/good";', IMPORTS),
    ("src/model/d.test.ts", 'import "../draw/good";', None),
    ("src/workers/a.ts", 'import "../model/good";', None),
    ("src/workers/b.ts", 'import "../state/good";', IMPORTS),
    ("src/draw/a.ts", 'import "../model/good";', None),
    ("src/draw/b.ts", 'import "../state/good";', IMPORTS),
    ("src/draw/c.ts", 'import "../data/good";', IMPORTS),
    ("src/data/a.ts", 'import "../wire/good";', None),
    ("src/data/b.ts", 'import "../model/good";', IMPORTS),
    ("src/host/a.ts", 'import "../state/good";', None),
    ("src/host/b.ts", 'import "../data/good";', IMPORTS),
    ("src/theme/a.ts", 'import "../state/good";', IMPORTS),
    ("src/state/a.ts", 'import "../data/good";', None),
    ("src/state/b.ts", 'import "../host/good";', IMPORTS),
    ("src/state/c.ts", 'import "../views/good";', IMPORTS),
    ("src/components/a.ts", 'import "../state/good";', None),
    ("src/components/b.ts", 'import "../views/good";', IMPORTS),
    ("src/views/deep/a.ts", 'import "../../state/good";', None),
    ("src/views/deep/b.ts", 'import "../../data/good";', IMPORTS),
    ("src/views/deep/c.ts", 'import "../../index";', IMPORTS),
    ("src/views/d.ts", 'export const x = import("../host/good");', IMPORTS),
    ("src/data/c.ts", 'export const x = fetch("./runs");', None),
    ("src/views/e.ts", 'export const x = fetch("./runs");', GLOBALS),
    ("src/views/f.ts", 'export const x = window.fetch("./runs");', PLUGIN),
    ("src/host/c.ts", 'export const x = fetch("./runs");', GLOBALS),
    ("src/host/d.ts", "export const x = window.parent;", None),
    ("src/views/g.ts", "export const x = window.parent;", PLUGIN),
    ("src/data/d.ts", "export const x = parent;", GLOBALS),
    ("src/views/h.ts", 'document.body.innerHTML = "<b>";', PLUGIN),
    ("src/views/i.ts", 'document.body.insertAdjacentHTML("x", "y");', PLUGIN),
    ("src/views/j.ts", 'export const x = new Function("x");', PLUGIN),
    ("src/views/k.ts", 'export const x = eval("1");', "lint/security/noGlobalEval"),
    (
        "src/views/l.tsx",
        'export const x = <b dangerouslySetInnerHTML={{ __html: "x" }} />;',
        "lint/security/noDangerouslySetInnerHtml",
    ),
    ("src/model/one.ts", 'import "./two";', "lint/suspicious/noImportCycles"),
    ("src/model/two.ts", 'import "./one";', "lint/suspicious/noImportCycles"),
]


@pytest.fixture(scope="module")
def broken_rules(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """Rules that the linter finds broken, file by file, in a tree of all the cases."""
    folder = tmp_path_factory.mktemp("frontend")
    shutil.copy(FRONTEND / "biome.json", folder)
    shutil.copytree(FRONTEND / "lint", folder / "lint")
    for name, text, _ in CASES:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{text}\n", "utf-8")
        (path.parent / "good.ts").write_text("export const good = 1;\n", "utf-8")
    (folder / "src" / "index.ts").write_text("export const good = 1;\n", "utf-8")
    if not BIOME.exists():
        pytest.fail("frontend/node_modules has no Biome; run: make packages")
    finished = subprocess.run(
        [BIOME, "lint", "--reporter=json", "--max-diagnostics=none", "."],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    found: dict[str, set[str]] = {}
    for diagnostic in json.loads(finished.stdout)["diagnostics"]:
        path = diagnostic["location"]["path"]
        found.setdefault(path, set()).add(diagnostic["category"])
    return found


@pytest.mark.parametrize(("name", "text", "rule"), CASES)
def test_the_linter_finds_what_breaks_the_architecture(
    broken_rules: dict[str, set[str]], name: str, text: str, rule: str | None
) -> None:
    expected = {rule} - {None}
    assert broken_rules.get(name, set()) == expected, text
