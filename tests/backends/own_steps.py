"""Layers and models of one's own, and train steps on each backend."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers


@keras.saving.register_keras_serializable("tests")
class Subclassed(keras.Model):
    """Builds itself in its first call."""

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


@keras.saving.register_keras_serializable("tests")
class Unused(layers.Layer):
    """Holds a variable that the loss does not depend on."""

    def build(self, input_shape: Any) -> None:
        self.unused = self.add_weight(shape=(2,), name="unused")

    def call(self, inputs: Any) -> Any:
        return inputs


class OwnTrainStep(Subclassed):
    """Computes its gradients itself, and never scales its loss."""

    def change(self, gradients: list[Any]) -> list[Any]:
        """What the optimizer is given for the gradients."""
        return gradients

    def train_step(self, *arguments: Any) -> Any:
        backend = keras.backend.backend()
        if backend == "jax":
            return self._jax_step(*arguments)
        x, y = arguments[0][:2]
        if backend == "tensorflow":
            return self._tensorflow_step(x, y)
        return self._torch_step(x, y)

    def _tensorflow_step(self, x: Any, y: Any) -> dict[str, Any]:
        import tensorflow as tf

        with tf.GradientTape() as tape:
            y_pred = self(x, training=True)
            loss = self.compute_loss(y=y, y_pred=y_pred)
        variables = self.trainable_variables
        gradients = tape.gradient(loss, variables)
        self.optimizer.apply(self.change(gradients), variables)
        metrics: dict[str, Any] = self.compute_metrics(x, y, y_pred)
        return metrics

    def _torch_step(self, x: Any, y: Any) -> dict[str, Any]:
        import torch

        self.zero_grad()
        y_pred = self(x, training=True)
        self.compute_loss(y=y, y_pred=y_pred).backward()
        variables = self.trainable_variables
        with torch.no_grad():
            gradients = self.change([v.value.grad for v in variables])
            self.optimizer.apply(gradients, variables)
        metrics: dict[str, Any] = self.compute_metrics(x, y, y_pred)
        return metrics

    def _jax_step(self, state: Any, data: Any) -> tuple[dict[str, Any], Any]:
        import jax

        trainable, non_trainable, of_optimizer, of_metrics = state
        x, y = data[:2]
        compute = jax.value_and_grad(self.compute_loss_and_updates, has_aux=True)
        (_, (loss, y_pred, non_trainable, of_metrics)), grads = compute(
            trainable,
            non_trainable,
            of_metrics,
            x,
            y,
            None,
            training=True,
            optimizer_variables=of_optimizer,
        )
        trainable, of_optimizer = self.optimizer.stateless_apply(
            of_optimizer, self.change(grads), trainable
        )
        logs, of_metrics = self._update_metrics_variables(
            of_metrics, loss, x, y, y_pred, None
        )
        return logs, (trainable, non_trainable, of_optimizer, of_metrics)


class Adversarial(keras.Model):
    """Two networks, each with an optimizer; the second steps more often.

    Not on JAX: Keras's trainer there carries the state of one optimizer.

    Args:
        critic_steps: Steps of the critic per batch.
    """

    def __init__(self, critic_steps: int = 1) -> None:
        super().__init__()
        self.critic_steps = critic_steps
        self.generator = keras.Sequential(
            [keras.Input((4,)), layers.Dense(64, activation="sigmoid")],
            name="generator",
        )
        self.critic = keras.Sequential(
            [keras.Input((64,)), layers.Dense(8, activation="relu"), layers.Dense(1)],
            name="critic",
        )
        self.built = True

    def compile(self, **arguments: Any) -> None:
        """Takes no optimizer of its own: each network has one."""
        super().compile(optimizer="sgd", **arguments)
        self.generator_optimizer = keras.optimizers.Adam(0.01)
        self.critic_optimizer = keras.optimizers.SGD(0.05)

    def call(self, inputs: Any) -> Any:
        return self.critic(keras.ops.reshape(inputs, (-1, 64)))

    def train_step(self, data: Any) -> dict[str, Any]:
        real = keras.ops.reshape(data[0], (-1, 64))
        noise = real[:, :4]
        losses: dict[str, Any] = {}
        for _ in range(self.critic_steps):
            losses["critic"] = self._step(
                self.critic,
                self.critic_optimizer,
                lambda: (
                    keras.ops.mean(self.critic(self.generator(noise)))
                    - keras.ops.mean(self.critic(real))
                ),
            )
        losses["loss"] = self._step(
            self.generator,
            self.generator_optimizer,
            lambda: -keras.ops.mean(self.critic(self.generator(noise))),
        )
        return losses

    def _step(self, network: Any, optimizer: Any, compute: Any) -> Any:
        variables = network.trainable_variables
        if keras.backend.backend() == "tensorflow":
            import tensorflow as tf

            with tf.GradientTape() as tape:
                loss = compute()
            gradients = tape.gradient(loss, variables)
            optimizer.apply(gradients, variables)
            return loss
        import torch

        self.zero_grad()
        loss = compute()
        loss.backward()
        with torch.no_grad():
            optimizer.apply([v.value.grad for v in variables], variables)
        return loss.detach()
