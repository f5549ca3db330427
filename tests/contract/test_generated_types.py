"""The front end's types are those of the Python definition, today's."""

from __future__ import annotations

import importlib.util
import shutil
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tb_kerasviz.wire import schema

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module", name="generator")
def load_generator() -> ModuleType:
    path = ROOT / "frontend" / "generate_wire.py"
    spec = importlib.util.spec_from_file_location("generate_wire", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["generate_wire"] = module
    spec.loader.exec_module(module)
    return module


def test_generated_file_is_current(generator: ModuleType) -> None:
    assert generator.main(["--check"]) == 0


def test_stale_file_is_found(
    generator: ModuleType,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    wire = tmp_path / "tb_kerasviz" / "wire"
    shutil.copytree(generator.WIRE, wire)
    target = tmp_path / "frontend" / "generated.ts"
    target.parent.mkdir()
    target.write_text(generator.TARGET.read_text("utf-8"), "utf-8")
    monkeypatch.setattr(generator, "WIRE", wire)
    monkeypatch.setattr(generator, "TARGET", target)
    monkeypatch.setattr(generator, "FRONTEND", target.parent)
    assert generator.main(["--check"]) == 0

    status = wire / "schema" / "status.py"
    changed = status.read_text("utf-8").replace("closed: bool", "c: bool")
    status.write_text(changed, "utf-8")

    assert generator.main(["--check"]) == 1
    assert "is stale; run: python frontend/generate_wire.py" in capsys.readouterr().err
    assert generator.main([]) == 0
    assert generator.main(["--check"]) == 0
    assert "readonly c: boolean;" in target.read_text("utf-8")


def test_every_struct_and_field_is_there(generator: ModuleType) -> None:
    text = generator.TARGET.read_text("utf-8")
    structs = [
        item
        for item in vars(schema).values()
        if isinstance(item, type) and hasattr(item, "__struct_fields__")
    ]
    assert len(structs) > 10
    for struct in structs:
        start = text.index(f"export interface {struct.__name__} ")
        body = text[start : text.index("\n}\n", start)]
        for field in struct.__annotations__:
            assert f"  readonly {field}: " in body, (struct.__name__, field)


@pytest.mark.parametrize(
    ("python", "typescript"),
    [
        ("int", "number"),
        ("int | None", "number | null"),
        ("tuple[int, ...]", "readonly number[]"),
        ("tuple[int | None, ...]", "readonly (number | null)[]"),
        ("tuple[tuple[int, int], ...]", "readonly (readonly [number, number])[]"),
        ("tuple[int, str]", "readonly [number, string]"),
        ("Literal['a', 'b']", '"a" | "b"'),
        ("dict[str, tuple[int, ...]]", "{ readonly [key: string]: readonly number[] }"),
        ("dict[str, Any]", "{ readonly [key: string]: unknown }"),
    ],
)
def test_types_are_translated(
    generator: ModuleType, python: str, typescript: str
) -> None:
    definition = f"class A(msgspec.Struct):\n    x: {python}\n"
    others = ("WIRE_VERSION = 1", "Kind = Literal['a']")
    assert f"  readonly x: {typescript};" in generator.generate(*others, definition)


@pytest.mark.parametrize("python", ["set[int]", "dict[int, str]", "Literal[1]"])
def test_untranslatable_types_are_refused(generator: ModuleType, python: str) -> None:
    definition = f"class A(msgspec.Struct):\n    x: {python}\n"
    with pytest.raises(generator.UnsupportedError):
        generator.generate("WIRE_VERSION = 1", "Kind = Literal['a']", definition)


def test_what_older_data_lack_is_generated(generator: ModuleType) -> None:
    definition = "class OneThing(msgspec.Struct):\n    x: int\n    y: str = 'a'\n"
    others = ("WIRE_VERSION = 1", "Kind = Literal['a']")
    text = generator.generate(*others, definition)
    assert (
        'export const ONE_THING_DEFAULTS = {\n  y: "a",\n} satisfies Partial<OneThing>;'
    ) in text
