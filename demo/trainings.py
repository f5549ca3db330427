"""The three trainings of the demo."""

from __future__ import annotations

import dataclasses
import sys
import time
from pathlib import Path
from typing import Any

import keras

import tb_kerasviz
from demo import digits


@dataclasses.dataclass(frozen=True)
class Training:
    """One training of the demo.

    Attributes:
        name: Name of its log directory.
        story: What is to be seen in it.
        learning_rate: Learning rate of Adam.
        bias_initializer: See `digits.create_model`.
    """

    name: str
    story: str
    learning_rate: float = 1e-3
    bias_initializer: str | float = "zeros"


TRAININGS = (
    Training("healthy", "learns the digits"),
    Training(
        "learning_rate_too_high",
        "steps so large that it never settles",
        learning_rate=0.3,
    ),
    Training(
        "dead_relus",
        "biases of -4 keep the ReLUs at zero, so the convolutions get no gradient",
        bias_initializer=-4.0,
    ),
)


def run(training: Training, log_dir: Path, epochs: int) -> None:
    """Trains one model and logs it.

    Args:
        training: What to train.
        log_dir: Log directory of this training.
        epochs: Number of epochs.
    """
    keras.utils.set_random_seed(7)
    data = digits.load()
    probe, probe_labels = digits.one_of_each(data)
    model = digits.create_model(training.bias_initializer)
    model.compile(
        optimizer=keras.optimizers.Adam(training.learning_rate),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    model.fit(
        data.x_train,
        data.y_train,
        batch_size=64,
        epochs=epochs,
        validation_data=(data.x_val, data.y_val),
        verbose=0,
        callbacks=[
            tb_kerasviz.KerasViz(log_dir, probe=probe, probe_labels=probe_labels),
            Progress(training, epochs),
        ],
    )


class Progress(keras.callbacks.Callback):
    """One line per training that says how far it is.

    Args:
        training: What is trained.
        epochs: Number of epochs.
    """

    WIDTH = 20

    def __init__(self, training: Training, epochs: int) -> None:
        super().__init__()
        self._name = training.name
        self._epochs = epochs
        self._began = time.monotonic()

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Says that the first steps, which compile the model, take a while."""
        self._show(0, "compiling ...")

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Shows the epoch and its validation accuracy."""
        logs = logs or {}
        self._show(
            epoch + 1,
            f"loss {logs.get('loss', float('nan')):.3f}, "
            f"validation accuracy {logs.get('val_accuracy', float('nan')):.1%}",
        )

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Ends the line."""
        if sys.stdout.isatty():
            print()

    def _show(self, epoch: int, text: str) -> None:
        done = round(self.WIDTH * epoch / self._epochs)
        bar = "#" * done + "." * (self.WIDTH - done)
        secs = time.monotonic() - self._began
        line = (
            f"  {self._name:<24} [{bar}] epoch {epoch:>2}/{self._epochs} "
            f"{secs:4.0f} s  {text}"
        )
        # A terminal shows one line that changes, a log file one line an epoch.
        if sys.stdout.isatty():
            print(f"\r{line:<110}", end="", flush=True)
        else:
            print(line, flush=True)
