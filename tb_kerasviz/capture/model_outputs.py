"""What the model returns for the probe, as it is logged beside the labels."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Sequence
from typing import Any

import keras

from tb_kerasviz.capture.identity import bounded_text, function_of
from tb_kerasviz.wire.model_outputs import Array, OutputArrays

MAX_VALUES = 1024
"""Most values of one output that are kept of one sample."""


@dataclasses.dataclass
class TakenOutput:
    """One output of the model, while the forward pass is traced.

    Attributes:
        name: See `schema.ModelOutput.name`.
        shape: Its shape, `[N, ...]`.
        dtype: Its dtype.
        value: float32 `[N, ...]`, what is kept of it.
        kept: Shape of `value`.
        cut: What is not kept, as a phrase.
    """

    name: str
    shape: tuple[int, ...]
    dtype: str
    value: Any
    kept: tuple[int, ...]
    cut: str

    def take_value(self) -> Any:
        """Gives the tensor away, so that it does not outlive the trace."""
        value, self.value = self.value, None
        return value

    @property
    def nbytes(self) -> int:
        """Bytes of what is kept."""
        return 4 * math.prod(self.kept)

    def to_wire(self, values: Array) -> OutputArrays:
        """The output with its values."""
        return OutputArrays(
            name=self.name,
            shape=self.shape,
            dtype=self.dtype,
            cut=self.cut,
            values=values,
        )


def take_outputs(
    model: keras.Model,
    returned: Any,
    samples: int,
    is_readable: Callable[[Any], bool],
    max_values: int = MAX_VALUES,
) -> tuple[list[TakenOutput], list[str]]:
    """Takes what a model returned; is traced.

    Args:
        model: The model.
        returned: What it returned.
        samples: N, samples of the probe.
        is_readable: Whether a value is a dense tensor that can be returned.
        max_values: Most values of a sample to keep over all outputs, beside
            `MAX_VALUES` of each.

    Returns:
        The outputs, and a sentence for each that cannot be kept.
    """
    values = keras.tree.flatten(returned)
    limit = min(MAX_VALUES, max(max_values // max(len(values), 1), 1))
    taken, refused = [], []
    for name, value in zip(output_names(model, returned), values, strict=True):
        reason = _why_not(value, samples, is_readable)
        if reason:
            named = f"the output {name!r}" if name else "the output"
            refused.append(f"{named} of the model is not shown: {reason}")
        else:
            taken.append(_take(name, value, limit))
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


def _why_not(value: Any, samples: int, is_readable: Callable[[Any], bool]) -> str:
    if not is_readable(value):
        return f"it is no dense tensor of numbers ({type(value).__name__})"
    shape = tuple(value.shape)
    if None in shape:
        return f"its shape {shape} is not fixed"
    if not shape or shape[0] != samples:
        return f"its shape {shape} has no row for each of the {samples} samples"
    return ""


def _take(name: str, value: Any, limit: int) -> TakenOutput:
    shape = tuple(int(n) for n in value.shape)
    dtype = keras.backend.standardize_dtype(value.dtype)
    kept, cut = cut_output(shape, limit)
    if cut:
        rows, last = kept
        value = keras.ops.reshape(value, (shape[0], -1, shape[-1]))[:, :rows, :last]
    value = keras.ops.cast(value, "float32")
    return TakenOutput(name, shape, dtype, value, tuple(value.shape), cut)


def cut_output(shape: Sequence[int], limit: int) -> tuple[tuple[int, int], str]:
    """What is kept of an output, whole rows of its last axis where they fit.

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
    kept_rows = max(1, min(rows, limit // max(kept_last, 1)))
    parts = []
    if kept_rows < rows:
        parts.append(f"the first {kept_rows} of {rows} positions")
    if kept_last < last:
        parts.append(f"the first {kept_last} of {last} values")
    return (kept_rows, kept_last), ", ".join(parts)
