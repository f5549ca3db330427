"""Object stores, stood in for by fsspec's file system in memory."""

from __future__ import annotations

import io
import pathlib
import subprocess
import sys
import uuid

import fsspec  # type: ignore[import-untyped]
import pytest
from tensorboard.compat.proto import event_pb2

from tb_kerasviz.wire import records
from tb_kerasviz.writer import events, remote_file
from tb_kerasviz.writer.async_writer import AsyncRecordWriter
from tb_kerasviz.writer.open_event_file import open_event_file
from tests.unit.writer import reading


@pytest.fixture
def url() -> str:
    return f"memory://bucket-{uuid.uuid4().hex}/run"


def frame(step: int, size: int = 0) -> bytes:
    return records.frame_record(events.encode_scalar("a" * size, step, 0.5, 1.0))


def objects(url: str) -> list[str]:
    store = fsspec.filesystem("memory")
    return sorted(store.find(url)) if store.exists(url) else []


def read_steps(url: str) -> list[list[int]]:
    store = fsspec.filesystem("memory")
    return [
        [
            event.step
            for _, data in records.read_records(io.BytesIO(store.cat_file(name)))
            if (event := event_pb2.Event.FromString(data)).HasField("summary")
        ]
        for name in objects(url)
    ]


def read_starts(url: str) -> list[int]:
    """Step of each SessionLog.START, object by object."""
    store = fsspec.filesystem("memory")
    found = [
        event_pb2.Event.FromString(data)
        for name in objects(url)
        for _, data in records.read_records(io.BytesIO(store.cat_file(name)))
    ]
    return [event.step for event in found if event.HasField("session_log")]


def test_urls_go_to_the_remote_file(url: str) -> None:
    file = open_event_file(url, 7)
    assert isinstance(file, remote_file.RemoteEventFile)
    assert objects(url) == []

    file.write([frame(7), frame(8)])
    file.write([frame(9)])

    assert read_steps(url) == [[7, 8, 9]]
    assert read_starts(url) == [7]


def test_a_new_object_is_begun_before_one_gets_large(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remote_file, "SEGMENT_BYTES", 10_000)
    file = open_event_file(url, 0)
    for step in range(10):
        file.write([frame(step, 3000)])

    steps = read_steps(url)
    assert [step for one in steps for step in one] == list(range(10))
    assert len(steps) == 4
    # A second start would void what the first object holds.
    assert read_starts(url) == [0]


def test_a_record_larger_than_an_object_is_written(url: str) -> None:
    file = open_event_file(url, 0)
    file.write([frame(0)])
    file.write([frame(1, remote_file.SEGMENT_BYTES + 1)])
    file.write([frame(2)])

    assert read_steps(url) == [[0], [1], [2]]


def test_a_failed_write_is_repeated_as_it_was(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = open_event_file(url, 0)
    file.write([frame(0)])

    def fail(*args: object, **options: object) -> None:
        raise ConnectionError("the store is gone")

    for step in (1, 2):
        with monkeypatch.context() as patch:
            patch.setattr(fsspec.filesystem("memory"), "open", fail)
            with pytest.raises(ConnectionError):
                file.write([frame(step)])
        file.write([frame(step)])

    assert read_steps(url) == [[0, 1, 2]]


def test_a_second_training_has_an_object_of_its_own_behind_the_first(
    url: str,
) -> None:
    for step in (0, 5, 9):
        file = remote_file.RemoteEventFile(url, step, lambda: 100.0)
        file.write([frame(step)])
        file.close()

    assert read_steps(url) == [[0], [5], [9]]


def test_writer_to_a_store(url: str) -> None:
    with AsyncRecordWriter(url) as writer:
        for step in range(100):
            writer.add(reading.scalar(step))
            writer.add(reading.blob(step))
        assert writer.flush()

    assert writer.stats().written == 200
    assert read_steps(f"{url}/train") == [list(range(100))]
    assert len(objects(f"{url}/kerasviz")) == 1


def test_an_unknown_scheme_is_said_once_and_counted(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with AsyncRecordWriter("nosuchscheme://bucket/run") as writer:
        writer.add(reading.scalar(0))

    assert writer.stats().dropped == {"loss": 1}
    warnings = [r.getMessage() for r in caplog.records if "train" in r.getMessage()]
    assert warnings[0].startswith("Cannot write to train, and will try again")
    assert "nosuchscheme" in warnings[0]


READ_WITH_TENSORBOARD = """
import sys, types

sys.path.insert(0, sys.argv[1])
# TensorBoard then uses its own file layer, as where there is no TensorFlow.
sys.modules["tensorboard.compat.notf"] = types.ModuleType("notf")
from tensorboard.backend.event_processing import plugin_event_multiplexer
from tb_kerasviz.writer.async_writer import AsyncRecordWriter
from tests.unit.writer import reading

with AsyncRecordWriter("memory://bucket/logs/run") as writer:
    multiplexer = plugin_event_multiplexer.EventMultiplexer()
    for step in range(3):
        writer.add(reading.scalar(step))
        assert writer.flush()
        multiplexer.AddRunsFromDirectory("memory://bucket/logs")
        multiplexer.Reload()
        print([event.step for event in multiplexer.Tensors("run/train", "loss")])
assert "tensorflow" not in sys.modules
"""


def test_tensorboard_follows_a_growing_object() -> None:
    root = str(pathlib.Path(__file__).parents[3])
    found = subprocess.run(
        [sys.executable, "-c", READ_WITH_TENSORBOARD, root],
        capture_output=True,
        text=True,
        check=False,
    )

    assert found.returncode == 0, found.stderr
    assert found.stdout.split("\n") == ["[0]", "[0, 1]", "[0, 1, 2]", ""]
