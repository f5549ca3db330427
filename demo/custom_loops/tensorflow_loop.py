"""A `tf.GradientTape` loop that logs what the "Keras" tab shows.

Run it with KERAS_BACKEND=tensorflow and a log directory.
"""

from __future__ import annotations

import sys
from typing import Any

import keras
import numpy as np
import tensorflow as tf

import tb_kerasviz
from demo import digits
from demo.custom_loops.small_model import BATCH, EPOCHS, EVERY, create_model


def main(log_dir: str) -> None:
    """Trains a small model on the digits."""
    keras.utils.set_random_seed(7)
    data = digits.load()
    probe, labels = digits.one_of_each(data)
    model = create_model()
    optimizer = keras.optimizers.Adam(1e-3)
    optimizer.build(model.trainable_variables)
    loss_of = keras.losses.SparseCategoricalCrossentropy()

    def compute_step(x: Any, y: Any) -> tuple[Any, Any]:
        with tf.GradientTape() as tape:
            loss = loss_of(y, model(x, training=True))
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply(gradients)
        return loss, gradients

    train_step = tf.function(compute_step)

    batches = tf.data.Dataset.from_tensor_slices((data.x_train, data.y_train))
    batches = batches.shuffle(len(data.y_train)).batch(BATCH)
    with tb_kerasviz.Writer(log_dir) as writer:
        writer.write_model(0, model)
        writer.write_activations(0, model, probe, labels=labels)
        step = 0
        for _ in range(EPOCHS):
            for x, y in batches:
                loss, gradients = train_step(x, y)
                step = int(optimizer.iterations)
                writer.write_scalars(step, {"loss": loss})
                if step % EVERY == 0:
                    writer.write_gradients(step, model, gradients)
            guesses = np.argmax(model(data.x_val), axis=-1)
            accuracy = np.mean(guesses == data.y_val)
            writer.write_scalars(step, {"accuracy": accuracy}, split="validation")
            writer.write_weights(step, model)
            writer.write_activations(step, model, probe, labels=labels)


if __name__ == "__main__":
    main(*sys.argv[1:])
