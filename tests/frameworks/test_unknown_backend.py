"""On a backend of Keras that cannot train, the rest is logged."""

from __future__ import annotations

from pathlib import Path

import tb_kerasviz
from tests.frameworks.conftest import RunProgram

PROGRAM = """
import sys
import keras
import numpy as np
import tb_kerasviz

model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
x = np.ones((2, 4), np.float32)
with tb_kerasviz.Writer(sys.argv[1]) as writer:
    writer.write_scalars(1, {"loss": keras.ops.mean(model(x))})
    writer.write_model(1, model)
    writer.write_weights(1, model)
    writer.write_gradients(1, model, [np.ones(v.shape) for v in model.weights])
    try:
        writer.write_activations(1, model, x)
    except NotImplementedError as error:
        print(error)
"""


def test_what_can_be_read_with_numpy(run_program: RunProgram, tmp_path: Path) -> None:
    printed = run_program("numpy", "-c", PROGRAM, str(tmp_path))
    assert "the backend 'numpy'; activations and dynamics are read on" in printed
    run = tb_kerasviz.load(tmp_path)["."]
    assert run.scalars("loss").steps.tolist() == [1]
    assert run.steps("weights") == run.steps("dynamics") == [1]
    assert run.model_graph().params == 15
    assert run.status().notices == ()
