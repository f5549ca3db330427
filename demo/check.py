"""Checks that a training was logged as it should be."""

from __future__ import annotations

from pathlib import Path

import numpy as np

import tb_kerasviz
from demo.trainings import TRAININGS


def check_logs(log_dir: Path, epochs: int) -> list[str]:
    """Reads the demo's logs back.

    Args:
        log_dir: The demo's log directory.
        epochs: Epochs of each training.

    Returns:
        One line on what each training holds.

    Raises:
        RuntimeError: Something is missing; names it.
    """
    logs = tb_kerasviz.load(log_dir)
    lines = []
    for training in TRAININGS:
        if training.name not in logs:
            raise RuntimeError(f"{training.name} was not logged in {log_dir}.")
        run = logs[training.name]
        status = run.status()
        captures = {kind: run.steps(kind) for kind in ("activations", "weights")}
        dynamics = run.dynamics()
        graph = run.model_graph()
        _expect(
            training.name, "epoch losses", len(run.scalars("epoch_loss").steps), epochs
        )
        for kind, steps in captures.items():
            _expect(training.name, f"{kind} captures", len(steps), epochs + 1)
        last = int(dynamics.steps[-1])
        _expect(training.name, "measured steps", len(dynamics.steps), last)
        _expect(training.name, "damaged rows", dynamics.damaged, 0)
        _expect(training.name, "dropped records", sum(status.dropped.values()), 0)
        relu = run.activations(
            training.first_layer, captures["activations"][-1], sample=0
        )
        dead = float(np.mean(relu.stats[:, relu.columns.index("max")] == 0))
        lines.append(
            f"{training.name}: {last} steps, {graph.params:,} parameters, "
            f"{len(captures['activations'])} captures of activations, "
            f"{dead:.0%} of the first layer's channels dead"
        )
    return lines


def _expect(name: str, what: str, found: int, wanted: int) -> None:
    if found != wanted:
        raise RuntimeError(f"{name}: {found} {what} were logged, {wanted} expected.")
