"""Keeps a train function that measures in a model on JAX, while a fit lasts."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Sequence

import keras

from tb_kerasviz.capture.backends.jax_tap import JaxTap
from tb_kerasviz.capture.backends.jax_train_function import JaxTrainFunction
from tb_kerasviz.capture.backends.method_hook import MethodHook
from tb_kerasviz.capture.backends.train_function import RenewedTrainFunction


def renew_train_function(
    model: keras.Model, taps: Sequence[JaxTap]
) -> RenewedTrainFunction:
    """Gives the model a train function that measures.

    Raises:
        UnsupportedError: The model makes its train function in its own way.
    """
    # Weak: the model must not live as long as who can undo it.
    reference = weakref.ref(_Renewal(model, taps))

    def undo() -> None:
        renewal = reference()
        if renewal is not None:
            renewal.end()

    def measures() -> bool:
        renewal = reference()
        return renewal is not None and renewal.measures()

    return RenewedTrainFunction(undo, measures)


class _Renewal:
    """Stands around `model.make_train_function` too.

    Other callbacks call it, and so do those who compile the model, in the middle
    of a fit: what it makes is replaced in its turn.

    Args:
        model: A compiled and built model; it holds this from now on.
        taps: Those of one callback.

    Raises:
        UnsupportedError: The model makes its train function in its own way.
    """

    def __init__(self, model: keras.Model, taps: Sequence[JaxTap]) -> None:
        self._model = model
        self._taps = list(taps)
        self._function = JaxTrainFunction(model, self._taps)
        model.train_function = self._function
        self._hook = MethodHook(model, "make_train_function", self._make)

    def measures(self) -> bool:
        """Whether the model's train function still does."""
        function = self._model.train_function
        known = function.taps if isinstance(function, JaxTrainFunction) else ()
        return all(any(tap is one for one in known) for tap in self._taps)

    def end(self) -> None:
        """Gives the model its own train function back."""
        self._hook.remove()
        self._function.give_back()

    def _make(self, original: Callable[[bool], None], force: bool = False) -> None:
        original(force)
        if self.measures():
            return
        optimizers = self._taps[0].target.all_optimizers
        # Of an optimizer that is new, nothing is measured in this fit.
        if any(one is self._model.optimizer for one in optimizers):
            self._function = JaxTrainFunction(self._model, self._taps)
            self._model.train_function = self._function
