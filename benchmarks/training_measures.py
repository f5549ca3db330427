"""What one backend's process measures; `benchmarks.training` starts it."""

from __future__ import annotations

import dataclasses
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np

import tb_kerasviz
from benchmarks.training_models import BATCH, TASKS, Task, crops
from benchmarks.training_turns import Contestant
from tb_kerasviz.capture.activations import ActivationReader
from tb_kerasviz.capture.layer_filter import create_layer_filter
from tb_kerasviz.capture.probe import take_probe
from tb_kerasviz.capture.weight_history import WeightHistory
from tb_kerasviz.capture.weights import snapshot_weights

_UNTIMED = 3
"""Rounds before the timed ones; from the third capture on memory is used again."""

CAPTURE_BYTES = 8 * 2**20
RESULT = "RESULT "
"""Begins the line with one result, as JSON."""


@dataclasses.dataclass(frozen=True)
class Result:
    """One measurement.

    Attributes:
        backend: Keras's backend.
        task: The model.
        name: What was measured.
        secs: Of each round; of a training, of one step.
        peer_secs: Of the peer in the same round.
        cpu_ratios: Of each round, processor time of all threads by the peer's.
        end_secs: Of each round, what hooks took at the end of the epoch.
        bytes_per_step: What was written, by step; None if that is no question.
    """

    backend: str
    task: str
    name: str
    secs: list[float]
    peer_secs: list[float]
    cpu_ratios: list[float] = dataclasses.field(default_factory=list)
    end_secs: list[float] = dataclasses.field(default_factory=list)
    bytes_per_step: float | None = None


def main(arguments: list[str]) -> int:
    """Measures tasks, given by name, in so many rounds."""
    rounds, quick, *names = arguments
    for task in TASKS:
        if task.name in names:
            steps = max(4, task.steps // 4) if quick == "quick" else task.steps
            for result in measure_task(task, steps, int(rounds)):
                emit(result)
    if "ResNet50" in names:
        emit(measure_weights(int(rounds)))
    if "MobileNetV2" in names:
        emit(measure_activations(int(rounds)))
    return 0


def emit(result: Result) -> None:
    """Hands a result over to the process that started this one."""
    sys.stdout.write(f"{RESULT}{json.dumps(dataclasses.asdict(result))}\n")
    sys.stdout.flush()


def measure_task(task: Task, steps: int, rounds: int) -> list[Result]:
    """Times steps with and without callbacks, in turns."""
    x, y = task.data(steps)
    on_tensorflow = keras.backend.backend() == "tensorflow"
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)

        def contest(name: str, *callbacks: Any, **options: Any) -> Contestant:
            keras.utils.set_random_seed(0)
            model = task.build(options.pop("kind", keras.Model))
            model.compile("adam", "sparse_categorical_crossentropy", **options)
            return Contestant(
                name, lambda given: _fit(model, x, y, given), [*callbacks]
            )

        contestants = [
            contest("no callback"),
            contest("empty callback", _Empty()),
            contest(
                "dynamics",
                tb_kerasviz.KerasViz(
                    root / "dynamics", weights=None, activations=None, scalars=None
                ),
            ),
            contest(
                "gradients, waiting",
                tb_kerasviz.KerasViz(
                    root / "gradients, waiting",
                    weights=10**9,  # The first step is counted, and then none.
                    activations=None,
                    scalars=None,
                    gradient_histograms=True,
                ),
            ),
            contest(
                "all defaults",
                tb_kerasviz.KerasViz(root / "all defaults", probe=x[:8]),
            ),
        ]
        peers = dict.fromkeys(
            ("empty callback", "dynamics", "all defaults"), "no callback"
        )
        peers["gradients, waiting"] = "dynamics"
        if on_tensorflow:
            from benchmarks.training_summaries import create_logging_model

            contestants += [
                contest(
                    "TensorBoard",
                    keras.callbacks.TensorBoard(
                        root / "TensorBoard", histogram_freq=1, write_images=True
                    ),
                ),
                # Summaries cannot be compiled by XLA.
                contest("no callback, no XLA", jit_compile=False),
                contest(
                    "hand-written",
                    kind=create_logging_model(root / "hand-written"),
                    jit_compile=False,
                ),
            ]
            peers["TensorBoard"] = "no callback"
            peers["hand-written"] = "no callback, no XLA"
        warm_up = 2  # Compiles; the second epoch still fills caches.
        secs: dict[str, list[float]] = {one.name: [] for one in contestants}
        ends: dict[str, list[float]] = {one.name: [] for one in contestants}
        cpu: dict[str, list[float]] = {one.name: [] for one in contestants}
        for round_ in range(warm_up + rounds):
            # Nobody always comes after the same one.
            turn = round_ % len(contestants)
            for one in contestants[turn:] + contestants[:turn]:
                one.train_epoch()
                if round_ >= warm_up:
                    secs[one.name].append(one.epoch_secs / steps)
                    ends[one.name].append(one.end_secs)
                    cpu[one.name].append(one.cpu_secs)
        for one in contestants:
            one.stop()
        trained = (warm_up + rounds) * steps
        return [
            Result(
                keras.backend.backend(),
                task.name,
                name,
                secs[name],
                secs[peer],
                [a / b for a, b in zip(cpu[name], cpu[peer], strict=True)],
                ends[name],
                _bytes_below(root / name) / trained,
            )
            for name, peer in peers.items()
        ]


