"""What one backend's process measures; `benchmarks.training` starts it."""

from __future__ import annotations

import dataclasses
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np

import tb_kerasviz
from benchmarks.training_models import (
    BATCH,
    TASKS,
    Task,
    build_mobilenet,
    crops,
)
from benchmarks.training_turns import Contestant, settle
from tb_kerasviz.capture.activations import ActivationReader
from tb_kerasviz.capture.layer_filter import create_layer_filter
from tb_kerasviz.capture.probe import take_probe
from tb_kerasviz.capture.weight_history import WeightHistory
from tb_kerasviz.capture.weights import snapshot_weights

_UNTIMED = 3
"""Rounds before the timed ones; from the third capture on memory is used again."""

PEER, PEER_WITHOUT_XLA = "no callback", "no callback, no XLA"
BY_HAND = "hand-written"
WAITING = "gradients, waiting"
_PEERS = {BY_HAND: PEER_WITHOUT_XLA, WAITING: "dynamics"}
ON_TENSORFLOW = ("TensorBoard", BY_HAND)

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
        secs: Of each round; of a training, of one step, hooks included.
        peer_secs: Of the peer in the same round.
        cpu_ratios: Of each round, processor time of all threads by the peer's.
        batch_secs: Of each round, the part of one step before the epoch's end.
        peer_batch_secs: Of the peer in the same round.
        end_secs: Of each round, what hooks took at the end of the epoch.
        beside_secs: Of each round, processor time that other threads took
            after it.
        bytes_per_step: What was written, by step; None if that is no question.
    """

    backend: str
    task: str
    name: str
    secs: list[float]
    peer_secs: list[float]
    cpu_ratios: list[float] = dataclasses.field(default_factory=list)
    batch_secs: list[float] = dataclasses.field(default_factory=list)
    peer_batch_secs: list[float] = dataclasses.field(default_factory=list)
    end_secs: list[float] = dataclasses.field(default_factory=list)
    beside_secs: list[float] = dataclasses.field(default_factory=list)
    bytes_per_step: float | None = None


def main(arguments: list[str]) -> int:
    """Measures tasks, given by name, in so many rounds."""
    options = json.loads(arguments[0])
    rounds, names = options["rounds"], options["tasks"]
    for task in TASKS:
        if task.name in names:
            steps = max(4, task.steps // 4) if options["quick"] else task.steps
            for result in measure_task(task, steps, rounds, options["contestants"]):
                emit(result)
    if "captures" in names:
        emit(measure_weights(rounds))
        emit(measure_activations(rounds))
    return 0


def emit(result: Result) -> None:
    """Hands a result over to the process that started this one."""
    sys.stdout.write(f"{RESULT}{json.dumps(dataclasses.asdict(result))}\n")
    sys.stdout.flush()


def measure_task(
    task: Task, steps: int, rounds: int, names: Sequence[str]
) -> list[Result]:
    """Times steps with and without callbacks, in turns.

    Args:
        task: The model and its data.
        steps: Steps of an epoch.
        rounds: Rounds that are timed.
        names: What to measure.
    """
    x, y = task.data(steps)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)

        def build(name: str) -> Contestant:
            callbacks, kind, jit = _logging(name, root / name, x)
            keras.utils.set_random_seed(0)
            model = task.build(kind)
            model.compile(
                "adam", "sparse_categorical_crossentropy", jit_compile=jit or "auto"
            )
            if name == PEER:
                sys.stdout.write(f"{_describe(task, model, steps)}\n")
            return Contestant(name, lambda given: _fit(model, x, y, given), callbacks)

        names = [name for name in names if _exists_here(name)]
        peers = {name: _PEERS.get(name, PEER) for name in names}
        every = dict.fromkeys([PEER, *peers.values(), *names])
        contestants = [build(name) for name in every]
        rows: dict[str, list[_Epoch]] = {one.name: [] for one in contestants}
        warm_up = 2  # Compiles; the second epoch still fills caches.
        for round_ in range(warm_up + rounds):
            # Nobody always comes after the same one.
            turn = round_ % len(contestants)
            for one in contestants[turn:] + contestants[:turn]:
                one.train_epoch()
                epoch = _Epoch(one.epoch_secs, one.end_secs, one.cpu_secs, settle())
                if round_ >= warm_up:
                    rows[one.name].append(epoch)
        for one in contestants:
            one.stop()
        trained = (warm_up + rounds) * steps
        results = []
        for name, peer in peers.items():
            result = _compare(task.name, name, steps, rows[name], rows[peer])
            written = _bytes_below(root / name) / trained
            results.append(dataclasses.replace(result, bytes_per_step=written))
        return results


@dataclasses.dataclass(frozen=True)
class _Epoch:
    """What one epoch took, in seconds."""

    whole: float
    end: float
    cpu: float
    beside: float


def _compare(
    task: str, name: str, steps: int, mine: Sequence[_Epoch], peers: Sequence[_Epoch]
) -> Result:
    return Result(
        keras.backend.backend(),
        task,
        name,
        secs=[one.whole / steps for one in mine],
        peer_secs=[one.whole / steps for one in peers],
        cpu_ratios=[
            (a.cpu + a.beside) / (b.cpu + b.beside)
            for a, b in zip(mine, peers, strict=True)
        ],
        batch_secs=[(one.whole - one.end) / steps for one in mine],
        peer_batch_secs=[(one.whole - one.end) / steps for one in peers],
        end_secs=[one.end for one in mine],
        beside_secs=[one.beside for one in mine],
    )


def _exists_here(name: str) -> bool:
    return keras.backend.backend() == "tensorflow" or name not in ON_TENSORFLOW


def _logging(
    name: str, directory: Path, x: Any
) -> tuple[list[keras.callbacks.Callback], type[keras.Model], bool | None]:
    """Callbacks, class of the model and `jit_compile` (None: the default) of one."""
    if name == BY_HAND:
        from benchmarks.training_summaries import create_logging_model

        # Summaries cannot be compiled by XLA.
        return [], create_logging_model(directory), False
    if name == PEER_WITHOUT_XLA:
        return [], keras.Model, False
    norms: dict[str, Any] = {"weights": None, "activations": None, "scalars": None}
    makers: dict[str, Callable[[], keras.callbacks.Callback]] = {
        "empty callback": _Empty,
        "dynamics": lambda: tb_kerasviz.KerasViz(directory, **norms),
        "dynamics=10": lambda: tb_kerasviz.KerasViz(directory, dynamics=10, **norms),
        WAITING: lambda: tb_kerasviz.KerasViz(
            directory,
            weights=10**9,  # The first step is counted, and then none.
            activations=None,
            scalars=None,
            gradient_histograms=True,
        ),
        "all defaults": lambda: tb_kerasviz.KerasViz(directory, probe=x[:8]),
        "TensorBoard": lambda: keras.callbacks.TensorBoard(
            directory, histogram_freq=1, write_images=True
        ),
    }
    return ([makers[name]()] if name != PEER else []), keras.Model, None


def _describe(task: Task, model: keras.Model, steps: int) -> str:
    shapes = ", ".join("x".join(map(str, one.shape[1:])) for one in model.inputs)
    return (
        f"TASK   {task.name}: inputs {shapes}, batches of {BATCH}, {steps} steps an "
        f"epoch, {len(model.trainable_variables)} variables, "
        f"{model.count_params():,} parameters"
    )


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
    model = build_mobilenet(keras.Model)
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
