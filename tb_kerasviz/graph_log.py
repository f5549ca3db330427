"""Which graph of a model was logged last, and whether it is another one now."""

from __future__ import annotations

import dataclasses
import hashlib
import weakref
from collections.abc import Callable, Hashable

import keras
import msgspec

from tb_kerasviz.capture.model_graph import create_model_graph, with_optimizer
from tb_kerasviz.training_log import TrainingLog
from tb_kerasviz.wire import schema


@dataclasses.dataclass(frozen=True)
class _Logged:
    """A graph that was logged.

    Attributes:
        step: Its step.
        digest: Of the whole graph.
    """

    step: int
    digest: bytes


# A second `fit` may come with another callback: then too it is known what the
# first one logged of the model. By log directory.
_logged: weakref.WeakKeyDictionary[keras.Model, dict[str, _Logged]] = (
    weakref.WeakKeyDictionary()
)


class GraphLog:
    """Logs the graph of a model when it is another one than the last.

    A look costs little as long as nothing seems to have changed. A change at
    a step that has a graph already waits for the next step.

    Args:
        log: Where to write.
        log_dir: What tells its log from others of the same model.
        read: Reads the graph of a model.
    """

    def __init__(
        self,
        log: TrainingLog,
        log_dir: str,
        read: Callable[[keras.Model], schema.ModelGraph] = create_model_graph,
    ) -> None:
        self._log = log
        self._read = read
        self._log_dir = log_dir
        self._last: _Logged | None = None
        self._signs: Hashable = None
        # Kept only until the optimizer is built, which is soon: reading a
        # large model takes long.
        self._without_optimizer: tuple[Hashable, schema.ModelGraph] | None = None
        self.expects_change = False

    def changes_at(self, step: int) -> bool:
        """Whether a change is expected that could be logged at a step."""
        return self.expects_change and self._last is not None and step > self._last.step

    def update(self, model: keras.Model, step: int) -> None:
        """Logs the graph, unless it is the one that was logged last.

        Args:
            model: The model.
            step: Optimizer steps done so far.
        """
        signs = (_signs_of_layers(model), _signs_of_optimizer(model))
        self.expects_change = False
        if self._last is not None and signs == self._signs:
            return
        step = self._log.first_step(step)
        last = self._last or self._logged_before(model)
        if last is not None and step <= last.step:
            self.expects_change = True
            return
        graph = self._read_graph(model, signs[0])
        digest = digest_graph(graph)
        if last is None or digest != last.digest:
            if not self._log.write_model_graph(step, graph):
                return
            last = _Logged(step, digest)
            _logged.setdefault(model, {})[self._log_dir] = last
        self._last, self._signs = last, signs
        optimizer = getattr(model, "optimizer", None)
        if optimizer is not None and not optimizer.built:
            self.expects_change = True
            self._without_optimizer = signs[0], graph

    def _read_graph(self, model: keras.Model, layers: Hashable) -> schema.ModelGraph:
        known, self._without_optimizer = self._without_optimizer, None
        if known is not None and known[0] == layers:
            return with_optimizer(known[1], model)
        return self._read(model)

    def _logged_before(self, model: keras.Model) -> _Logged | None:
        """What a fit before this one logged, if this log goes on from it."""
        logged = _logged.get(model, {}).get(self._log_dir)
        if logged is None or logged.step >= self._log.first_step(0):
            return None  # This log begins anew, or does that step again.
        return logged


def digest_graph(graph: schema.ModelGraph) -> bytes:
    """Equal for equal graphs."""
    return hashlib.blake2b(msgspec.json.encode(graph), digest_size=16).digest()


def _signs_of_layers(model: keras.Model) -> Hashable:
    """What is quickly read, and differs for most models with other graphs."""
    layers = tuple(
        (
            id(layer),
            layer.name,
            layer.trainable,
            layer.built,
            getattr(layer.dtype_policy, "name", ""),
        )
        for layer in model._flatten_layers()
    )
    return layers, len(model.variables), len(model.trainable_variables)


def _signs_of_optimizer(model: keras.Model) -> Hashable:
    optimizer = getattr(model, "optimizer", None)
    variables = getattr(optimizer, "variables", ())
    return type(optimizer).__name__, len(variables), getattr(optimizer, "built", False)
