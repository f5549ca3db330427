"""Calls a model on the probe and takes what its layers return."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import keras

from tb_kerasviz.capture.backends.interface import (
    Backend,
    CompiledForward,
    StateValues,
)
from tb_kerasviz.capture.call_recorder import LayerOutput, record_calls
from tb_kerasviz.capture.identity import LayerEntry
from tb_kerasviz.capture.model_outputs import TakenOutput, take_outputs
from tb_kerasviz.capture.probe import Probe, ProbeError, describe_inputs, fit_inputs
from tb_kerasviz.capture.state import ModelState, open_state
from tb_kerasviz.capture.tracing.errors import describe
from tb_kerasviz.capture.tracing.undisturbed import undisturbed
from tb_kerasviz.wire.schema import SkippedLayer

MAX_REASON = 500
"""Most characters of why a layer was skipped."""

MAX_RUN_BYTES = 256 * 2**20
"""Most bytes of outputs that are held at a time. A probe with more runs
several times, and each time what was returned is reduced at once."""


@dataclasses.dataclass(frozen=True)
class PassResult:
    """Tensors that one run returned.

    Attributes:
        layers: By position in `ForwardPass.recorded`.
        masks: By `RecordedOutput.mask`, bool `[N, T]`.
        outputs: One for each of `ForwardPass.taken`.
    """

    layers: Mapping[int, Any]
    masks: Sequence[Any]
    outputs: Sequence[Any]


class ForwardPass:
    """A forward pass that returns the outputs of layers and changes nothing.

    It runs in a scope in which no variable changes, compiled where the backend
    can do that. Where a layer fails on the probe, it ends there: what was
    returned before is kept, and `failure` says what happened.

    Args:
        model: A built Keras model.
        backend: The backend that Keras runs on.
        entries: The layers whose calls are counted, in the order of the model.
        wanted: Whether a layer's outputs are returned.
        probe: What the model is called on.
        training: Whether the model runs as it does in training.
        run_bytes: Most bytes of the outputs of one run.
    """

    def __init__(
        self,
        model: keras.Model,
        backend: Backend,
        entries: Sequence[LayerEntry],
        wanted: Callable[[LayerEntry], bool],
        probe: Probe,
        *,
        training: bool = False,
        run_bytes: int = MAX_RUN_BYTES,
    ) -> None:
        self._model = model
        self._backend = backend
        self._entries = entries
        self._wanted = {id(e.layer) for e in entries if wanted(e)}
        self._probe = probe
        self._inputs = fit_inputs(probe, model)
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
        self._taken: list[TakenOutput] = []
        self._masks = 0
        self._skipped: list[SkippedLayer] = []
        self._failing: list[tuple[Exception, LayerEntry | None]] = []
        # Whether what came before a failure is kept.
        self._lenient = False
        self._failure = ""

    @property
    def wanted_layers(self) -> int:
        """How many layers are wanted."""
        return len(self._wanted)

    @property
    def recorded(self) -> Sequence[RecordedOutput]:
        """The outputs that were found, in order of execution."""
        return self._recorded

    @property
    def taken(self) -> Sequence[TakenOutput]:
        """The outputs of the model that were found."""
        return self._taken

    @property
    def failure(self) -> str:
        """Why it does not get to the model's end; empty if it does."""
        return self._failure

    @property
    def notice(self) -> str:
        """What the user should know of how it runs; empty if nothing."""
        notices = [run.notice for run in self._compiled.values() if run.notice]
        return notices[0] if notices else ""

    def run(self, first: int = 0) -> PassResult:
        """Calls the model.

        Args:
            first: The first output to return.

        Returns:
            The outputs of layers from `first` on until they would be more than
            `run_bytes`; with the first ones, masks and the outputs of the
            model. The tensors may be read at any time.

        Raises:
            ProbeError: The model cannot take the inputs.
        """
        with self._raw_state.unchanged():
            tensors = self._run(first)
            if self._misses_copy:
                tensors = self._run(first)
        positions = self._positions(first)
        layers, others = tensors[: len(positions)], tensors[len(positions) :]
        for position, tensor in zip(positions, layers, strict=True):
            self._recorded[position].find_shape(tensor)
        return PassResult(
            dict(zip(positions, layers, strict=True)),
            others[: self._masks],
            others[self._masks :],
        )

    def next_run(self, first: int) -> int | None:
        """The first output that a run from `first` on does not return."""
        after = self._positions(first).stop
        return after if after < len(self._recorded) else None

    def skipped(self) -> list[SkippedLayer]:
        """Wanted layers that could not be read, each with why."""
        skipped = list(self._skipped)
        known = {id(item.entry.layer) for item in self._recorded}
        known_paths = {item.path for item in skipped}
        reason = "the forward pass does not call it"
        if self._failure:
            reason = "the forward pass fails before it"
        for entry in self._entries:
            if id(entry.layer) not in self._wanted or id(entry.layer) in known:
                continue
            if entry.path not in known_paths:
                skipped.append(skip(entry, reason))
        return skipped

    # Running -----------------------------------------------------------------

    def _run(self, first: int) -> list[Any]:
        self._failing = []
        try:
            return self._run_to_end(first)
        except Exception as error:
            where = next((e for known, e in self._failing if known is error), None)
            failure = self._describe_failure(error, where)
            if not self._lenient:
                self._lenient = True
                self._compiled.clear()
                # The first error is of the run that comes closest to the user's.
                with contextlib.suppress(Exception):
                    tensors = self._run_to_end(first)
                    self._failure = failure
                    return tensors
                self._lenient = False
                self._compiled.clear()
            raise ProbeError(failure) from error

    def _describe_failure(self, error: Exception, where: LayerEntry | None) -> str:
        layer = f" in the layer {where.path!r}" if where is not None else ""
        return (
            f"the model could not be called with {describe_inputs(self._probe)}: it "
            f"fails{layer} with {describe(error)}"
        )

    def _run_to_end(self, first: int) -> list[Any]:
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
        self._taken = []
        place = self._backend.tracing_place()

        def on_output(found: LayerOutput) -> None:
            item = self._record(found, place)
            if isinstance(item, RecordedOutput):
                recorded.append(item)
            else:
                self._skipped.append(skip(found.entry, item))

        with (
            undisturbed(self._state.layers),
            self._variables(state),
            record_calls(
                self._entries, self._wants, on_output, self._state.layers
            ) as log,
        ):
            try:
                returned = self._model(inputs, training=self._training)
                self._take_outputs(returned)
            except Exception as error:
                self._failing.append((error, log.failing))
                if not (self._lenient and recorded):
                    raise
        self._skipped += [skip(entry, reason) for entry, reason in log.notes]
        masks = self._place_masks(recorded)
        self._recorded = recorded
        written = {
            item.key
            for item in recorded
            if item.writes != self._backend.writes(item.value)
        }
        self._misses_copy = bool(written)
        self._overwritten |= written
        tensors = [recorded[i].value for i in self._positions(first)]
        if first == 0:
            tensors += [*masks, *(output.value for output in self._taken)]
        # They must not outlive the trace.
        for item in recorded:
            item.value = None
        for output in self._taken:
            output.value = None
        return self._backend.detach(tensors, state)

    def _wants(self, entry: LayerEntry) -> bool:
        return id(entry.layer) in self._wanted

    def _take_outputs(self, returned: Any) -> None:
        self._taken, refused = take_outputs(
            self._model, returned, self._backend.is_readable
        )
        name = self._model.name
        self._skipped += [SkippedLayer(path=name, reason=text) for text in refused]

    def _place_masks(self, recorded: Sequence[RecordedOutput]) -> list[Any]:
        """Numbers the masks; most layers hand on the same one."""
        masks: list[Any] = []
        for item in recorded:
            mask = item.take_mask()
            if mask is None or not self._backend.is_readable(mask):
                continue
            known = [number for number, other in enumerate(masks) if other is mask]
            item.mask = known[0] if known else len(masks)
            if not known:
                masks.append(mask)
        self._masks = len(masks)
        return masks

    @contextlib.contextmanager
    def _variables(self, state: StateValues) -> Iterator[None]:
        with self._state.scope(state) if self._scoped else open_state():
            yield

    def _record(self, found: LayerOutput, place: object) -> RecordedOutput | str:
        value = found.value
        if value is None:
            return "it returned None"
        if not self._backend.is_readable(value):
            dense = self._backend.dense_sequence(value)
            if isinstance(dense, str):
                return dense
            found.value, found.mask = dense
            value = found.value
        if self._backend.tracing_place() != place:
            return "it is called inside of a loop, whose values cannot be taken out"
        item = RecordedOutput(found)
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
            room -= self._recorded[position].traced_bytes
            if room < 0 and position > first:
                return range(first, position)
        return range(first, len(self._recorded))


