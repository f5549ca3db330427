"""Compares a probe with what a model takes."""

from __future__ import annotations

from typing import Any

import keras

from tb_kerasviz.capture.probe.arrays import is_text
from tb_kerasviz.capture.probe.errors import ProbeError
from tb_kerasviz.capture.probe.names import (
    declared_inputs,
    describe_inputs,
    describe_several,
    match_inputs,
)
from tb_kerasviz.capture.probe.taking import Probe


def check_probe(probe: Probe, model: keras.Model) -> None:
    """Compares a probe with the inputs that a model declares.

    Args:
        probe: The probe.
        model: A model; one that declares no inputs takes any numbers.

    Raises:
        ProbeError: The structure, a shape or a dtype does not fit; names what
            was received and what the model takes.
    """
    backend = keras.backend.backend()
    if backend != "tensorflow" and any(is_text(a) for a in probe.arrays()):
        raise ProbeError(
            f"the probe holds texts, which no model takes on the {backend} backend; "
            "pass the ids that TextVectorization or a tokenizer makes of them, and "
            "vocabulary= to see tokens."
        )
    declared = declared_inputs(model)
    if declared is None:
        return
    matched = match_inputs(probe, model)
    if matched is None or not all(
        tensor is None or _fits(array, tensor)
        for array, tensor in zip(probe.arrays(), matched, strict=True)
    ):
        received, wanted = describe_inputs(probe), _describe_declared(declared)
        raise ProbeError(
            f"the probe does not fit the model: received {received}, the model "
            f"takes {wanted}.{_hint(probe, declared)}"
        )


def fit_inputs(probe: Probe, model: keras.Model) -> Any:
    """What a model is called on: the probe's inputs as it takes them.

    Args:
        probe: A probe that was checked.
        model: The model.

    Returns:
        Structure of arrays; with ragged and sparse tensors as they were given,
        where Keras's backend is TensorFlow and the model does not declare a
        dense input.
    """
    if not probe.composites or keras.backend.backend() != "tensorflow":
        return probe.inputs
    leaves = keras.tree.flatten(probe.inputs)
    matched = match_inputs(probe, model)
    tensors = iter(matched or [None] * len(probe.arrays()))
    for place, leaf in enumerate(leaves):
        tensor = None if leaf is None else next(tensors)
        dense = tensor is not None and not (tensor.sparse or tensor.ragged)
        if place in probe.composites and not dense:
            leaves[place] = probe.composites[place]
    return keras.tree.pack_sequence_as(probe.inputs, leaves)


def _fits(array: Any, tensor: keras.KerasTensor) -> bool:
    if is_text(array) != (tensor.dtype == "string"):
        return False
    shape, wanted = tuple(array.shape), tuple(tensor.shape)
    # Keras adds or drops a last axis of length 1.
    candidates = [shape]
    if shape and shape[-1] == 1:
        candidates.append(shape[:-1])
    candidates.append((*shape, 1))
    return any(
        len(c) == len(wanted)
        and all(w is None or n == w for n, w in zip(c[1:], wanted[1:], strict=True))
        for c in candidates
    )


def _describe_declared(declared: Any) -> str:
    leaves = keras.tree.flatten_with_path(declared)
    texts = [f"shape {tuple(t.shape)} and dtype {t.dtype}" for _, t in leaves]
    names = [
        str(path[-1]) if isinstance(declared, dict) else str(tensor.name)
        for path, tensor in leaves
    ]
    return describe_several(texts, names)


def _hint(probe: Probe, declared: Any) -> str:
    wanted, given = len(keras.tree.flatten(declared)), probe.inputs
    if isinstance(given, (list, tuple)) and len(given) == 2 and wanted == 1:
        return " Where the second one is the labels, pass it as probe_labels=."
    return ""
