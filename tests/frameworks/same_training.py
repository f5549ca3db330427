"""The same small training on whichever backend Keras has.

    python same_training.py <log directory> [<module that cannot be imported>]

Prints which frameworks were loaded.
"""

from __future__ import annotations

import json
import sys
from typing import Any

FRAMEWORKS = ("jax", "tensorflow", "torch")


def main(log_dir: str, *blocked: str) -> None:
    """Trains two epochs from the same weights on the same batches."""
    for package in blocked:
        # As good as not installed, also for those who only ask whether it is.
        modules: dict[str, Any] = sys.modules
        modules[package] = None

    import keras
    import numpy as np
    from keras import layers
    from sklearn.datasets import load_digits

    import tb_kerasviz

    data = load_digits()
    x = (data.images[:150, ..., np.newaxis] / 16).astype(np.float32)
    y = data.target[:150].astype(np.int64)
    model = keras.Sequential(
        [
            keras.Input((8, 8, 1), name="picture"),
            layers.Conv2D(4, 3, activation="relu", name="edges"),
            layers.BatchNormalization(name="normalise"),
            layers.Flatten(name="flatten"),
            layers.Dense(10, activation="softmax", name="digit"),
        ],
        name="reader",
    )
    random = np.random.default_rng(3)
    for variable in model.trainable_variables:
        variable.assign(random.normal(scale=0.3, size=variable.shape))
    rate = keras.optimizers.schedules.CosineDecay(0.01, 20)
    model.compile(
        keras.optimizers.AdamW(rate, global_clipnorm=1.0),
        "sparse_categorical_crossentropy",
        metrics=["accuracy"],
        jit_compile=keras.backend.backend() == "jax",
    )
    log = tb_kerasviz.KerasViz(log_dir, probe=x[:4], probe_labels=y[:4])
    model.fit(
        x, y, batch_size=16, epochs=2, shuffle=False, verbose=0,
        validation_data=(x[:20], y[:20]), callbacks=[log],
    )  # fmt: skip
    loaded = [name for name in FRAMEWORKS if sys.modules.get(name)]
    sys.stdout.write(json.dumps(loaded) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
