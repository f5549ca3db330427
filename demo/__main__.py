"""Trains the demo's models, checks what was logged, and shows it."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import time
from pathlib import Path


def main(arguments: list[str]) -> int:
    """Runs the demo; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m demo", description=__doc__)
    parser.add_argument("--no-serve", action="store_true", help="train, check, exit")
    parser.add_argument(
        "--log-dir", type=Path, default=Path("logs/demo"), help="where to log"
    )
    parser.add_argument("--epochs", type=int, default=12, help="epochs of each run")
    options = parser.parse_args(arguments)
    if options.epochs < 1:
        parser.error(f"--epochs must be at least 1; received {options.epochs}")

    # Before TensorFlow is loaded: it greets with a page of log lines.
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
    print("Loading TensorFlow and Keras ...", flush=True)
    from demo import check, serve, trainings

    began = time.monotonic()
    count = len(trainings.TRAININGS)
    print(f"Training {count} small models on real data into {options.log_dir}:")
    for training in trainings.TRAININGS:
        print(f"{training.name}: {training.story}", flush=True)
        log_dir = options.log_dir / training.name
        shutil.rmtree(log_dir, ignore_errors=True)
        trainings.run(training, log_dir, options.epochs)
    print(f"Trained in {time.monotonic() - began:.0f} s. What was logged:")
    for line in check.check_logs(options.log_dir, options.epochs):
        print(f"  {line}")
    return (
        0
        if options.no_serve
        else serve.serve(options.log_dir, trainings.TRAININGS[0].name)
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
