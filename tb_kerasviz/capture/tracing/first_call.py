"""What a model is called with when a training first calls it."""

from __future__ import annotations

import functools
import logging
import weakref
from typing import Any

import keras
from keras.src.backend.common.symbolic_scope import in_symbolic_scope

from tb_kerasviz.capture.tracing.function_graph import graph_of
from tb_kerasviz.capture.tracing.inputs import CallInputs, symbolic_call

logger = logging.getLogger("tb_kerasviz")

SAMPLES = 8
"""Of a batch that has values, how many are kept to call the model with again."""


def needs_inputs(model: keras.Model) -> bool:
    """Whether a model's graph is only found by calling it."""
    return graph_of(model) is None


class FirstCall:
    """Notes the arguments of a model's next call, and nothing of those after."""

    def __init__(self) -> None:
        self.inputs: CallInputs | None = None
        self._watched: weakref.ref[keras.Model] | None = None
        self._before: Any = None

    def watch(self, model: keras.Model) -> None:
        """Begins to wait for a call of a model."""
        self.stop()
        call = model.call

        @functools.wraps(call)
        def noting(*args: Any, **kwargs: Any) -> Any:
            # Not the calls by which Keras finds out the shapes.
            if not in_symbolic_scope():
                self.stop()
                self._note(args, kwargs)
            return call(*args, **kwargs)

        self._before = vars(model).get("call")
        self._watched = weakref.ref(model)
        # On the instance, so that no other model is touched.
        vars(model)["call"] = noting

    def stop(self) -> None:
        """Leaves the model as it was; may be called more than once."""
        model = self._watched() if self._watched is not None else None
        self._watched = None
        if model is None:
            return
        if self._before is None:
            vars(model).pop("call", None)
        else:
            vars(model)["call"] = self._before
        self._before = None

    def _note(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        try:
            kwargs = {k: v for k, v in kwargs.items() if k not in ("training", "mask")}
            found = symbolic_call(args, kwargs)
            self.inputs = CallInputs(found.args, found.kwargs, _values(args, kwargs))
        except Exception:
            # In the middle of somebody's training.
            logger.debug("the first call could not be read", exc_info=True)


def _values(
    args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]] | None:
    """A few samples on the host, or None where the call has no values."""

    def take(leaf: Any) -> Any:
        if not keras.ops.is_tensor(leaf) or not len(leaf.shape):
            return leaf
        return keras.ops.convert_to_numpy(leaf[:SAMPLES])

    try:
        taken: Any = keras.tree.map_structure(take, (args, kwargs))
    except Exception:  # noqa: BLE001 - each backend has another error for it
        return None
    return taken[0], taken[1]
