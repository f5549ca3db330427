"""Records what layers return while a model is called."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import keras
from keras.src.backend import get_keras_mask

from tb_kerasviz.capture import attention_scores
from tb_kerasviz.capture.identity import LayerEntry, LayerTree, Operation
from tb_kerasviz.capture.tracing.errors import describe

_MISSING = object()


@dataclasses.dataclass(eq=False)
class LayerOutput:
    """One output of one call of a layer.

    Attributes:
        entry: The layer.
        call: Which of its calls it was, from 0.
        output: Which of the call's outputs it is, from 0.
        name: Its name in the structure that the call returned; see
            `schema.LayerActivation.name`.
        value: What was returned: a tensor, or anything else.
        mask: Keras's mask of it, bool `[N, T]`, or None. Only known once the
            layer is left, which is after its call. Of scores, of their keys.
        attention: Whether it is the scores `[N, heads, Q, K]` of attention.
    """

    entry: LayerEntry
    call: int
    output: int
    name: str
    value: Any
    mask: Any = None
    attention: bool = False


OnOutput = Callable[[LayerOutput], None]


class CallLog:
    """What is noted of calls beside what they return.

    Attributes:
        notes: What could not be recorded, each with why.
        failing: The innermost layer whose call raised an error that no other
            layer caught, or None.
    """

    def __init__(self) -> None:
        self.notes: list[tuple[LayerEntry, str]] = []
        self.failing: LayerEntry | None = None
        self.open = True

    def note_failure(self, entry: LayerEntry, error: Exception) -> None:
        """Notes that a call raised an error, innermost layer first."""
        if self.failing is None:
            self.failing = entry
            self.notes.append((entry, f"it fails on the probe: {describe(error)}"))

    @contextlib.contextmanager
    def closed(self) -> Iterator[None]:
        """Records nothing while it is open."""
        before, self.open = self.open, False
        try:
            yield
        finally:
            self.open = before


def recordable_layers(tree: LayerTree) -> list[LayerEntry]:
    """The layers whose outputs are worth recording.

    Not models, whose last layer's output is theirs, nor the cells of
    recurrent layers, which run inside a loop, nor what attention layers make
    of their scores, which are recorded as such.

    Args:
        tree: The model's layers.
    """
    entries: list[LayerEntry] = []
    stack = list(reversed(tree.roots))
    inner: set[int] = set()
    while stack:
        entry = stack.pop()
        inner |= {id(part) for part in attention_scores.inner_layers(entry.layer)}
        ignored = isinstance(entry.layer, (keras.Model, keras.layers.InputLayer))
        if not ignored and id(entry.layer) not in inner:
            entries.append(entry)
        if not isinstance(entry.layer, keras.layers.RNN):
            stack.extend(reversed(entry.children))
    return entries


@contextlib.contextmanager
def record_calls(
    entries: Sequence[LayerEntry],
    wanted: Callable[[LayerEntry], bool],
    on_output: OnOutput,
    layers: Sequence[Operation] = (),
) -> Iterator[CallLog]:
    """Records the calls of layers while the context is open.

    Methods are replaced on the instances, not on the classes, so that no other
    model is touched, and put back at the end. It must only be open while a
    forward pass is traced or run by us.

    Args:
        entries: The layers.
        wanted: Whether the outputs of one of them are recorded. The calls of
            all are followed, to know which one fails.
        on_output: Is told of each output of those at the end of the call.
        layers: All that may be called, which compute as without a
            `keras.RematScope`: gradients, for which they would compute again,
            are not taken, and what is made within could not be taken out.
    """
    log = CallLog()
    replaced: list[tuple[dict[str, Any], str, Any]] = []

    def replace(layer: Operation, name: str, value: Any) -> None:
        attributes = layer.__dict__
        replaced.append((attributes, name, attributes.get(name, _MISSING)))
        attributes[name] = value

    try:
        for layer in [*layers, *(entry.layer for entry in entries)]:
            if getattr(layer, "_remat_mode", None) is not None:
                replace(layer, "_remat_mode", None)
        for entry in entries:
            recorder = _LayerRecorder(entry, log, on_output if wanted(entry) else None)
            for name, method in recorder.methods():
                replace(entry.layer, name, method)
        yield log
    finally:
        for attributes, name, before in reversed(replaced):
            if before is _MISSING:
                attributes.pop(name, None)
            else:
                attributes[name] = before


class _LayerRecorder:
    """Follows the calls of one layer."""

    def __init__(
        self, entry: LayerEntry, log: CallLog, on_output: OnOutput | None
    ) -> None:
        self._entry = entry
        self._log = log
        self._on_output = on_output
        self._calls = 0
        self._inside = False
        self._scores: list[tuple[Any, Any, Any]] = []
        self._latest: list[LayerOutput] = []

    def methods(self) -> Iterator[tuple[str, Callable[..., Any]]]:
        """Names of methods of the layer, and what to put in their place."""
        layer = self._entry.layer
        yield "call", self._follow(layer.call)
        if getattr(layer, "quantization_mode", None) is not None:
            yield "quantized_call", self._follow(layer.quantized_call)
        if self._on_output is None:
            return
        if getattr(layer, "supports_masking", False):
            yield "_set_mask_metadata", self._then_take_masks(layer._set_mask_metadata)
        attention = attention_scores.wrap_attention(layer, self)
        if attention is not None:
            yield attention

    # Of attention ------------------------------------------------------------

    def on_scores(self, scores: Any, by_head: Any, mask: Any) -> None:
        """See `attention_scores.ScoreListener`."""
        if self._inside:
            self._scores.append((scores, by_head, mask))

    def on_no_scores(self, reason: str) -> None:
        """See `attention_scores.ScoreListener`."""
        self._log.notes.append((self._entry, f"its attention scores: {reason}"))

    def unheard(self) -> contextlib.AbstractContextManager[None]:
        """See `attention_scores.ScoreListener`."""
        return self._log.closed()

    # Of all layers -----------------------------------------------------------

    def _follow(self, original: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(original)
        def call(*args: Any, **kwargs: Any) -> Any:
            # A quantised call may end in the plain one.
            if self._inside or not self._log.open:
                return original(*args, **kwargs)
            number, self._calls = self._calls, self._calls + 1
            self._inside, self._scores = True, []
            try:
                outputs = original(*args, **kwargs)
            except Exception as error:
                self._log.note_failure(self._entry, error)
                raise
            finally:
                self._inside = False
            self._log.failing = None
            if self._on_output is not None:
                self._try_to_record(number, outputs, self._on_output)
            return outputs

        return call

    def _try_to_record(self, call: int, outputs: Any, on_output: OnOutput) -> None:
        try:
            self._record(call, outputs, on_output)
        except Exception as error:  # noqa: BLE001, the model must go on
            reason = f"its output could not be recorded: {describe(error)}"
            self._log.notes.append((self._entry, reason))

    def _record(self, call: int, outputs: Any, on_output: OnOutput) -> None:
        found: list[LayerOutput] = []
        scores, self._scores = self._scores, []
        for path, value in keras.tree.flatten_with_path(outputs):
            name = "/".join(map(str, path))
            item = LayerOutput(self._entry, call, len(found), name, value)
            for position, (raw, by_head, mask) in enumerate(scores):
                if value is raw:
                    # The layer was asked to return them.
                    item.name, item.value = attention_scores.NAME, by_head
                    item.attention, item.mask = True, mask
                    del scores[position]
                    break
            found.append(item)
        for number, (_, by_head, mask) in enumerate(scores):
            name = attention_scores.NAME + (f"/{number}" if number else "")
            found.append(
                LayerOutput(
                    self._entry, call, len(found), name, by_head, mask, attention=True
                )
            )
        self._latest = found
        self._take_masks()
        for item in found:
            on_output(item)

    def _then_take_masks(self, original: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(original)
        def set_mask_metadata(*args: Any, **kwargs: Any) -> Any:
            result = original(*args, **kwargs)
            self._take_masks()
            self._latest = []
            return result

        return set_mask_metadata

    def _take_masks(self) -> None:
        # Now and not at the end: attention layers take masks off their inputs.
        for item in self._latest:
            if item.mask is None and keras.ops.is_tensor(item.value):
                item.mask = get_keras_mask(item.value)
