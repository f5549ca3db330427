"""Calls a model on the probe and takes what its layers return."""

from __future__ import annotations

import contextlib
import functools
import math
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import keras

from tb_kerasviz.capture.backends.interface import (
    Backend,
    CompiledForward,
    StateValues,
)
from tb_kerasviz.capture.call_recorder import record_calls
from tb_kerasviz.capture.identity import LayerEntry
from tb_kerasviz.capture.state import ModelState, open_state
from tb_kerasviz.capture.tracing.undisturbed import undisturbed
from tb_kerasviz.wire.schema import SkippedLayer

MAX_REASON = 500
"""Most characters of why a layer was skipped."""

MAX_RUN_BYTES = 256 * 2**20
"""Most bytes of outputs that are held at a time. A probe with more runs
several times, and each time what was returned is reduced at once."""


class ForwardPass:
    """A forward pass that returns the outputs of layers and changes nothing.

    It runs in a scope in which no variable changes, compiled where the backend
    can do that.

    Args:
        model: A built Keras model.
        backend: The backend that Keras runs on.
        entries: The layers whose calls are counted, in the order of the model.
        wanted: Whether a layer's outputs are returned.
        inputs: Structure of NumPy arrays that the model is called on.
        training: Whether the model runs as it does in training.
        run_bytes: Most bytes of the outputs of one run.
    """

    def __init__(
        self,
        model: keras.Model,
        backend: Backend,
        entries: Sequence[LayerEntry],
        wanted: Callable[[LayerEntry], bool],
        inputs: Any,
        *,
        training: bool = False,
        run_bytes: int = MAX_RUN_BYTES,
    ) -> None:
        self._model = model
        self._backend = backend
        self._entries = entries
        self._wanted = {id(e.layer) for e in entries if wanted(e)}
        self._inputs = inputs
        self._training = training
        self._run_bytes = run_bytes
        self._state = ModelState(model)
        self._raw_state = backend.raw_state(self._state.layers)
        self._scoped = True
        self._compiled: dict[int, CompiledForward] = {}
        # Outputs that later layers write into, and which are copied at once.
        self._overwritten: set[tuple[int, int, int]] = set()
        self._misses_copy = False
        # Filled while the forward pass is traced.
        self._recorded: list[RecordedOutput] = []
        self._skipped: list[SkippedLayer] = []

    @property
    def wanted_layers(self) -> int:
        """How many layers are wanted."""
        return len(self._wanted)

    @property
    def recorded(self) -> Sequence[RecordedOutput]:
        """The outputs that were found, in order of execution."""
        return self._recorded

    @property
    def notice(self) -> str:
        """What the user should know of how it runs; empty if nothing."""
        notices = [run.notice for run in self._compiled.values() if run.notice]
        return notices[0] if notices else ""

    def run(self, first: int = 0) -> dict[int, Any]:
        """Calls the model.

        Args:
            first: The first output to return.

        Returns:
            Tensors by position in `recorded`, from `first` on until they would
            be more than `run_bytes`. They may be read at any time.

        Raises:
            ValueError: The model cannot take the inputs.
        """
        with self._raw_state.unchanged():
            outputs = self._run(first)
            if self._misses_copy:
                outputs = self._run(first)
        return dict(zip(self._positions(first), outputs, strict=True))

    def next_run(self, first: int) -> int | None:
        """The first output that a run from `first` on does not return."""
        after = self._positions(first).stop
        return after if after < len(self._recorded) else None

    def skipped(self) -> list[SkippedLayer]:
        """Wanted layers that could not be read, each with why."""
        skipped = list(self._skipped)
        known = {id(item.entry.layer) for item in self._recorded}
        known_paths = {item.path for item in skipped}
        for entry in self._entries:
            if id(entry.layer) not in self._wanted or id(entry.layer) in known:
                continue
            if entry.path not in known_paths:
                skipped.append(skip(entry, "the forward pass does not call it"))
        return skipped

    # Running -----------------------------------------------------------------

    def _run(self, first: int) -> list[Any]:
        if not self._scoped:
            with self._state.restored():
                return self._compiled_from(first)()
        try:
            return self._compiled_from(first)()
        except Exception as error:  # noqa: BLE001, it is tried in another way
            # Code that only works where variables really change, such as draws
            # of random numbers within a loop of TensorFlow's.
            self._scoped = False
            self._compiled.clear()
            try:
                with self._state.restored():
                    return self._compiled_from(first)()
            except Exception:  # noqa: BLE001, the first one says what is wrong
                self._scoped = True
                self._compiled.clear()
                raise error from None

    def _compiled_from(self, first: int) -> CompiledForward:
        if first not in self._compiled:
            self._compiled[first] = self._backend.compile_forward(
                functools.partial(self._forward, first),
                self._inputs,
                self._state.variables,
            )
        return self._compiled[first]

    def _forward(self, first: int, inputs: Any, state: StateValues) -> list[Any]:
        """Calls the model and returns what its layers returned; is traced."""
        recorded: list[RecordedOutput] = []
        self._skipped = []
        place = self._backend.tracing_place()

        def on_call(entry: LayerEntry, call: int, outputs: Any) -> None:
            if id(entry.layer) not in self._wanted:
                return
            for number, value in enumerate(keras.tree.flatten(outputs)):
                item = self._record(entry, call, number, value, place)
                if isinstance(item, RecordedOutput):
                    recorded.append(item)
                else:
                    self._skipped.append(skip(entry, item))

        with (
            undisturbed(self._state.layers),
            self._variables(state),
            record_calls(self._entries, on_call),
        ):
            self._model(inputs, training=self._training)
        self._recorded = recorded
        written = {
            item.key
            for item in recorded
            if item.writes != self._backend.writes(item.value)
        }
        self._misses_copy = bool(written)
        self._overwritten |= written
        returned = [recorded[i].value for i in self._positions(first)]
        for item in recorded:
            item.value = None  # It must not outlive the trace.
        return self._backend.detach(returned, state)

    @contextlib.contextmanager
    def _variables(self, state: StateValues) -> Iterator[None]:
        with self._state.scope(state) if self._scoped else open_state():
            yield

    def _record(
        self, entry: LayerEntry, call: int, number: int, value: Any, place: object
    ) -> RecordedOutput | str:
        if not self._backend.is_readable(value):
            return f"its output is no dense tensor here ({type(value).__name__})"
        if self._backend.tracing_place() != place:
            return "it is called inside of a loop, whose values cannot be taken out"
        item = RecordedOutput(entry, call, number, value)
        if item.dtype.startswith("complex"):
            return f"outputs of dtype {item.dtype} are not shown"
        if item.key in self._overwritten:
            item.value = self._backend.copy(value)
        item.writes = self._backend.writes(item.value)
        return item

    def _positions(self, first: int) -> range:
        """The outputs that one run returns."""
        room = self._run_bytes
        for position in range(first, len(self._recorded)):
            room -= self._recorded[position].nbytes
            if room < 0 and position > first:
                return range(first, position)
        return range(first, len(self._recorded))


class RecordedOutput:
    """One output of one call, while the forward pass is traced."""

    def __init__(self, entry: LayerEntry, call: int, output: int, value: Any) -> None:
        self.entry = entry
        self.call = call
        self.output = output
        self.shape: tuple[Any, ...] = tuple(value.shape)
        self.dtype = keras.backend.standardize_dtype(value.dtype)
        data_format = getattr(entry.layer, "data_format", "")
        self.channels_first = data_format == "channels_first"
        self.value: Any = value
        self.writes = 0

    @property
    def key(self) -> tuple[int, int, int]:
        """Tells it from the other outputs of the model."""
        return id(self.entry.layer), self.call, self.output

    @property
    def nbytes(self) -> int:
        """Bytes that its tensor holds; 0 where its shape is not fixed."""
        if None in self.shape:
            return 0
        bits = re.search(r"\d+", self.dtype)  # bool has none
        return int(math.prod(self.shape)) * (int(bits[0]) // 8 if bits else 1)


def skip(entry: LayerEntry, reason: str) -> SkippedLayer:
    """Says why a layer is not read."""
    return SkippedLayer(path=entry.path, reason=reason[:MAX_REASON])
