"""Datasets of every kind, of which the first batch is taken."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import keras
import numpy as np

from tb_kerasviz.capture.probe.errors import ProbeError


def is_dataset(probe: Any) -> bool:
    """Whether a probe gives batches: not what `model(...)` takes itself."""
    if isinstance(probe, (np.ndarray, list, tuple, dict, str, bytes)):
        return False
    # Tensors and data frames are iterable too, but have a shape.
    if hasattr(probe, "shape"):
        return False
    return isinstance(probe, (keras.utils.PyDataset, Iterable))


def first_batch(dataset: Any) -> tuple[Any, Any]:
    """Inputs and targets of the first batch; targets are None without any.

    Args:
        dataset: Whatever is iterated over batches, also endlessly. An iterator
            has lost this batch afterwards.

    Raises:
        ProbeError: There is no batch.
    """
    kind = type(dataset).__name__
    try:
        batch = _take(dataset)
    except (StopIteration, IndexError):
        raise ProbeError(f"the probe's dataset ({kind}) has no batches.") from None
    except Exception as error:
        raise ProbeError(
            f"the probe's dataset ({kind}) gave no first batch: "
            f"{type(error).__name__}: {str(error)[:300]}"
        ) from error
    if isinstance(batch, (tuple, list)) and len(batch) <= 3:
        if not batch:
            raise ProbeError(f"the first batch of the probe's dataset ({kind}) is ().")
        return batch[0], (batch[1] if len(batch) > 1 else None)
    return batch, None


def _take(dataset: Any) -> Any:
    if isinstance(dataset, keras.utils.PyDataset):
        if dataset.num_batches == 0:
            raise StopIteration
        return dataset[0]
    return next(iter(dataset))
