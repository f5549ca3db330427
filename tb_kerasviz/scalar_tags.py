"""Keras's logs as scalar summaries, with the tags that Keras gives them.

Tags and directories are those of `keras.callbacks.TensorBoard`, so that
TensorBoard's own dashboards show both callbacks alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras

from tb_kerasviz.host_values import to_float
from tb_kerasviz.wire import tags

Scalars = dict[str, dict[str, float]]
"""Value of each tag, by run directory."""


def epoch_scalars(logs: Mapping[str, Any], model: keras.Model) -> Scalars:
    """Loss, metrics and learning rate of an epoch: `epoch_*`.

    Args:
        logs: What `on_epoch_end` received; "val_*" are the validation's.
        model: Its optimizer has the learning rate.
    """
    numbers = _numbers(logs)
    train = {k: v for k, v in numbers.items() if not k.startswith("val_")}
    validation = {
        k.removeprefix("val_"): v for k, v in numbers.items() if k not in train
    }
    train.update(_learning_rates(model))
    return {
        tags.TRAIN_DIR: {f"epoch_{name}": value for name, value in train.items()},
        tags.VALIDATION_DIR: {
            f"epoch_{name}": value for name, value in validation.items()
        },
    }


def batch_scalars(logs: Any) -> Scalars:
    """Loss and metrics after a batch: `batch_*`.

    Args:
        logs: What `on_train_batch_end` received; not always a mapping.
    """
    numbers = _numbers(logs) if isinstance(logs, Mapping) else {}
    return {tags.TRAIN_DIR: {f"batch_{k}": v for k, v in numbers.items()}}


def evaluation_scalars(logs: Mapping[str, Any]) -> Scalars:
    """Loss and metrics of an evaluation: `evaluation_*_vs_iterations`.

    Args:
        logs: What `on_test_end` received.
    """
    numbers = _numbers(logs)
    return {
        tags.VALIDATION_DIR: {
            f"evaluation_{name}_vs_iterations": value for name, value in numbers.items()
        }
    }


def _numbers(logs: Mapping[str, Any]) -> dict[str, float]:
    numbers = {}
    for name, value in logs.items():
        number = to_float(value)
        if number is not None:
            numbers[name] = number
    return numbers


def _learning_rates(model: keras.Model) -> dict[str, float]:
    optimizer = getattr(model.optimizer, "inner_optimizer", model.optimizer)
    if hasattr(optimizer, "optimizers"):
        return {
            f"learning_rate_{o.name}": float(
                keras.ops.convert_to_numpy(o.learning_rate)
            )
            for o in optimizer.optimizers
        }
    if isinstance(optimizer, keras.optimizers.Optimizer):
        rate = keras.ops.convert_to_numpy(optimizer.learning_rate)
        return {"learning_rate": float(rate)}
    return {}
