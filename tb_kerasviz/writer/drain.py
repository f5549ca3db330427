"""The thread that encodes and writes what waits."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from tb_kerasviz.wire import tags
from tb_kerasviz.writer.event_file import EventFile
from tb_kerasviz.writer.lane import Lane, encode_item
from tb_kerasviz.writer.record_queue import QueuedRecord
from tb_kerasviz.writer.shared_state import BATCH_BYTES, SharedState
from tb_kerasviz.writer.status_log import StatusLog, encode_status

_LOG = logging.getLogger("tb_kerasviz")

_LINGER_SECS = 0.05
"""How long a record may wait for others to be written with it. One wake-up
per record would make the training thread wait for the interpreter's lock."""

_IDLE_SECS = 0.5
"""How often an idle thread looks whether its writer was collected."""

_CLOSING_ATTEMPTS = 4
"""Writes that may fail in a row before `close` gives a directory up."""


class Drain:
    """Takes records out of the queue and writes them, directory by directory."""

    def __init__(
        self,
        state: SharedState,
        open_directory: Callable[[str], EventFile],
        first_step: int,
    ) -> None:
        """Creates it; `run` does the work.

        Args:
            state: What it shares with the threads that add.
            open_directory: What opens the event file of a run directory.
            first_step: Smallest step that a status may have.
        """
        self._state = state
        self._open_directory = open_directory
        self._status_log = StatusLog(state.ledger, first_step)
        self._lanes: dict[str, Lane] = {}
        self._dead: set[str] = set()
        self._saw_closing = False
        self._heard_hurries = 0

    def run(self) -> None:
        """Writes until the writer is closed and nothing is left; never raises."""
        state = self._state
        try:
            while self._work():
                pass
        except BaseException:  # noqa: BLE001 - what is left must be accounted for
            _LOG.exception("The writer stopped because of an error of its own.")
        finally:
            with state.changed:
                state.closing = True
                for directory in list(self._lanes):
                    self._give_up(directory)
                state.clear_queue()
                state.ended = True
                state.changed.notify_all()

    def _work(self) -> bool:
        """Waits for something to do and does it; False at the end."""
        state = self._state
        with state.changed:
            directory = self._wait_for_directory()
            if directory is None:
                return False
            lane = self._lanes.get(directory)
            if lane is None:
                lane = Lane(directory, self._open_directory(directory))
                self._lanes[directory] = lane
            items: list[QueuedRecord] = []
            status = None
            if not lane.pending:
                items = state.queue.take(directory, BATCH_BYTES)
                if not items:
                    state.ledger.writer_cpu_secs = time.thread_time()
                    status = self._status_log.create(
                        state.steps.last_seen, state.closing, state.clock()
                    )
                    sequence = state.take_sequence()
        for item in items:
            self._encode(item, lane)
        if status is not None:
            lane.append(encode_status(status, sequence, state.wall_clock()), None)
        if lane.pending:
            self._write(lane, directory)
        return True

    def _encode(self, item: QueuedRecord, lane: Lane) -> None:
        tag = item.ticket.tag
        try:
            lane.append(encode_item(item), item)
        except BaseException as error:  # noqa: BLE001 - it is the caller's code
            self._state.settle([item], written=False)
            self._state.tell_once(
                f"encode {tag}",
                f"A record of {tag!r} was dropped: {type(error).__name__}: {error}",
            )

    def _write(self, lane: Lane, directory: str) -> None:
        state = self._state
        done = lane.write(state.clock)
        lost = 0
        with state.changed:
            for message in lane.take_news():
                state.add_notice(message)
            if done:
                state.failing.discard(directory)
                state.settle(lane.release(), written=True)
            else:
                state.failing.add(directory)
                state.failed_hurries = self._heard_hurries
                if state.closing and lane.attempts >= _CLOSING_ATTEMPTS:
                    lost = self._give_up(directory)
            # Also after a failure: who waits for room need not wait on.
            state.changed.notify_all()
        if lost:
            _LOG.warning("%d records of %s were not written.", lost, directory)

    def _wait_for_directory(self) -> str | None:
        """Waits until a directory's file can be written; None at the end."""
        state = self._state
        while not state.abandoned:
            self._hurry_lanes()
            now = state.clock()
            busy = {name for name, lane in self._lanes.items() if lane.pending}
            waiting = busy.union(state.queue.directories())
            due = {name: self._due_time(name) for name in waiting}
            ready = [name for name, due_time in due.items() if due_time <= now]
            if ready:
                return min(ready, key=self._first_id)
            if tags.PLUGIN_DIR not in busy | self._dead and self._status_is_due(now):
                return tags.PLUGIN_DIR
            if state.closing and not due:
                return None
            wait = min([_IDLE_SECS, *(due_time - now for due_time in due.values())])
            state.changed.wait(wait)
        return None

    def _hurry_lanes(self) -> None:
        state = self._state
        closing = state.closing and not self._saw_closing
        if closing or state.hurries > self._heard_hurries:
            for lane in self._lanes.values():
                lane.hurry()
        self._heard_hurries = state.hurries
        self._saw_closing = self._saw_closing or closing

    def _first_id(self, directory: str) -> int:
        """Id of the directory's first record; what was encoded goes first."""
        lane = self._lanes.get(directory)
        first = self._state.queue.oldest(directory)
        return -1 if (lane and lane.pending) or first is None else first.id

    def _due_time(self, directory: str) -> float:
        """When the directory's next write should be, on the writer's clock."""
        state = self._state
        lane = self._lanes.get(directory)
        not_before = lane.not_before if lane else 0.0
        if lane and lane.failures:
            return not_before
        oldest = state.queue.oldest(directory)
        if oldest is None or state.closing or state.flushes:
            return 0.0
        if state.is_urgent():
            return not_before
        return max(not_before, oldest.added + _LINGER_SECS)

    def _status_is_due(self, now: float) -> bool:
        """Whether to write a status; answers the flushes that need none."""
        state = self._state
        news = self._status_log.is_news(state.closing)
        while state.flushes and not state.queue.holds_before(state.flushes[0][1]):
            if news:
                return True
            state.flushes.popleft()
            state.changed.notify_all()
        if state.closing:
            # It is the end marker, so it waits for all other records.
            return news and not len(state.queue)
        return self._status_log.is_due(now)

    def _give_up(self, directory: str) -> int:
        """Drops what is left of a directory, and closes its file.

        Returns:
            How many records were dropped.
        """
        queue = self._state.queue
        items = self._lanes[directory].abandon()
        items += queue.take(directory, queue.limit_bytes)
        self._state.settle(items, written=False)
        self._dead.add(directory)
        return len(items)
