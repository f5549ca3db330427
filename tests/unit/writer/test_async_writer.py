from __future__ import annotations

import functools
import gc
import math
import pathlib
import shutil
import threading
import time
import weakref
from collections.abc import Sequence

import numpy as np
import pytest

from tb_kerasviz.wire import codec, schema, tags
from tb_kerasviz.writer import writer_core
from tb_kerasviz.writer.async_writer import AsyncRecordWriter
from tb_kerasviz.writer.interface import (
    BlobRecord,
    ScalarRecord,
    TensorRecord,
    TrainingCosts,
    WriterStats,
)
from tests.unit.writer import reading
from tests.unit.writer.fake_files import FakeDisk


def check_balance(stats: WriterStats) -> WriterStats:
    dropped = sum(stats.dropped.values())
    assert stats.accepted == stats.written + dropped + stats.queued
    return stats


def wait_for(condition: object, what: str) -> None:
    assert callable(condition)
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain: {what}"
        time.sleep(0.01)


def test_records_of_every_kind_are_read_back(tmp_path: pathlib.Path) -> None:
    with AsyncRecordWriter(tmp_path / "run") as writer:
        for step in range(50):
            assert writer.add(reading.scalar(step))
            assert writer.add(reading.scalar(step, directory="validation"))
            values = np.full((3, 2), step, np.float32)
            assert writer.add(TensorRecord(tag="dynamics", step=step, values=values))
        assert writer.add(reading.blob(7, "weights"))
        assert writer.flush()
        stats = check_balance(writer.stats())

    assert (stats.accepted, stats.written) == (151, 151)
    run = tmp_path / "run"
    for directory in ("train", "validation"):
        points = reading.accumulate(run / directory).Tensors("loss")
        assert [point.step for point in points] == list(range(50))
    kerasviz = reading.accumulate(run / tags.PLUGIN_DIR)
    assert [point.step for point in kerasviz.Tensors("dynamics")] == list(range(50))
    assert reading.blobs_of(run, "weights")[0][0].startswith(b"%020d" % 0)
    assert len(reading.event_files(run)) == 3


def test_nothing_is_made_without_records(tmp_path: pathlib.Path) -> None:
    threads = threading.active_count()
    with AsyncRecordWriter(tmp_path / "run") as writer:
        assert threading.active_count() == threads
        assert writer.flush()

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("first", [0, 1, 51], ids=["new", "after 0", "after 50"])
def test_start_voids_what_the_resumed_training_does_again(
    tmp_path: pathlib.Path, first: int
) -> None:
    with AsyncRecordWriter(tmp_path) as writer:
        for step in range(100):
            writer.add(reading.scalar(step))
    with AsyncRecordWriter(tmp_path, first_step=first) as writer:
        assert not writer.add(reading.scalar(first - 1))
        for step in range(first, 70):
            assert writer.add(reading.scalar(step))
        assert sum(writer.stats().refused.values()) == 1

    points = reading.accumulate(tmp_path / "train").Tensors("loss")
    assert [point.step for point in points] == list(range(70))
    # The status, too, is only that of the second training.
    status = reading.accumulate(tmp_path / "kerasviz").Tensors("status")[-1]
    document = codec.decode_document(
        status.tensor_proto.string_val[0], schema.Status, "status"
    )
    assert (document.closed, document.accepted) == (True, 70 - first)


def test_steps_of_a_tag_strictly_increase_in_its_directory() -> None:
    disk = FakeDisk()
    with AsyncRecordWriter("run", open_file=disk.open_file) as writer:
        results = [
            writer.add(record)
            for record in (
                reading.scalar(5),
                reading.scalar(5),
                reading.scalar(4),
                reading.scalar(4, directory="validation"),
                reading.scalar(4, tag="accuracy"),
                reading.scalar(6),
                reading.blob(3, "weights"),
                reading.blob(3, "weights"),
            )
        ]
        stats = check_balance(writer.stats())

    assert results == [True, False, False, True, True, True, True, False]
    assert stats.refused == {"loss": 2, "weights": 1}
    assert stats.accepted == 5


