"""accepted == written + dropped + queued, whatever happens in whatever order."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from tensorboard.compat.proto import event_pb2

from tb_kerasviz.wire import codec, schema, tags
from tb_kerasviz.writer.async_writer import AsyncRecordWriter
from tests.unit.writer import reading
from tests.unit.writer.fake_files import FakeDisk

DISK_FULL = OSError(28, "No space left on device")

actions = st.lists(
    st.one_of(
        st.tuples(
            st.sampled_from(["activations", "weights", "model_graph"]),
            st.sampled_from([20, 10_000, 30_000, 60_000]),
        ),
        st.just(("loss", 0)),
        st.sampled_from(["shut", "open", "break", "mend", "flush"]),
    ),
    min_size=10,
    max_size=40,
)


def read_values(disk: FakeDisk) -> list[tuple[int, str, bytes]]:
    """(step, tag, first blob) of all that was written."""
    found = []
    for frames in disk.frames.values():
        for frame in frames:
            event = event_pb2.Event.FromString(frame[12:-4])
            for value in event.summary.value:
                blobs = value.tensor.string_val
                found.append((event.step, value.tag, blobs[0] if blobs else b""))
    return found


@settings(max_examples=60, deadline=None)
@given(actions)
def test_nothing_is_lost_from_the_count(plan: list) -> None:
    disk = FakeDisk(shut=True)
    writer = AsyncRecordWriter(
        "run", queue_bytes=50_000, max_block_secs=0.001, open_file=disk.open_file
    )
    refused = 0
    for step, action in enumerate(plan):
        if action == "shut":
            disk.shut_gate()
        elif action == "open":
            disk.open_gate()
        elif action == "break":
            disk.broken = DISK_FULL
        elif action == "mend":
            disk.broken = None
        elif action == "flush":
            writer.flush(0.001)
        elif action[0] == "loss":
            writer.add(reading.scalar(step))
            refused += not writer.add(reading.scalar(step))
        else:
            writer.add(reading.blob(step, *action))
        stats = writer.stats()
        dropped = sum(stats.dropped.values())
        assert stats.accepted == stats.written + dropped + stats.queued
        assert sum(stats.refused.values()) == refused

    disk.broken = None
    disk.open_gate()
    assert writer.flush(20)
    writer.close()
    stats = writer.stats()
    values = read_values(disk)
    assert stats.queued == 0
    assert stats.accepted == sum(not isinstance(action, str) for action in plan)
    # What the counters say is what a reader finds, tag by tag.
    for tag in ("loss", "activations", "weights", "model_graph"):
        steps = [step for step, found, _ in values if found == tag]
        added = sum(1 for action in plan if action[0] == tag)
        assert steps == sorted(set(steps))
        assert len(steps) == added - stats.dropped.get(tag, 0)
    if not stats.accepted:
        return
    last = [blob for _, tag, blob in values if tag == tags.STATUS][-1]
    status = codec.decode_document(last, schema.Status, "status")
    assert status.closed
    assert (status.accepted, status.written) == (stats.accepted, stats.written)
    assert status.dropped == stats.dropped
