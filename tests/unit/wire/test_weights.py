from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tb_kerasviz.wire import codec, schema, weights
from tb_kerasviz.wire.metadata import WireError

RANDOM = np.random.default_rng(1)


def variable(path: str, shape: tuple[int, ...] = (4, 3)) -> weights.VariableArrays:
    return weights.VariableArrays(
        path=path,
        shape=shape,
        dtype="float32",
        trainable=True,
        kept=((0, 2), None) if len(shape) == 2 else (None,) * len(shape),
        cut="2x3 of 4x3" if len(shape) == 2 else "",
        values=RANDOM.random((2, 3) if len(shape) == 2 else shape, np.float32),
        counts=np.arange(64),
        edges=np.linspace(-1, 1, 65),
        stats=RANDOM.random(7, np.float32),
    )


def encode(
    *variables: weights.VariableArrays,
) -> tuple[schema.WeightIndex, list[bytes]]:
    capture = weights.WeightsCapture(
        step=3,
        variables=variables,
        skipped=[schema.SkippedLayer(path="x", reason="why")],
        raw_bytes=5,
        budget_bytes=6,
    )
    blobs = weights.encode_weights(capture, 4)
    index = codec.decode_document(blobs[0], schema.WeightIndex, "index")
    members = [
        codec.slice_member(blobs[v.member.blob], v.member, "m") for v in index.variables
    ]
    return index, members


def test_the_index_tells_the_norms() -> None:
    one, none = variable("a"), variable("b")
    none.stats[:6] = np.nan
    index, _ = encode(one, none)
    assert [entry.norm for entry in index.variables] == [
        float(one.stats[schema.WEIGHT_STATS.index("norm")]),
        None,
    ]


def test_a_capture_is_the_same_after_a_round_trip() -> None:
    given = [variable("a"), variable("b", ()), variable("c", (200_000,)), variable("d")]
    index, members = encode(*given)

    assert (index.step, index.raw_bytes, index.budget_bytes) == (3, 5, 6)
    assert index.skipped[0].reason == "why"
    assert len({entry.member.blob for entry in index.variables}) > 1
    for item, entry, member in zip(given, index.variables, members, strict=True):
        assert codec.check_member(member, "m").sequence == 4
        found = weights.decode_weights(member, entry)
        for name in ("values", "counts", "edges", "stats"):
            array = getattr(found, name)
            assert array.dtype == getattr(item, name).dtype
            np.testing.assert_array_equal(array, getattr(item, name))
        for name in ("path", "shape", "dtype", "trainable", "kept", "cut"):
            assert getattr(entry, name) == getattr(item, name)
        assert found.columns == schema.WEIGHT_STATS


@pytest.mark.parametrize("missing", ["values", "counts", "edges", "stats"])
def test_a_member_without_an_array_is_refused(missing: str) -> None:
    index, (member,) = encode(variable("a"))
    arrays: dict[str, Any] = codec.decode_arrays(member, "m")
    del arrays[missing]

    with pytest.raises(WireError, match=f"weights of 'a' lacks the array '{missing}'"):
        weights.decode_weights(codec.encode_arrays(arrays, 0), index.variables[0])


@pytest.mark.parametrize(
    ("name", "shape"),
    [("values", (4, 3)), ("counts", (63,)), ("edges", (3, 2)), ("stats", (6,))],
)
def test_a_member_that_does_not_fit_its_index_is_refused(
    name: str, shape: tuple[int, ...]
) -> None:
    index, (member,) = encode(variable("a"))
    arrays = codec.decode_arrays(member, "m")
    arrays[name] = np.zeros(shape, arrays[name].dtype)

    with pytest.raises(WireError, match="does not fit its index"):
        weights.decode_weights(codec.encode_arrays(arrays, 0), index.variables[0])
