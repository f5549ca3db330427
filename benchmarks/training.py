"""What logging takes from training, on every backend, against named peers.

For a small dense network, a wide one, MobileNetV2 and a transformer, the time of
a step (an epoch's wall time, hooks included, by its steps), against no callback:

* *empty callback*: one that does nothing after every batch: what Keras itself
  takes for any callback that has hooks of batches;
* *dynamics*: every variable measured at every step;
* *dynamics=10*: the same with one row of ten steps; every step is measured too;
* *gradients, waiting*: `gradient_histograms=True`, between two of the steps
  whose gradients are counted, against *dynamics*;
* *all defaults*: captures of weights and activations after every epoch besides;
* *TensorBoard* (TensorFlow): `keras.callbacks.TensorBoard(histogram_freq=1,
  write_images=True)`;
* *hand-written* (TensorFlow): a train_step that writes the same norms by
  `tf.summary.scalar`, both without XLA.

The epochs are about a second long. So for what happens at their ends there is
also the ratio of epochs of 30 s: that of the steps alone, and of 30 s what the
end of an epoch took, with the processor time that other threads needed after
it, as if all of it were taken from training.

Then what one capture takes from the training thread: of the weights of
ResNet50, against the histograms of `keras.callbacks.TensorBoard`; of the
activations of MobileNetV2, against one compiled forward pass.

All that is compared takes turns, epoch by epoch, in one process of each
backend; between two turns the threads that still write come to an end. Ratios
are medians of the rounds' own ratios; their range is beside, and the median of
what a step takes more. What a busy machine changes less: the ratio of the lower
quartiles of both, and that of the processor time of all threads.

    python -m benchmarks.training [--quick] [--rounds 9] [--backends jax ...]
        [--tasks MobileNetV2 ...] [--contestants dynamics ...]
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
TASKS = ("dense", "wide dense", "MobileNetV2", "transformer", "captures")
CONTESTANTS = (
    "empty callback",
    "dynamics",
    "dynamics=10",
    "gradients, waiting",
    "all defaults",
    "TensorBoard",
    "hand-written",
)
RESULT, TASK = "RESULT ", "TASK "

LONG_EPOCH_SECS = 30.0


def main(arguments: list[str]) -> int:
    """Runs the benchmark; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, help="rounds of each ratio (9)")
    parser.add_argument(
        "--quick", action="store_true", help="3 rounds of epochs a quarter as long"
    )
    parser.add_argument("--backends", nargs="+", choices=BACKENDS, default=BACKENDS)
    parser.add_argument("--tasks", nargs="+", choices=TASKS, default=TASKS)
    parser.add_argument(
        "--contestants", nargs="+", choices=CONTESTANTS, default=CONTESTANTS
    )
    options = parser.parse_args(arguments)
    rounds = options.rounds or (3 if options.quick else 9)
    print(f"{os.cpu_count()} CPUs, medians of {rounds} interleaved rounds", flush=True)
    failed = 0
    for backend in options.backends:
        print(f"\n{backend}", flush=True)
        request = {
            "rounds": rounds,
            "quick": options.quick,
            "tasks": options.tasks,
            "contestants": options.contestants,
        }
        failed += run_backend(backend, [json.dumps(request)])
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
        elif line.startswith(TASK):
            print(f"  {line.removeprefix(TASK).strip()}", flush=True)
    return process.wait()


def describe(result: dict[str, Any]) -> str:
    """One result as a line."""
    head = f"    {result['task']:12} {result['name']:26}"
    mine, peers = result["secs"], result["peer_secs"]
    text = f"{head} {_ms(mine):>9}"
    if not peers:
        return f"{text}  (no peer on this backend)"
    ratios = _ratios(mine, peers)
    middle = statistics.median(ratios)
    inverse = f" = 1/{1 / middle:.0f}" if middle < 0.2 else ""
    more = statistics.median(a - b for a, b in zip(mine, peers, strict=True))
    text += (
        f"  against {_ms(peers):>9}: x {middle:.3f}{inverse} "
        f"({min(ratios):.3f} to {max(ratios):.3f}), {more * 1e6:+.0f} us"
    )
    if len(mine) > 3:
        quiet = _lower_quartile(mine) / _lower_quartile(peers)
        text += f", lower quartiles x {quiet:.3f}"
    if result["cpu_ratios"]:
        text += f", processor time x {statistics.median(result['cpu_ratios']):.3f}"
    if result["end_secs"]:
        text += f", {describe_end(result)}"
    if result["bytes_per_step"]:
        text += f", {result['bytes_per_step']:,.0f} bytes a step"
    return text


def describe_end(result: dict[str, Any]) -> str:
    """What the ends of epochs take, and what that is of long ones."""
    end = statistics.median(result["end_secs"])
    beside = statistics.median(result["beside_secs"])
    batches = _ratios(result["batch_secs"], result["peer_batch_secs"])
    long = statistics.median(batches) + (end + beside) / LONG_EPOCH_SECS
    return (
        f"at an epoch's end {end * 1e3:.0f} ms (and {beside * 1e3:.0f} ms beside it); "
        f"epochs of {LONG_EPOCH_SECS:.0f} s: x {long:.3f}"
    )


def _ratios(mine: list[float], peers: list[float]) -> list[float]:
    return [a / b for a, b in zip(mine, peers, strict=True)]


def _lower_quartile(secs: list[float]) -> float:
    return statistics.quantiles(secs, n=4)[0]


def _ms(secs: list[float]) -> str:
    return f"{statistics.median(secs) * 1e3:.2f} ms"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
