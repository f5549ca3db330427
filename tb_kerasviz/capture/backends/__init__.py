"""What differs between Keras's backends, one module each.

`load_backend` gives the one that Keras runs on. Everything else of `capture`
is written with `keras.ops` and works on all of them.
"""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import Sequence
from typing import Any

import keras

from tb_kerasviz.capture.backends.interface import Backend, Processes


def load_backend() -> Backend:
    """The backend that Keras runs on.

    Raises:
        NotImplementedError: Keras runs on a backend that is not known here.
    """
    name = keras.backend.backend()
    if name not in ("tensorflow", "jax", "torch"):
        raise NotImplementedError(
            f"Keras runs on the backend {name!r}; activations and dynamics are "
            "read on 'tensorflow', 'jax' and 'torch'."
        )
    module = importlib.import_module(f"{__name__}.{name}_backend")
    backend: Backend = module.create_backend()
    return backend


def find_processes() -> Processes:
    """The processes that train together.

    One alone on a backend that is not known here, which cannot tell.
    """
    try:
        return load_backend().find_processes()
    except NotImplementedError:
        return Processes()


def wait_for(values: Sequence[Any]) -> None:
    """Waits until tensors are computed; see `Backend.wait_for`."""
    with contextlib.suppress(NotImplementedError):
        load_backend().wait_for(values)
