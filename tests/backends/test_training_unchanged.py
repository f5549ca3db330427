"""A training with the callback ends exactly as one without."""

from __future__ import annotations

import pathlib
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

from tb_kerasviz import load
from tests.backends import trainings
from tests.backends.trainings import Training, compiled, convolutional, digits

tensorflow_only = pytest.mark.only_on("tensorflow")


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
    output = layers.Dense(10, activation="softmax")(joined)
    return compiled(keras.Model({"image": image, "extra": extra}, output))


def several_inputs_data() -> dict[str, Any]:
    x, y = digits()
    inputs = {"image": x, "extra": x[:, 3, :4, 0]}
    return {"x": inputs, "y": y, "batch_size": trainings.BATCH}


@keras.saving.register_keras_serializable("tests")
class Subclassed(keras.Model):
    """Builds itself in its first call, and has a train step of its own."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.hidden = [layers.Dense(6, activation="relu") for _ in range(2)]
        self.drop = layers.Dropout(0.2)
        self.scores = layers.Dense(10, activation="softmax")

    def call(self, inputs: Any, training: bool = False) -> Any:
        outputs = keras.ops.reshape(inputs, (-1, 64))
        for layer in self.hidden:
            outputs = layer(outputs)
        return self.scores(self.drop(outputs, training=training))


class OwnTrainStep(Subclassed):
    def train_step(self, data: Any) -> dict[str, Any]:
        import tensorflow as tf

        x, y = data
        with tf.GradientTape() as tape:
            y_pred = self(x, training=True)
            loss = self.compute_loss(y=y, y_pred=y_pred)
        variables = self.trainable_variables
        gradients = tape.gradient(loss, variables)
        self.optimizer.apply_gradients(zip(gradients, variables, strict=True))
        return self.compute_metrics(x, y, y_pred)


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
    whole = 9 * trainings.BATCH
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
}

SLOW = {"eager", "moving_average", "decay_clip_schedule", "partly_frozen", "embedding"}
ONLY_ON_TENSORFLOW = {"steps_per_execution", "own_train_step"}


def check_log(log_dir: pathlib.Path, model: keras.Model) -> None:
    """Everything was logged, at every step, without a complaint."""
    run = load(log_dir)["."]
    steps = int(keras.ops.convert_to_numpy(model.optimizer.iterations))
    assert run.status().notices == ()
    assert run.status().closed
    assert not run.status().dropped
    assert not run.status().refused
    assert run.dynamics().steps.tolist() == list(range(1, steps + 1))
    assert len(run.dynamics().variables) == len(model.trainable_variables)
    # A model that its first step builds has no captures before it.
    before = 0 if isinstance(model, Subclassed) else 1
    assert len(run.steps("weights")) == before + 2
    assert run.steps("activations") == run.steps("weights")
    assert run.steps("weights")[-1] == steps
    assert run.scalars("epoch_loss").steps[-1] == steps


def marks_of(name: str) -> list[pytest.MarkDecorator]:
    only = [tensorflow_only] if name in ONLY_ON_TENSORFLOW else []
    return [*only, pytest.mark.slow] if name in SLOW else only


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=marks_of(name)) for name in TRAININGS]
)
def test_bit_for_bit(name: str, tmp_path: pathlib.Path) -> None:
    training = TRAININGS[name]
    expected = trainings.state_of(training.run())
    model = training.run(tmp_path)
    assert trainings.differences(expected, trainings.state_of(model)) == []
    check_log(tmp_path, model)


def test_a_training_that_differs_is_noticed(tmp_path: pathlib.Path) -> None:
    class Nudge(keras.callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            bias = self.model.layers[-1].bias
            bias.assign(bias + 1e-6)

    training = TRAININGS["convolutional"]
    expected = trainings.state_of(training.run(epochs=1))
    nudged = trainings.state_of(training.run(callbacks=[Nudge()], epochs=1))
    assert any("bias" in name for name in trainings.differences(expected, nudged))


def test_to_rounding_with_xla(tmp_path: pathlib.Path) -> None:
    training = Training(lambda: trainings.dense(jit_compile=True))
    expected = trainings.state_of(training.run())
    model = training.run(tmp_path)
    received = trainings.state_of(model)
    assert received.keys() == expected.keys()
    for name, value in expected.items():
        np.testing.assert_allclose(
            received[name], value, rtol=1e-4, atol=1e-6, err_msg=name
        )
    check_log(tmp_path, model)
