"""Trainings on several devices of one process: gradients of all of them."""

from __future__ import annotations

import pathlib

import numpy as np
import pytest

import tb_kerasviz
from tests.backends import trainings
from tests.backends.conftest import RunScript
from tests.backends.reading import check_first_gradients, column, total

MIRRORED = """
import sys
import keras
import tensorflow as tf

cpu = tf.config.list_physical_devices("CPU")[0]
half = tf.config.LogicalDeviceConfiguration()
tf.config.set_logical_device_configuration(cpu, [half, half])
from tb_kerasviz import KerasViz
from tests.backends import trainings

OPTIMIZERS = {
    "plain": lambda: keras.optimizers.SGD(0.1),
    "clipped": lambda: keras.optimizers.AdamW(0.01, global_clipnorm=0.3),
    "clipnorm": lambda: keras.optimizers.SGD(0.1, clipnorm=0.1),
    "clipvalue": lambda: keras.optimizers.SGD(0.1, clipvalue=0.01),
    "scaled": lambda: keras.optimizers.LossScaleOptimizer(
        keras.optimizers.SGD(0.1), initial_scale=2.0**15
    ),
    "accumulating": lambda: keras.optimizers.SGD(0.1, gradient_accumulation_steps=2),
}

def train(strategy, log, build):
    keras.backend.clear_session()
    keras.utils.set_random_seed(1)
    with strategy.scope():
        model = build(optimizer=OPTIMIZERS[sys.argv[1]]())
    x, y = trainings.digits()
    model.fit(
        x, y, batch_size=16, epochs=2, shuffle=False, verbose=0, callbacks=log
    )
    values = [*model.weights, *model.optimizer.variables]
    return [keras.ops.convert_to_numpy(v).tobytes() for v in values]

# One for all: TensorFlow confuses the reductions of two in a process.
strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
assert strategy.num_replicas_in_sync == 2
BUILD = getattr(trainings, sys.argv[2])
x = trainings.digits()[0]
try:
    expected = train(strategy, [], BUILD)
except Exception as error:
    # Then with us as without.
    try:
        train(strategy, [KerasViz("logs/two", gradient_histograms=True)], BUILD)
    except type(error) as ours:
        assert str(ours)[:200] == str(error)[:200]
        print("fails in Keras", str(error)[:300])
    sys.exit()
log = KerasViz("logs/two", probe=x[:2], gradient_histograms=True)
assert train(strategy, [log], BUILD) == expected
log = KerasViz("logs/one", gradient_histograms=True)
train(tf.distribute.get_strategy(), [log], BUILD)
"""


@pytest.mark.only_on("tensorflow")
@pytest.mark.parametrize(
    ("optimizer", "model"),
    [
        ("plain", "dense"),
        ("scaled", "convolutional"),
        pytest.param("clipped", "dense", marks=pytest.mark.slow),
        pytest.param("clipnorm", "dense", marks=pytest.mark.slow),
        pytest.param("clipvalue", "dense", marks=pytest.mark.slow),
        pytest.param("accumulating", "dense", marks=pytest.mark.slow),
    ],
)
def test_replicas_of_a_mirrored_strategy(
    optimizer: str, model: str, tmp_path: pathlib.Path, run_script: RunScript
) -> None:
    done = run_script(MIRRORED, optimizer, model, timeout=500)
    if optimizer == "accumulating":
        assert "fails in Keras" in done.stdout
        return
    runs = tb_kerasviz.load(tmp_path / "logs")
    assert runs["two"].status().notices == ()
    assert runs["two"].status().closed
    assert len(list((tmp_path / "logs" / "two" / "kerasviz").iterdir())) == 1
    assert runs["two"].steps("activations") == runs["two"].steps("weights")
    one, two = runs["one"].dynamics(), runs["two"].dynamics()
    assert two.steps.tolist() == list(range(1, 2 * trainings.BATCHES + 1))
    check_first_gradients(runs["one"], runs["two"], alike=model == "dense")
    of_one, of_two = runs["one"].step_dynamics(), runs["two"].step_dynamics()
    if model == "convolutional":  # Where each replica normalises by itself.
        assert np.isfinite(two.values).all()
        assert (total(of_two, "loss_scale") == 2.0**15).all()
        return
    # Each has half of the batch: together they have the gradient of all.
    clips = optimizer.startswith("clip")
    # Afterwards the weights differ.
    first = slice(0, 1) if clips else slice(None)
    for name in ("grad_norm_mean", "nonfinite", "grad_zero_fraction"):
        np.testing.assert_allclose(
            column(two, name)[first], column(one, name)[first], 1e-4, 1e-6
        )
    for name in ("global_norm_max", "loss_mean", "learning_rate"):
        np.testing.assert_allclose(
            total(of_two, name)[first], total(of_one, name)[first], 1e-4
        )
    if clips:  # Each half by itself, as Keras does.
        clipped, whole = (total(of_two, f"{n}_norm_max") for n in ("clipped", "global"))
        assert (clipped < whole).all()
        if optimizer == "clipped":
            assert (clipped <= 0.6 + 1e-6).all()
    else:
        for name in ("update_norm_mean", "weight_norm"):
            np.testing.assert_allclose(column(two, name), column(one, name), 1e-4)
