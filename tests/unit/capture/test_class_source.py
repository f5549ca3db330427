from __future__ import annotations

import importlib.util
import inspect
import linecache
import pathlib
import sys
import types
from collections.abc import Iterator
from typing import Any

import keras
import pytest
from keras import layers

from tb_kerasviz.capture.class_source import MAX_FILE_NAME, source_of


def line_of(text: str) -> int:
    """Line of this file that begins with a text, from 1."""
    lines = pathlib.Path(__file__).read_text().splitlines()
    return next(n for n, x in enumerate(lines, 1) if x.strip().startswith(text))


def decorate(cls: type) -> type:
    return cls


@decorate
@decorate
class Decorated(layers.Layer):
    """A class."""

    def call(self, x: Any) -> Any:
        return x


class WithoutMethods(Decorated):
    pass


class WithProperty(layers.Layer):
    @property
    def width(self) -> int:
        return 1


@pytest.mark.parametrize("cls", [Decorated, WithoutMethods, WithProperty])
def test_the_statement_of_a_users_class_is_found(cls: type) -> None:
    assert source_of(cls) == (__file__, line_of(f"class {cls.__name__}"))


def test_the_inner_one_of_two_classes_of_a_name_is_found() -> None:
    class Decorated(layers.Layer):
        def call(self, x: Any) -> Any:
            return x

    file, line = source_of(Decorated)
    assert file == __file__
    assert line == inspect.currentframe().f_lineno - 6  # type: ignore[union-attr]


def test_keras_and_installed_packages_are_not_the_users() -> None:
    assert source_of(layers.Dense) == ("", 0)
    assert source_of(keras.Sequential) == ("", 0)
    assert source_of(pytest.Item) == ("", 0)
    assert source_of(pathlib.Path) == ("", 0)
    assert source_of(int) == ("", 0)


def test_a_class_made_by_a_call_has_no_line() -> None:
    made = type("Made", (layers.Layer,), {})
    made.__module__ = __name__
    file, line = source_of(made)
    assert (file, line) in {(__file__, 0), ("", 0)}


@pytest.fixture
def cell() -> Iterator[types.ModuleType]:
    """A class as a cell of a notebook defines it: its code is no file's."""
    code = "\n\nclass Cell:\n    def call(self, x):\n        return x\n"
    name = "<ipython-input-7-0123456789ab>"
    linecache.cache[name] = (len(code), None, code.splitlines(True), name)
    module = types.ModuleType("__notebook__")
    sys.modules["__notebook__"] = module
    exec(compile(code, name, "exec"), vars(module))
    yield module
    del sys.modules["__notebook__"], linecache.cache[name]


def test_the_cell_of_a_notebook_is_named(cell: types.ModuleType) -> None:
    assert source_of(cell.Cell) == ("<ipython-input-7-0123456789ab>", 3)


def test_code_without_any_source_has_no_line() -> None:
    space: dict[str, Any] = {"__name__": "nowhere"}
    exec("class Gone:\n    def call(self, x):\n        return x", space)

    assert source_of(space["Gone"]) == ("<string>", 0)


def test_a_file_may_be_gone(tmp_path: pathlib.Path) -> None:
    file = tmp_path / "theirs.py"
    file.write_text("class Theirs:\n    def call(self, x):\n        return x\n")
    spec = importlib.util.spec_from_file_location("theirs", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    file.unlink()

    assert source_of(module.Theirs) == (str(file), 0)


def test_what_a_class_claims_of_itself_is_no_error() -> None:
    class Meta(type):
        @property
        def __module__(cls) -> Any:  # type: ignore[override]
            raise RuntimeError("no")

    class Odd(metaclass=Meta):
        pass

    assert source_of(Odd) == ("", 0)


def test_a_long_file_name_is_cut() -> None:
    name = "/" + "d" * 5_000
    space: dict[str, Any] = {"__name__": "long"}
    exec(compile("class Far:\n    def f(self): pass", name, "exec"), space)

    file, _ = source_of(space["Far"])
    assert file == name[:MAX_FILE_NAME]
