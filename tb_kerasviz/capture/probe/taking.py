"""Takes a probe to the host."""

from __future__ import annotations

import dataclasses
from typing import Any

import keras
import numpy as np

from tb_kerasviz.capture.probe import arrays
from tb_kerasviz.capture.probe.arrays import Array, to_array
from tb_kerasviz.capture.probe.batches import first_batch, is_dataset
from tb_kerasviz.capture.probe.errors import ProbeError

MAX_SAMPLES = 16
"""Most samples of a probe that are followed."""


@dataclasses.dataclass(frozen=True)
class Probe:
    """The probe's inputs on the host.

    Attributes:
        inputs: Structure of arrays `[N, ...]`, as `model(...)` takes it: of
            numbers, or of objects `str` and `bytes`. None where it held None.
        samples: N.
        given_samples: Samples that were given; the first N of them are kept.
        labels: One text per sample, or none.
        composites: By place among the flattened inputs, ragged and sparse
            tensors `[N, ...]`, which are filled with zeros in `inputs`.
    """

    inputs: Any
    samples: int
    given_samples: int
    labels: tuple[str, ...]
    composites: dict[int, Any] = dataclasses.field(default_factory=dict)

    def paths(self) -> list[str]:
        """Where each input is in the structure, like "a/0"; "" for the only one."""
        leaves = keras.tree.flatten_with_path(self.inputs)
        return ["/".join(map(str, path)) for path, leaf in leaves if leaf is not None]

    def arrays(self) -> list[Array]:
        """The inputs that are not None, in the order of `paths`."""
        leaves = keras.tree.flatten(self.inputs)
        return [leaf for leaf in leaves if leaf is not None]


def take_probe(probe: Any, labels: Any = None) -> Probe:
    """Takes a probe to the host, from a dataset its first batch.

    Args:
        probe: What `model(...)` takes: an array, a tensor of any framework,
            nested lists of numbers or texts, all `[N, ...]`, or a list, tuple
            or dict of them; or a `tf.data.Dataset`, `keras.utils.PyDataset`,
            `torch.utils.data.DataLoader`, iterator or other iterable of
            batches, whose first batch is taken (of `(x, y)` batches, x and,
            where no labels are given, y). An iterator loses that batch.
        labels: One label per sample: texts or numbers `[N]`, or one-hot rows
            or probabilities `[N, classes]`, of which the largest is named.

    Raises:
        ProbeError: There is nothing to take, or the parts do not fit together.
    """
    if is_dataset(probe):
        probe, batch_labels = first_batch(probe)
        labels = batch_labels if labels is None else labels
    given = _with_arrays(probe)
    inputs = keras.tree.map_structure(
        lambda leaf: None if leaf is None else to_array(leaf), given
    )
    taken = [leaf for leaf in keras.tree.flatten(inputs) if leaf is not None]
    if not taken:
        raise ProbeError(f"probe is empty; received {probe!r:.200}.")
    count = _count_samples(taken)
    kept = min(count, MAX_SAMPLES)
    composites = {
        place: arrays.first_rows(leaf, kept)
        for place, leaf in enumerate(keras.tree.flatten(given))
        if arrays.is_ragged(leaf) or arrays.is_sparse(leaf)
    }
    # Copies: what is followed must not change with the user's arrays.
    inputs = keras.tree.map_structure(
        lambda a: None if a is None else a[:kept].copy(), inputs
    )
    return Probe(inputs, kept, count, _label_texts(labels, count, kept), composites)


def _with_arrays(probe: Any) -> Any:
    """A structure in which nested lists of numbers or texts are arrays."""
    if arrays.is_listed_array(probe):
        try:
            return np.asarray(probe)
        except ValueError:
            # Of different lengths: each is an input, where each is an array.
            if not all(isinstance(item, (list, tuple)) for item in probe):
                raise ProbeError(
                    "lists of numbers in the probe must all be of one length; "
                    f"received {probe!r:.200}"
                ) from None
            try:
                return [np.asarray(item) for item in probe]
            except ValueError:
                raise ProbeError(
                    "lists of numbers in the probe must be padded to one length; "
                    f"received {probe!r:.200}"
                ) from None
    if isinstance(probe, dict):
        return {key: _with_arrays(value) for key, value in probe.items()}
    if type(probe) in (list, tuple):
        return type(probe)(_with_arrays(value) for value in probe)
    return probe


def _count_samples(taken: list[Array]) -> int:
    for leaf in taken:
        if leaf.ndim == 0:
            raise ProbeError(
                "probe must hold samples along its first axis, like x_val[:8]; "
                f"received a scalar {leaf.item()!r:.100}."
            )
    counts = {len(leaf) for leaf in taken}
    if len(counts) > 1:
        raise ProbeError(
            "all inputs of the probe must have the same number of samples; "
            f"received {[leaf.shape for leaf in taken]}."
        )
    (count,) = counts
    if count == 0:
        raise ProbeError(
            f"probe has no samples; received shape {taken[0].shape}, wanted at "
            "least one sample, like x_val[:8]."
        )
    return count


def _label_texts(labels: Any, given: int, kept: int) -> tuple[str, ...]:
    if labels is None:
        return ()
    try:
        array = to_array(labels)
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
        if not arrays.is_number(array):
            return ()
        array = array.reshape(kept, -1).argmax(axis=1)
    return tuple(_label_text(value) for value in array)


def _label_text(value: Any) -> str:
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if isinstance(value, (float, np.floating)) and float(value).is_integer():
        value = int(value)
    return str(value)[:100]
