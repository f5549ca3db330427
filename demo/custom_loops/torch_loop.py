"""A PyTorch loop that logs what the "Keras" tab shows.

Run it with KERAS_BACKEND=torch and a log directory.
"""

from __future__ import annotations

import sys

import keras
import torch

import tb_kerasviz
from demo import digits
from demo.custom_loops.small_model import BATCH, EPOCHS, EVERY, create_model


def main(log_dir: str) -> None:
    """Trains a small model on the digits, with an optimizer of PyTorch."""
    keras.utils.set_random_seed(7)
    data = digits.load()
    probe, labels = digits.one_of_each(data)
    model = create_model()
    weights = [variable.value for variable in model.trainable_variables]
    optimizer = torch.optim.Adam(weights, lr=1e-3)
    loss_of = keras.losses.SparseCategoricalCrossentropy()

    train_set = torch.utils.data.TensorDataset(
        torch.from_numpy(data.x_train), torch.from_numpy(data.y_train)
    )
    batches = torch.utils.data.DataLoader(train_set, BATCH, shuffle=True)
    with tb_kerasviz.Writer(log_dir) as writer:
        writer.write_model(0, model)
        writer.write_activations(0, model, probe, labels=labels)
        step = 0
        for _ in range(EPOCHS):
            for x, y in batches:
                optimizer.zero_grad()
                loss = loss_of(y, model(x, training=True))
                loss.backward()
                optimizer.step()
                step += 1
                writer.write_scalars(step, {"loss": loss})
                if step % EVERY == 0:
                    gradients = [weight.grad for weight in weights]
                    writer.write_gradients(step, model, gradients)
            with torch.no_grad():
                guesses = model(torch.from_numpy(data.x_val)).argmax(dim=-1)
            accuracy = (guesses.cpu().numpy() == data.y_val).mean()
            writer.write_scalars(step, {"accuracy": accuracy}, split="validation")
            writer.write_weights(step, model)
            writer.write_activations(step, model, probe, labels=labels)


if __name__ == "__main__":
    main(*sys.argv[1:])
