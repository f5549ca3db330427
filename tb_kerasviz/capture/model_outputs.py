"""What the model returns for the probe, as it is logged beside the labels."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np

from tb_kerasviz.capture.identity import bounded_text, function_of
from tb_kerasviz.wire.model_outputs import Array, OutputArrays

MAX_VALUES = 1024
"""Most values of one output that are kept of one sample."""


@dataclasses.dataclass
class TakenOutput:
    """One output of the model, while the forward pass is traced.

    Attributes:
        name: See `schema.ModelOutput.name`.
        dtype: Its dtype.
        value: The tensor; None when it was given away.
    """

    name: str
    dtype: str
    value: Any


def take_outputs(
    model: keras.Model, returned: Any, is_readable: Callable[[Any], bool]
) -> tuple[list[TakenOutput], list[str]]:
    """Takes what a model returned.

    Args:
        model: The model.
        returned: What it returned.
        is_readable: Whether a value is a dense tensor of numbers.

    Returns:
        The outputs, and a sentence for each that cannot be kept.
    """
    taken, refused = [], []
    values = keras.tree.flatten(returned)
    for name, value in zip(output_names(model, returned), values, strict=True):
        if is_readable(value):
            dtype = keras.backend.standardize_dtype(value.dtype)
            taken.append(TakenOutput(name, dtype, value))
        else:
            kind = type(value).__name__
            refused.append(refusal(name, f"it is no dense tensor of numbers ({kind})"))
    return taken, refused


def output_names(model: keras.Model, returned: Any) -> list[str]:
    """Names of a model's outputs, in the order of the flattened structure.

    They are the keys of a dict, else the names that Keras gives the outputs of
    a functional model, else their places in the structure. A single output
    has no name.
    """
    paths = [path for path, _ in keras.tree.flatten_with_path(returned)]
    if len(paths) == 1 and not paths[0]:
        return [""]
    plain = all(len(path) == 1 and isinstance(path[0], int) for path in paths)
    given = getattr(function_of(model), "output_names", None) or []
    if plain and len(given) == len(paths) == len(set(given)):
        return [bounded_text(name) for name in given]
    return [bounded_text("/".join(map(str, path))) for path in paths]


def refusal(name: str, reason: str) -> str:
    """A sentence for an output that is not kept."""
    named = f"the output {name!r}" if name else "the output"
    return f"{named} of the model is not shown: {reason}"


def log_output(
    output: TakenOutput, values: Array, samples: int, limit: int
) -> OutputArrays | str:
    """An output as it is logged; whole rows of its last axis where they fit.

    Args:
        output: The output.
        values: Its values, `[N, ..., M]`.
        samples: N, samples of the probe.
        limit: Most values of a sample.

    Returns:
        The output, or a sentence why it cannot be kept.
    """
    shape = values.shape
    if not shape or shape[0] != samples:
        reason = f"its shape {shape} has no row for each of the {samples} samples"
        return refusal(output.name, reason)
    (rows, last), cut = cut_output(shape, limit)
    if cut:
        values = values.reshape(samples, -1, shape[-1])[:, :rows, :last]
    return OutputArrays(
        name=output.name,
        shape=shape,
        dtype=output.dtype,
        cut=cut,
        values=np.ascontiguousarray(values, np.float32),
    )


def limit_values(shapes: Sequence[Sequence[int]], samples: int, nbytes: int) -> int:
    """Most values of a sample that are kept of each output.

    Args:
        shapes: Shapes of the outputs.
        samples: Samples of the probe.
        nbytes: Most bytes of all together.
    """
    return max(1, min(MAX_VALUES, nbytes // (4 * samples * max(1, len(shapes)))))


def kept_bytes(shapes: Sequence[Sequence[int]], samples: int, limit: int) -> int:
    """Bytes of what is kept of outputs of these shapes."""
    return sum(4 * samples * min(limit, math.prod(shape[1:])) for shape in shapes)


def cut_output(shape: Sequence[int], limit: int) -> tuple[tuple[int, int], str]:
    """What is kept of an output.

    Args:
        shape: Its shape, `[N, ..., M]`.
        limit: Most values of a sample.

    Returns:
        How many of the rows `[N, rows, M]` and of the M values of each are
        kept, from the first; and what is left out, as a phrase.
    """
    last = shape[-1] if len(shape) > 1 else 1
    rows = math.prod(shape[1:-1])
    if rows * last <= limit:
        return (rows, last), ""
    kept_last = min(last, limit)
    kept_rows = min(rows, limit // kept_last)
    parts = []
    if kept_rows < rows:
        parts.append(f"the first {kept_rows} of {rows} positions")
    if kept_last < last:
        parts.append(f"the first {kept_last} of {last} values")
    return (kept_rows, kept_last), ", ".join(parts)
