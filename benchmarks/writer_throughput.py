"""How fast records are written, beside the other writers of event files.

    python benchmarks/writer_throughput.py [--runs 5] [--megabytes 16]

For each size of payload, every writer writes the same tensors to a new
directory; the writers take turns, so that a change in the machine's load hits
all of them, and the medians over the runs are printed:

* MB/s of payload, from the first call until the writer is closed;
* the time that one call holds the caller up (p50 and p99, in microseconds);
* MB/s of ours, divided by theirs.

TensorBoard's writer checksums in Python, at a few MB/s; it gets fewer records,
so that a run takes no minutes. tensorboardX and TensorFlow take part if they
are installed.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import pathlib
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator

import numpy as np

from tb_kerasviz.writer.async_writer import AsyncRecordWriter
from tb_kerasviz.writer.interface import TensorRecord

# TensorFlow logs its hardware to stderr when it is imported.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

SIZES = {"1 kB": 1_000, "10 kB": 10_000, "100 kB": 100_000, "1 MB": 1_000_000}

Write = Callable[[int, np.ndarray], None]
Close = Callable[[], None]
Open = Callable[[pathlib.Path], tuple[Write, Close]]


def open_ours(log_dir: pathlib.Path) -> tuple[Write, Close]:
    """The writer of this package."""
    # A budget that is never used up: nothing is dropped, so it is a fair race.
    writer = AsyncRecordWriter(log_dir, max_block_secs=3600)

    def write(step: int, values: np.ndarray) -> None:
        writer.add(TensorRecord(tag="dynamics", step=step, values=values))

    def close() -> None:
        writer.close(600)
        stats = writer.stats()
        if stats.written != stats.accepted:
            raise RuntimeError(f"Not all was written: {stats}")

    return write, close


def open_tensorboard(log_dir: pathlib.Path) -> tuple[Write, Close]:
    """TensorBoard's own writer, which needs no TensorFlow."""
    from tensorboard.compat.proto import event_pb2, summary_pb2
    from tensorboard.summary.writer import event_file_writer
    from tensorboard.util import tensor_util

    writer = event_file_writer.EventFileWriter(str(log_dir))

    def write(step: int, values: np.ndarray) -> None:
        value = summary_pb2.Summary.Value(
            tag="dynamics", tensor=tensor_util.make_tensor_proto(values)
        )
        summary = summary_pb2.Summary(value=[value])
        event = event_pb2.Event(wall_time=time.time(), step=step, summary=summary)
        writer.add_event(event)

    return write, writer.close


def open_tensorboardx(log_dir: pathlib.Path) -> tuple[Write, Close]:
    """The writer of tensorboardX, checksums in C where crc32c is installed."""
    from tensorboardX import event_file_writer
    from tensorboardX.proto import event_pb2, summary_pb2, tensor_pb2

    writer = event_file_writer.EventFileWriter(str(log_dir))

    def write(step: int, values: np.ndarray) -> None:
        # It has no method for tensors; this is the least work it can do.
        tensor = tensor_pb2.TensorProto(dtype=1, tensor_content=values.tobytes())
        value = summary_pb2.Summary.Value(tag="dynamics", tensor=tensor)
        summary = summary_pb2.Summary(value=[value])
        event = event_pb2.Event(wall_time=time.time(), step=step, summary=summary)
        writer.add_event(event)

    return write, writer.close


def open_tensorflow(log_dir: pathlib.Path) -> tuple[Write, Close]:
    """TensorFlow's, in C++, that keras.callbacks.TensorBoard uses."""
    import tensorflow as tf

    writer = tf.summary.create_file_writer(str(log_dir))

    def write(step: int, values: np.ndarray) -> None:
        with writer.as_default():
            tf.summary.write("dynamics", values, step=step)

    return write, writer.close


def find_writers() -> dict[str, Open]:
    """The writers that can take part."""
    writers: dict[str, Open] = {
        "tb_kerasviz": open_ours,
        "tensorboard": open_tensorboard,
    }
    if importlib.util.find_spec("tensorboardX"):
        writers["tensorboardX"] = open_tensorboardx
    if importlib.util.find_spec("tensorflow"):
        writers["tf.summary"] = open_tensorflow
    return writers


def measure(
    open_writer: Open, values: np.ndarray, count: int
) -> tuple[float, float, float]:
    """Writes the same tensor again and again.

    Returns:
        MB/s, and the median and 99th percentile of a call in microseconds.
    """
    calls = []
    with tempfile.TemporaryDirectory() as directory:
        write, close = open_writer(pathlib.Path(directory))
        start = time.perf_counter()
        for step in range(count):
            before = time.perf_counter()
            write(step, values)
            calls.append(time.perf_counter() - before)
        close()
        secs = time.perf_counter() - start
    p50, p99 = np.percentile(calls, [50, 99]) * 1e6
    return values.nbytes * count / secs / 1e6, float(p50), float(p99)


def compare(runs: int, total_bytes: int) -> Iterator[str]:
    """Runs the race and yields the lines of the table."""
    writers = find_writers()
    rng = np.random.default_rng(0)
    for open_writer in writers.values():  # Imports, and whatever is made once.
        measure(open_writer, np.zeros(10, np.float32), 10)
    yield "payload  writer            MB/s    p50 us    p99 us ours/its"
    for label, nbytes in SIZES.items():
        values = rng.standard_normal(nbytes // 4).astype(np.float32)
        results: dict[str, list[tuple[float, float, float]]] = {n: [] for n in writers}
        for _ in range(runs):
            for name, open_writer in writers.items():
                slow = 16 if name == "tensorboard" else 1
                count = max(20, min(5000, total_bytes // nbytes) // slow)
                results[name].append(measure(open_writer, values, count))
        medians = {
            name: [statistics.median(column) for column in zip(*rows, strict=True)]
            for name, rows in results.items()
        }
        ours = medians["tb_kerasviz"][0]
        for name, (rate, p50, p99) in medians.items():
            yield (
                f"{label:8} {name:13} {rate:8.1f} {p50:9.1f} {p99:9.1f} "
                f"{ours / rate:8.1f}"
            )


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--megabytes", type=int, default=16)
    arguments = parser.parse_args()
    for line in compare(arguments.runs, arguments.megabytes * 10**6):
        sys.stdout.write(line + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
