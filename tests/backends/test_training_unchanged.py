"""A training with the callback ends exactly as one without."""

from __future__ import annotations

import pathlib
import shutil
from collections.abc import Iterable
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

from tb_kerasviz import load
from tb_kerasviz.capture.optimizers import find_optimizers, read_steps
from tests.backends import trainings
from tests.backends.own_steps import Adversarial, OwnTrainStep, Subclassed, Unused
from tests.backends.trainings import Training, compiled, convolutional, digits


def accumulating() -> keras.Model:
    # 20 batches of 3: the last ones are never applied.
    return convolutional(
        optimizer=keras.optimizers.Adam(0.01, gradient_accumulation_steps=3)
    )


def plain() -> keras.Model:
    # Its step is a product, which TensorFlow reorders if it can.
    return convolutional(optimizer=keras.optimizers.SGD(0.05))


def averaging() -> keras.Model:
    return convolutional(
        optimizer=keras.optimizers.SGD(
            0.05, momentum=0.9, use_ema=True, ema_overwrite_frequency=3
        )
    )


def decaying() -> keras.Model:
    rate = keras.optimizers.schedules.CosineDecay(0.01, 20)
    return convolutional(
        optimizer=keras.optimizers.AdamW(rate, weight_decay=0.01, clipnorm=0.5)
    )


def mixed_precision() -> keras.Model:
    keras.config.set_dtype_policy("mixed_float16")
    # So large a scale overflows at first: some steps are skipped.
    return convolutional(
        optimizer=keras.optimizers.LossScaleOptimizer(
            keras.optimizers.Adam(0.01), initial_scale=2.0**18
        )
    )


def several_inputs() -> keras.Model:
    # A shared layer, a model inside of the model, a variable without a gradient.
    image = keras.Input((8, 8, 1), name="image")
    extra = keras.Input((4,), name="extra")
    inner = keras.Sequential(
        [keras.Input((64,)), layers.Dense(6, activation="relu"), layers.Dropout(0.2)],
        name="inner",
    )
    flat = layers.Flatten()(image)
    shared = layers.Dense(6, name="shared")
    joined = layers.Concatenate()([shared(inner(flat)), shared(inner(flat * 2.0))])
    joined = layers.Concatenate()([joined, layers.Dense(3)(extra)])
    joined = layers.BatchNormalization()(joined)
    output = Unused()(layers.Dense(10, activation="softmax")(joined))
    return compiled(keras.Model({"image": image, "extra": extra}, output))


def several_inputs_data() -> dict[str, Any]:
    x, y = digits()
    inputs = {"image": x, "extra": x[:, 3, :4, 0]}
    return {"x": inputs, "y": y, "batch_size": trainings.BATCH}


def partly_frozen() -> keras.Model:
    model = convolutional()
    model.layers[0].trainable = False
    return compiled(model)


def stateful_recurrent() -> keras.Model:
    model = keras.Sequential(
        [
            keras.Input(batch_shape=(trainings.BATCH, 8, 8)),
            layers.LSTM(5, stateful=True, return_sequences=True, dropout=0.2),
            layers.GRU(4, stateful=True),
            layers.Dense(10, activation="softmax"),
        ]
    )
    return compiled(model)


def sequences() -> dict[str, Any]:
    x, y = digits()
    # Op by op, as on JAX here, each step takes long.
    whole = (2 if keras.backend.backend() == "jax" else 9) * trainings.BATCH
    return {"x": x[:whole, ..., 0], "y": y[:whole], "batch_size": trainings.BATCH}


def embedding() -> keras.Model:
    model = keras.Sequential(
        [
            keras.Input((64,), dtype="int32"),
            layers.Embedding(17, 3, mask_zero=True),
            layers.GlobalAveragePooling1D(),
            layers.Dense(10, activation="softmax"),
        ]
    )
    return compiled(model)


def tokens() -> dict[str, Any]:
    x, y = digits()
    # Most tokens occur many times in a row.
    words = (x.reshape(len(x), 64) * 16).astype(np.int32)
    return {"x": words, "y": y, "batch_size": trainings.BATCH}


def clipping(**how: float) -> keras.Model:
    return convolutional(optimizer=keras.optimizers.SGD(0.05, **how))


def adversarial() -> keras.Model:
    model = Adversarial(critic_steps=2)
    model.compile(jit_compile=False)
    return model


