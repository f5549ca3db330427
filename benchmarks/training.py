"""What logging takes from training, on every backend, against named peers.

For a small dense network, MobileNetV2 and a transformer, the time of a step
(an epoch's wall time, hooks included, by its steps):

* *empty callback*: one that does nothing after every batch, against none: what
  Keras itself takes for any callback that has hooks of batches;
* *dynamics*: every variable measured at every step, against no callback;
* *gradients, waiting*: the same with `gradient_histograms=True`, between two of
  the steps whose gradients are counted, against *dynamics*;
* *all defaults*: captures of weights and activations after every epoch besides.
  Its epochs are far shorter than the 30 s that the budget speaks of, so the
  table also says what the captures would be of 30 s;
* *TensorBoard* (TensorFlow): `keras.callbacks.TensorBoard(histogram_freq=1,
  write_images=True)`, against no callback;
* *hand-written* (TensorFlow): a train_step that writes the same norms by
  `tf.summary.scalar`, against no callback, both without XLA.

Then what one capture takes from the training thread: of the weights of
ResNet50, against the histograms of `keras.callbacks.TensorBoard`; of the
activations of MobileNetV2, against one compiled forward pass.

All that is compared takes turns, epoch by epoch, in one process of each
backend. Ratios are medians of the rounds' own ratios; their range is beside,
and the ratio of the processor time of all threads, the writing one's too, which
a busy machine changes less.

    python -m benchmarks.training [--quick] [--rounds 5] [--backends tensorflow ...]
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

BACKENDS = ("tensorflow", "jax", "torch")
TASKS = ("dense", "MobileNetV2", "transformer", "ResNet50")
RESULT = "RESULT "

LONG_EPOCH_SECS = 30.0


def main(arguments: list[str]) -> int:
    """Runs the benchmark; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, help="rounds of each ratio (5)")
    parser.add_argument(
        "--quick", action="store_true", help="3 rounds of epochs a quarter as long"
    )
    parser.add_argument("--backends", nargs="+", choices=BACKENDS, default=BACKENDS)
    parser.add_argument("--tasks", nargs="+", choices=TASKS, default=TASKS)
    options = parser.parse_args(arguments)
    rounds = options.rounds or (3 if options.quick else 5)
    print(
        f"{os.cpu_count()} CPUs, batches of 16, medians of {rounds} interleaved rounds",
        flush=True,
    )
    failed = 0
    for backend in options.backends:
        print(f"\n{backend}", flush=True)
        pace = "quick" if options.quick else "full"
        failed += run_backend(backend, [str(rounds), pace, *options.tasks])
    return 1 if failed else 0


def run_backend(backend: str, arguments: list[str]) -> int:
    """Measures one backend in a process of its own, and prints what it finds."""
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.training_measures", *arguments],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[1],
        env={
            **os.environ,
            "KERAS_BACKEND": backend,
            "CUDA_VISIBLE_DEVICES": "",
            # Threads of those whose turn it is not shall sleep, not spin.
            "OMP_WAIT_POLICY": "PASSIVE",
        },
    )
    for line in process.stdout or ():
        if line.startswith(RESULT):
            print(describe(json.loads(line.removeprefix(RESULT))), flush=True)
    return process.wait()


def describe(result: dict[str, Any]) -> str:
    """One result as a line."""
    head = f"  {result['task']:12} {result['name']:26}"
    mine = result["secs"]
    text = f"{head} {_ms(mine):>9}"
    if not result["peer_secs"]:
        return f"{text}  (no peer on this backend)"
    ratios = [a / b for a, b in zip(mine, result["peer_secs"], strict=True)]
    middle = statistics.median(ratios)
    inverse = f" = 1/{1 / middle:.0f}" if middle < 0.2 else ""
    text += (
        f"  against {_ms(result['peer_secs']):>9}: x {middle:.3f}{inverse} "
        f"({min(ratios):.3f} to {max(ratios):.3f})"
    )
    if result["cpu_ratios"]:
        text += f", processor time x {statistics.median(result['cpu_ratios']):.3f}"
    if result["end_secs"]:
        end = statistics.median(result["end_secs"])
        text += f", at an epoch's end {end * 1e3:.0f} ms"
        if result["name"] == "all defaults":
            text += f" = {end / LONG_EPOCH_SECS:.2%} of {LONG_EPOCH_SECS:.0f} s"
    if result["bytes_per_step"] is not None:
        text += f", {result['bytes_per_step']:,.0f} bytes a step"
    return text


def _ms(secs: list[float]) -> str:
    return f"{statistics.median(secs) * 1e3:.2f} ms"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