@pytest.mark.parametrize(
    "record",
    [
        None,
        "text",
        ScalarRecord(directory="train", tag="a", step=-1, value=0.0),
        ScalarRecord(directory="train", tag="a", step=2**63, value=0.0),
        ScalarRecord(directory="train", tag="a", step=1.5, value=0.0),  # type: ignore[arg-type]
        ScalarRecord(directory="train", tag="", step=0, value=0.0),
        ScalarRecord(directory="train", tag="\ud800", step=0, value=0.0),
        ScalarRecord(directory="train", tag="a" * 1001, step=0, value=0.0),
        ScalarRecord(directory="train", tag=None, step=0, value=0.0),  # type: ignore[arg-type]
        ScalarRecord(directory="../up", tag="a", step=0, value=0.0),
        ScalarRecord(directory="/abs", tag="a", step=0, value=0.0),
        ScalarRecord(directory="C:\\x", tag="a", step=0, value=0.0),
        ScalarRecord(directory="a\0b", tag="a", step=0, value=0.0),
        ScalarRecord(directory="", tag="a", step=0, value=0.0),
        BlobRecord(tag="status", step=0, encode=lambda s: [], nbytes=0),
        BlobRecord(tag="dynamics", step=0, encode=lambda s: [], nbytes=0),
        TensorRecord(tag="weights", step=0, values=np.zeros(3)),
        TensorRecord(tag="dynamics", step=0, values=[1.0]),  # type: ignore[arg-type]
    ],
)
def test_what_cannot_be_written_is_refused_and_said(
    tmp_path: pathlib.Path, record: object, caplog: pytest.LogCaptureFixture
) -> None:
    with AsyncRecordWriter(tmp_path / "run") as writer:
        assert not writer.add(record)  # type: ignore[arg-type]
        writer.add(reading.scalar(1))
        assert sum(check_balance(writer.stats()).refused.values()) == 1

    assert reading.statuses(tmp_path / "run")[-1].notices[0].topic == "writer"
    assert len(caplog.records) == 1
    assert sorted(p.name for p in tmp_path.iterdir()) == ["run"]


@pytest.mark.parametrize("value", [math.nan, math.inf, 1e300, np.float64(2)])
def test_every_number_is_written(tmp_path: pathlib.Path, value: float) -> None:
    with AsyncRecordWriter(tmp_path) as writer:
        writer.add(ScalarRecord(directory="train", tag="a", step=0, value=value))

    assert writer.stats().written == 1


