from __future__ import annotations

from tb_kerasviz.logging_costs import MAX_SKIPPED_STEPS, LoggingCosts
from tb_kerasviz.training_log import TrainingLog
from tb_kerasviz.writer.interface import TrainingCosts
from tb_kerasviz.writer.memory_writer import MemoryRecordWriter


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Fit:
    """The costs of a made-up fit, whose time passes when it is told to."""

    def __init__(self, max_overhead: float | None) -> None:
        self.clock = Clock()
        self.writer = MemoryRecordWriter()
        log = TrainingLog(self.writer)
        self.costs = LoggingCosts(log, max_overhead, self.clock)

    def pass_secs(self, secs: float) -> None:
        self.clock.now += secs

    def told(self) -> TrainingCosts:
        self.costs.tell()
        assert self.writer.costs is not None
        return self.writer.costs


def test_the_time_of_all_hooks_is_told() -> None:
    fit = Fit(0.05)
    for _ in range(10):
        fit.pass_secs(1.0)
        fit.costs.add_call(0.25)

    told = fit.told()
    assert (told.overhead_secs, told.training_secs) == (2.5, 10.0)
    assert (told.captures_skipped, told.skipped_steps) == (0, ())


def test_it_is_told_while_the_training_goes_on() -> None:
    fit = Fit(None)
    seen = []
    for _ in range(4):
        fit.pass_secs(0.75)
        fit.costs.add_call(0.5)
        costs = fit.writer.costs
        seen.append(None if costs is None else costs.overhead_secs)

    assert seen == [None, 1.0, 1.0, 2.0]
    fit.costs.tell(unfinished_secs=0.25)
    assert fit.writer.costs is not None
    assert fit.writer.costs.overhead_secs == 2.25


def test_captures_that_cost_too_much_are_left_out_and_named() -> None:
    fit = Fit(0.05)
    made, skipped = [], []
    for step in range(10, 1010, 10):
        fit.pass_secs(1.0)
        if fit.costs.allows_capture(step):
            fit.costs.time_capture(lambda: fit.pass_secs(2.0))
            made.append(step)
        else:
            skipped.append(step)

    assert made
    told = fit.told()
    assert told.skipped_steps == tuple(skipped)
    assert told.captures_skipped == len(skipped) > len(made)
    (notice,) = fit.writer.notices
    assert (notice.step, notice.topic) == (skipped[0], "captures")
    assert "at most 5% of the training time" in notice.message


def test_only_so_many_steps_are_named() -> None:
    fit = Fit(0.000002)
    fit.costs.time_capture(lambda: fit.pass_secs(1.0))
    for step in range(MAX_SKIPPED_STEPS + 5):
        assert not fit.costs.allows_capture(step)

    told = fit.told()
    assert "at most 0.0002% of" in fit.writer.notices[0].message
    assert told.captures_skipped == MAX_SKIPPED_STEPS + 5
    assert len(told.skipped_steps) == MAX_SKIPPED_STEPS


def test_without_a_limit_nothing_is_left_out() -> None:
    fit = Fit(None)
    fit.costs.time_capture(lambda: fit.pass_secs(1e6))

    assert fit.costs.allows_capture(1)
    assert fit.writer.notices == ()
