"""See inside a Keras 3 model while it trains, in TensorBoard.

Log a training with one callback::

    import tb_kerasviz

    model.fit(
        x, y, callbacks=[tb_kerasviz.KerasViz("logs/run1", probe=x_val[:8])]
    )

then start ``tensorboard --logdir logs`` and open its "Keras" tab.

A custom training loop logs with a writer::

    with tb_kerasviz.Writer("logs/run2") as writer:
        writer.write_model(0, model)
        for step, (x, y) in enumerate(batches, start=1):
            loss = train_step(x, y)
            writer.write_scalars(step, {"loss": loss})
        writer.write_weights(step, model)

and a script reads it all back, without TensorBoard::

    run = tb_kerasviz.load("logs")["run1"]
    run.model_graph().layers
    run.activations("conv2d", step=run.steps("activations")[-1]).maps

Importing this package imports no machine learning framework; the names below
are loaded when they are first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from tb_kerasviz._version import __version__

if TYPE_CHECKING:
    from tb_kerasviz.callback import KerasViz
    from tb_kerasviz.reader import load
    from tb_kerasviz.run_writer import Writer

__all__ = ["KerasViz", "Writer", "__version__", "load"]

_HOMES = {
    "KerasViz": "tb_kerasviz.callback",
    "Writer": "tb_kerasviz.run_writer",
    "load": "tb_kerasviz.reader",
}


def __getattr__(name: str) -> object:
    # PEP 562: TensorBoard imports this package for the plugin's entry point,
    # and must not load Keras and a backend for it.
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