def test_an_error_in_encode_drops_that_record_only(
    tmp_path: pathlib.Path, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(sequence: int) -> Sequence[bytes]:
        raise KeyError("no such layer")

    with AsyncRecordWriter(tmp_path) as writer:
        for step in range(3):
            writer.add(BlobRecord(tag="weights", step=step, encode=fail, nbytes=1))
            writer.add(reading.blob(step, "activations"))
            writer.add(TensorRecord(tag="dynamics", step=step, values=np.array(["a"])))
        assert writer.flush()
        stats = check_balance(writer.stats())

    assert (stats.written, stats.dropped) == (3, {"weights": 3, "dynamics": 3})
    assert reading.steps_of(tmp_path, "activations") == [0, 1, 2]
    assert len(caplog.records) == 2
    notices = reading.statuses(tmp_path)[-1].notices
    messages = [notice.message for notice in notices]
    assert messages[0] == (
        "A record of 'weights' was dropped: KeyError: 'no such layer'"
    )
    assert messages[1].startswith(
        "A record of 'dynamics' was dropped: TypeError: Tensor 'dynamics' has dtype <U1"
    )


def test_a_record_above_the_size_limit_is_dropped(tmp_path: pathlib.Path) -> None:
    half = bytes(codec.MAX_RECORD_BYTES // 2 + 1)
    with AsyncRecordWriter(tmp_path) as writer:
        for step, blobs in enumerate([[half], [half, half]]):
            encode = functools.partial(lambda blobs, sequence: blobs, blobs)
            record = BlobRecord(tag="weights", step=step, encode=encode, nbytes=1)
            assert writer.add(record)
        writer.flush()
        stats = check_balance(writer.stats())

    assert stats.dropped == {"weights": 1}
    assert reading.steps_of(tmp_path, "weights") == [0]
    assert "at most 15728640" in reading.statuses(tmp_path)[-1].notices[0].message


def test_a_full_queue_gives_up_the_coarsest_first() -> None:
    disk = FakeDisk(shut=True)
    writer = AsyncRecordWriter(
        "run", queue_bytes=100_000, max_block_secs=0, open_file=disk.open_file
    )
    # One record is being written and cannot be given up.
    writer.add(reading.blob(0, "probe", 1000))
    assert disk.reached.wait(20)
    assert writer.add(reading.blob(0, "activations", 45_000))
    assert writer.add(reading.blob(0, "weights", 45_000))

    # Coarser or equal: dropped at once, and nothing for it.
    assert not writer.add(reading.blob(1, "activations", 20_000))
    assert check_balance(writer.stats()).dropped == {"activations": 1}
    # Finer: the activations go, then the weights.
    assert writer.add(reading.blob(1, "weights", 20_000))
    assert writer.stats().dropped == {"activations": 2}
    assert writer.add(reading.blob(0, "model_graph", 60_000))
    assert check_balance(writer.stats()).dropped == {"activations": 2, "weights": 1}
    for step in range(70):
        assert writer.add(reading.scalar(step))
    stats = check_balance(writer.stats())
    assert stats.dropped == {"activations": 2, "weights": 2}
    assert stats.blocked_secs == 0

    disk.open_gate()
    assert writer.flush()
    writer.close()
    assert check_balance(writer.stats()).queued == 0
    assert len(disk.frames["run/train"]) == 70


def test_what_can_never_fit_is_dropped_without_waiting() -> None:
    disk = FakeDisk()
    writer = AsyncRecordWriter(
        "run", queue_bytes=10_000, max_block_secs=3600, open_file=disk.open_file
    )
    assert not writer.add(reading.blob(0, "model_graph", 20_000))
    stats = check_balance(writer.stats())
    writer.close()

    assert (stats.dropped, stats.blocked_secs) == ({"model_graph": 1}, 0.0)


def test_room_can_be_reserved_for_records_that_are_larger() -> None:
    disk = FakeDisk(shut=True)
    writer = AsyncRecordWriter(
        "run", queue_bytes=10_000, max_block_secs=0, open_file=disk.open_file
    )
    writer.reserve(45_000)
    writer.reserve(100)  # Never less than there was.
    assert writer.add(reading.blob(0, "activations", 20_000))
    assert writer.add(reading.blob(1, "activations", 20_000))
    assert not writer.add(reading.blob(2, "activations", 20_000))
    disk.open_gate()
    writer.close()

    assert check_balance(writer.stats()).dropped == {"activations": 1}


def test_a_full_queue_makes_add_wait_until_there_is_room() -> None:
    disk = FakeDisk(shut=True)
    writer = AsyncRecordWriter(
        "run", queue_bytes=20_000, max_block_secs=60, open_file=disk.open_file
    )
    writer.add(reading.blob(0, "weights", 15_000))
    assert disk.reached.wait(20)
    threading.Timer(0.2, disk.open_gate).start()

    assert writer.add(reading.blob(1, "weights", 15_000))
    writer.close()

    stats = check_balance(writer.stats())
    assert (stats.written, stats.dropped) == (2, {})
    assert 0.0 < stats.blocked_secs < 30


def test_the_time_that_add_waits_is_bounded_in_sum() -> None:
    disk = FakeDisk(shut=True)
    now = [0.0]
    writer = AsyncRecordWriter(
        "run",
        queue_bytes=20_000,
        max_block_secs=0.2,
        clock=lambda: now[0] + time.monotonic(),
        open_file=disk.open_file,
    )
    writer.add(reading.blob(0, "weights", 15_000))
    assert disk.reached.wait(20)
    for step in range(1, 50):
        assert not writer.add(reading.blob(step, "weights", 15_000))
    spent = writer.stats().blocked_secs
    assert 0.19 < spent < 5  # once the budget, not fifty times

    now[0] += 1000  # one hundredth of it refills the budget, up to its size
    assert not writer.add(reading.blob(99, "weights", 15_000))
    assert writer.stats().blocked_secs >= spent + 0.19

    disk.open_gate()
    writer.close()
    assert check_balance(writer.stats()).dropped == {"weights": 50}


def test_a_broken_disk_does_not_make_add_wait(
    caplog: pytest.LogCaptureFixture,
) -> None:
    disk = FakeDisk()
    disk_full = OSError(28, "No space left on device")
    disk.broken = disk_full
    writer = AsyncRecordWriter(
        "run", queue_bytes=20_000, max_block_secs=3600, open_file=disk.open_file
    )
    writer.add(reading.blob(0, "weights", 15_000))
    wait_for(lambda: caplog.records, "the error is logged")
    for step in range(1, 20):
        assert not writer.add(reading.blob(step, "weights", 15_000))
    assert check_balance(writer.stats()).blocked_secs < 30
    # It is tried again at once, and a further failure is not waited out.
    assert not writer.flush(3000)

    disk.broken = None
    assert writer.flush()
    writer.close()
    stats = check_balance(writer.stats())
    assert (stats.written, stats.dropped) == (1, {"weights": 19})
    messages = [record.getMessage() for record in caplog.records]
    assert messages == [
        f"Cannot write to kerasviz, and will try again: OSError: {disk_full}",
        "Writing to kerasviz goes on.",
    ]


def test_one_broken_directory_does_not_stop_the_others(
    tmp_path: pathlib.Path,
) -> None:
    (tmp_path / "train").write_bytes(b"a file is in the way")
    writer = AsyncRecordWriter(tmp_path)
    for step in range(10):
        writer.add(reading.scalar(step))
        writer.add(reading.scalar(step, directory="validation"))
    wait_for(lambda: writer.stats().written == 10, "validation is written")
    writer.close()

    stats = check_balance(writer.stats())
    assert (stats.written, stats.dropped, stats.queued) == (10, {"loss": 10}, 0)
    assert reading.steps_of(tmp_path / "validation", "loss") == list(range(10))
    last = reading.statuses(tmp_path)[-1]
    assert last.closed
    assert last.dropped == {"loss": 10}
    assert last.notices[0].message.startswith("Cannot write to train")


def test_sequence_numbers_count_blob_records_and_show_gaps(
    tmp_path: pathlib.Path,
) -> None:
    def encode(sequence: int) -> Sequence[bytes]:
        return [codec.encode_member(b"", sequence)]

    def fail(sequence: int) -> Sequence[bytes]:
        raise ValueError("dropped on purpose")

    with AsyncRecordWriter(tmp_path) as writer:
        for step, function in enumerate([encode, fail, encode]):
            writer.add(BlobRecord(tag="weights", step=step, encode=function, nbytes=1))
            writer.add(reading.scalar(step))

    numbers = {
        tag: [
            codec.check_member(blobs[0], tag).sequence
            for blobs in reading.blobs_of(tmp_path, tag)
        ]
        for tag in ("weights", "status")
    }
    assert numbers["weights"] == [0, 2]
    assert numbers["status"] == list(range(3, 3 + len(numbers["status"])))


def test_status_says_what_happened(tmp_path: pathlib.Path) -> None:
    notice = schema.Notice(step=3, topic="weights", message="Three layers skipped.")
    with AsyncRecordWriter(tmp_path) as writer:
        writer.add(reading.scalar(3))
        writer.add(reading.scalar(3))
        for _ in range(5):
            writer.report(notice)
        wait_for(
            lambda: any(s.notices for s in reading.statuses(tmp_path)),
            "a notice is written without a flush",
        )
        assert writer.flush()
        flushed = len(reading.statuses(tmp_path))
        assert writer.flush()  # nothing new to tell
        assert len(reading.statuses(tmp_path)) == flushed
        writer.add(reading.scalar(100))
        assert writer.flush()

    found = reading.statuses(tmp_path)
    steps = [status.step for status in found]
    assert steps == sorted(set(steps))
    assert [status.closed for status in found] == [False] * (len(found) - 1) + [True]
    assert found[flushed - 1].notices == (notice,)
    assert (found[-1].accepted, found[-1].written) == (2, 2)
    assert found[-1].refused == {"loss": 1}
    assert found[-2].step == 100
    # The end marker is the file's last record.
    last_value = reading.read_events(tmp_path / "kerasviz")[-1].summary.value[0]
    assert last_value.tag == tags.STATUS


def test_costs_are_written_while_training_goes_on(tmp_path: pathlib.Path) -> None:
    def costs(secs: float) -> TrainingCosts:
        return TrainingCosts(
            overhead_secs=secs,
            training_secs=100 * secs,
            captures_skipped=1,
            skipped_steps=(7,),
        )

    now = 0.0
    with AsyncRecordWriter(tmp_path, clock=lambda: 1000 + now) as writer:
        writer.add(reading.scalar(3))
        writer.note_costs(costs(1))
        wait_for(lambda: reading.statuses(tmp_path), "nobody flushed")
        (status,) = reading.statuses(tmp_path)
        assert (status.overhead_secs, status.training_secs) == (1, 100)
        assert (status.captures_skipped, status.skipped_steps) == (1, (7,))
        assert status.writer_cpu_secs > 0
        # More of them wait until there is something else, or enough time passed.
        writer.note_costs(costs(2))
        assert writer.flush()
        before = len(reading.statuses(tmp_path))
        assert reading.statuses(tmp_path)[-1].overhead_secs in (1, 2)
        writer.note_costs(costs(3))
        now = 60.0
        wait_for(lambda: len(reading.statuses(tmp_path)) > before, "enough time passed")
        writer.note_costs(costs(4))

    assert reading.statuses(tmp_path)[-1].overhead_secs == 4


def test_notices_are_bounded_and_the_rest_counted(tmp_path: pathlib.Path) -> None:
    with AsyncRecordWriter(tmp_path) as writer:
        for number in range(500):
            writer.report(
                schema.Notice(step=0, topic="weights", message=f"Notice {number}.")
            )

    notices = reading.statuses(tmp_path)[-1].notices
    assert len(notices) == 100
    assert notices[-1].message == "401 more notices were left out."


def test_close_ends_for_good(tmp_path: pathlib.Path) -> None:
    writer = AsyncRecordWriter(tmp_path)
    writer.add(reading.scalar(0))
    writer.close()
    size = sum(path.stat().st_size for path in reading.event_files(tmp_path))

    writer.close()
    assert not writer.add(reading.scalar(1))
    writer.report(schema.Notice(step=0, topic="a", message="b"))
    assert writer.flush()
    assert sum(path.stat().st_size for path in reading.event_files(tmp_path)) == size
    assert writer.stats().refused == {"loss": 1}


def test_close_gives_a_hung_disk_up(caplog: pytest.LogCaptureFixture) -> None:
    disk = FakeDisk(shut=True)
    writer = AsyncRecordWriter("run", open_file=disk.open_file)
    writer.add(reading.scalar(0))
    assert disk.reached.wait(20)
    for step in range(1, 10):
        writer.add(reading.scalar(step))

    assert not writer.flush(0.05)
    writer.close(0.2)
    stats = check_balance(writer.stats())
    assert (stats.queued, stats.dropped) == (1, {"loss": 9})

    disk.open_gate()  # What was being written is accounted for when it ends.
    wait_for(lambda: writer.stats().queued == 0, "the write ends")
    assert check_balance(writer.stats()).written == 1
    assert "could write 10 records" in caplog.text


def test_flush_while_others_keep_adding() -> None:
    disk = FakeDisk()
    writer = AsyncRecordWriter("run", open_file=disk.open_file)
    stop = threading.Event()

    def add_for_ever() -> None:
        step = 0
        while not stop.is_set():
            writer.add(reading.scalar(step := step + 1))
            time.sleep(0)

    thread = threading.Thread(target=add_for_ever)
    thread.start()
    try:
        assert all(writer.flush(20) for _ in range(20))
    finally:
        stop.set()
        thread.join()
    writer.close()
    check_balance(writer.stats())


def test_many_threads_add_at_once(tmp_path: pathlib.Path) -> None:
    with AsyncRecordWriter(tmp_path, queue_bytes=20_000, max_block_secs=0.1) as writer:

        def add(tag: str) -> None:
            for step in range(300):
                writer.add(reading.scalar(step, tag=tag))

        threads = [threading.Thread(target=add, args=(f"t{i}",)) for i in range(4)]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            check_balance(writer.stats())
        for thread in threads:
            thread.join()
    stats = check_balance(writer.stats())

    assert (stats.accepted, stats.queued) == (1200, 0)
    for tag in ("t0", "t1", "t2", "t3"):
        steps = reading.steps_of(tmp_path, tag)
        assert steps == sorted(set(steps))
        assert len(steps) == 300 - stats.dropped.get(tag, 0)


def test_encode_may_use_the_writer_itself(tmp_path: pathlib.Path) -> None:
    results: list[bool] = []

    def encode(sequence: int) -> Sequence[bytes]:
        results.append(writer.add(reading.scalar(1)))
        results.append(writer.flush(60))
        writer.close(60)
        return [b"x"]

    writer = AsyncRecordWriter(tmp_path)
    writer.add(BlobRecord(tag="weights", step=0, encode=encode, nbytes=1))
    writer.flush()
    writer.close()

    assert results == [True, False]
    assert check_balance(writer.stats()).written == 2


def test_a_forgotten_writer_is_collected_and_its_records_written(
    tmp_path: pathlib.Path,
) -> None:
    before = set(writer_core._live_cores)
    writer = AsyncRecordWriter(tmp_path)
    for step in range(10):
        writer.add(reading.scalar(step))
    reference = weakref.ref(writer)

    del writer
    gc.collect()

    assert reference() is None
    wait_for(
        lambda: [s.closed for s in reading.statuses(tmp_path)][-1:] == [True],
        "the end marker",
    )
    assert reading.steps_of(tmp_path, "loss") == list(range(10))
    wait_for(lambda: writer_core._live_cores <= before, "nothing is left behind")


def test_a_deleted_directory_is_made_again_and_said(
    tmp_path: pathlib.Path,
) -> None:
    writer = AsyncRecordWriter(tmp_path / "run")
    writer.add(reading.scalar(0))
    writer.add(reading.blob(0))
    assert writer.flush()
    shutil.rmtree(tmp_path / "run")
    for step in range(1, 5):
        writer.add(reading.scalar(step))
        writer.add(reading.blob(step))
        assert writer.flush()
    writer.close()

    assert reading.steps_of(tmp_path, "loss") == [1, 2, 3, 4]
    assert reading.steps_of(tmp_path, "activations") == [1, 2, 3, 4]
    messages = [n.message for n in reading.statuses(tmp_path / "run")[-1].notices]
    assert any("train was deleted" in message for message in messages)


def test_an_error_of_its_own_ends_the_writer_with_a_balance(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def open_file(*args: object) -> FakeDisk:
        raise ZeroDivisionError("a defect")

    writer = AsyncRecordWriter("run", open_file=open_file)  # type: ignore[arg-type]
    writer.add(reading.scalar(0))
    wait_for(lambda: not writer.add(reading.scalar(1)), "the writer ended")

    assert writer.flush(60)
    writer.close(60)
    stats = check_balance(writer.stats())
    assert (stats.written, stats.queued) == (0, 0)
    assert sum(stats.dropped.values()) == stats.accepted
    assert "a defect" in caplog.text


@pytest.mark.parametrize(
    "arguments", [{"first_step": -1}, {"queue_bytes": 0}, {"max_block_secs": math.nan}]
)
def test_wrong_arguments_raise(arguments: dict) -> None:
    with pytest.raises(ValueError, match=r"must be 0 or more .*, not .*(-1|nan| 0)"):
        AsyncRecordWriter("run", **arguments)


def test_without_a_thread_nothing_hangs_and_all_is_counted(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", fail)
    writer = AsyncRecordWriter(tmp_path / "lost")
    assert writer.add(reading.scalar(0))
    writer.close(3000)
    assert check_balance(writer.stats()).dropped == {"loss": 1}

    writer = AsyncRecordWriter(tmp_path / "kept")
    assert writer.add(reading.scalar(0))
    monkeypatch.undo()  # There are threads again.
    writer.close()
    assert check_balance(writer.stats()).written == 1
    (notice,) = reading.statuses(tmp_path / "kept")[-1].notices
    assert notice.message.startswith("Cannot start the thread that writes: can't")


def test_infinite_times_are_no_error(tmp_path: pathlib.Path) -> None:
    writer = AsyncRecordWriter(tmp_path, max_block_secs=math.inf, queue_bytes=30_000)
    for step in range(50):
        assert writer.add(reading.blob(step, nbytes=10_000))
    assert writer.flush(math.inf)
    writer.close(math.inf)
    assert check_balance(writer.stats()).written == 50


def test_records_are_written_within_a_second_of_add(tmp_path: pathlib.Path) -> None:
    # Not a measurement: it fails where the writer waits for more records.
    with AsyncRecordWriter(tmp_path) as writer:
        writer.add(reading.scalar(0))
        wait_for(lambda: writer.stats().written == 1, "one record is written")
