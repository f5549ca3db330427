"""What a capture of activations takes, on each backend that is installed.

For a small convolutional network, MobileNetV2 and a small transformer, each on
eight samples, medians over rounds in which the candidates take turns:

* time that a capture takes from the training thread, against one compiled
  forward pass of the same probe (`model.predict_on_batch`); the budget is 1.3;
* processor time of all threads until the capture is encoded;
* bytes as written, against `capture_mb`;
* memory: what is held until the writer has reduced it, the peak of what
  reducing and encoding allocate, and the peak of the process.

    python -m benchmarks.activations [--rounds 9] [--backends jax torch]
"""

from __future__ import annotations

import argparse
import dataclasses
import importlib.util
import os
import resource
import statistics
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]

BACKENDS = ("tensorflow", "jax", "torch")
BUDGET = 1.3
CAPTURE_BYTES = 8 * 2**20
SAMPLES = 8


def main(arguments: Sequence[str]) -> int:
    """Runs the benchmark; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=9, help="rounds of each ratio")
    parser.add_argument("--backends", nargs="*", choices=BACKENDS, default=BACKENDS)
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.here:
        measure_backend(options.rounds)
        return 0
    status = 0
    for backend in options.backends:
        if importlib.util.find_spec(backend) is None:
            print(f"{backend} is not installed")
            continue
        # Keras takes its backend when it is imported.
        done = subprocess.run(
            [
                *(sys.executable, "-m", "benchmarks.activations", "--here"),
                *("--rounds", str(options.rounds)),
            ],
            env={
                **os.environ,
                "KERAS_BACKEND": backend,
                "TF_CPP_MIN_LOG_LEVEL": "3",
            },
            check=False,
        )
        status = status or done.returncode
    return status


def measure_backend(rounds: int) -> None:
    """Measures every model on the backend of this process."""
    import keras

    keras.utils.set_random_seed(0)
    print(
        f"activations of {SAMPLES} samples on {keras.backend.backend()}, Keras "
        f"{keras.__version__}, {os.cpu_count()} CPUs, medians of {rounds} rounds"
    )
    for create in (convolutional, mobile_net, transformer):
        model, probe = create()
        print(f"  {model.name}: {measure(model, probe, rounds)}", flush=True)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10
    print(f"  peak memory of the process: {peak:.0f} MiB", flush=True)


def measure(model: Any, probe: Array, rounds: int) -> str:
    """One line of measurements of a model."""
    from tb_kerasviz.capture.activations import ActivationReader
    from tb_kerasviz.capture.layer_filter import create_layer_filter
    from tb_kerasviz.capture.probe import take_probe

    reader = ActivationReader(
        model, take_probe(probe), CAPTURE_BYTES, create_layer_filter(None)
    )
    blobs: list[bytes] = []

    def capture() -> Any:
        snapshot = reader.capture(0)
        wait_for(snapshot)
        return snapshot

    def whole() -> None:
        blobs[:] = encode(capture())

    ours, peer = interleave(capture, lambda: model.predict_on_batch(probe), rounds)
    capture_secs, forward_secs = statistics.median(ours), statistics.median(peer)
    cpu = [cpu_secs(whole) for _ in range(max(3, rounds // 3))]
    forward_cpu = [cpu_secs(lambda: model.predict_on_batch(probe)) for _ in cpu]
    snapshot = capture()
    held = snapshot.nbytes
    tracemalloc.start()
    encode(snapshot)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    written = sum(map(len, blobs))
    ratio = capture_secs / forward_secs
    return (
        f"capture {capture_secs * 1e3:.1f} ms, forward pass "
        f"{forward_secs * 1e3:.1f} ms, ratio {ratio:.2f} (budget {BUDGET}); CPU "
        f"until written {statistics.median(cpu) * 1e3:.0f} ms, of a forward pass "
        f"{statistics.median(forward_cpu) * 1e3:.0f} ms; {written / 2**20:.2f} of "
        f"{CAPTURE_BYTES / 2**20:.0f} MiB; held {held / 2**20:.1f} MiB, reducing "
        f"takes up to {peak / 2**20:.1f} MiB"
    )


def wait_for(snapshot: Any) -> None:
    """Waits for the device, which JAX does not do by itself."""
    for part in snapshot._parts:
        wait = getattr(part._tensor, "block_until_ready", None)
        if wait is not None:
            wait()


def encode(snapshot: Any) -> list[bytes]:
    """What the writer's thread does with a capture."""
    from tb_kerasviz.analysis.thumbnails import draw_thumbnails
    from tb_kerasviz.wire.activations import encode_activations

    capture = snapshot.reduce()
    drawn = draw_thumbnails(capture, snapshot.thumbnail_side)
    return encode_activations(dataclasses.replace(capture, thumbnails=drawn), 0)


