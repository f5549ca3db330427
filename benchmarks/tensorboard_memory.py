"""How much memory TensorBoard takes for logged activations, per MB of the log.

    python -m benchmarks.tensorboard_memory [--captures 60]

The same captures are shown by TensorBoard's data server and by its Python
ingester. Printed for each: resident memory of TensorBoard's process and of its data
server on an empty log directory, once everything is loaded, and once every capture
was looked at; and how many MB more that is per MB of the log.
"""

from __future__ import annotations

import argparse
import gzip
import json
import tempfile
import time
from pathlib import Path
from urllib.parse import urlencode

import numpy as np

from tests.plugin.servers import BASE, Process, run_tensorboard

READERS = {"data server": "--load_fast=true", "Python ingester": "--load_fast=false"}
MB = 1e6


def main() -> None:
    """Runs the benchmark."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--captures", type=int, default=60, help="captures to log")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        empty, logs = Path(folder) / "empty", Path(folder) / "logs"
        empty.mkdir()
        write_log(logs / "run1", options.captures)
        logged = sum(file.stat().st_size for file in logs.rglob("events*")) / MB
        print(f"{options.captures} captures, {logged:.0f} MB", flush=True)
        for reader, flag in READERS.items():
            with run_tensorboard(empty, flag) as process:
                before = memory_of(process)
            with run_tensorboard(logs, flag) as process:
                steps = wait_for_steps(process, options.captures)
                loaded = memory_of(process)
                for step in steps:
                    read_capture(process, step)
                viewed = memory_of(process)
            print(
                f"{reader}: {before:.0f} MB empty, {loaded:.0f} MB loaded "
                f"({(loaded - before) / logged:.2f} per MB), {viewed:.0f} MB looked at "
                f"({(viewed - before) / logged:.2f} per MB)",
                flush=True,
            )


def write_log(log_dir: Path, captures: int) -> None:
    """Logs a small convolutional network's activations, which change each time."""
    import keras
    from keras import layers

    import tb_kerasviz

    model = keras.Sequential([keras.Input((48, 48, 3))])
    for filters in (32, 64, 64, 128):
        model.add(layers.Conv2D(filters, 3, padding="same", activation="relu"))
        model.add(layers.MaxPooling2D())
    random = np.random.default_rng(0)
    probe = random.random((8, 48, 48, 3), np.float32)
    with tb_kerasviz.Writer(log_dir) as writer:
        for step in range(captures):
            for variable in model.trainable_variables:
                noise = random.normal(0, 0.02, variable.shape)
                variable.assign_add(noise.astype(np.float32))
            writer.write_activations(step, model, probe)
            writer.flush()


def memory_of(process: Process) -> float:
    """Resident memory of TensorBoard and of its data server, in MB."""
    return sum(
        resident_bytes(pid) / MB
        for pid in (process.process.pid, *process.data_servers())
    )


def resident_bytes(pid: int) -> int:
    """Resident memory of a process."""
    status = Path(f"/proc/{pid}/status").read_text()
    (line,) = (one for one in status.splitlines() if one.startswith("VmRSS"))
    return int(line.split()[1]) * 1024


def wait_for_steps(process: Process, captures: int) -> list[int]:
    """Waits until all captures are listed."""
    steps: list[int] = []
    while len(steps) < captures:
        time.sleep(0.5)
        status, _, body = process.get(f"{BASE}/runs")
        if status == 200:
            for run in json.loads(gzip.decompress(body))["runs"]:
                steps = run["steps"].get("activations", [])
    return steps


def read_capture(process: Process, step: int) -> None:
    """Asks for what the view shows of a capture: its index and all of its maps."""
    query = urlencode({"run": "run1", "step": step})
    _, _, body = process.get(f"{BASE}/activations", query)
    for layer in json.loads(gzip.decompress(body))["layers"]:
        asked = {"run": "run1", "step": step, "layer": layer["path"]}
        process.get(f"{BASE}/activations/data", urlencode(asked))


if __name__ == "__main__":
    main()
