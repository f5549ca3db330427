from __future__ import annotations

import pathlib
from collections.abc import Callable

import pytest

from tests.graphs import transformers
from tests.graphs.conftest import KeepGraph
from tests.graphs.invariants import check_graph
from tests.graphs.log import log_model
from tests.graphs.truth import Case, check_truth


@pytest.mark.parametrize("create", [transformers.functional, transformers.subclassed])
def test_graph_of_48_blocks(
    create: Callable[[int], Case], tmp_path: pathlib.Path, keep_graph: KeepGraph
) -> None:
    wanted = create(48)
    model = wanted.build()

    graph = log_model(tmp_path, model, wanted.inputs and wanted.inputs())

    check_truth(graph, wanted)
    check_graph(graph, model)
    keep_graph(wanted.name, graph)
