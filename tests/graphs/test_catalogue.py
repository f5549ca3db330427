from __future__ import annotations

import itertools
import pathlib
from typing import Any

import keras
import numpy as np
import pytest

import tb_kerasviz
from tests.graphs.catalogue import (
    composites,
    functional,
    nested,
    subclassed,
    subclassed_composites,
    subclassed_nested,
    untraceable,
)
from tests.graphs.conftest import KeepGraph
from tests.graphs.invariants import check_graph
from tests.graphs.log import log_model, read_graph
from tests.graphs.truth import Case, check_truth

CASES = {
    case.name: case
    for case in itertools.chain(
        functional.CASES,
        nested.CASES,
        composites.CASES,
        subclassed.CASES,
        subclassed_composites.CASES,
        subclassed_nested.CASES,
        untraceable.CASES,
    )
    if not case.backends or keras.backend.backend() in case.backends
}

TRAINED = (
    functional.attention_by_keyword,
    functional.dict_of_inputs_and_outputs,
    functional.sequential_unbuilt,
    subclassed_composites.attention_by_keyword_in_a_subclassed_model,
    subclassed_nested.layers_of_several_nestings,
    subclassed.subclassed_model_of_dicts,
    untraceable.model_with_a_native_function,
)
"""Cases that a training is logged of as well."""


@pytest.mark.parametrize("name", sorted(CASES))
def test_logged_graph_is_the_true_one(
    name: str, tmp_path: pathlib.Path, keep_graph: KeepGraph
) -> None:
    wanted = CASES[name]
    model = wanted.build()

    graph = log_model(tmp_path, model, wanted.inputs and wanted.inputs())

    check_truth(graph, wanted)
    check_graph(graph, model)
    if not wanted.untraced:
        keep_graph(name, graph)


@pytest.mark.parametrize("wanted", TRAINED, ids=lambda case: case.name)
def test_a_training_logs_the_true_graph(wanted: Case, tmp_path: pathlib.Path) -> None:
    inputs = wanted.inputs() if wanted.inputs else ones_for(wanted.build())
    targets = keras.tree.map_structure(zeros_like, wanted.build()(inputs))
    keras.backend.clear_session(free_memory=False)
    model = wanted.build()
    model.compile("sgd", loss="mse")

    model.fit(
        inputs,
        targets,
        batch_size=2,
        verbose=0,
        callbacks=[
            tb_kerasviz.KerasViz(
                tmp_path, weights=None, activations=None, dynamics=None, scalars=None
            )
        ],
    )

    graph = read_graph(tmp_path)
    check_truth(graph, wanted)
    check_graph(graph, model)


def ones_for(model: keras.Model) -> Any:
    return keras.tree.map_structure(
        lambda tensor: np.ones((2, *tensor.shape[1:]), tensor.dtype), model.input
    )


def zeros_like(tensor: Any) -> Any:
    return np.zeros(tuple(tensor.shape), np.float32)
