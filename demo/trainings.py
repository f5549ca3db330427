"""The trainings of the demo."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras

import tb_kerasviz
from demo import digits, photos, texts
from demo.progress import Progress


@dataclasses.dataclass(frozen=True)
class Setup:
    """What a training is made of.

    Attributes:
        model: The model, not compiled.
        data: What `fit` takes.
        probe: What `KerasViz` takes besides the log directory.
    """

    model: keras.Model
    data: dict[str, Any]
    probe: dict[str, Any]


@dataclasses.dataclass(frozen=True)
class Training:
    """One training of the demo.

    Attributes:
        name: Name of its log directory.
        story: What is to be seen in it.
        set_up: Makes its model and its data.
        first_layer: Path of the first layer that has weights.
        learning_rate: Learning rate of Adam.
    """

    name: str
    story: str
    set_up: Callable[[], Setup]
    first_layer: str
    learning_rate: float = 1e-3


def run(training: Training, log_dir: Path, epochs: int) -> None:
    """Trains one model and logs it.

    Args:
        training: What to train.
        log_dir: Log directory of this training.
        epochs: Number of epochs.
    """
    keras.utils.set_random_seed(7)
    setup = training.set_up()
    setup.model.compile(
        optimizer=keras.optimizers.Adam(training.learning_rate),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    setup.model.fit(
        **setup.data,
        batch_size=64,
        epochs=epochs,
        verbose=0,
        callbacks=[
            tb_kerasviz.KerasViz(log_dir, gradient_histograms=True, **setup.probe),
            Progress(training.name, epochs),
        ],
    )


def _digits(bias_initializer: str | float = "zeros") -> Setup:
    data = digits.load()
    probe, labels = digits.one_of_each(data)
    return Setup(
        digits.create_model(bias_initializer),
        {
            "x": data.x_train,
            "y": data.y_train,
            "validation_data": (data.x_val, data.y_val),
        },
        {"probe": probe, "probe_labels": labels},
    )


def _photos() -> Setup:
    data = photos.load()
    return Setup(
        photos.create_model(),
        {"x": data.x, "y": data.y},
        {"probe": data.probe, "probe_labels": data.probe_turns},
    )


def _texts() -> Setup:
    data = texts.load()
    return Setup(
        texts.create_model(len(data.vocabulary)),
        {"x": data.x, "y": data.y},
        {"probe": data.probe, "vocabulary": data.vocabulary},
    )


TRAININGS = (
    Training("healthy", "learns the digits", _digits, "stem"),
    Training(
        "learning_rate_too_high",
        "steps so large that it never settles",
        _digits,
        "stem",
        learning_rate=0.3,
    ),
    Training(
        "dead_relus",
        "biases of -4 keep the ReLUs at zero, so the convolutions get no gradient",
        lambda: _digits(-4.0),
        "stem",
    ),
    Training(
        "photos",
        "tells how far crops of photographs were turned",
        _photos,
        "edges",
    ),
    Training(
        "text",
        "guesses the next character; one head learns to look at the previous one",
        _texts,
        "embedding",
        learning_rate=3e-3,
    ),
)
