"""Makes a model trace its train step anew, and undoes it."""

from __future__ import annotations

import weakref
from collections.abc import Callable

import keras


def renew_train_function(model: keras.Model) -> Callable[[], None]:
    """Makes the model trace its train step anew, with what stands around it now.

    Returns:
        What gives the model the train function from before back.
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

    return undo
