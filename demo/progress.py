"""How far a training of the demo is."""

from __future__ import annotations

import math
import sys
import time
from typing import Any

import keras


class Progress(keras.callbacks.Callback):
    """One line per training that says how far it is.

    Args:
        name: Name of the training.
        epochs: Number of epochs.
    """

    WIDTH = 20

    def __init__(self, name: str, epochs: int) -> None:
        super().__init__()
        self._name = name
        self._epochs = epochs
        self._began = time.monotonic()

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Says that the first steps, which compile the model, take a while."""
        self._show(0, "compiling ...")

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Shows the epoch and its accuracy."""
        logs = logs or {}
        of = "validation accuracy" if "val_accuracy" in logs else "accuracy"
        accuracy = logs.get("val_accuracy", logs.get("accuracy", math.nan))
        loss = logs.get("loss", math.nan)
        self._show(epoch + 1, f"loss {loss:.3f}, {of} {accuracy:.1%}")

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
