"""The batch axis of sequential models."""

from __future__ import annotations

import keras

from tb_kerasviz.capture.model_graph import create_model_graph


def test_a_batch_size_that_only_building_gave_is_open() -> None:
    model = keras.Sequential([keras.layers.Dense(3), keras.layers.Dense(2)])
    model.build((5, 4))

    graph = create_model_graph(model)

    assert [node.output_shapes for node in graph.nodes] == [
        ((None, 4),),
        ((None, 3),),
        ((None, 2),),
    ]
    assert [layer.output_shapes for layer in graph.layers] == [
        ((None, 4),),
        ((None, 3),),
        ((None, 2),),
    ]


def test_a_batch_size_that_the_user_gave_is_kept() -> None:
    model = keras.Sequential(
        [keras.Input((4,), batch_size=5), keras.layers.Dense(3), keras.layers.Dense(2)]
    )

    graph = create_model_graph(model)

    assert [node.output_shapes for node in graph.nodes] == [
        ((5, 4),),
        ((5, 3),),
        ((5, 2),),
    ]
