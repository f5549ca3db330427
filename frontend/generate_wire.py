"""Generates `src/wire/generated.ts` from the Python definition of the format.

Run it after every change in `tb_kerasviz/wire/schema/`:

    python frontend/generate_wire.py            # writes the file
    python frontend/generate_wire.py --check    # exits 1 if it is stale

It reads the source text and imports nothing of it, so that any Python 3.11
will do, and the docstrings below the fields arrive as TSDoc.
"""

from __future__ import annotations

import argparse
import ast
import json
import re
import sys
import textwrap
from pathlib import Path

FRONTEND = Path(__file__).resolve().parent
WIRE = FRONTEND.parent / "tb_kerasviz" / "wire"
TARGET = FRONTEND / "src" / "wire" / "generated.ts"

_HEADER = """\
// DO NOT EDIT. Generated from tb_kerasviz/wire/schema/.
// Regenerate with: python frontend/generate_wire.py
"""
_PRIMITIVES = {
    "int": "number",
    "float": "number",
    "str": "string",
    "bool": "boolean",
    "Any": "unknown",
    "None": "null",
}
_SCHEMA = (
    "base",
    "architecture",
    "activations",
    "training",
    "status",
    "verdicts",
    "answers",
)
"""The modules of the schema, each after those that it uses."""
_WIDTH = 88
"""Longest line, as the front end's formatter wants it."""
_STRUCT_BASES = {"msgspec.Struct", "Document"}


class UnsupportedError(Exception):
    """The definition uses something that has no translation yet."""


def translate(annotation: ast.expr) -> str:
    """Translates a Python annotation into a TypeScript type.

    Args:
        annotation: The annotation's syntax tree.

    Raises:
        UnsupportedError: There is no translation for it.
    """
    match annotation:
        case ast.Constant(value=None):
            return "null"
        case ast.Name(id=name):
            return _PRIMITIVES.get(name, name)
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return f"{translate(left)} | {translate(right)}"
        case ast.Subscript(value=ast.Name(id="Literal"), slice=values):
            return " | ".join(_literal(value) for value in _elements(values))
        case ast.Subscript(value=ast.Name(id="tuple"), slice=items):
            return _tuple(_elements(items))
        case ast.Subscript(value=ast.Name(id="dict"), slice=items):
            key, value = _elements(items)
            if translate(key) != "string":
                raise UnsupportedError(f"a mapping with {ast.unparse(key)} as key")
            # JSON objects come with any key, so a key may always be missing.
            return f"{{ readonly [key: string]: {translate(value)} }}"
    raise UnsupportedError(ast.unparse(annotation))


def _elements(node: ast.expr) -> list[ast.expr]:
    return list(node.elts) if isinstance(node, ast.Tuple) else [node]


def _literal(node: ast.expr) -> str:
    if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
        raise UnsupportedError(f"the literal {ast.unparse(node)}")
    return f'"{node.value}"'


def _tuple(items: list[ast.expr]) -> str:
    match items:
        case [item, ast.Constant(value=value)] if value is Ellipsis:
            inner = translate(item)
            return f"readonly ({inner})[]" if " " in inner else f"readonly {inner}[]"
    return f"readonly [{', '.join(translate(item) for item in items)}]"


def _comment(text: str, indent: str = "") -> list[str]:
    text = textwrap.dedent(text).strip()
    # The text's own lines are kept, since they may hold lists.
    first, *rest = text.splitlines()
    lines = [first, *textwrap.dedent("\n".join(rest)).splitlines()]
    if len(lines) == 1:
        return [f"{indent}/** {lines[0]} */"]
    body = [f"{indent} * {line}".rstrip() for line in lines]
    return [f"{indent}/**", *body, f"{indent} */"]


def _docstring(following: ast.stmt | None) -> str | None:
    match following:
        case ast.Expr(value=ast.Constant(value=str(text))):
            return text
    return None


def _interface(node: ast.ClassDef) -> list[str]:
    bases = [ast.unparse(base) for base in node.bases]
    if not set(bases) <= _STRUCT_BASES:
        raise UnsupportedError(f"class {node.name}({', '.join(bases)})")
    parent = " extends Document" if "Document" in bases else ""
    documentation = ast.get_docstring(node, clean=True)
    lines = _comment(documentation) if documentation else []
    lines.append(f"export interface {node.name}{parent} {{")
    for field, following in zip(node.body, [*node.body[1:], None], strict=True):
        if not isinstance(field, ast.AnnAssign):
            continue
        if not isinstance(field.target, ast.Name):
            raise UnsupportedError(ast.unparse(field))
        if text := _docstring(following):
            lines += _comment(text, "  ")
        lines.append(f"  readonly {field.target.id}: {translate(field.annotation)};")
    return [*lines, "}", *_defaults(node)]


