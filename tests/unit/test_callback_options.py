from __future__ import annotations

import pathlib
import re
from typing import Any

import numpy as np
import pytest

from tb_kerasviz.callback_options import MAX_CAPTURE_MB, Options, check_options

DEFAULTS: dict[str, Any] = {
    "log_dir": "logs/run1",
    "probe": None,
    "probe_labels": None,
    "probe_training": False,
    "scalars": "epoch",
    "dynamics": 1,
    "weights": "epoch",
    "activations": "epoch",
    "layers": None,
    "vocabulary": None,
    "capture_mb": 8.0,
    "max_overhead": 0.05,
    "native_histograms": False,
    "gradient_histograms": False,
}


def check(**arguments: Any) -> Options:
    return check_options(**{**DEFAULTS, **arguments})


def test_the_defaults_pass() -> None:
    options = check()

    assert options.log_dir == "logs/run1"
    assert options.capture_bytes == 8 * 2**20
    assert options.layer_filter("anything")


@pytest.mark.parametrize(
    "arguments",
    [
        {"log_dir": pathlib.Path("logs")},
        {"log_dir": "gs://bucket/run"},
        {"scalars": "batch"},
        {"scalars": 7},
        {"scalars": None, "dynamics": None, "weights": None, "activations": None},
        {"dynamics": 10, "weights": 5, "activations": 5},
        {"weights": np.int64(5)},
        {"layers": "conv"},
        {"layers": re.compile("conv")},
        {"layers": lambda path: True},
        {"vocabulary": ["", "one", "two"]},
        {"vocabulary": np.array(["", "one"])},
        {"vocabulary": {0: "", 7: b"seven"}},
        {"vocabulary": {"words": ["", "one"], "tags": {3: "noun"}}},
        {"capture_mb": 1},
        {"capture_mb": np.float32(0.5)},
        {"capture_mb": MAX_CAPTURE_MB},
        {"max_overhead": None},
        {"max_overhead": 1},
        {"native_histograms": True},
        {"native_histograms": np.bool_(True)},
        {"gradient_histograms": True, "weights": 100, "dynamics": 10},
        {"probe": np.zeros((2, 3)), "probe_labels": [1, 2]},
    ],
)
def test_what_is_allowed_passes(arguments: dict[str, Any]) -> None:
    check(**arguments)


@pytest.mark.parametrize(
    ("name", "value", "error", "message"),
    [
        ("log_dir", None, TypeError, "must be a str or os.PathLike; received None"),
        ("log_dir", 3, TypeError, "received 3 of type int"),
        ("log_dir", b"logs", TypeError, "received b'logs' of type bytes"),
        ("log_dir", "", ValueError, "must name a directory; received ''"),
        ("log_dir", "a\0b", ValueError, "must name a directory"),
        ("probe", "x", TypeError, "probe must be arrays or a dataset"),
        ("probe", b"x", TypeError, "received b'x' of type bytes"),
        ("probe_training", 1, TypeError, "must be True or False; received 1 of"),
        ("probe_training", "yes", TypeError, "received 'yes' of type str"),
        ("probe_labels", [1], ValueError, "given without probe; pass probe="),
        ("scalars", "steps", ValueError,
         "must be 'epoch', 'batch', a number of steps or None; received 'steps'"),
        ("scalars", 0, ValueError, "at least 1; received 0"),
        ("scalars", True, TypeError, "received True of type bool"),
        ("scalars", 1.5, TypeError, "received 1.5 of type float"),
        ("dynamics", "epoch", ValueError,
         "dynamics must be a number of steps or None; received 'epoch'"),
        ("dynamics", -1, ValueError, "at least 1; received -1"),
        ("weights", "batch", ValueError,
         "weights must be 'epoch', a number of steps or None; received 'batch'"),
        ("weights", [1], TypeError, "received [1] of type list"),
        ("activations", "never", ValueError, "activations must be 'epoch'"),
        ("activations", {}, TypeError, "received {} of type dict"),
        ("layers", ["conv"], TypeError, "layers must be None, a regular expression"),
        ("layers", "(", ValueError, "layers='(' is not a valid regular expression"),
        ("vocabulary", "words.txt", TypeError,
         "vocabulary must be a sequence of tokens like"),
        ("vocabulary", "words.txt", TypeError, "received 'words.txt' of type str"),
        ("vocabulary", 3, TypeError, "received 3 of type int"),
        ("vocabulary", {"one", "two"}, TypeError, "of type set"),
        ("vocabulary", [], ValueError, "vocabulary holds no tokens"),
        ("vocabulary", {}, ValueError, "vocabulary holds no tokens"),
        ("vocabulary", ["one", 2], TypeError,
         "must be texts; received 2 of type int for the id 1"),
        ("vocabulary", {1.5: "one"}, TypeError,
         "must be integers; received 1.5 of type float"),
        ("vocabulary", {-1: "one"}, ValueError, "must not be below 0; received -1"),
        ("vocabulary", {"one": 1}, TypeError, "vocabulary['one'] must be"),
        ("vocabulary", {"words": []}, ValueError, "vocabulary['words'] holds no"),
        ("vocabulary", {"words": ["a"], 1: "b"}, TypeError, "texts and other things"),
        ("capture_mb", "8", TypeError, "capture_mb must be a number; received '8'"),
        ("capture_mb", None, TypeError, "capture_mb must be a number; received None"),
        ("capture_mb", 0, ValueError, "above 0 and at most 14; received 0"),
        ("capture_mb", 100, ValueError, "above 0 and at most 14; received 100"),
        ("capture_mb", float("nan"), ValueError, "received nan"),
        ("max_overhead", "5%", TypeError, "max_overhead must be a number"),
        ("max_overhead", -0.1, ValueError, "above 0; received -0.1"),
        ("max_overhead", float("inf"), ValueError, "a finite number above 0"),
        ("native_histograms", 1, TypeError, "must be True or False; received 1 of"),
        ("gradient_histograms", "epoch", TypeError,
         "gradient_histograms must be True or False; received 'epoch' of type str"),
    ],
)  # fmt: skip
def test_a_wrong_argument_is_named(
    name: str, value: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=re.escape(message)):
        check(**{name: value})


def test_native_histograms_need_captures_of_weights() -> None:
    with pytest.raises(ValueError, match="received weights=None"):
        check(native_histograms=True, weights=None)


@pytest.mark.parametrize(
    ("missing", "message"),
    [
        ("weights", "received weights=None and dynamics=1"),
        ("dynamics", "received weights='epoch' and dynamics=None"),
    ],
)
def test_gradient_histograms_need_what_they_are_made_from(
    missing: str, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        check(gradient_histograms=True, **{missing: None})
