from __future__ import annotations

import pathlib
from typing import Any

import keras
import pytest

from tests.graphs.conftest import KeepGraph
from tests.graphs.invariants import check_graph, check_history
from tests.graphs.log import log_model

PUBLISHED = {
    "EfficientNetV2S": 21_612_360,
    "MobileNetV2": 3_538_984,
    "NASNetMobile": 5_326_716,
    "ResNet50": 25_636_712,
}
"""Parameters, as Keras's documentation and the papers give them."""

QUICK = (
    # JAX compiles an initializer for every shape of a variable, for a minute.
    ("MobileNetV2", "ResNet50") if keras.backend.backend() == "jax" else PUBLISHED
)

REFUSED = {"NASNetLarge", "NASNetMobile"} if keras.backend.backend() == "torch" else {}
"""What Keras does not make on this backend."""

ARCHITECTURES = sorted(
    name
    for name in dir(keras.applications)
    if callable(getattr(keras.applications, name)) and name not in REFUSED
)

SIDES = {
    "InceptionResNetV2": 75,
    "InceptionV3": 75,
    "NASNetLarge": 331,
    "NASNetMobile": 224,
    "Xception": 71,
}
"""The smallest pictures that an architecture takes, where 32 is too small."""


def check(name: str, log_dir: pathlib.Path, **arguments: Any) -> Any:
    model = getattr(keras.applications, name)(weights=None, **arguments)
    graph = log_model(log_dir, model)
    check_graph(graph, model)
    check_history(graph, model)
    assert graph.notices == ()
    return graph


@pytest.mark.parametrize("name", sorted(set(QUICK).difference(REFUSED)))
def test_graph_and_parameters_of_an_application(
    name: str, tmp_path: pathlib.Path, keep_graph: KeepGraph
) -> None:
    graph = check(name, tmp_path)

    assert graph.params == PUBLISHED[name]
    keep_graph(name, graph)


@pytest.mark.slow
@pytest.mark.parametrize("name", ARCHITECTURES)
def test_graph_of_every_application(name: str, tmp_path: pathlib.Path) -> None:
    side = SIDES.get(name, 32)

    check(name, tmp_path, input_shape=(side, side, 3), classes=10)
