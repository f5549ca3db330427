"""The usual hand-written train_step with summaries, TensorFlow only."""

from __future__ import annotations

import os
from typing import Any

import keras
import tensorflow as tf


def create_logging_model(log_dir: str | os.PathLike[str]) -> type[keras.Model]:
    """A model class that writes gradient, update and weight norms at every step.

    Args:
        log_dir: Where its summaries go.
    """
    writer = tf.summary.create_file_writer(os.fspath(log_dir))

    class LoggingModel(keras.Model):
        """Logs what `KerasViz(dynamics=1)` does, as people write it themselves."""

        def train_step(self, data: Any) -> dict[str, Any]:
            """One step, with summaries of every variable."""
            x, y = data
            with tf.GradientTape() as tape:
                loss = self.compute_loss(x=x, y=y, y_pred=self(x, training=True))
            variables = self.trainable_variables
            gradients = tape.gradient(loss, [v.value for v in variables])
            before = [tf.identity(v.value) for v in variables]
            self.optimizer.apply_gradients(zip(gradients, variables, strict=True))
            step = tf.cast(self.optimizer.iterations.value, tf.int64)
            with writer.as_default():
                for variable, gradient, old in zip(
                    variables, gradients, before, strict=True
                ):
                    new = tf.convert_to_tensor(variable.value)
                    for name, value in (
                        ("gradient", tf.convert_to_tensor(gradient)),
                        ("update", new - old),
                        ("weight", new),
                    ):
                        tag = f"{variable.path}/{name}_norm"
                        tf.summary.scalar(tag, tf.norm(value), step=step)
            return {"loss": loss}

    return LoggingModel
