"""The parameters of every route, and the one parser that reads them."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from typing import Any, TypeVar

from tb_kerasviz.plugin.errors import (
    InvalidArgumentError,
    enumerate_some,
    quote,
)

MAX_TEXT_BYTES = 4096
MAX_INT = 2**53

_DIGITS = re.compile(r"[0-9]{1,16}")
_Q = TypeVar("_Q", bound="Query")


@dataclasses.dataclass(frozen=True)
class Query:
    """What every request's parameters are a kind of."""


@dataclasses.dataclass(frozen=True)
class NoQuery(Query):
    """No parameters."""


@dataclasses.dataclass(frozen=True)
class RunQuery(Query):
    """A training."""

    run: str


@dataclasses.dataclass(frozen=True)
class StepQuery(Query):
    """A record of a training."""

    run: str
    step: int


@dataclasses.dataclass(frozen=True)
class LayerQuery(Query):
    """A layer of a training."""

    run: str
    layer: str


@dataclasses.dataclass(frozen=True)
class SampleQuery(Query):
    """A sample of a record."""

    run: str
    step: int
    sample: int = 0


@dataclasses.dataclass(frozen=True)
class ProbeDataQuery(Query):
    """A sample of one of the probe's inputs."""

    run: str
    step: int
    input: int = 0
    sample: int = 0


@dataclasses.dataclass(frozen=True)
class OutputQuery(Query):
    """One output of one call of a layer, in a record."""

    run: str
    step: int
    layer: str
    call: int = 0
    output: int = 0


@dataclasses.dataclass(frozen=True)
class ActivationDataQuery(OutputQuery):
    """A sample of one output of one call of a layer."""

    sample: int = 0


@dataclasses.dataclass(frozen=True)
class ModelOutputQuery(Query):
    """One of the model's outputs, in a record."""

    run: str
    step: int
    output: int = 0


@dataclasses.dataclass(frozen=True)
class UnitTrendQuery(Query):
    """One unit of one output of one call of a layer."""

    run: str
    layer: str
    unit: int
    call: int = 0
    output: int = 0


@dataclasses.dataclass(frozen=True)
class VariableQuery(Query):
    """A variable in a record."""

    run: str
    step: int
    variable: str


@dataclasses.dataclass(frozen=True)
class VariableTrendQuery(Query):
    """A variable of a training."""

    run: str
    variable: str


@dataclasses.dataclass(frozen=True)
class CellsQuery(Query):
    """A range of a training's steps, as at most so many cells."""

    run: str
    first: int
    last: int
    cells: int = 512


@dataclasses.dataclass(frozen=True)
class DynamicsQuery(CellsQuery):
    """One quantity of all variables in a range of steps."""

    quantity: str = "grad_norm"


@dataclasses.dataclass(frozen=True)
class PageQuery(Query):
    """Some of all trainings, by name."""

    skip: int = 0
    count: int = 32


@dataclasses.dataclass(frozen=True)
class ScalarQuery(Query):
    """A scalar of a training."""

    run: str
    split: str
    tag: str


def parse_query(arguments: Mapping[str, list[str]], kind: type[_Q]) -> _Q:
    """Reads the parameters of a request.

    Args:
        arguments: All values of each parameter.
        kind: Dataclass with a field for each parameter, `str` or `int`; one
            without a default is required.

    Raises:
        InvalidArgumentError: A parameter is unknown, missing, given twice,
            malformed or out of range.
    """
    fields = {field.name: field for field in dataclasses.fields(kind)}
    for name in arguments:
        if name not in fields:
            raise InvalidArgumentError(
                f"there is no parameter {quote(name)}; there are: "
                f"{enumerate_some(list(fields))}."
            )
    values: dict[str, Any] = {}
    for name, field in fields.items():
        given = arguments.get(name, [])
        if len(given) > 1:
            raise InvalidArgumentError(
                f"parameter {name} was given {len(given)} times; give it once."
            )
        if given:
            # Annotations are strings here, see the import from __future__.
            parse = _parse_int if field.type == "int" else _parse_text
            values[name] = parse(name, given[0])
        elif field.default is dataclasses.MISSING:
            raise InvalidArgumentError(f"parameter {name} is missing.")
    return kind(**values)


def _parse_int(name: str, text: str) -> int:
    value = int(text) if _DIGITS.fullmatch(text) else -1
    if not 0 <= value <= MAX_INT:
        raise InvalidArgumentError(
            f"parameter {name} is {quote(text)}; "
            f"it must be a whole number from 0 to {MAX_INT}."
        )
    return value


def _parse_text(name: str, text: str) -> str:
    size = len(text.encode("utf-8", "surrogatepass"))
    if not 0 < size <= MAX_TEXT_BYTES:
        raise InvalidArgumentError(
            f"parameter {name} has {size} bytes; it must have 1 to {MAX_TEXT_BYTES}."
        )
    return text
