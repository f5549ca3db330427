"""Small trainings on scikit-learn's handwritten digits."""

from __future__ import annotations

import dataclasses
import functools
import pathlib
import random
from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
from keras import layers
from sklearn.datasets import load_digits

from tb_kerasviz import KerasViz

Array = np.ndarray[Any, Any]

BATCH = 16
SAMPLES = 10 * BATCH - 6  # The last batch is smaller.
BATCHES = 10


@functools.cache
def digits() -> tuple[Array, Array]:
    """Pictures float32 `[N, 8, 8, 1]` from 0 to 1, and labels int64 `[N]`."""
    data = load_digits()
    images = (data.images / 16).astype(np.float32)[..., np.newaxis]
    return images[:SAMPLES], data.target[:SAMPLES].astype(np.int64)


def convolutional(**compile_args: Any) -> keras.Model:
    """Batch normalisation, dropout and noise: all kinds of state."""
    model = keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            layers.Conv2D(4, 3, activation="relu"),
            layers.BatchNormalization(),
            layers.GaussianNoise(0.1),
            layers.Flatten(),
            layers.Dropout(0.2),
            layers.Dense(10, activation="softmax"),
        ]
    )
    return compiled(model, **compile_args)


def dense(**compile_args: Any) -> keras.Model:
    """The smallest model worth the name."""
    model = keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            layers.Flatten(),
            layers.Dense(5, activation="tanh"),
            layers.Dense(10, activation="softmax"),
        ]
    )
    return compiled(model, **compile_args)


def compiled(model: keras.Model, **compile_args: Any) -> keras.Model:
    """Compiles without XLA, unless told otherwise."""
    arguments: dict[str, Any] = {
        "optimizer": keras.optimizers.Adam(0.01),
        "loss": "sparse_categorical_crossentropy",
        "metrics": ["accuracy"],
        "jit_compile": False,
    }
    model.compile(**{**arguments, **compile_args})
    return model


def pictures() -> dict[str, Any]:
    """The digits with a validation set, as `fit` takes them."""
    x, y = digits()
    return {
        "x": x,
        "y": y,
        "batch_size": BATCH,
        "validation_data": (x[:20], y[:20]),
    }


@dataclasses.dataclass(frozen=True)
class Training:
    """One kind of training.

    Attributes:
        build: Makes the compiled model.
        data: Makes what `fit` takes.
        probe: Makes the probe.
    """

    build: Callable[[], keras.Model]
    data: Callable[[], dict[str, Any]] = pictures
    probe: Callable[[], Any] = lambda: digits()[0][:4]

    def run(
        self,
        log_dir: pathlib.Path | None = None,
        callbacks: Sequence[keras.callbacks.Callback] = (),
        epochs: int = 2,
        **log_arguments: Any,
    ) -> keras.Model:
        """Trains a new model, with KerasViz if a directory is given."""
        keras.backend.clear_session()
        keras.utils.set_random_seed(7)
        model = self.build()
        arguments = self.data()
        used = list(callbacks)
        if log_dir is not None:
            used.append(KerasViz(log_dir, probe=self.probe(), **log_arguments))
        model.fit(epochs=epochs, verbose=0, callbacks=used, **arguments)
        return model


def state_of(model: keras.Model) -> dict[str, Array]:
    """All state of a training: model, optimizer and generators of numbers."""
    state = {
        f"{i} {v.path}": keras.ops.convert_to_numpy(v.value)
        for i, v in enumerate([*model.variables, *model.optimizer.variables])
    }
    state["random"] = np.array(random.random())
    state["numpy.random"] = np.random.random(2)  # noqa: NPY002 - what Keras seeds
    state["keras.random"] = keras.ops.convert_to_numpy(keras.random.uniform((2,)))
    return state


def differences(one: dict[str, Array], other: dict[str, Array]) -> list[str]:
    """Names of what is not equal bit for bit."""
    names = [*one, *(name for name in other if name not in one)]
    return [
        name
        for name in names
        if name not in one
        or name not in other
        or one[name].dtype != other[name].dtype
        or one[name].shape != other[name].shape
        or one[name].tobytes() != other[name].tobytes()
    ]