class RecordedOutput:
    """One output of one call, while the forward pass is traced.

    Args:
        found: What was returned.

    Attributes:
        mask: Number of its mask, or None.
        traced_bytes: Bytes of its tensor as far as they were known when it was
            traced: what does not change with `shape`.
    """

    def __init__(self, found: LayerOutput) -> None:
        self.entry = found.entry
        self.call = found.call
        self.output = found.output
        self.name = found.name
        self.attention = found.attention
        self.shape: tuple[Any, ...] = tuple(found.value.shape)
        self.dtype = keras.backend.standardize_dtype(found.value.dtype)
        data_format = getattr(found.entry.layer, "data_format", "")
        # Scores are `[N, heads, Q, K]` whatever the format.
        self.channels_first = found.attention or data_format == "channels_first"
        self.value: Any = found.value
        self.writes = 0
        self.mask: int | None = None
        self._found: LayerOutput | None = found
        self.traced_bytes = self.nbytes

    def find_shape(self, tensor: Any) -> None:
        """Learns what the shape is from its values, where it was left open.

        TensorFlow does not know what texts become, for instance.
        """
        if None in self.shape:
            self.shape = tuple(tensor.shape)

    def take_mask(self) -> Any:
        """Gives Keras's mask away, so that it does not outlive the trace."""
        found, self._found = self._found, None
        return None if found is None else found.mask

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
