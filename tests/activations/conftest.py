"""Activations with Keras's backend of this process.

Keras takes its backend from `KERAS_BACKEND` when it is imported, TensorFlow by
default.
"""

from __future__ import annotations

import os

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from collections.abc import Iterator

import keras
import pytest

pytest.register_assert_rewrite("tests.activations.reading")


@pytest.fixture(autouse=True)
def _fresh_keras() -> Iterator[None]:
    """Equal names and seeds for every model."""
    keras.backend.clear_session(free_memory=False)
    keras.utils.set_random_seed(1)
    yield
    keras.config.set_dtype_policy("float32")
