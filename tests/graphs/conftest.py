"""Model graphs with Keras's backend of this process.

Keras takes its backend from `KERAS_BACKEND` when it is imported, TensorFlow by
default. `test_other_backends.py` runs all of this again on the other ones, and
compares the graphs.
"""

from __future__ import annotations

import os

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import pathlib
from collections.abc import Callable, Iterator

import keras
import msgspec
import pytest

from tb_kerasviz.wire import schema

pytest.register_assert_rewrite("tests.graphs.invariants", "tests.graphs.truth")

KeepGraph = Callable[[str, schema.ModelGraph], None]

GRAPHS_DIR = "TB_KERASVIZ_TEST_GRAPHS"
"""Names the directory for graphs that are to be compared."""


@pytest.fixture(autouse=True)
def _fresh_keras() -> Iterator[None]:
    """Equal names and seeds for every model."""
    keras.backend.clear_session(free_memory=False)
    keras.utils.set_random_seed(1)
    yield
    keras.config.set_dtype_policy("float32")


@pytest.fixture(scope="session")
def graphs_dir(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """Where the graphs of this backend are kept."""
    named = os.environ.get(GRAPHS_DIR)
    if named:
        return pathlib.Path(named)
    base = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent  # The files of tests are shared among processes.
    folder = base / "graphs"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture
def keep_graph(graphs_dir: pathlib.Path) -> KeepGraph:
    """Keeps a graph that is to be the same on every backend, by name."""

    def keep(name: str, graph: schema.ModelGraph) -> None:
        same = msgspec.structs.replace(graph, backend="")
        text = msgspec.json.format(msgspec.json.encode(same), indent=1)
        # A variable of Keras's dtype "int" has 64 bits on TensorFlow only.
        text = text.replace(b'"dtype": "int64"', b'"dtype": "int32"')
        # Whole at once: another process may be comparing.
        part = graphs_dir / f"{name}.part"
        part.write_bytes(text)
        part.replace(graphs_dir / f"{name}.json")

    return keep
