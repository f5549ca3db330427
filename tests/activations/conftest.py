"""Activations with Keras's backend of this process.

Keras takes its backend from `KERAS_BACKEND` when it is imported, TensorFlow by
default. `test_other_backends.py` runs all of this again on the other ones.
"""

from __future__ import annotations

import os

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from collections.abc import Iterator

import keras
import pytest

pytest.register_assert_rewrite("tests.activations.reading", "tests.activations.truth")

OTHER_BACKEND = "TB_KERASVIZ_TEST_ACTIVATIONS"
"""Set where `test_other_backends.py` runs these tests once more."""


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "only_on(*backends): what only these have")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        marker = item.get_closest_marker("only_on")
        if marker is not None and keras.backend.backend() not in marker.args:
            reason = f"only on the backends {marker.args}"
            item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(autouse=True)
def _fresh_keras() -> Iterator[None]:
    """Equal names and seeds for every model."""
    keras.backend.clear_session(free_memory=False)
    keras.utils.set_random_seed(1)
    yield
    keras.config.set_dtype_policy("float32")
