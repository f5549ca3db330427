"""Plain training loops, as the truth that logged dynamics are compared with."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

Array = np.ndarray[Any, Any]
Batch = tuple[Any, ...]
"""Inputs, labels, and weights of the samples if there are any."""


@dataclasses.dataclass(frozen=True)
class Truth:
    """What T steps did to V variables.

    Attributes:
        grads, updates, weights, zeros: `[T, V]`: norms, and shares of zeros in
            the gradients.
        global_norm, clipped_norm, rates, losses: `[T]`.
    """

    grads: Array
    updates: Array
    weights: Array
    zeros: Array
    global_norm: Array
    clipped_norm: Array
    rates: Array
    losses: Array


def train(
    model: keras.Model,
    optimizer: keras.optimizers.Optimizer,
    batches: Sequence[Batch],
) -> Truth:
    """Trains eagerly with the framework's own gradients, and measures all."""
    accumulate = optimizer.gradient_accumulation_steps or 1
    rows: list[list[Any]] = []
    totals: list[list[float]] = []
    sums: list[Any] = []
    variables = model.trainable_variables
    for number, batch in enumerate(batches, 1):
        loss, given = gradients(model, *batch)
        grads = [dense(grad) for grad in given]
        sums = [a + b for a, b in zip(sums, grads, strict=True)] if sums else grads
        before = [to_numpy(v) for v in variables]
        rate = float(to_numpy(optimizer.learning_rate))
        # As `fit` gives them, by the optimizer's `scale_loss`.
        scale = optimizer.loss_scale_factor
        apply(optimizer, [g * scale for g in given] if scale else given, variables)
        if number % accumulate:
            continue
        after = [to_numpy(v) for v in variables]
        used = [grad / accumulate for grad in sums]
        clipped = optimizer._clip_gradients(
            [keras.ops.convert_to_tensor(g) for g in used]
        )
        change = [a - b for a, b in zip(after, before, strict=True)]
        zeros = [np.mean(g == 0) for g in used]
        rows.append([norms(used), norms(change), norms(after), zeros])
        totals.append([total(used), total(map(to_numpy, clipped)), rate, loss])
        sums = []
    by_variable = np.moveaxis(np.array(rows), 1, 0)
    return Truth(*by_variable, *np.array(totals).T)


def gradients(
    model: keras.Model, x: Any, y: Any, sample_weight: Any = None
) -> tuple[float, list[Any]]:
    """Loss and gradients of a batch, as the framework computes them."""
    compute = {
        "tensorflow": _tensorflow_gradients,
        "torch": _torch_gradients,
        "jax": _jax_gradients,
    }[keras.backend.backend()]
    loss, grads = compute(model, x, y, sample_weight)
    return float(to_numpy(loss)), grads


def apply(
    optimizer: keras.optimizers.Optimizer,
    grads: Sequence[Any],
    variables: Sequence[keras.Variable],
) -> None:
    """One step of an optimizer."""
    if keras.backend.backend() == "torch":
        import torch

        with torch.no_grad():
            optimizer.apply(grads, variables)
    else:
        optimizer.apply(grads, variables)


def batches_of(x: Any, y: Array, size: int, *more: Array) -> list[Batch]:
    """Batches in order; `x` may be a structure of arrays."""
    return [
        (
            keras.tree.map_structure(lambda a, i=i: a[i : i + size], x),
            y[i : i + size],
            *(array[i : i + size] for array in more),
        )
        for i in range(0, len(y), size)
    ]


def norms(arrays: Any) -> list[float]:
    return [float(np.linalg.norm(np.float64(array).ravel())) for array in arrays]


def total(arrays: Any) -> float:
    return float(np.linalg.norm(norms(arrays)))


def to_numpy(tensor: Any) -> Array:
    value = getattr(tensor, "value", tensor)
    # A copy: PyTorch's array is the variable's own memory.
    return np.array(keras.ops.convert_to_numpy(value))


def dense(grad: Any) -> Array:
    if hasattr(grad, "dense_shape"):
        import tensorflow as tf

        grad = tf.convert_to_tensor(grad)
    return to_numpy(grad)


def _mean_loss(y: Any, y_pred: Any, sample_weight: Any) -> Any:
    losses = keras.losses.sparse_categorical_crossentropy(y, y_pred)
    if sample_weight is not None:
        losses = losses * keras.ops.cast(sample_weight, losses.dtype)
    return keras.ops.mean(losses)


def _tensorflow_gradients(
    model: keras.Model, x: Any, y: Any, sample_weight: Any
) -> tuple[Any, list[Any]]:
    import tensorflow as tf

    with tf.GradientTape() as tape:
        loss = _mean_loss(y, model(x, training=True), sample_weight)
    return loss, tape.gradient(loss, model.trainable_variables)


def _torch_gradients(
    model: keras.Model, x: Any, y: Any, sample_weight: Any
) -> tuple[Any, list[Any]]:
    import torch

    y = keras.ops.convert_to_tensor(y)
    loss = _mean_loss(y, model(x, training=True), sample_weight)
    values = [v.value for v in model.trainable_variables]
    return loss, list(torch.autograd.grad(loss, values))


def _jax_gradients(
    model: keras.Model, x: Any, y: Any, sample_weight: Any
) -> tuple[Any, list[Any]]:
    import jax

    def compute(trainable: Any) -> Any:
        y_pred, state = model.stateless_call(
            trainable,
            [v.value for v in model.non_trainable_variables],
            x,
            training=True,
        )
        return _mean_loss(y, y_pred, sample_weight), state

    values = [v.value for v in model.trainable_variables]
    (loss, state), grads = jax.value_and_grad(compute, has_aux=True)(values)
    for variable, value in zip(model.non_trainable_variables, state, strict=True):
        variable.assign(value)
    return loss, grads