def _defaults(node: ast.ClassDef) -> list[str]:
    """What older data lack: the fields that have a default, with it."""
    fields = [
        f"  {field.target.id}: {_default(field.value)},"
        for field in node.body
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and field.value is not None
    ]
    if not fields:
        return []
    name = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", node.name).upper()
    comment = f"/** Fields of `{node.name}` that older data lack. */"
    head = f"export const {name}_DEFAULTS = {{"
    close = f"}} satisfies Partial<{node.name}>;"
    return ["", comment, head, *fields, close]


def _default(value: ast.expr) -> str:
    match value:
        case ast.Constant(value=None):
            return "null"
        case ast.Constant(value=bool(given) | str(given)):
            return json.dumps(given)
        case ast.Constant(value=int(number)):
            return str(number)
        case ast.Tuple(elts=[]):
            return "[]"
    raise UnsupportedError(f"the default {ast.unparse(value)}")


def _type_alias(name: str, translated: str) -> list[str]:
    line = f"export type {name} = {translated};"
    if len(line) <= _WIDTH:
        return [line]
    return [f"export type {name} =\n  | " + translated.replace(" | ", "\n  | ") + ";"]


def _constant(node: ast.Assign, following: ast.stmt | None) -> list[str]:
    (target,) = node.targets
    if not isinstance(target, ast.Name) or target.id.startswith("_"):
        return []
    text = _docstring(following)
    lines = _comment(text) if text else []
    match node.value:
        case ast.Tuple(elts=items):
            names = [f"  {_literal(item)},\n" for item in items]
            return [
                *lines,
                f"export const {target.id} = [\n{''.join(names)}] as const;",
            ]
        case ast.Constant(value=int(value) | float(value)):
            return [*lines, f"export const {target.id} = {value};"]
        case ast.Subscript() | ast.BinOp():
            return [*lines, *_type_alias(target.id, translate(node.value))]
    raise UnsupportedError(ast.unparse(node))


def _named(module: ast.Module, name: str) -> list[str]:
    """Translates the one assignment to `name` in a module."""
    for node, following in zip(module.body, [*module.body[1:], None], strict=True):
        match node:
            case ast.Assign(targets=[ast.Name(id=found)]) if found == name:
                return _constant(node, following)
    raise UnsupportedError(f"{name} is not defined")


def generate(metadata: str, tags: str, *schema: str) -> str:
    """Translates the definition of the format into TypeScript.

    Args:
        metadata: Text of `wire/metadata.py`, for the version.
        tags: Text of `wire/tags.py`, for the kinds of data.
        *schema: Texts of the modules of `wire/schema/`.

    Returns:
        The text of `generated.ts`.

    Raises:
        UnsupportedError: The definition uses something untranslatable.
    """
    blocks = [
        _named(ast.parse(metadata), "WIRE_VERSION"),
        _named(ast.parse(tags), "Kind"),
    ]
    body = [node for text in schema for node in ast.parse(text).body]
    for node, following in zip(body, [*body[1:], None], strict=True):
        if isinstance(node, ast.Assign):
            blocks.append(_constant(node, following))
        elif isinstance(node, ast.ClassDef):
            blocks.append(_interface(node))
    return "\n".join([_HEADER, *("\n".join(lines) + "\n" for lines in blocks if lines)])


def main(arguments: list[str] | None = None) -> int:
    """Writes the file, or checks that it is current.

    Args:
        arguments: Command line; None takes the process's own.

    Returns:
        The exit status: 1 if `--check` found a stale file.
    """
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="only compare")
    options = parser.parse_args(arguments)
    sources = ("metadata.py", "tags.py", *(f"schema/{name}.py" for name in _SCHEMA))
    text = generate(*((WIRE / name).read_text("utf-8") for name in sources))
    if not options.check:
        TARGET.write_text(text, "utf-8", newline="\n")
        return 0
    if TARGET.exists() and TARGET.read_text("utf-8") == text:
        return 0
    print(
        f"{TARGET.relative_to(FRONTEND.parent)} is stale; "
        "run: python frontend/generate_wire.py",
        file=sys.stderr,
    )
    return 1


if __name__ == "__main__":
    sys.exit(main())
