"""Makes a model trace its train step anew, and undoes it."""

from __future__ import annotations

import dataclasses
import weakref
from collections.abc import Callable

import keras


@dataclasses.dataclass(frozen=True)
class RenewedTrainFunction:
    """A train function that was given to a model for a while.

    Attributes:
        undo: Gives the model the one from before back.
        measures: Whether what the model trains with is measured still.
    """

    undo: Callable[[], None]
    measures: Callable[[], bool]


def renew_train_function(model: keras.Model) -> RenewedTrainFunction:
    """Makes the model trace its train step anew, with what stands around it now.

    What stands around the optimizer is part of every step that is traced after it.
    """
    before = model.train_function
    model.make_train_function(force=True)
    made = model.train_function
    reference = weakref.ref(model)

    def undo() -> None:
        model = reference()
        # Another callback, or `compile`, may have made another one since.
        if model is None or model.train_function is not made:
            return
        model.train_function = before
        if before is None:
            model.make_train_function(force=True)

    return RenewedTrainFunction(undo, measures=lambda: True)
