"""What logging takes from training, against named peers in the same run.

Three ratios, each the median over rounds in which the candidates take turns:

* dynamics: time of a training step with every variable measured at every
  step, against no callback;
* weights: time that one capture takes from the training thread, against one
  epoch's histograms of `keras.callbacks.TensorBoard(histogram_freq=1)`;
* activations: time that one capture takes from the training thread, against
  one compiled forward pass of the probe.

    python -m benchmarks.training_overhead [--rounds 5] [--side 64]
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
from sklearn.datasets import load_sample_images

import tb_kerasviz
from tb_kerasviz.capture.activations import ActivationReader
from tb_kerasviz.capture.layer_filter import create_layer_filter
from tb_kerasviz.capture.probe import take_probe
from tb_kerasviz.capture.weights import snapshot_weights

Array = np.ndarray[Any, Any]

BATCH = 16
STEPS = 12
CAPTURE_BYTES = 8 * 2**20


def main(arguments: list[str]) -> int:
    """Runs the benchmark; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5, help="rounds of each ratio")
    parser.add_argument("--side", type=int, default=64, help="side of the pictures")
    options = parser.parse_args(arguments)
    x = crops(BATCH * STEPS, options.side)
    y = np.arange(len(x)) % 10
    print(
        f"MobileNetV2 on {options.side}x{options.side} crops of scikit-learn's photos, "
        f"batch {BATCH}, {keras.backend.backend()}, Keras {keras.__version__}, "
        f"{os.cpu_count()} CPUs, medians of {options.rounds} rounds"
    )
    report(
        "dynamics, step time", "no callback", *measure_dynamics(x, y, options.rounds)
    )
    model = create_model(options.side)
    report(
        "weights, one capture",
        "keras.callbacks.TensorBoard(histogram_freq=1)",
        *measure_weights(model, options.rounds),
    )
    report(
        "activations, one capture of 8 samples",
        "one compiled forward pass",
        *measure_activations(model, x[:8], options.rounds),
    )
    return 0


def crops(count: int, side: int) -> Array:
    """Random crops of the two photos that ship with scikit-learn.

    Returns:
        float32 `[count, side, side, 3]` from 0 to 1.
    """
    photos = load_sample_images().images
    random = np.random.default_rng(0)
    cut = []
    for i in range(count):
        photo = photos[i % len(photos)]
        top = random.integers(photo.shape[0] - side)
        left = random.integers(photo.shape[1] - side)
        cut.append(photo[top : top + side, left : left + side])
    return np.stack(cut).astype(np.float32) / 255


def create_model(side: int) -> keras.Model:
    """MobileNetV2 with random weights: 158 trainable variables."""
    keras.utils.set_random_seed(0)
    model = keras.applications.MobileNetV2(
        input_shape=(side, side, 3), weights=None, classes=10
    )
    model.compile("adam", "sparse_categorical_crossentropy")
    return model


def measure_dynamics(
    x: Array, y: Array, rounds: int
) -> tuple[list[float], list[float]]:
    """Seconds of a step with dynamics, and without a callback."""
    times: dict[str, list[float]] = {"ours": [], "none": []}
    with tempfile.TemporaryDirectory() as folder:
        fits = {
            "ours": _Fit(
                x,
                y,
                tb_kerasviz.KerasViz(
                    Path(folder) / "run", weights=None, activations=None, scalars=None
                ),
            ),
            "none": _Fit(x, y, None),
        }
        for _ in range(rounds):
            for name, fit in fits.items():
                times[name].append(fit.step_secs())
    return times["ours"], times["none"]


class _Fit:
    """A model whose fit is timed without its first, compiling epoch."""

    def __init__(self, x: Array, y: Array, callback: Any) -> None:
        self._x, self._y = x, y
        self._model = create_model(x.shape[1])
        self._callbacks = [] if callback is None else [callback]

    def step_secs(self) -> float:
        clock = _EpochClock()
        self._model.fit(
            self._x,
            self._y,
            batch_size=BATCH,
            epochs=3,
            shuffle=False,
            verbose=0,
            callbacks=[*self._callbacks, clock],
        )
        return statistics.median(clock.secs[1:]) / STEPS


class _EpochClock(keras.callbacks.Callback):
    """Times each epoch."""

    def __init__(self) -> None:
        super().__init__()
        self.secs: list[float] = []
        self._began = 0.0

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self._began = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.secs.append(time.perf_counter() - self._began)


def measure_weights(model: keras.Model, rounds: int) -> tuple[list[float], list[float]]:
    """Seconds on the training thread: our snapshot, Keras's histograms."""
    everything = create_layer_filter(None)
    with tempfile.TemporaryDirectory() as folder:
        peer = keras.callbacks.TensorBoard(folder, histogram_freq=1, write_graph=False)
        peer.set_model(model)
        steps = iter(range(rounds + 1))
        return interleave(
            lambda: snapshot_weights(model, 0, CAPTURE_BYTES, everything),
            lambda: peer._log_weights(next(steps)),
            rounds,
        )


def measure_activations(
    model: keras.Model, x: Array, rounds: int
) -> tuple[list[float], list[float]]:
    """Seconds of a capture, and of a compiled forward pass."""
    reader = ActivationReader(
        model, take_probe(x), CAPTURE_BYTES, create_layer_filter(None)
    )
    return interleave(
        lambda: reader.capture(0), lambda: model.predict_on_batch(x), rounds
    )


def interleave(
    ours: Callable[[], object], peer: Callable[[], object], rounds: int
) -> tuple[list[float], list[float]]:
    """Times two functions in turns, after one untimed round."""
    times: tuple[list[float], list[float]] = ([], [])
    for round_ in range(rounds + 1):
        for function, secs in zip((ours, peer), times, strict=True):
            began = time.perf_counter()
            function()
            if round_:
                secs.append(time.perf_counter() - began)
    return times


def report(what: str, peer: str, ours: list[float], theirs: list[float]) -> None:
    """Prints one ratio."""
    mine, other = statistics.median(ours), statistics.median(theirs)
    print(
        f"{what}: {mine * 1e3:.1f} ms, {peer}: {other * 1e3:.1f} ms, "
        f"ratio {mine / other:.3f}",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