def pictures_alone() -> dict[str, Any]:
    return {"x": digits()[0], "batch_size": trainings.BATCH}


def light() -> keras.Model:
    # What is fed to it is what is tested; the seeds of its batches show in it.
    return compiled(
        keras.Sequential(
            [
                keras.Input((8, 8, 1)),
                layers.Flatten(),
                layers.Dropout(0.2),
                layers.Dense(10, activation="softmax"),
            ]
        )
    )


class Batches(keras.utils.PyDataset):
    """The digits as a data set of Keras's."""

    def __len__(self) -> int:
        return trainings.BATCHES

    def __getitem__(self, index: int) -> Any:
        x, y = digits()
        part = slice(index * trainings.BATCH, (index + 1) * trainings.BATCH)
        return x[part], y[part]


def tf_dataset() -> dict[str, Any]:
    import tensorflow as tf

    data = tf.data.Dataset.from_tensor_slices(digits())
    return {"x": data.shuffle(64, seed=3).batch(trainings.BATCH)}


def torch_loader() -> dict[str, Any]:
    import torch

    x, y = (torch.from_numpy(array) for array in digits())
    data = torch.utils.data.TensorDataset(x, y)
    # Keras seeds its order only where it runs on PyTorch.
    shuffle = keras.backend.backend() == "torch"
    return {"x": torch.utils.data.DataLoader(data, trainings.BATCH, shuffle=shuffle)}


def generated() -> dict[str, Any]:
    def generate() -> Any:
        batches = Batches()
        while True:
            for index in range(len(batches)):
                yield batches[index]

    return {"x": generate(), "steps_per_epoch": trainings.BATCHES}


def weighted() -> dict[str, Any]:
    weights = np.linspace(0, 2, trainings.SAMPLES, dtype=np.float32)
    return {**trainings.pictures(), "sample_weight": weights}


def by_class() -> dict[str, Any]:
    return {**trainings.pictures(), "class_weight": {n: 1 + n for n in range(10)}}


TRAININGS = {
    "convolutional": Training(convolutional),
    "plain": Training(plain),
    "eager": Training(lambda: convolutional(run_eagerly=True)),
    "steps_per_execution": Training(lambda: convolutional(steps_per_execution=4)),
    "gradient_accumulation": Training(accumulating),
    "moving_average": Training(averaging),
    "decay_clip_schedule": Training(decaying),
    "loss_scale": Training(mixed_precision),
    "several_inputs": Training(
        several_inputs,
        several_inputs_data,
        lambda: {k: v[:4] for k, v in several_inputs_data()["x"].items()},
    ),
    "subclassed": Training(lambda: compiled(Subclassed())),
    "own_train_step": Training(lambda: compiled(OwnTrainStep())),
    "partly_frozen": Training(partly_frozen),
    "stateful_recurrent": Training(
        stateful_recurrent, sequences, lambda: sequences()["x"][: trainings.BATCH]
    ),
    "embedding": Training(embedding, tokens, lambda: tokens()["x"][:4]),
    "clipnorm": Training(lambda: clipping(clipnorm=0.3)),
    "global_clipnorm": Training(lambda: clipping(global_clipnorm=0.5)),
    "clipvalue": Training(lambda: clipping(clipvalue=0.02)),
    "adversarial": Training(adversarial, pictures_alone),
    "tf.data": Training(light, tf_dataset),
    "PyDataset": Training(light, lambda: {"x": Batches()}),
    "DataLoader": Training(light, torch_loader),
    "generator": Training(light, generated),
    "sample_weight": Training(light, weighted),
    "class_weight": Training(light, by_class),
}

SLOW = {
    "eager",
    "moving_average",
    "decay_clip_schedule",
    "partly_frozen",
    "embedding",
    "clipnorm",
}
if keras.backend.backend() != "tensorflow":
    SLOW.add("tf.data")
if keras.backend.backend() != "torch":
    SLOW.add("DataLoader")

COUNTED = (
    "convolutional",
    "plain",
    "steps_per_execution",
    "gradient_accumulation",
    "loss_scale",
    "embedding",
    "adversarial",
)
"""Trainings that are also made with histograms of their gradients."""

NOT_ON = {
    "tensorflow": set[str](),
    # Keras's trainer there carries the state of one optimizer; how a model can
    # have two all the same is in `test_jax_train_function`.
    "jax": {"adversarial"},
    # A stateful layer fails there without us: it changes what autograd needs.
    "torch": {"steps_per_execution", "stateful_recurrent"},
}
"""What Keras does not have there."""


