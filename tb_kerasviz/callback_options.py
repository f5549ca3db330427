"""The arguments of KerasViz, checked."""

from __future__ import annotations

import dataclasses
import math
import numbers
from typing import Any, Literal

import numpy as np

from tb_kerasviz.capture.layer_filter import LayerFilter, create_layer_filter
from tb_kerasviz.capture.probe import Vocabulary, check_vocabulary
from tb_kerasviz.training_log import check_log_dir

MAX_CAPTURE_MB = 14.0
"""A capture is one record of an event file, and those stay below 16 MB."""

When = Literal["epoch"] | int | None


@dataclasses.dataclass(frozen=True)
class Options:
    """What `KerasViz` was asked for; see its arguments."""

    log_dir: str
    probe: Any
    probe_labels: Any
    probe_training: bool
    scalars: Literal["epoch", "batch"] | int | None
    dynamics: int | None
    weights: When
    activations: When
    layers: Any
    layer_filter: LayerFilter
    vocabulary: Vocabulary
    capture_bytes: int
    max_overhead: float | None
    native_histograms: bool
    gradient_histograms: bool


def check_options(
    *,
    log_dir: Any,
    probe: Any,
    probe_labels: Any,
    probe_training: Any,
    scalars: Any,
    dynamics: Any,
    weights: Any,
    activations: Any,
    layers: Any,
    vocabulary: Any,
    capture_mb: Any,
    max_overhead: Any,
    native_histograms: Any,
    gradient_histograms: Any,
) -> Options:
    """Checks the arguments of `KerasViz`.

    Raises:
        TypeError: One is of the wrong type; names it and what was received.
        ValueError: One has a value that is not allowed.
    """
    if isinstance(probe, (str, bytes)):
        raise TypeError(
            "probe must be arrays or a dataset, like x_val[:8]; received "
            f"{probe!r:.100} of type {type(probe).__name__}."
        )
    if probe is None and probe_labels is not None:
        raise ValueError("probe_labels was given without probe; pass probe= too.")
    switches = {
        "probe_training": probe_training,
        "native_histograms": native_histograms,
        "gradient_histograms": gradient_histograms,
    }
    for name, switch in switches.items():
        if not isinstance(switch, (bool, np.bool_)):
            raise TypeError(
                f"{name} must be True or False; received {switch!r:.100} of type "
                f"{type(switch).__name__}."
            )
    if native_histograms and weights is None:
        raise ValueError(
            "native_histograms=True needs captures of weights; received weights=None."
        )
    if gradient_histograms and (weights is None or dynamics is None):
        raise ValueError(
            "gradient_histograms=True needs captures of weights, after which the "
            "gradients are counted, and dynamics, which reads them; received "
            f"weights={weights!r:.100} and dynamics={dynamics!r:.100}."
        )
    return Options(
        log_dir=check_log_dir(log_dir),
        probe=probe,
        probe_labels=probe_labels,
        probe_training=bool(probe_training),
        scalars=_when("scalars", scalars, ("epoch", "batch")),
        dynamics=_when("dynamics", dynamics, ()),
        weights=_when("weights", weights, ("epoch",)),
        activations=_when("activations", activations, ("epoch",)),
        layers=layers,
        layer_filter=create_layer_filter(layers),
        vocabulary=check_vocabulary(vocabulary),
        capture_bytes=int(_number("capture_mb", capture_mb, MAX_CAPTURE_MB) * 2**20),
        max_overhead=(
            None
            if max_overhead is None
            else _number("max_overhead", max_overhead, math.inf)
        ),
        native_histograms=bool(native_histograms),
        gradient_histograms=bool(gradient_histograms),
    )


def _when(name: str, value: Any, words: tuple[str, ...]) -> Any:
    choices = [*(repr(word) for word in words), "a number of steps", "None"]
    wanted = f"{name} must be {', '.join(choices[:-1])} or {choices[-1]}"
    if value is None or (isinstance(value, str) and value in words):
        return value
    if isinstance(value, str):
        raise ValueError(f"{wanted}; received {value!r}.")
    # Numbers of NumPy too: steps are often computed from sizes of arrays.
    if isinstance(value, bool) or not isinstance(value, numbers.Integral):
        raise TypeError(
            f"{wanted}; received {value!r:.100} of type {type(value).__name__}."
        )
    if value < 1:
        raise ValueError(f"{wanted}, at least 1; received {value}.")
    return int(value)


def _number(name: str, value: Any, most: float) -> float:
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise TypeError(
            f"{name} must be a number; received {value!r:.100} of type "
            f"{type(value).__name__}."
        )
    number = float(value)
    if not 0 < number <= most or math.isinf(number):
        limit = "" if math.isinf(most) else f" and at most {most:g}"
        raise ValueError(
            f"{name} must be a finite number above 0{limit}; received {value!r}."
        )
    return number
