"""Names of a probe's inputs, and their shapes in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras

from tb_kerasviz.capture.identity import bounded_text, function_of
from tb_kerasviz.capture.probe.arrays import dtype_name
from tb_kerasviz.capture.probe.taking import Probe


def declared_inputs(model: keras.Model) -> Any:
    """Structure of `keras.KerasTensor` that a model takes; None if unknown."""
    return getattr(function_of(model), "_inputs_struct", None)


def match_inputs(
    probe: Probe, model: keras.Model
) -> list[keras.KerasTensor | None] | None:
    """The input of the model that each input of the probe becomes.

    As Keras does it: by key, by name, or else in their order.

    Args:
        probe: The probe.
        model: The model.

    Returns:
        One for each of `probe.paths()`, None for one that the model ignores;
        or None where the structures do not fit, or the model declares none.
    """
    declared = declared_inputs(model)
    if declared is None:
        return None
    wanted = keras.tree.flatten(declared)
    given = probe.inputs
    by_name: dict[str, keras.KerasTensor] | None = None
    if isinstance(given, dict):
        if not isinstance(declared, dict):
            by_name = {tensor.name: tensor for tensor in wanted}
        elif all(isinstance(t, keras.KerasTensor) for t in declared.values()):
            by_name = declared
    if by_name is not None:
        if not all(name in given or _optional(t) for name, t in by_name.items()):
            return None
        return [by_name.get(path) for path in probe.paths()]
    leaves = keras.tree.flatten(given)
    if len(leaves) != len(wanted):
        return None
    matched = zip(wanted, leaves, strict=True)
    return [tensor for tensor, leaf in matched if leaf is not None]


def input_names(probe: Probe, model: keras.Model) -> list[str]:
    """Names of the probe's inputs, the model's where it declares them."""
    paths = probe.paths()
    matched = match_inputs(probe, model) or [None] * len(paths)
    return [
        bounded_text(path or "input" if tensor is None else tensor.name)
        for path, tensor in zip(paths, matched, strict=True)
    ]


def describe_inputs(probe: Probe) -> str:
    """Shapes and dtypes of a probe's inputs, for a sentence."""
    arrays = probe.arrays()
    texts = [f"shape {a.shape} and dtype {dtype_name(a)}" for a in arrays]
    return describe_several(texts, probe.paths())


def describe_several(texts: Sequence[str], names: Sequence[str]) -> str:
    """Words for one or several inputs.

    Args:
        texts: Words for each.
        names: Its name, may be empty.
    """
    if len(texts) == 1:
        return texts[0]
    named = [
        f"{text} ({name!r})" if name and not name.isdigit() else text
        for text, name in zip(texts, names, strict=True)
    ]
    return f"{len(texts)} inputs of {'; '.join(named)}"


def _optional(tensor: keras.KerasTensor) -> bool:
    history = getattr(tensor, "_keras_history", None)
    return bool(getattr(getattr(history, "operation", None), "optional", False))
