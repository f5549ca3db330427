"""The writer in processes that come to harm; see writing_process.py."""

from __future__ import annotations

import json
import pathlib
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from tests.unit.writer import reading

WATCHDOG_SECS = 60
PROGRAM = pathlib.Path(__file__).with_name("writing_process.py")


def start(program: str, log_dir: pathlib.Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(PROGRAM), program, str(log_dir)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(program: str, log_dir: pathlib.Path) -> subprocess.CompletedProcess[str]:
    with start(program, log_dir) as process:
        try:
            out, err = process.communicate(timeout=WATCHDOG_SECS)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
    return subprocess.CompletedProcess(program, process.returncode, out, err)


def check_no_torn_record(log_dir: pathlib.Path) -> None:
    for path in reading.event_files(log_dir):
        assert not reading.has_torn_record(path)


def check_stats(line: str) -> dict:
    stats = json.loads(line)
    dropped = sum(stats["dropped"].values())
    assert stats["accepted"] == stats["written"] + dropped + stats["queued"]
    return stats


@pytest.mark.parametrize(
    ("program", "code"),
    [
        ("end_without_close", 0),
        ("keep_without_close", 0),
        ("raise_error", 1),
        ("call_exit", 3),
        ("receive_sigint", -2),
    ],
)
def test_everything_is_written_when_the_process_ends(
    tmp_path: pathlib.Path, program: str, code: int
) -> None:
    ended = run(program, tmp_path)

    assert ended.returncode == code, ended.stderr
    assert reading.steps_of(tmp_path, "loss") == list(range(100))
    assert reading.steps_of(tmp_path, "activations") == list(range(100))
    assert reading.statuses(tmp_path)[-1].closed
    check_no_torn_record(tmp_path)


def test_sigkill_loses_nothing_that_was_written(tmp_path: pathlib.Path) -> None:
    with start("wait_for_sigkill", tmp_path) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "written\n"
        process.kill()

    assert reading.steps_of(tmp_path, "loss") == list(range(100))
    assert reading.steps_of(tmp_path, "activations") == list(range(100))
    check_no_torn_record(tmp_path)


def test_sigkill_while_writing_loses_nothing_that_was_flushed(
    tmp_path: pathlib.Path,
) -> None:
    rng = random.Random(0)
    for number in range(5):
        log_dir = tmp_path / str(number)
        with start("write_until_sigkill", log_dir) as process:
            assert process.stdout is not None
            flushed = int(process.stdout.readline())
            time.sleep(rng.uniform(0.0, 0.2))
            process.kill()
            for line in process.stdout:
                flushed = int(line) if line.endswith("\n") else flushed
        # A torn tail would be an ordinary end for every reader; what matters
        # is that what is there is a prefix of what was added.
        for tag in ("loss", "activations"):
            steps = reading.steps_of(log_dir, tag)
            assert steps == list(range(len(steps)))
            assert len(steps) >= flushed


def test_a_forked_child_does_nothing_and_hinders_nobody(
    tmp_path: pathlib.Path,
) -> None:
    ended = run("fork_child", tmp_path / "run")

    assert ended.returncode == 0, ended.stderr
    own = tmp_path / "run" / "train"
    assert reading.steps_of(own, "loss") == list(range(100))
    assert len(reading.event_files(own)) == 1
    child = tmp_path / "run" / "child"
    assert reading.steps_of(child, "loss") == list(range(10))


@pytest.fixture
def small_disk(tmp_path: pathlib.Path) -> Iterator[pathlib.Path]:
    mount, umount = shutil.which("mount"), shutil.which("umount")
    disk = tmp_path / "disk"
    disk.mkdir()
    if mount is None or umount is None:
        pytest.skip("there is no mount; the test with a file size limit stands in")
    command = [mount, "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("mount is not allowed; the test with a file size limit stands in")
    yield disk
    subprocess.run([umount, str(disk)], check=True)


def check_full_disk(program: str, place: pathlib.Path, log_dir: pathlib.Path) -> None:
    ended = run(program, place)

    assert ended.returncode == 0, ended.stderr
    full, after = (check_stats(line) for line in ended.stdout.splitlines())
    assert full["queued"] > 0
    assert full["dropped"]["activations"] > 0
    assert after["queued"] == 0
    check_no_torn_record(log_dir)
    for tag in ("loss", "activations"):
        steps = reading.steps_of(log_dir, tag)
        assert steps == sorted(set(steps))
        assert steps[-10:] == list(range(200, 210))
        assert len(steps) == 210 - after["dropped"].get(tag, 0)
    last = reading.statuses(log_dir)[-1]
    assert (last.closed, last.dropped) == (True, after["dropped"])
    assert any("Cannot write to kerasviz" in n.message for n in last.notices)
    # Once at the start of the outage, not at every attempt.
    assert ended.stderr.count("Cannot write to kerasviz") == 1


def test_file_size_limit(tmp_path: pathlib.Path) -> None:
    check_full_disk("meet_size_limit", tmp_path, tmp_path)


def test_full_disk(small_disk: pathlib.Path) -> None:
    check_full_disk("fill_disk", small_disk, small_disk / "run")


def test_read_only_directory(tmp_path: pathlib.Path) -> None:
    tmp_path.chmod(0o755)
    ended = run("meet_read_only_directory", tmp_path / "run")

    assert ended.returncode == 0, ended.stderr
    stats = check_stats(ended.stdout)
    assert (stats["written"], stats["dropped"]) == (
        0,
        {"loss": 20, "activations": 20},
    )
    assert "Permission denied" in ended.stderr


def test_the_process_ends_although_the_disk_hangs(tmp_path: pathlib.Path) -> None:
    ended = run("end_with_hung_disk", tmp_path)

    assert ended.returncode == 0, ended.stderr
    assert "The writer was closed before it could write" in ended.stderr