def interleave(
    ours: Callable[[], object], peer: Callable[[], object], rounds: int
) -> tuple[list[float], list[float]]:
    """Times two functions in turns, after two untimed rounds."""
    times: tuple[list[float], list[float]] = ([], [])
    for round_ in range(rounds + 2):
        for function, secs in zip((ours, peer), times, strict=True):
            began = time.perf_counter()
            function()
            if round_ > 1:
                secs.append(time.perf_counter() - began)
    return times


def cpu_secs(function: Callable[[], object]) -> float:
    """Processor time of all threads."""
    began = time.process_time()
    function()
    return time.process_time() - began


def convolutional() -> tuple[Any, Array]:
    """Three convolutions on 32x32 pictures."""
    import keras
    from keras import layers

    model = keras.Sequential(
        [
            keras.Input((32, 32, 3)),
            layers.Conv2D(32, 3, activation="relu"),
            layers.BatchNormalization(),
            layers.MaxPooling2D(),
            layers.Conv2D(64, 3, activation="relu"),
            layers.BatchNormalization(),
            layers.MaxPooling2D(),
            layers.Conv2D(64, 3, activation="relu"),
            layers.Flatten(),
            layers.Dropout(0.5),
            layers.Dense(10, activation="softmax"),
        ],
        name="small_cnn",
    )
    return model, pictures(32)


def mobile_net() -> tuple[Any, Array]:
    """MobileNetV2 with random weights, on 64x64 pictures."""
    import keras

    model = keras.applications.MobileNetV2(
        input_shape=(64, 64, 3), weights=None, classes=10
    )
    return model, pictures(64)


def transformer() -> tuple[Any, Array]:
    """Two blocks of attention over 64 tokens."""
    import keras
    from keras import layers

    tokens = keras.Input((64,), dtype="int32")
    x = layers.Embedding(1000, 64)(tokens)
    for _ in range(2):
        y = layers.MultiHeadAttention(4, 16)(x, x, use_causal_mask=True)
        x = layers.LayerNormalization()(layers.Add()([x, y]))
        y = layers.Dense(64)(layers.Dense(256, activation="gelu")(x))
        x = layers.LayerNormalization()(layers.Add()([x, y]))
    model = keras.Model(tokens, layers.Dense(1000)(x), name="small_transformer")
    random = np.random.default_rng(0)
    return model, random.integers(0, 1000, (SAMPLES, 64)).astype(np.int32)


def pictures(side: int) -> Array:
    """Float32 `[8, side, side, 3]` from the photos that scikit-learn ships."""
    from sklearn.datasets import load_sample_images

    photos = load_sample_images().images
    random = np.random.default_rng(0)
    cut = []
    for i in range(SAMPLES):
        photo = photos[i % len(photos)]
        top = random.integers(photo.shape[0] - side)
        left = random.integers(photo.shape[1] - side)
        cut.append(photo[top : top + side, left : left + side])
    return np.stack(cut).astype(np.float32) / 255


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
