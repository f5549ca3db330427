from __future__ import annotations

import re

import pytest

from tb_kerasviz.capture.layer_filter import create_layer_filter, describe_no_match

PATHS = ["conv2d", "conv2d_1", "block/dense", "softmax"]


def test_nothing_keeps_everything() -> None:
    assert all(map(create_layer_filter(None), PATHS))


@pytest.mark.parametrize("layers", ["conv|block", re.compile("conv|block")])
def test_an_expression_is_searched_in_the_path(layers: str) -> None:
    chosen = list(filter(create_layer_filter(layers), PATHS))

    assert chosen == ["conv2d", "conv2d_1", "block/dense"]


def test_a_callable_decides() -> None:
    chosen = filter(create_layer_filter(lambda path: path.endswith("_1")), PATHS)

    assert list(chosen) == ["conv2d_1"]


@pytest.mark.parametrize("layers", [3, ["conv2d"], b"conv", re.compile(b"conv"), True])
def test_another_type_is_refused(layers: object) -> None:
    wanted = r"layers must be None, a regular expression or a callable.*; received "
    with pytest.raises(TypeError, match=wanted):
        create_layer_filter(layers)  # type: ignore[arg-type]


def test_an_invalid_expression_is_named() -> None:
    with pytest.raises(ValueError, match=r"layers='\(' is not a valid regular"):
        create_layer_filter("(")


def test_a_filter_that_matches_nothing_is_told_the_nearest() -> None:
    assert describe_no_match("con2d", PATHS) == (
        "layers='con2d' matches none of the model's 4 layers; nearest: "
        "conv2d, conv2d_1."
    )
    assert describe_no_match("x", []).endswith("nearest: none.")


@pytest.mark.parametrize(
    ("layers", "nearest"),
    [
        (r"^Conv2D$", "conv2d, conv2d_1"),
        (r"^conv2d_[7-9]{1,2}$", "conv2d, conv2d_1"),
        (r"(?:sofmax|logits)\d*", "softmax"),
        (r"blok\/dens", "block/dense"),
        (r"\bDENSE\b", "block/dense"),
        (re.compile(r"softmaxx+", re.IGNORECASE), "softmax"),
    ],
)
def test_the_nearest_to_an_expression(layers: object, nearest: str) -> None:
    assert describe_no_match(layers, PATHS).endswith(f"; nearest: {nearest}.")


@pytest.mark.parametrize("layers", [r"\d{9}", "", ".^", "zzz", lambda path: False])
def test_where_nothing_is_near_the_layers_are_named(layers: object) -> None:
    text = describe_no_match(layers, [*PATHS, "e", "f"])
    assert text.endswith(
        "; they are: conv2d, conv2d_1, block/dense, softmax, e and others."
    )
