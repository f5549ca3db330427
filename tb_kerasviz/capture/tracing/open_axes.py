"""Axes of unknown length, above all the batch.

Code like `ops.zeros((ops.shape(x)[0], 3))` needs a length. So each call is traced
with some lengths and with others: where the two traces differ, an axis is open.
(Keras infers shapes on PyTorch in the same way.)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import keras

from tb_kerasviz.capture.tracing.calls import Call, merge_shapes
from tb_kerasviz.capture.tracing.errors import TracingError
from tb_kerasviz.capture.tracing.symbols import Lengths, is_symbol

LENGTHS = (Lengths(83, 64), Lengths(89, 96))
"""The batch is unlike the lengths of other axes, and no multiple of them. Others
can be halved five times, as networks that join maps of several sizes do."""


def trace_lengths(trace: Callable[[Lengths], Call], arguments: Sequence[Any]) -> Call:
    """Traces a call twice, with other lengths of its open axes.

    Args:
        trace: Traces the call with some lengths.
        arguments: The call's arguments, flat.

    Returns:
        The call, with those axes open that depend on the lengths.

    Raises:
        TracingError: What is called depends on the lengths.
    """
    first = trace(LENGTHS[0])
    if any(is_symbol(value) and None in value.shape for value in arguments):
        second = trace(LENGTHS[1])
        if not merge_shapes(first, second):
            raise TracingError("what it calls depends on the size of the batch")
    return first


def batch_sizes(
    args: tuple[Any, ...], kwargs: dict[str, Any]
) -> list[Callable[[Any], Any]]:
    """Ways to take arguments that have values, so that their batch is told.

    Args:
        args: Structures of arrays or tensors.
        kwargs: The same by name.

    Returns:
        Functions of an array: one that leaves a sample out, where that can be
        done, and one that takes all.
    """
    leaves = [x for x in keras.tree.flatten((args, kwargs)) if hasattr(x, "shape")]
    sizes = {int(x.shape[0]) for x in leaves if len(x.shape)}

    def every(value: Any) -> Any:
        return value

    def fewer(value: Any) -> Any:
        return value[:-1] if len(getattr(value, "shape", ())) else value

    return [fewer, every] if len(sizes) == 1 and min(sizes) > 1 else [every]
