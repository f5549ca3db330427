"""A probe's inputs as they are logged."""

from __future__ import annotations

import hashlib

import keras
import numpy as np

from tb_kerasviz.capture.probe.arrays import Array, dtype_name, is_text
from tb_kerasviz.capture.probe.names import input_names, match_inputs
from tb_kerasviz.capture.probe.pictures import takes_channels_first, to_pictures
from tb_kerasviz.capture.probe.taking import Probe
from tb_kerasviz.capture.probe.tokens import Rows, bound_tokens, has_texts, input_tokens
from tb_kerasviz.capture.probe.vocabulary import Vocabulary
from tb_kerasviz.wire.probes import InputArrays, ProbeCapture

MAX_VALUES = 64 * 2**10
"""Most values of one sample of an input that are logged."""

_NO_VOCABULARY = Vocabulary(None, {})


def capture_probe(
    probe: Probe, model: keras.Model, vocabulary: Vocabulary = _NO_VOCABULARY
) -> ProbeCapture:
    """The probe's inputs as they are logged.

    Args:
        probe: The probe.
        model: The model that it is for.
        vocabulary: Tokens of ids. Where it has none for an input, those of a
            layer of the model with a vocabulary are taken, or else the ids.

    Raises:
        ProbeError: The vocabulary is for an input that there is not.
    """
    arrays, names = probe.arrays(), input_names(probe, model)
    vocabulary.check_names(names)
    tensors = match_inputs(probe, model) or [None] * len(arrays)
    channels_first = takes_channels_first(model)
    inputs = []
    for array, name, tensor in zip(arrays, names, tensors, strict=True):
        rows = input_tokens(
            array,
            model=model,
            tensor=tensor,
            token_of=vocabulary.of_input(name),
            texts_besides=has_texts(arrays),
        )
        inputs.append(_log_input(array, name, rows, channels_first))
    return ProbeCapture(
        samples=probe.samples,
        probe_samples=probe.given_samples,
        labels=probe.labels,
        inputs=inputs,
        digest=digest_probe(probe),
    )


def digest_probe(probe: Probe) -> str:
    """Tells probes apart: equal for equal samples in an equal structure.

    The names that a model gives its inputs are no part of it: Keras numbers
    them, so they differ between two models that are built alike.
    """
    digest = hashlib.sha256()
    for path, array in zip(probe.paths(), probe.arrays(), strict=True):
        head = f"{path}\0{dtype_name(array)}\0{array.shape}\0"
        digest.update(head.encode("utf-8", "replace"))
        if is_text(array):
            for text in array.flat:
                data = (
                    text.encode("utf-8", "replace") if isinstance(text, str) else text
                )
                digest.update(len(data).to_bytes(8, "little") + data)
        else:
            digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()[:32]


def _log_input(
    array: Array, name: str, rows: Rows, channels_first: bool
) -> InputArrays:
    tokens, cut = bound_tokens(rows)
    low = high = 0.0
    picture = False
    if is_text(array):
        # Texts are shown by their tokens.
        samples = np.zeros((len(array), 0), np.float32)
    else:
        samples = array.astype(np.float32)
        pictures = to_pictures(samples, channels_first)
        if pictures is not None:
            picture, samples = True, pictures.levels
            low, high, cut = pictures.low, pictures.high, pictures.cut
        else:
            flat = samples.reshape(len(samples), -1)
            if flat.shape[1] > MAX_VALUES:
                values = f"the first {MAX_VALUES} of {flat.shape[1]} values"
                cut = ", ".join(filter(None, [values, cut]))
                samples = flat[:, :MAX_VALUES]
    return InputArrays(
        name=name,
        shape=array.shape,
        dtype=dtype_name(array),
        picture=picture,
        low=low,
        high=high,
        cut=cut,
        samples=samples,
        tokens=tokens,
    )