def check_log(log_dir: pathlib.Path, model: keras.Model) -> None:
    """Everything was logged, at every step, without a complaint."""
    run = load(log_dir)["."]
    steps = read_steps(find_optimizers(model))
    assert run.status().notices == ()
    assert run.status().closed
    assert not run.status().dropped
    assert not run.status().refused
    assert run.dynamics().steps.tolist() == list(range(1, steps + 1))
    assert len(run.dynamics().variables) == len(model.trainable_variables)
    # A model that its first step builds has no captures before it. Only on
    # TensorFlow is that the first step: elsewhere Keras makes one of its own.
    late = isinstance(model, Subclassed) and keras.backend.backend() == "tensorflow"
    assert len(run.steps("weights")) == (2 if late else 3)
    assert run.steps("activations") == run.steps("weights")
    assert run.steps("weights")[-1] == steps
    assert run.scalars("epoch_loss").steps[-1] == steps


def names(among: Iterable[str] = TRAININGS) -> list[Any]:
    missing = NOT_ON[keras.backend.backend()]
    slow = pytest.mark.slow
    return [
        pytest.param(name, marks=slow if name in SLOW else [])
        for name in among
        if name not in missing
    ]


@pytest.mark.parametrize("name", names())
def test_bit_for_bit(name: str, tmp_path: pathlib.Path) -> None:
    training = TRAININGS[name]
    expected = trainings.state_of(training.run())
    model = training.run(tmp_path)
    assert trainings.differences(expected, trainings.state_of(model)) == []
    check_log(tmp_path, model)


@pytest.mark.parametrize("name", names(COUNTED))
def test_bit_for_bit_with_histograms_of_gradients(
    name: str, tmp_path: pathlib.Path
) -> None:
    training = TRAININGS[name]
    expected = trainings.state_of(training.run())
    # After steps in the middle of epochs too.
    model = training.run(
        tmp_path, weights=3, gradient_histograms=True, max_overhead=None
    )
    assert trainings.differences(expected, trainings.state_of(model)) == []
    run = load(tmp_path)["."]
    assert run.status().notices == ()
    last = read_steps(find_optimizers(model))
    captures = [step for step in run.steps("weights") if step < last]
    assert len(run.steps("gradients")) == len(captures)


def test_a_training_that_differs_is_noticed(tmp_path: pathlib.Path) -> None:
    class Nudge(keras.callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            bias = self.model.layers[-1].bias
            bias.assign(bias + 1e-6)

    training = Training(light)
    expected = trainings.state_of(training.run(epochs=1))
    nudged = trainings.state_of(training.run(callbacks=[Nudge()], epochs=1))
    assert any("bias" in name for name in trainings.differences(expected, nudged))


@pytest.mark.only_on("tensorflow", "jax")
@pytest.mark.parametrize("counts", [False, True])
def test_to_rounding_with_xla(counts: bool, tmp_path: pathlib.Path) -> None:
    training = Training(lambda: trainings.dense(jit_compile=True))
    expected = trainings.state_of(training.run())
    model = training.run(tmp_path, gradient_histograms=counts)
    received = trainings.state_of(model)
    assert received.keys() == expected.keys()
    for name, value in expected.items():
        np.testing.assert_allclose(
            received[name], value, rtol=1e-4, atol=1e-6, err_msg=name
        )
    check_log(tmp_path, model)


@pytest.mark.slow
@pytest.mark.only_on("torch")
@pytest.mark.skipif(shutil.which("g++") is None, reason="PyTorch compiles C++")
def test_to_rounding_with_torch_compile(
    tmp_path: pathlib.Path, caplog: pytest.LogCaptureFixture
) -> None:
    training = Training(lambda: trainings.dense(jit_compile=True))
    expected = trainings.state_of(training.run(epochs=1))
    model = training.run(tmp_path, epochs=1)
    received = trainings.state_of(model)
    for name, value in expected.items():
        np.testing.assert_allclose(
            received[name], value, rtol=1e-4, atol=1e-6, err_msg=name
        )
    dynamics = load(tmp_path)["."].dynamics()
    assert dynamics.steps.tolist() == list(range(1, trainings.BATCHES + 1))
    # Once, and not for each step anew.
    assert not [r for r in caplog.records if "recompile" in r.getMessage()]
