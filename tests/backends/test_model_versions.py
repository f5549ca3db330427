"""The graph is logged again when it changes, and which one holds at a step."""

from __future__ import annotations

import pathlib
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

from tb_kerasviz import KerasViz
from tests.backends.test_fits import fit, run_of, tensorboard_steps
from tests.backends.trainings import BATCHES, compiled, dense


def compile_to_go_on(
    model: keras.Model, steps: int, optimizer: Any = None, **compile_args: Any
) -> None:
    """Compiles with a new optimizer that has made some steps already."""
    optimizer = optimizer or keras.optimizers.Adam(0.01)
    compiled(model, optimizer=optimizer, **compile_args)
    optimizer.iterations.assign(steps)


def versions(directory: pathlib.Path) -> dict[int, Any]:
    """What was logged of the model, by step, as TensorBoard reads it too."""
    run = run_of(directory)
    found = {step: run.model_graph(step) for step in run.steps("model_graph")}
    assert tensorboard_steps(directory / "kerasviz", "model_graph") == list(found)
    return found


def trainable_layers(graph: Any) -> dict[str, bool]:
    return {layer.path: layer.trainable for layer in graph.layers}


def optimizer_elements(model: keras.Model) -> int:
    return sum(int(np.prod(v.shape)) for v in model.optimizer.variables)


@pytest.mark.parametrize("same", [True, False])
def test_the_graph_is_logged_when_it_changes(
    same: bool, tmp_path: pathlib.Path
) -> None:
    model = dense()
    log = KerasViz(tmp_path)

    def train(epochs: int = 1) -> None:
        fit(model, log if same else KerasViz(tmp_path), epochs=epochs)

    train(2)
    logged = versions(tmp_path)
    # TensorFlow's optimizer makes its variables in the first step.
    assert list(logged) in ([0], [0, 1])
    assert list(logged.values())[-1].optimizer_params == optimizer_elements(model)
    before = list(logged)

    train()  # Nothing changed.
    assert list(versions(tmp_path)) == before

    for steps, trainable in ((30, False), (40, True)):
        model.layers[1].trainable = trainable
        compile_to_go_on(model, steps)
        train()
    logged = {
        step: graph
        for step, graph in versions(tmp_path).items()
        if step not in (32, 42)  # TensorFlow's, as above.
    }
    assert list(logged) == [*before, 31, 41]
    path = model.layers[1].path
    frozen = {step: not trainable_layers(g)[path] for step, g in logged.items()}
    assert frozen == {**dict.fromkeys(before, False), 31: True, 41: False}
    run = run_of(tmp_path)
    for step in (*before, 30, 31, 41):
        assert run.model_graph(step) == logged[max(s for s in logged if s <= step)]
    path_of_frozen = trainable_layers(run.model_graph(40))[path]
    assert path_of_frozen is False
    assert trainable_layers(run.model_graph(99))[path] is True


def test_layers_that_are_added_between_fits(tmp_path: pathlib.Path) -> None:
    model = keras.Sequential(
        [keras.Input((8, 8, 1)), layers.Flatten(), layers.Dense(10)]
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    compiled(model, loss=loss)
    fit(model, KerasViz(tmp_path))
    model.add(layers.Dense(10, name="added"))
    compile_to_go_on(model, BATCHES, keras.optimizers.SGD(0.01), loss=loss)
    fit(model, KerasViz(tmp_path))
    logged = versions(tmp_path)
    names = {step: [layer.name for layer in g.layers] for step, g in logged.items()}
    assert "added" not in names[0]
    assert "added" in names[11]
    assert logged[0].optimizer == "Adam"
    assert list(logged.values())[-1].optimizer == "SGD"
    assert list(logged.values())[-1].optimizer_params == optimizer_elements(model)


# On JAX, Keras itself fails there.
@pytest.mark.only_on("tensorflow", "torch")
def test_a_layer_that_is_frozen_during_a_fit(tmp_path: pathlib.Path) -> None:
    class Freeze(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            if epoch == 1:
                self.model.layers[1].trainable = False

    model = dense()
    fit(model, KerasViz(tmp_path), Freeze(), epochs=3)
    logged = versions(tmp_path)
    assert max(logged) == 2 * BATCHES
    path = model.layers[1].path
    trainable = {step: trainable_layers(g)[path] for step, g in logged.items()}
    assert trainable == {step: step < 2 * BATCHES for step in logged}


def test_changes_at_a_step_without_a_new_one_are_not_lost(
    tmp_path: pathlib.Path,
) -> None:
    # Two batches make one step: after the first batch it is still step 0.
    model = dense()
    optimizer = keras.optimizers.SGD(0.01, gradient_accumulation_steps=4)
    compiled(model, optimizer=optimizer)
    fit(model, KerasViz(tmp_path))
    logged = versions(tmp_path)
    last = list(logged.values())[-1]
    assert last.optimizer_params == optimizer_elements(model)
    assert list(logged) in ([0], [0, 1])


@pytest.mark.parametrize("kind", ["sequential", "subclassed"])
def test_a_model_without_inputs_is_logged_with_its_first_data(
    kind: str, tmp_path: pathlib.Path
) -> None:
    class Own(keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.flatten = layers.Flatten()
            self.dense = layers.Dense(10, activation="softmax")

        def call(self, x: Any) -> Any:
            return self.dense(self.flatten(x))

    build: dict[str, Any] = {
        "sequential": lambda: keras.Sequential(
            [layers.Flatten(), layers.Dense(10, activation="softmax")]
        ),
        "subclassed": Own,
    }
    model = compiled(build[kind]())
    fit(model, KerasViz(tmp_path))
    logged = versions(tmp_path)
    assert len(logged) == 1
    (graph,) = logged.values()
    assert graph.params == model.count_params() == 650
    assert graph.optimizer_params == optimizer_elements(model)
    assert run_of(tmp_path).model_graph(0) == graph
