from __future__ import annotations

import keras

from tb_kerasviz.capture.optimizers import find_optimizers, read_steps


def create_model() -> keras.Model:
    return keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])


def test_that_of_compile_comes_first_and_none_comes_twice() -> None:
    model = create_model()
    assert find_optimizers(model) == []
    assert read_steps([]) == 0
    model.compile(optimizer="adam")
    own = keras.optimizers.SGD()
    model.others = {"own": own, "same": model.optimizer}
    assert find_optimizers(model) == [model.optimizer, own]


def test_the_one_inside_of_a_loss_scale_optimizer_is_its_own_affair() -> None:
    model = create_model()
    inner = keras.optimizers.SGD()
    scaled = keras.optimizers.LossScaleOptimizer(inner)
    model.compile(optimizer=scaled)
    model.kept = inner
    assert find_optimizers(model) == [scaled]


def test_steps_are_those_of_the_one_that_made_the_most() -> None:
    often = keras.optimizers.SGD()
    accumulating = keras.optimizers.SGD(gradient_accumulation_steps=4)
    often.iterations.assign(5)
    accumulating._iterations.assign(11)
    assert read_steps([accumulating]) == 2
    assert read_steps([often, accumulating]) == 5
