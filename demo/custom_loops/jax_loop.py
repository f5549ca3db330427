"""A stateless JAX loop that logs what the "Keras" tab shows.

In such a loop the weights live in arrays that the train step takes and gives
back, and the model's variables do not follow them. `Writer` reads the variables:
so they are assigned before `write_gradients` (which logs the weights' norms
too), `write_weights` and `write_activations`, and only then, since it costs.

Run it with KERAS_BACKEND=jax and a log directory.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Iterator, Sequence
from typing import Any

import jax
import keras
import numpy as np

import tb_kerasviz
from demo import digits
from demo.custom_loops.small_model import BATCH, EPOCHS, EVERY, create_model


def batches_of(data: digits.Digits, epoch: int) -> Iterator[tuple[Any, Any]]:
    """The training set in a new order."""
    order = np.random.default_rng(epoch).permutation(len(data.y_train))
    for begin in range(0, len(order), BATCH):
        chosen = order[begin : begin + BATCH]
        yield data.x_train[chosen], data.y_train[chosen]


def assign(variables: Sequence[keras.Variable], values: Sequence[Any]) -> None:
    """Brings arrays of the train step into the model's variables."""
    for variable, value in zip(variables, values, strict=True):
        # A copy: the next train step is given the memory of the array itself.
        variable.assign(value.copy())


def main(log_dir: str) -> None:
    """Trains a small model on the digits."""
    keras.utils.set_random_seed(7)
    data = digits.load()
    probe, labels = digits.one_of_each(data)
    model = create_model()
    optimizer = keras.optimizers.Adam(1e-3)
    optimizer.build(model.trainable_variables)
    loss_of = keras.losses.SparseCategoricalCrossentropy()

    def compute_loss(weights: Any, others: Any, x: Any, y: Any) -> tuple[Any, Any]:
        predicted, others = model.stateless_call(weights, others, x, training=True)
        return loss_of(y, predicted), others

    @functools.partial(jax.jit, donate_argnums=0)
    def train_step(state: Any, x: Any, y: Any) -> tuple[Any, Any, Any]:
        weights, others, slots = state
        compute = jax.value_and_grad(compute_loss, has_aux=True)
        (loss, others), gradients = compute(weights, others, x, y)
        weights, slots = optimizer.stateless_apply(slots, gradients, weights)
        return loss, gradients, (weights, others, slots)

    def synchronise(state: Any) -> None:
        weights, others, _ = state
        assign(model.trainable_variables, weights)
        assign(model.non_trainable_variables, others)

    variables = (
        model.trainable_variables,
        model.non_trainable_variables,
        optimizer.variables,
    )
    state = tuple([v.value.copy() for v in group] for group in variables)
    with tb_kerasviz.Writer(log_dir) as writer:
        writer.write_model(0, model)
        writer.write_activations(0, model, probe, labels=labels)
        step = 0
        for epoch in range(EPOCHS):
            for x, y in batches_of(data, epoch):
                loss, gradients, state = train_step(state, x, y)
                step += 1
                writer.write_scalars(step, {"loss": loss})
                if step % EVERY == 0:
                    synchronise(state)
                    writer.write_gradients(step, model, gradients)
            synchronise(state)
            guesses = np.argmax(model(data.x_val), axis=-1)
            accuracy = np.mean(guesses == data.y_val)
            writer.write_scalars(step, {"accuracy": accuracy}, split="validation")
            writer.write_weights(step, model)
            writer.write_activations(step, model, probe, labels=labels)


if __name__ == "__main__":
    main(*sys.argv[1:])
