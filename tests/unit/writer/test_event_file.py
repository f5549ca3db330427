from __future__ import annotations

import os
import pathlib
import shutil

import pytest
from tensorboard.compat.proto import event_pb2

from tb_kerasviz.wire import records
from tb_kerasviz.writer import event_file, events, local_file
from tb_kerasviz.writer.local_file import LocalEventFile
from tb_kerasviz.writer.open_event_file import open_event_file
from tests.unit.writer import reading


def frame(step: int, tag: str = "loss") -> bytes:
    return records.frame_record(events.encode_scalar(tag, step, 0.5, 1.0))


def names(directory: pathlib.Path) -> list[str]:
    return [path.name for path in reading.event_files(directory)]


def test_nothing_is_made_before_the_first_write(tmp_path: pathlib.Path) -> None:
    file = open_event_file(str(tmp_path / "train"), 0)
    file.close()

    assert list(tmp_path.iterdir()) == []


def test_file_begins_with_version_and_start(tmp_path: pathlib.Path) -> None:
    file = open_event_file(str(tmp_path / "a" / "train"), 12)
    file.write([frame(12), frame(13)])
    file.write([frame(14)])
    file.close()

    found = reading.read_events(tmp_path)
    assert found[0].file_version == "brain.Event:2"
    assert found[1].session_log.status == event_pb2.SessionLog.START
    assert [event.step for event in found[1:]] == [12, 12, 13, 14]


def test_file_url_is_a_local_path(tmp_path: pathlib.Path) -> None:
    file = open_event_file(f"file://{tmp_path}/train", 0)
    file.write([frame(0)])

    assert len(names(tmp_path / "train")) == 1


def test_more_frames_than_one_system_call_takes(tmp_path: pathlib.Path) -> None:
    file = open_event_file(str(tmp_path), 0)
    file.write([frame(step) for step in range(3000)])

    assert reading.steps_of(tmp_path, "loss") == list(range(3000))


@pytest.mark.parametrize(
    "existing",
    [
        "events.out.tfevents.0000000500.host.1.abc.v2",
        "events.out.tfevents.0000000100.zzzz.9.fff.v2",
        "events.out.tfevents.9999999998.host.1.abc.v2",
        "events.out.tfevents.5000000000",
    ],
)
def test_a_new_file_sorts_behind_the_existing_ones(existing: str) -> None:
    name = event_file.create_file_name([existing, "zzz.txt"], 100.0)

    assert name > existing
    assert "tfevents" in name


def test_two_files_of_one_second_have_different_names(tmp_path: pathlib.Path) -> None:
    for _ in range(3):
        LocalEventFile(str(tmp_path), 0, lambda: 100.0).write([frame(0)])

    assert len(names(tmp_path)) == 3
    assert names(tmp_path)[0].startswith("events.out.tfevents.0000000100.")


def test_an_existing_file_is_never_written_to(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = "events.out.tfevents.0000000100.host.1.abc.v2"
    (tmp_path / taken).write_bytes(b"somebody's")
    monkeypatch.setattr(local_file, "create_file_name", lambda existing, now: taken)

    with pytest.raises(FileExistsError):
        LocalEventFile(str(tmp_path), 0).write([frame(0)])
    assert (tmp_path / taken).read_bytes() == b"somebody's"


@pytest.mark.parametrize("victim", ["file", "directory"])
def test_a_deleted_file_is_followed_by_a_new_one(
    tmp_path: pathlib.Path, victim: str
) -> None:
    file = open_event_file(str(tmp_path / "train"), 0)
    file.write([frame(0)])
    if victim == "file":
        reading.event_files(tmp_path)[0].unlink()
    else:
        shutil.rmtree(tmp_path / "train")

    file.write([frame(1)])
    file.write([frame(2)])

    assert file.lost_files == 1
    assert reading.steps_of(tmp_path, "loss") == [1, 2]
    assert reading.read_events(tmp_path)[0].file_version == "brain.Event:2"


def test_a_failed_write_leaves_no_torn_record(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = open_event_file(str(tmp_path), 0)
    file.write([frame(0)])
    real = os.writev

    def write_some(descriptor: int, buffers: list[memoryview]) -> int:
        # What a disk does that becomes full: it takes some bytes, then fails.
        if len(buffers[0]) < 20:
            raise OSError(28, "No space left on device")
        return real(descriptor, [buffers[0][:-10]])

    monkeypatch.setattr(os, "writev", write_some)
    with pytest.raises(OSError, match="No space"):
        file.write([frame(1), frame(2)])
    monkeypatch.undo()

    (path,) = reading.event_files(tmp_path)
    assert not reading.has_torn_record(path)
    file.write([frame(1), frame(2)])
    assert reading.steps_of(tmp_path, "loss") == [0, 1, 2]


def test_short_writes_are_completed(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.writev
    monkeypatch.setattr(os, "writev", lambda fd, b: real(fd, [b[0][:7]]))

    file = open_event_file(str(tmp_path), 0)
    file.write([frame(1), frame(2)])

    assert reading.steps_of(tmp_path, "loss") == [1, 2]


def test_a_torn_record_that_cannot_be_cut_off_is_left_behind(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = open_event_file(str(tmp_path), 0)
    file.write([frame(0)])

    def fail(*args: object) -> int:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "writev", fail)
    monkeypatch.setattr(os, "ftruncate", fail)
    with pytest.raises(OSError, match="Input/output"):
        file.write([frame(1)])
    monkeypatch.undo()
    file.write([frame(1)])

    # A second SessionLog.START would make TensorBoard forget step 0.
    assert len(names(tmp_path)) == 2
    points = reading.accumulate(tmp_path).Tensors("loss")
    assert [point.step for point in points] == [0, 1]


def test_a_file_that_cannot_begin_is_not_left_behind(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: object) -> int:
        raise OSError(28, "No space left on device")

    file = open_event_file(str(tmp_path), 0)
    monkeypatch.setattr(os, "writev", fail)
    for _ in range(3):
        with pytest.raises(OSError, match="No space"):
            file.write([frame(0)])
    monkeypatch.undo()

    assert names(tmp_path) == []
    file.write([frame(0)])
    assert reading.steps_of(tmp_path, "loss") == [0]


def test_a_resumed_training_voids_only_what_it_will_write_again(
    tmp_path: pathlib.Path,
) -> None:
    first = open_event_file(str(tmp_path), 0)
    first.write([frame(step) for step in range(100)])
    resumed = open_event_file(str(tmp_path), 51)
    resumed.write([frame(step) for step in range(51, 70)])

    points = reading.accumulate(tmp_path).Tensors("loss")
    assert [point.step for point in points] == list(range(70))
