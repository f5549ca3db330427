"""When the graph of a model is logged again."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import keras
import pytest
from keras import layers

from tb_kerasviz.capture.model_graph import create_model_graph
from tb_kerasviz.graph_log import GraphLog, digest_graph
from tb_kerasviz.training_log import TrainingLog
from tb_kerasviz.wire import codec, schema, tags
from tb_kerasviz.writer.memory_writer import MemoryRecordWriter
from tests.unit.capture import models

NAMES = itertools.count()


def create_model() -> keras.Sequential:
    model = keras.Sequential(
        [keras.Input((4,)), layers.Dense(3), layers.BatchNormalization()]
    )
    model.compile("sgd", "mse")
    model.optimizer.build(model.trainable_variables)
    return model


class Log:
    """A graph log in memory; counts how often the graph is read."""

    def __init__(self, first_step: int = 0, name: str = "") -> None:
        self.writer = MemoryRecordWriter(first_step)
        self.reads = 0
        log = TrainingLog(self.writer, first_step)
        self.graphs = GraphLog(log, name or f"log{next(NAMES)}", self.read)

    def read(self, model: keras.Model) -> schema.ModelGraph:
        self.reads += 1
        return create_model_graph(model)

    def logged(self) -> dict[int, schema.ModelGraph]:
        return {
            step: codec.decode_document(blobs[0], schema.ModelGraph, "graph")
            for step, blobs in self.writer.blobs(tags.MODEL_GRAPH).items()
        }


def test_a_graph_that_stays_is_logged_and_read_once() -> None:
    log, model = Log(), create_model()
    for step in (0, 1, 2, 2, 30):
        log.graphs.update(model, step)
        assert not log.graphs.changes_at(step + 1)
    assert list(log.logged()) == [0]
    assert log.reads == 1


def freeze(model: Any) -> None:
    model.layers[0].trainable = False


def freeze_one_variable(model: Any) -> None:
    model.layers[0].bias.trainable = False


def add_a_layer(model: Any) -> None:
    model.add(layers.Dense(2))


def replace_a_layer(model: Any) -> None:
    model.pop()
    model.add(layers.LayerNormalization())


def compile_again(model: Any) -> None:
    model.compile("adam", "mse")


def change_the_policy(model: Any) -> None:
    model.layers[0].dtype_policy = "mixed_bfloat16"


CHANGES = [
    freeze,
    freeze_one_variable,
    add_a_layer,
    replace_a_layer,
    compile_again,
    change_the_policy,
]


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_logged_with_its_step(change: Callable[[Any], None]) -> None:
    log, model = Log(), create_model()
    log.graphs.update(model, 0)
    change(model)
    log.graphs.update(model, 7)
    log.graphs.update(model, 8)
    logged = log.logged()
    assert list(logged) == [0, 7]
    assert digest_graph(logged[0]) != digest_graph(logged[7])
    assert logged[7] == create_model_graph(model)


def test_a_change_that_is_taken_back_is_not_logged() -> None:
    log, model = Log(), create_model()
    log.graphs.update(model, 0)
    model.layers[0].trainable = False
    model.layers[0].trainable = True
    log.graphs.update(model, 5)
    model.compile("sgd", "mse")  # The same, but for its optimizer's state.
    model.optimizer.build(model.trainable_variables)
    log.graphs.update(model, 6)
    assert list(log.logged()) == [0]


def test_several_changes_at_one_step_are_logged_with_the_next() -> None:
    log, model = Log(), create_model()
    log.graphs.update(model, 0)
    for change in (freeze, add_a_layer):
        change(model)
        log.graphs.update(model, 0)
        assert not log.graphs.changes_at(0)
        assert log.graphs.changes_at(1)
    log.graphs.update(model, 1)
    logged = log.logged()
    assert list(logged) == [0, 1]
    assert logged[1] == create_model_graph(model)
    assert not log.graphs.changes_at(2)
    assert log.writer.stats().refused == {}


def test_the_optimizers_parameters_follow_without_reading_the_model_again() -> None:
    model = keras.Sequential([keras.Input((4,)), layers.Dense(3)])
    model.compile("adam", "mse")
    log = Log()
    log.graphs.update(model, 0)
    assert log.graphs.changes_at(1)
    model.optimizer.build(model.trainable_variables)
    log.graphs.update(model, 1)
    logged = log.logged()
    assert log.reads == 1
    assert [graph.optimizer_params for graph in logged.values()] == [0, 2 + 2 * 15]
    assert logged[1] == create_model_graph(model)
    assert not log.graphs.changes_at(2)


def test_an_optimizer_that_is_never_built_is_not_waited_for() -> None:
    model = keras.Sequential([keras.Input((4,)), layers.Dense(3)])
    model.compile("adam", "mse")
    log = Log()
    log.graphs.update(model, 0)
    log.graphs.update(model, 1)
    assert not log.graphs.changes_at(2)
    assert list(log.logged()) == [0]


@pytest.mark.parametrize("changed", [False, True])
def test_the_next_fit_goes_on_from_what_the_last_logged(changed: bool) -> None:
    model = create_model()
    first = Log(name="same")
    first.graphs.update(model, 0)
    if changed:
        freeze(model)
    second = Log(first_step=11, name="same")
    second.graphs.update(model, 10)
    assert list(second.logged()) == ([11] if changed else [])
    # Another log knows nothing of it,
    other = Log(first_step=11)
    other.graphs.update(model, 10)
    assert list(other.logged()) == [11]
    # and one that begins anew does not hold it any more.
    anew = Log(name="same")
    anew.graphs.update(model, 0)
    assert list(anew.logged()) == [0]


def test_a_graph_that_a_resumed_fit_makes_void_is_logged_again() -> None:
    model = create_model()
    first = Log(name="resumed")
    first.graphs.update(model, 0)
    freeze(model)
    first.graphs.update(model, 20)
    # From a checkpoint of step 10: what was logged from step 11 on is void.
    second = Log(first_step=11, name="resumed")
    second.graphs.update(model, 10)
    assert list(second.logged()) == [11]


CREATORS: dict[str, Callable[[], keras.Model]] = {
    "shared": models.shared,
    "subclassed": lambda: models.Subclassed(name="mine"),
}


@pytest.mark.parametrize("name", CREATORS)
def test_reading_a_model_twice_gives_equal_graphs(name: str) -> None:
    model = CREATORS[name]()
    assert digest_graph(create_model_graph(model)) == digest_graph(
        create_model_graph(model)
    )
