from __future__ import annotations

import dataclasses
from typing import Any

import msgspec
import numpy as np
import pytest

from tb_kerasviz.wire import activations, codec, schema
from tb_kerasviz.wire.metadata import WireError

Array = np.ndarray[Any, Any]

RANDOM = np.random.default_rng(1)


def layer(path: str, samples: int = 2, kept: int = 3, side: int = 4) -> Any:
    shape = (samples, kept, side, side)
    nonfinite = np.zeros(shape, np.uint8)
    nonfinite[0, :1, 0, :3] = [1, 2, 3]
    return activations.LayerArrays(
        path=path,
        call=0,
        output=1,
        class_name="Conv2D",
        kind="map",
        shape=(samples, 8, 8, 5),
        dtype="float32",
        channels=5,
        kept_channels=tuple(range(kept)),
        full_map=(8, 8),
        kept_map=(side, side),
        cut="something",
        maps=RANDOM.integers(0, 256, shape, np.uint8),
        scale=RANDOM.random(shape[:2], np.float32),
        offset=RANDOM.random(shape[:2], np.float32) - 1,
        nonfinite=nonfinite,
        stats=RANDOM.random((samples, 5, 6), np.float32),
    )


def capture(*layers: Any, thumbnails: bool = True) -> activations.ActivationCapture:
    drawn = (
        RANDOM.integers(0, 255, (len(layers), 8, 8), np.uint8),
        np.zeros(len(layers), np.float32),
        np.ones(len(layers), np.float32),
    )
    return activations.ActivationCapture(
        step=7,
        samples=2,
        probe_samples=9,
        layers=layers,
        skipped=[schema.SkippedLayer(path="x", reason="why")],
        thumbnails=[drawn] * 2 if thumbnails else [],
        raw_bytes=10,
        budget_bytes=20,
    )


def member_of(blobs: list[bytes], ref: schema.MemberRef) -> bytes:
    return codec.slice_member(blobs[ref.blob], ref, "member")


@pytest.mark.parametrize("thumbnails", [False, True])
def test_a_capture_is_the_same_after_a_round_trip(thumbnails: bool) -> None:
    # Large enough for several blobs.
    layers = [layer("a"), layer("b", kept=40, side=100), layer("c", kept=0)]
    given = capture(*layers, thumbnails=thumbnails)
    blobs = activations.encode_activations(given, 5)
    index = codec.decode_document(blobs[0], schema.ActivationIndex, "index")

    assert len(blobs) > 3
    assert (index.step, index.samples, index.probe_samples) == (7, 2, 9)
    assert index.skipped == tuple(given.skipped)
    for item, entry in zip(given.layers, index.layers, strict=True):
        for name in ("path", "call", "output", "kind", "shape", "cut", "kept_map"):
            assert getattr(entry, name) == getattr(item, name)
        for sample, ref in enumerate(entry.members):
            member = member_of(blobs, ref)
            assert codec.check_member(member, "member").sequence == 5
            found = activations.decode_activation(member, entry)
            np.testing.assert_array_equal(found.stats, item.stats[sample])
            wanted = activations.dequantise(
                item.maps[sample],
                item.scale[sample],
                item.offset[sample],
                item.nonfinite[sample],
            )
            np.testing.assert_array_equal(found.maps, wanted)
    assert len(index.thumbnails) == 2 * thumbnails
    for ref, drawn in zip(index.thumbnails, given.thumbnails, strict=True):
        arrays = codec.decode_arrays(member_of(blobs, ref), "thumbnails")
        for name, array in zip(("codes", "low", "high"), drawn, strict=True):
            np.testing.assert_array_equal(arrays[name], array)


def test_marks_are_stored_only_where_there_are_some() -> None:
    blobs = activations.encode_activations(capture(layer("a")), 0)
    index = codec.decode_document(blobs[0], schema.ActivationIndex, "index")

    marked, clean = (
        codec.decode_arrays(member_of(blobs, ref), "m")
        for ref in index.layers[0].members
    )
    assert "nonfinite" in marked
    assert "nonfinite" not in clean


def test_dequantising() -> None:
    codes = np.array([[[0, 1, 255, 9, 9, 9]]], np.uint8)
    marks = np.array([[[0, 0, 0, 1, 2, 3]]], np.uint8)
    one = np.ones(1, np.float32)
    found = activations.dequantise(codes, one * 0.5, one * -2, marks)

    assert found.dtype == np.float32
    np.testing.assert_array_equal(
        found[0, 0], [-2, -1.5, 125.5, np.nan, np.inf, -np.inf]
    )


def test_dequantising_the_whole_range_of_float32() -> None:
    peak = np.finfo(np.float32).max
    codes = np.array([[[0, 255]]], np.uint8)
    scale = np.array([peak / 127.5], np.float32)
    found = activations.dequantise(codes, scale, np.array([-peak]))

    assert np.isfinite(found).all()
    np.testing.assert_allclose(found[0, 0], [-peak, peak], rtol=1e-6)


def first_member() -> tuple[dict[str, Array], schema.LayerActivation]:
    blobs = activations.encode_activations(capture(layer("a")), 0)
    index = codec.decode_document(blobs[0], schema.ActivationIndex, "index")
    entry = index.layers[0]
    return codec.decode_arrays(member_of(blobs, entry.members[0]), "m"), entry


@pytest.mark.parametrize("missing", ["maps", "stats", "scale", "offset"])
def test_a_member_without_an_array_is_refused(missing: str) -> None:
    arrays, entry = first_member()
    del arrays[missing]

    with pytest.raises(
        WireError, match=f"activation of 'a' lacks the array '{missing}"
    ):
        activations.decode_activation(codec.encode_arrays(arrays, 0), entry)


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("maps", (3, 4, 5)),
        ("maps", (2, 4, 4)),
        ("stats", (5, 5)),
        ("scale", (2,)),
        ("offset", (1,)),
        ("offset", ()),
        ("nonfinite", (3, 4)),
    ],
)
def test_a_member_that_does_not_fit_its_index_is_refused(
    name: str, shape: tuple[int, ...]
) -> None:
    arrays, entry = first_member()
    arrays[name] = np.zeros(shape, arrays[name].dtype)

    with pytest.raises(WireError, match="does not fit its index"):
        activations.decode_activation(codec.encode_arrays(arrays, 0), entry)


@pytest.mark.parametrize(
    ("name", "dtype"),
    [("maps", np.float32), ("scale", np.int64), ("nonfinite", np.float32)],
)
def test_a_member_of_other_dtypes_is_refused(name: str, dtype: type) -> None:
    arrays, entry = first_member()
    arrays[name] = arrays[name].astype(dtype)

    with pytest.raises(WireError, match=f"{name} "):
        activations.decode_activation(codec.encode_arrays(arrays, 0), entry)


def test_an_entry_changed_by_somebody_is_refused() -> None:
    arrays, entry = first_member()
    wrong = msgspec.structs.replace(entry, channels=6)

    with pytest.raises(WireError, match="does not fit its index"):
        activations.decode_activation(codec.encode_arrays(arrays, 0), wrong)


def test_a_capture_of_nothing() -> None:
    empty = dataclasses.replace(capture(thumbnails=False), layers=[], samples=0)
    blobs = activations.encode_activations(empty, 0)

    assert len(blobs) == 1
    index = codec.decode_document(blobs[0], schema.ActivationIndex, "index")
    assert index.layers == ()
