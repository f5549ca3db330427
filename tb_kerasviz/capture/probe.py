"""The probe: a few fixed inputs whose activations are followed."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from typing import Any

import keras
import numpy as np

from tb_kerasviz.wire.probes import InputArrays, ProbeCapture

Array = np.ndarray[Any, Any]

MAX_SAMPLES = 16
"""Most samples of a probe that are followed."""

MAX_PICTURE_SIDE = 256
MAX_VALUES = 64 * 2**10
_PICTURE_CHANNELS = (1, 3, 4)


class ProbeError(ValueError):
    """The probe cannot be used; the text says what was received and wanted."""


@dataclasses.dataclass(frozen=True)
class Probe:
    """The probe's inputs on the host.

    Attributes:
        inputs: Structure of arrays `[N, ...]`, as `model(...)` takes it.
        samples: N.
        given_samples: Samples that were given; the first N of them are kept.
        labels: One text per sample, or none.
    """

    inputs: Any
    samples: int
    given_samples: int
    labels: tuple[str, ...]


def take_probe(probe: Any, labels: Any = None) -> Probe:
    """Takes a probe to the host, from a dataset its first batch.

    Args:
        probe: What `model(...)` takes: an array, list or dict of arrays
            `[N, ...]`; or a `tf.data.Dataset`, `keras.utils.PyDataset`,
            iterator or other iterable of batches, whose first batch is taken
            (of `(x, y)` batches, x and, where no labels are given, y).
        labels: One label per sample: texts or numbers `[N]`, or one-hot rows
            or probabilities `[N, classes]`, of which the largest is named.

    Raises:
        ProbeError: There is nothing to take, or the parts do not fit together.
    """
    if _is_dataset(probe):
        probe, batch_labels = _first_batch(probe)
        labels = batch_labels if labels is None else labels
    inputs = keras.tree.map_structure(_to_array, probe)
    leaves = keras.tree.flatten(inputs)
    if not leaves:
        raise ProbeError(f"probe is empty; received {probe!r:.200}.")
    for leaf in leaves:
        if leaf.ndim == 0:
            raise ProbeError(
                "probe must hold samples along its first axis, like x_val[:8]; "
                f"received a scalar {leaf!r:.100}."
            )
    counts = {len(leaf) for leaf in leaves}
    if len(counts) > 1:
        raise ProbeError(
            "all inputs of the probe must have the same number of samples; "
            f"received {[leaf.shape for leaf in leaves]}."
        )
    (given,) = counts
    if given == 0:
        raise ProbeError(
            f"probe has no samples; received shape {leaves[0].shape}, wanted at "
            "least one sample, like x_val[:8]."
        )
    kept = min(given, MAX_SAMPLES)
    # Copies: what is followed must not change with the user's arrays.
    inputs = keras.tree.map_structure(lambda a: a[:kept].copy(), inputs)
    return Probe(inputs, kept, given, _label_texts(labels, given, kept))


def check_probe(probe: Probe, model: keras.Model) -> None:
    """Compares a probe with the inputs that a model declares.

    Args:
        probe: The probe.
        model: A model; one that declares no inputs passes.

    Raises:
        ProbeError: A shape does not fit; names both.
    """
    declared = _declared_inputs(model)
    if declared is None:
        return
    received = keras.tree.flatten(probe.inputs)
    wanted = [tuple(t.shape) for t in declared]
    shapes = [a.shape for a in received]
    fits = len(shapes) == len(wanted) and all(
        _fits(shape, want) for shape, want in zip(shapes, wanted, strict=True)
    )
    if not fits:
        raise ProbeError(
            f"the probe does not fit the model: received {_plural(shapes)}, "
            f"the model takes {_plural(wanted)}."
        )


def input_names(probe: Probe, model: keras.Model) -> list[str]:
    """Names of the probe's inputs, the model's where it declares them."""
    declared = _declared_inputs(model)
    leaves = keras.tree.flatten_with_path(probe.inputs)
    if declared is not None and len(declared) == len(leaves):
        return [str(tensor.name) for tensor in declared]
    return ["/".join(map(str, path)) or "input" for path, _ in leaves]


def capture_probe(probe: Probe, names: Sequence[str]) -> ProbeCapture:
    """The probe's inputs as they are logged.

    Args:
        probe: The probe.
        names: Name of each input.
    """
    leaves = keras.tree.flatten(probe.inputs)
    return ProbeCapture(
        samples=probe.samples,
        probe_samples=probe.given_samples,
        labels=probe.labels,
        inputs=[
            _capture_input(array, name)
            for array, name in zip(leaves, names, strict=True)
        ],
    )


def _capture_input(array: Array, name: str) -> InputArrays:
    shape, dtype = array.shape, str(array.dtype)
    if array.dtype.kind not in "fiub":
        # Texts and other objects cannot be drawn; their number is still known.
        array = np.zeros((len(array), 0), np.float32)
        cut = f"values of dtype {dtype} are not shown"
        return _input(name, shape, dtype, array, cut)
    values = array.astype(np.float32)
    # A picture also where the channel axis was left out.
    if values.ndim == 4 and values.shape[-1] in _PICTURE_CHANNELS:
        return _picture(values, name, dtype, shape)
    if values.ndim == 3 and min(values.shape[1:]) >= 8:
        return _picture(values[..., np.newaxis], name, dtype, shape)
    flat = values.reshape(len(values), -1)
    cut = ""
    if flat.shape[1] > MAX_VALUES:
        cut = f"the first {MAX_VALUES} of {flat.shape[1]} values"
        values = flat[:, :MAX_VALUES]
    return _input(name, shape, dtype, values, cut)


def _input(
    name: str, shape: tuple[int, ...], dtype: str, values: Array, cut: str
) -> InputArrays:
    return InputArrays(
        name=name,
        shape=shape,
        dtype=dtype,
        picture=False,
        low=0.0,
        high=0.0,
        cut=cut,
        samples=values,
    )


def _picture(
    values: Array, name: str, dtype: str, shape: tuple[int, ...]
) -> InputArrays:
    finite = values[np.isfinite(values)]
    low = float(finite.min()) if finite.size else 0.0
    high = float(finite.max()) if finite.size else 1.0
    # The usual ranges keep their meaning, so that a dark picture stays dark.
    if low >= 0 and high <= 1:
        low, high = 0.0, 1.0
    elif low >= 0 and high <= 255:
        low, high = 0.0, 255.0
    elif low >= -1 and high <= 1:
        low, high = -1.0, 1.0
    factor = -(-max(values.shape[1:3]) // MAX_PICTURE_SIDE)
    small = values[:, ::factor, ::factor]
    cut = ""
    if factor > 1:
        cut = (
            f"{small.shape[1]}x{small.shape[2]} of "
            f"{values.shape[1]}x{values.shape[2]} (every {factor}th pixel)"
        )
    filled = np.clip(np.nan_to_num(small.astype(np.float64), nan=low), low, high)
    scaled = (filled - low) / max(high - low, 1e-30) * 255
    return InputArrays(
        name=name,
        shape=shape,
        dtype=dtype,
        picture=True,
        low=low,
        high=high,
        cut=cut,
        samples=np.rint(scaled).astype(np.uint8),
    )


def _is_dataset(probe: Any) -> bool:
    if isinstance(probe, (np.ndarray, list, tuple, dict, str, bytes)):
        return False
    # Tensors are iterable too, but have a shape.
    if hasattr(probe, "shape"):
        return False
    return isinstance(probe, (keras.utils.PyDataset, Iterable))


def _first_batch(dataset: Any) -> tuple[Any, Any]:
    if isinstance(dataset, keras.utils.PyDataset):
        if dataset.num_batches == 0:
            raise ProbeError("the probe's dataset has no batches.")
        batch = dataset[0]
    else:
        try:
            batch = next(iter(dataset))
        except StopIteration:
            raise ProbeError(
                f"the probe's dataset ({type(dataset).__name__}) has no batches."
            ) from None
    if isinstance(batch, (tuple, list)) and 1 <= len(batch) <= 3:
        return batch[0], (batch[1] if len(batch) > 1 else None)
    return batch, None


def _to_array(leaf: Any) -> Array:
    try:
        if keras.ops.is_tensor(leaf) and str(leaf.dtype).find("string") < 0:
            return np.array(keras.ops.convert_to_numpy(leaf))
        numpy = getattr(leaf, "numpy", None)
        return np.asarray(numpy() if callable(numpy) else leaf)
    except Exception as error:
        raise ProbeError(
            "probe must hold arrays or tensors; received "
            f"{type(leaf).__name__}: {error}"
        ) from error


def _label_texts(labels: Any, given: int, kept: int) -> tuple[str, ...]:
    if labels is None:
        return ()
    try:
        array = _to_array(labels)
    except ProbeError:
        array = np.zeros(())
    if array.ndim == 0 or len(array) < kept:
        count = 0 if array.ndim == 0 else len(array)
        raise ProbeError(
            f"probe_labels must hold one label for each of the {given} samples; "
            f"received {count}."
        )
    array = array[:kept]
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim > 1:
        if array.dtype.kind not in "fiub":
            return ()
        array = array.reshape(kept, -1).argmax(axis=1)
    return tuple(_label_text(value) for value in array)


def _label_text(value: Any) -> str:
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if isinstance(value, (float, np.floating)) and float(value).is_integer():
        value = int(value)
    return str(value)[:100]


def _declared_inputs(model: keras.Model) -> list[Any] | None:
    try:
        inputs: list[Any] | None = model.inputs
    except (AttributeError, ValueError):
        return None
    return inputs or None


def _fits(shape: tuple[int, ...], wanted: tuple[int | None, ...]) -> bool:
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


def _plural(shapes: Sequence[tuple[int | None, ...]]) -> str:
    if len(shapes) == 1:
        return f"shape {shapes[0]}"
    return f"{len(shapes)} inputs of shapes {', '.join(map(str, shapes))}"
