"""One call of a layer, and the sizes of its tensors per sample."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from tb_kerasviz.wire.schema import Shape


@dataclasses.dataclass(frozen=True, kw_only=True)
class LayerCall:
    """What a formula may depend on.

    Attributes:
        class_name: Of the layer or operation.
        module: Where that class is defined.
        config: What `get_config()` returned, as JSON values.
        inputs: Shapes `[N, ...]` of the tensors that it is called with.
        outputs: Shapes `[N, ...]` of the tensors that it returns.
        variables: Shapes of the layer's floating-point variables by name (a
            quantised one may hold several values in one); those of its children
            as "child/name".
        arguments: Of an operation, the shapes of all arrays that it is called
            with, constants and variables too, by name of the argument.
    """

    class_name: str
    module: str
    config: Mapping[str, Any]
    inputs: tuple[Shape, ...]
    outputs: tuple[Shape, ...]
    variables: Mapping[str, Shape] = dataclasses.field(default_factory=dict)
    arguments: Mapping[str, tuple[Shape, ...]] = dataclasses.field(default_factory=dict)


class Unknown(Exception):  # noqa: N818 - it is an answer, not an error
    """A size that is needed is not known."""


def product(sizes: Iterable[int | None]) -> int:
    """Product of the sizes of axes.

    Raises:
        Unknown: One of them is None.
    """
    total = 1
    for size in sizes:
        if size is None:
            raise Unknown
        total *= size
    return total


def elements(shape: Shape) -> int:
    """Elements of a tensor without a batch axis, such as a variable."""
    return product(shape)


def per_sample(shape: Shape) -> int:
    """Elements per sample of a tensor `[N, ...]`; a scalar has one."""
    return product(shape[1:])


_ITEM_BYTES = {
    "bool": 1,
    "float16": 2,
    "bfloat16": 2,
    "float32": 4,
    "float64": 8,
    "complex64": 8,
    "complex128": 16,
    "float8_e4m3fn": 1,
    "float8_e5m2": 1,
    **{f"{kind}{8 * n}": n for kind in ("int", "uint") for n in (1, 2, 4, 8)},
}


def element_bytes(dtype: str) -> int:
    """Bytes of one element; 0 where that varies or is not known."""
    return _ITEM_BYTES.get(dtype, 0)


def activation_bytes(shapes: Sequence[Shape], dtypes: Sequence[str]) -> int | None:
    """Bytes per sample of tensors `[N, ...]`; None where a size is not known.

    Also where there is no tensor at all, and for strings, whose length varies.
    """
    if not shapes or len(shapes) != len(dtypes):
        return None
    try:
        return sum(
            per_sample(shape) * _ITEM_BYTES[dtype]
            for shape, dtype in zip(shapes, dtypes, strict=True)
        )
    except (Unknown, KeyError):
        return None


def sum_of_products(
    equation: str, operands: Sequence[Shape | None], output: Shape
) -> int:
    """Multiply-adds per sample of an einsum of two operands.

    That is the number of all combinations of values of its letters, without
    the batch, which is the output's first axis.

    Args:
        equation: Like "abc,cd->abd"; with ellipses, and without an arrow.
        operands: Shapes of the operands; None where one is not known.
        output: Shape `[N, ...]`.

    Raises:
        Unknown: A letter's size follows from none of the shapes, or the number
            of operands is another one, for which it depends on their order.
    """
    terms, result = _terms(equation.replace(" ", ""))
    if len(terms) == 1:
        return 0
    if len(terms) != 2 or len(operands) != 2 or not output:
        raise Unknown
    sizes: dict[str, int | None] = {}
    # The second one first: it is often a variable, whose shape is certain, while
    # Keras's symbolic shapes are not always those of the tensors.
    for term, shape in [*zip(terms, operands, strict=True)][::-1]:
        for letter, size in _named_axes(term, shape):
            # An ellipsis broadcasts axes of size 1, and what is open in one operand
            # is not known, whatever the other one says.
            if size is None or sizes.setdefault(letter, size) == 1:
                sizes[letter] = size
    for letter, size in _named_axes(result, output):
        sizes.setdefault(letter, size)
    letters = {letter for term in (*terms, result) for letter in term} - set("...")
    if not letters <= sizes.keys():
        raise Unknown
    batch = _spelled_out(result, len(output))[0]
    return product(size for letter, size in sizes.items() if letter != batch)


def _named_axes(term: str, shape: Shape | None) -> Iterable[tuple[str, int | None]]:
    if shape is None:
        return ()
    return zip(_spelled_out(term, len(shape)), shape, strict=True)


def _terms(equation: str) -> tuple[list[str], str]:
    left, arrow, result = equation.partition("->")
    terms = left.split(",")
    if not arrow:
        count = Counter(left.replace(",", "").replace(".", ""))
        result = "".join(sorted(letter for letter in count if count[letter] == 1))
        result = ("..." if "..." in left else "") + result
    return terms, result


def _spelled_out(term: str, rank: int) -> list[str]:
    """Its letters, one for each axis; those of an ellipsis are numbers."""
    before, dots, after = term.partition("...")
    hidden = rank - len(before) - len(after)
    if hidden < 0 or (hidden and not dots):
        raise Unknown
    # Ellipses align at their last axis.
    return [*before, *(str(n) for n in range(hidden, 0, -1)), *after]


def row_ratio(before: Shape, after: Shape) -> Fraction:
    """How many rows a reshape makes of one.

    A reshape to `[-1, ...]` may move axes of a sample to the batch axis. Then
    one sample has several rows afterwards.

    Raises:
        Unknown: A size is not known.
    """
    if before[1:].count(None) == after[1:].count(None) == 1:
        # An axis of any length that stays.
        old, new = (product(n for n in s[1:] if n) for s in (before, after))
        if old != new:
            raise Unknown
        return Fraction(1)
    old, new = per_sample(before), per_sample(after)
    return Fraction(old, new) if new else Fraction(1)
