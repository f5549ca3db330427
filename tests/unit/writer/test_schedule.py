from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tb_kerasviz.writer.schedule import (
    DENSE_CAPTURES,
    MAX_CAPTURES,
    CaptureSchedule,
    OverheadLimit,
)


def captured_epochs(count: int) -> list[int]:
    schedule = CaptureSchedule("epoch")
    return [epoch for epoch in range(1, count + 1) if schedule.epoch_is_due(epoch)]


def captured_steps(every: int, steps: list[int]) -> list[int]:
    schedule = CaptureSchedule(every)
    return [step for step in steps if schedule.step_is_due(step)]


def test_dense_at_first_then_sparser() -> None:
    epochs = captured_epochs(10_000)

    assert epochs[:DENSE_CAPTURES] == list(range(1, DENSE_CAPTURES + 1))
    assert epochs[DENSE_CAPTURES : DENSE_CAPTURES + 3] == [22, 25, 28]
    ratios = [b / a for a, b in itertools.pairwise(epochs[20:])]
    assert min(ratios) >= 1.1


@pytest.mark.parametrize("count", [1, 5, 100, 1000, 1_000_000])
def test_the_number_is_bounded(count: int) -> None:
    assert len(captured_epochs(count)) <= min(count, MAX_CAPTURES)


def test_steps_are_the_multiples_of_n() -> None:
    assert captured_steps(10, list(range(1, 51))) == [10, 20, 30, 40, 50]


def test_a_jump_over_a_multiple_captures_once_behind_it() -> None:
    assert captured_steps(10, [3, 6, 9, 12, 15, 18, 21, 51, 54, 60]) == [12, 21, 51, 60]


def test_none_never_captures() -> None:
    schedule = CaptureSchedule(None)

    assert not any(schedule.epoch_is_due(n) or schedule.step_is_due(n) for n in (1, 9))


def test_epoch_and_step_schedules_do_not_answer_for_each_other() -> None:
    assert not CaptureSchedule("epoch").step_is_due(1)
    assert not CaptureSchedule(1).epoch_is_due(1)


@given(
    st.integers(1, 50),
    st.lists(st.integers(1, 100), min_size=1, max_size=200),
)
def test_two_equal_trainings_capture_at_equal_steps(
    every: int, advances: list[int]
) -> None:
    steps = [sum(advances[: i + 1]) for i in range(len(advances))]
    captured = captured_steps(every, steps)

    assert captured == captured_steps(every, steps)
    # One capture per multiple at most, and none before the first.
    assert len({step // every for step in captured}) == len(captured)
    assert all(step >= every for step in captured)


def test_overhead_is_held_below_its_share() -> None:
    limit = OverheadLimit(0.05)
    now = 0.0
    for _ in range(10_000):  # Steps of 1 s; a capture takes 20 s.
        now += 1.0
        if limit.allows(now):
            now += 20.0
            limit.spend(20.0)

    training = now - limit.spent_secs
    grace = OverheadLimit.GRACE_SECS_PER_SHARE * 0.05
    assert 0.04 * training < limit.spent_secs <= 0.05 * training + grace + 20.0
    assert limit.skipped == 10_000 - limit.spent_secs / 20.0


def test_a_short_training_is_not_thinned_out() -> None:
    limit = OverheadLimit(0.05)
    assert limit.allows(0.0)
    limit.spend(4.0)  # the first one compiles
    assert limit.allows(5.0)


def test_no_limit_never_holds_back() -> None:
    limit = OverheadLimit(None)
    limit.spend(1e9)

    assert limit.allows(0.0)
    assert limit.skipped == 0


def test_what_another_thread_does_counts_by_the_share_of_the_machine() -> None:
    one, four = OverheadLimit(0.1, cores=1), OverheadLimit(0.1, cores=4)
    for limit in (one, four):
        limit.spend(1.0)
        limit.spend_beside(8.0)

    assert one.spent_secs == 9.0
    assert four.spent_secs == 3.0
    assert OverheadLimit(0.1).allows(0.0)  # The cores of this machine.
