"""Models through a real log."""

from __future__ import annotations

import pathlib
from typing import Any

import keras

import tb_kerasviz
from tb_kerasviz.wire import schema


def log_model(
    log_dir: pathlib.Path, model: keras.Model, inputs: Any = None
) -> schema.ModelGraph:
    """Writes a model's graph to event files, and reads it back."""
    with tb_kerasviz.Writer(log_dir) as writer:
        writer.write_model(0, model, inputs=inputs)
    return read_graph(log_dir)


def read_graph(log_dir: pathlib.Path) -> schema.ModelGraph:
    """The last graph that was logged."""
    return tb_kerasviz.load(log_dir)["."].model_graph()
