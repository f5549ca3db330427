"""Programs that write logs and come to harm; run by test_writer_faults.

python writing_process.py <program> <log_dir>
"""

from __future__ import annotations

import dataclasses
import json
import logging
import os
import pathlib
import resource
import signal
import sys
import time
import warnings

sys.path.insert(0, str(pathlib.Path(__file__).parents[3]))

from tb_kerasviz.writer.async_writer import AsyncRecordWriter
from tb_kerasviz.writer.interface import BlobRecord, ScalarRecord

log_dir = pathlib.Path(sys.argv[2])
kept: list[AsyncRecordWriter] = []


def scalar(step: int) -> ScalarRecord:
    return ScalarRecord(directory="train", tag="loss", step=step, value=float(step))


def blob(step: int, nbytes: int = 10_000) -> BlobRecord:
    return BlobRecord(
        tag="activations",
        step=step,
        encode=lambda sequence: [b"%020d" % sequence + bytes(nbytes)],
        nbytes=nbytes,
    )


def add_all(writer: AsyncRecordWriter, steps: range) -> None:
    for step in steps:
        writer.add(scalar(step))
        writer.add(blob(step))


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def print_stats(writer: AsyncRecordWriter) -> None:
    stats = writer.stats()
    counts = dataclasses.asdict(
        dataclasses.replace(stats, dropped=dict(stats.dropped), refused={})
    )
    say(json.dumps(counts))


def end_without_close() -> None:
    add_all(AsyncRecordWriter(log_dir), range(100))


def keep_without_close() -> None:
    kept.append(AsyncRecordWriter(log_dir))
    add_all(kept[0], range(100))


def raise_error() -> None:
    keep_without_close()
    raise RuntimeError("training failed")


def call_exit() -> None:
    keep_without_close()
    sys.exit(3)


def receive_sigint() -> None:
    keep_without_close()
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(30)


def wait_for_sigkill() -> None:
    writer = AsyncRecordWriter(log_dir)
    add_all(writer, range(100))
    deadline = time.monotonic() + 30
    while writer.stats().queued and time.monotonic() < deadline:
        time.sleep(0.01)
    say("written")
    time.sleep(60)


def write_until_sigkill() -> None:
    writer = AsyncRecordWriter(log_dir)
    step = 0
    while True:
        add_all(writer, range(step, step + 10))
        step += 10
        writer.flush()
        say(str(step))


def fork_child() -> None:
    warnings.simplefilter("ignore", DeprecationWarning)
    writer = AsyncRecordWriter(log_dir)
    add_all(writer, range(50))
    # The lock is held at the fork, and stays so for ever in the child.
    with writer._core._state.changed:
        child = os.fork()
    if child == 0:
        taken = [writer.add(scalar(step)) for step in range(1000, 1030)]
        writer.flush()
        writer.close()
        silent = not any(taken) and writer.stats().accepted == 0
        own = AsyncRecordWriter(log_dir / "child")
        add_all(own, range(10))
        # An ordinary end of the process, with the finalizers of both writers.
        sys.exit(0 if silent else 1)
    add_all(writer, range(50, 100))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    writer.close()


def meet_size_limit() -> None:
    """The disk is full after 200 kB per file, until there is space again."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    writer = AsyncRecordWriter(log_dir, queue_bytes=300_000, max_block_secs=0.2)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, hard))
    add_all(writer, range(200))
    writer.flush(0.5)
    print_stats(writer)
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    assert writer.flush(20)
    add_all(writer, range(200, 210))
    writer.close()
    print_stats(writer)


def fill_disk() -> None:
    """`log_dir` is on a disk of 1 MB; a file of ours makes it full sooner."""
    writer = AsyncRecordWriter(log_dir / "run", queue_bytes=300_000, max_block_secs=0.2)
    add_all(writer, range(10))
    writer.flush()
    with (log_dir / "ballast").open("wb", buffering=0) as ballast:
        for size in (4096, 1):
            try:
                while ballast.write(bytes(size)) == size:
                    pass
            except OSError:
                pass
    add_all(writer, range(10, 200))
    writer.flush(0.5)
    print_stats(writer)
    (log_dir / "ballast").unlink()
    assert writer.flush(20)
    add_all(writer, range(200, 210))
    writer.close()
    print_stats(writer)


def meet_read_only_directory() -> None:
    # Root may write everywhere; nobody may not.
    log_dir.mkdir()
    log_dir.chmod(0o555)
    if os.getuid() == 0:
        os.setgid(65534)
        os.setuid(65534)
    writer = AsyncRecordWriter(log_dir)
    add_all(writer, range(20))
    writer.close()
    print_stats(writer)


def end_with_hung_disk() -> None:
    """What is written to is a pipe that nobody reads."""
    from tb_kerasviz.writer import writer_core
    from tb_kerasviz.writer.local_file import LocalEventFile

    writer_core.EXIT_SECS = 1.0
    _, pipe = os.pipe()
    file = LocalEventFile(str(log_dir), 0)
    file._descriptor = pipe
    writer = AsyncRecordWriter(log_dir, open_file=lambda *args: file)
    # A pipe has no links, which would look like a deleted file.
    linked = pathlib.Path(__file__).stat()
    os.fstat = lambda fd: linked
    add_all(writer, range(50))


if __name__ == "__main__":
    logging.basicConfig()
    globals()[sys.argv[1]]()
