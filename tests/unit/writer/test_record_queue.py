from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tb_kerasviz.writer.admission import Ticket
from tb_kerasviz.writer.record_queue import QueuedRecord, RecordQueue
from tests.unit.writer import reading


def item(
    record_id: int, nbytes: int = 10, rank: int = 0, directory: str = "train"
) -> QueuedRecord:
    ticket = Ticket(directory, "tag", record_id, nbytes, rank)
    return QueuedRecord(record_id, ticket, reading.scalar(record_id), -1, 0.0, 0.0)


def ids(items: list[QueuedRecord]) -> list[int]:
    return [one.id for one in items]


def test_each_directory_has_its_own_line() -> None:
    queue = RecordQueue(1000)
    for record_id, directory in enumerate(["a", "b", "a"]):
        queue.push(item(record_id, directory=directory))

    assert queue.directories() == ["a", "b"]
    assert ids(queue.take("a", 1000)) == [0, 2]
    assert ids(queue.take("a", 1000)) == []
    assert queue.directories() == ["b"]


def test_a_batch_is_bounded_but_never_empty() -> None:
    queue = RecordQueue(1000)
    for record_id, nbytes in enumerate([500, 30, 30, 30]):
        queue.push(item(record_id, nbytes))

    assert ids(queue.take("train", 60)) == [0]
    assert ids(queue.take("train", 60)) == [1, 2]
    assert ids(queue.take("train", 60)) == [3]


def test_records_count_until_they_are_settled() -> None:
    queue = RecordQueue(100)
    queue.push(item(0, 80))
    batch = queue.take("train", 1000)

    assert len(queue) == 1
    assert not queue.fits(21)
    queue.settle(batch)
    assert len(queue) == 0
    assert queue.fits(100)


def test_the_coarsest_go_first_and_no_more_than_needed() -> None:
    queue = RecordQueue(50)
    for record_id, rank in enumerate([4, 0, 3, 4, 1]):
        queue.push(item(record_id, rank=rank))

    assert ids(queue.make_room(10, rank=1)) == [0]
    queue.push(item(9, rank=1))
    assert ids(queue.make_room(20, rank=1)) == [3, 2]


def test_nothing_is_given_up_for_what_does_not_fit_anyway() -> None:
    queue = RecordQueue(50)
    for record_id, rank in enumerate([4, 4, 1, 1, 1]):
        queue.push(item(record_id, rank=rank))

    assert queue.make_room(30, rank=1) == []
    assert queue.make_room(10, rank=4) == []
    assert len(queue) == 5


def test_what_is_being_written_is_never_given_up() -> None:
    queue = RecordQueue(20)
    queue.push(item(0, rank=4))
    queue.push(item(1, rank=4))
    queue.take("train", 10)

    assert ids(queue.make_room(10, rank=0)) == [1]
    assert queue.make_room(20, rank=0) == []


def test_holds_before() -> None:
    queue = RecordQueue(100)
    for record_id in (3, 4):
        queue.push(item(record_id))
    batch = queue.take("train", 10)

    assert queue.holds_before(4)
    assert not queue.holds_before(3)
    queue.settle(batch)
    assert not queue.holds_before(4)
    assert queue.holds_before(5)


@given(
    st.lists(
        st.one_of(
            st.tuples(
                st.just("push"),
                st.integers(0, 60),
                st.integers(0, 4),
                st.sampled_from(["a", "b"]),
            ),
            st.tuples(st.just("take"), st.sampled_from(["a", "b"])),
            st.tuples(st.just("settle")),
            st.tuples(st.just("clear")),
        ),
        max_size=60,
    )
)
def test_bytes_and_records_are_never_lost_from_the_count(
    actions: list[tuple],
) -> None:
    queue = RecordQueue(100)
    waiting: dict[int, QueuedRecord] = {}
    flying: list[list[QueuedRecord]] = []
    for record_id, action in enumerate(actions):
        if action[0] == "push":
            new = item(record_id, *action[1:])
            victims = queue.make_room(new.ticket.nbytes, new.ticket.rank)
            assert all(victim.ticket.rank > new.ticket.rank for victim in victims)
            for victim in victims:
                del waiting[victim.id]
            if queue.fits(new.ticket.nbytes):
                queue.push(new)
                waiting[record_id] = new
            else:
                assert victims == []
        elif action[0] == "take":
            batch = queue.take(action[1], 40)
            assert ids(batch) == sorted(ids(batch))
            for one in batch:
                del waiting[one.id]
            flying.append(batch)
        elif action[0] == "settle" and flying:
            queue.settle(flying.pop())
        elif action[0] == "clear":
            assert set(ids(queue.clear())) == set(waiting)
            waiting.clear()
        held = [*waiting.values(), *(one for batch in flying for one in batch)]
        assert queue.nbytes == sum(one.ticket.nbytes for one in held) <= 100
        assert len(queue) == len(held)