class _Empty(keras.callbacks.Callback):
    """Does nothing after every batch; Keras waits for the batch all the same."""

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        pass


def _fit(
    model: keras.Model, x: Any, y: Any, callbacks: list[keras.callbacks.Callback]
) -> None:
    model.fit(
        x,
        y,
        batch_size=BATCH,
        epochs=10**6,
        shuffle=False,
        verbose=0,
        callbacks=callbacks,
    )


def _bytes_below(directory: Path) -> int:
    return sum(path.stat().st_size for path in directory.rglob("*") if path.is_file())


def measure_weights(rounds: int) -> Result:
    """One capture of ResNet50's weights, against Keras's histograms."""
    model = keras.applications.ResNet50(weights=None)
    everything = create_layer_filter(None)
    steps = iter(range(_UNTIMED + rounds))
    peer: Callable[[], object] | None = None
    with tempfile.TemporaryDirectory() as folder:
        if keras.backend.backend() == "tensorflow":
            board = keras.callbacks.TensorBoard(
                folder, histogram_freq=1, write_graph=False
            )
            board.set_model(model)

            def peer() -> object:
                return board._log_weights(next(steps))

        history = WeightHistory()
        captures = iter(range(10**6))

        def capture() -> object:
            step = next(captures)
            return snapshot_weights(model, step, CAPTURE_BYTES, everything, history)

        secs, peer_secs, cpu = _interleave(
            capture,
            peer,
            rounds,
            # The writer's thread, which works beside the training.
            lambda snapshot: snapshot.reduce(),
        )
    backend = keras.backend.backend()
    return Result(backend, "ResNet50", "weights, one capture", secs, peer_secs, cpu)


def measure_activations(rounds: int) -> Result:
    """One capture of MobileNetV2's layers, against a compiled forward pass."""
    x, _ = crops(1)
    model = TASKS[1].build(keras.Model)
    reader = ActivationReader(
        model, take_probe(x[:8]), CAPTURE_BYTES, create_layer_filter(None)
    )
    steps = iter(range(_UNTIMED + rounds))
    secs, peer_secs, cpu = _interleave(
        lambda: reader.capture(next(steps)),
        lambda: model.predict_on_batch(x[:8]),
        rounds,
    )
    backend = keras.backend.backend()
    return Result(
        backend, "MobileNetV2", "activations, one capture", secs, peer_secs, cpu
    )


def _interleave(
    ours: Callable[[], Any],
    peer: Callable[[], object] | None,
    rounds: int,
    finish: Callable[[Any], object] = lambda result: result,
) -> tuple[list[float], list[float], list[float]]:
    """Times two functions in turns, after some untimed rounds.

    Args:
        ours: Our function.
        peer: The other one; None if there is none.
        rounds: How many rounds are timed.
        finish: What to do with what ours returned, not timed.

    Returns:
        Wall times of both, and the ratios of the processor time of all threads.
    """
    times: tuple[list[float], list[float]] = ([], [])
    cpu: tuple[list[float], list[float]] = ([], [])
    for round_ in range(_UNTIMED + rounds):
        for function, secs, used in zip((ours, peer), times, cpu, strict=True):
            if function is None:
                continue
            began, cpu_began = time.perf_counter(), time.process_time()
            result = function()
            if round_ >= _UNTIMED:
                secs.append(time.perf_counter() - began)
                used.append(time.process_time() - cpu_began)
            if function is ours:
                finish(result)
            del result
    # Empty without a peer.
    ratios = [a / b for a, b in zip(*cpu, strict=False)]
    return *times, ratios


if __name__ == "__main__":
    np.seterr(all="ignore")
    sys.exit(main(sys.argv[1:]))
