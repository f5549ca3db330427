from __future__ import annotations

import contextlib
import gzip
import json
import math
import random
import struct
import tracemalloc
import zlib
from collections.abc import Callable

import msgspec
import numpy as np
import pytest
import safetensors.numpy
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tb_kerasviz.wire import codec
from tb_kerasviz.wire.metadata import WIRE_VERSION, NewerVersionError, WireError
from tb_kerasviz.wire.schema import DynamicsIndex, MemberRef, Notice, Status

STATUS = Status(
    version=WIRE_VERSION,
    step=3,
    accepted=10,
    written=8,
    dropped={"activations": 2},
    refused={},
    blocked_secs=0.5,
    notices=(Notice(step=1, topic="weights", message="Ünïcode \u202e."),),
    closed=False,
    package_version="0.1.0",
)

DTYPES = [
    np.dtype(name)
    for name in ("u1", "u2", "u4", "u8", "i1", "i2", "i4", "i8", "f2", "f4", "f8", "?")
]

arrays = hnp.arrays(
    dtype=st.sampled_from(DTYPES),
    shape=hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4),
)


def forge_member(body: bytes, raw_size: int, version: int = WIRE_VERSION) -> bytes:
    """A member whose own checks are right, whatever it says and holds."""
    prefix = codec.encode_member(b"", 0)[:16]
    checks = struct.pack("<BBHQQ", version, 0, 0, 5, raw_size)
    crc = zlib.crc32(body, zlib.crc32(checks))
    return prefix + checks + struct.pack("<I", crc) + body


def deflate(raw: bytes) -> bytes:
    compress = zlib.compressobj(9, zlib.DEFLATED, -15)
    body = compress.compress(raw) + compress.flush()
    return body + struct.pack("<II", zlib.crc32(raw), len(raw) & 0xFFFFFFFF)


@given(st.binary(max_size=2000), st.integers(0, 2**64 - 1))
def test_member_round_trip(raw: bytes, sequence: int) -> None:
    member = codec.encode_member(raw, sequence)

    assert codec.check_member(member, "it") == codec.MemberInfo(sequence, len(raw))
    assert codec.decode_member(member, "it") == raw


@given(st.binary(max_size=2000))
def test_member_is_ordinary_gzip(raw: bytes) -> None:
    # The browser inflates it, and members may lie one behind the other.
    member = codec.encode_member(raw, 1)

    assert gzip.decompress(member) == raw
    assert gzip.decompress(member + codec.encode_member(b"!", 2)) == raw + b"!"


def test_forging_for_the_tests_below_works() -> None:
    assert codec.decode_member(forge_member(deflate(b"abc"), 3), "it") == b"abc"


def test_ten_thousand_bit_flips_are_all_detected() -> None:
    rng = random.Random(0)
    raw = np.random.default_rng(0).integers(0, 50, 3000).astype(np.uint8).tobytes()
    member = codec.encode_member(raw, 7)
    for _ in range(10_000):
        damaged = bytearray(member)
        position = rng.randrange(8 * len(member))
        damaged[position // 8] ^= 1 << position % 8
        with pytest.raises(WireError):
            codec.check_member(bytes(damaged), "it")


@pytest.mark.parametrize("length", [0, 1, 10, 39, 40, 45, -1])
def test_a_shortened_member_is_detected(length: int) -> None:
    member = codec.encode_member(bytes(range(200)), 7)

    with pytest.raises(WireError, match=r"^Layer 'a' is damaged: it"):
        codec.check_member(member[:length], "Layer 'a'")


@given(st.binary(max_size=300))
def test_junk_raises_only_wire_errors(junk: bytes) -> None:
    # With right checks in front, the junk reaches the decoders behind them.
    for member in (junk, forge_member(junk, 100), forge_member(deflate(junk), 100)):
        with pytest.raises(WireError):
            codec.decode_member(member, "it")
    honest = codec.encode_member(junk, 0)
    with pytest.raises(WireError):
        codec.decode_document(honest, Status, "it")
    with pytest.raises(WireError):
        codec.decode_arrays(honest, "it")


@pytest.mark.parametrize("claimed", [0, 100, 2**20])
def test_a_zip_bomb_is_not_inflated(claimed: int) -> None:
    bomb = forge_member(deflate(bytes(100 * 2**20)), claimed)

    tracemalloc.start()
    try:
        with pytest.raises(WireError, match="not of the size that it claims"):
            codec.decode_member(bomb, "it")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 2 * claimed + 2**20


@pytest.mark.parametrize("claimed", [codec.MAX_RAW_BYTES + 1, 2**64 - 1])
def test_too_large_a_claim_is_refused(claimed: int) -> None:
    with pytest.raises(WireError, match=f"claims {claimed} bytes; at most 268435456"):
        codec.decode_member(forge_member(deflate(b"abc"), claimed), "it")


@pytest.mark.parametrize("claimed", [2, 4])
def test_a_wrong_claim_is_detected(claimed: int) -> None:
    with pytest.raises(WireError, match="not of the size that it claims"):
        codec.decode_member(forge_member(deflate(b"abc"), claimed), "it")


def test_damage_inside_right_checks_is_detected() -> None:
    body = bytearray(deflate(b"abc"))
    body[-8] ^= 1  # gzip's own checksum

    with pytest.raises(WireError, match="incorrect data check"):
        codec.decode_member(forge_member(bytes(body), 3), "it")


def test_newer_data_is_refused_with_what_to_do() -> None:
    member = forge_member(deflate(b"{}"), 2, WIRE_VERSION + 1)

    with pytest.raises(NewerVersionError, match=r"Status was written in format 3; .*"):
        codec.decode_document(member, Status, "Status")
    with pytest.raises(WireError, match="no valid format version: 0"):
        codec.check_member(forge_member(deflate(b"{}"), 2, 0), "Status")


def test_document_round_trip() -> None:
    member = codec.encode_document(STATUS, 9)

    assert codec.decode_document(member, Status, "status") == STATUS
    assert codec.check_member(member, "status").sequence == 9


def test_a_document_is_json_that_anybody_reads() -> None:
    document = json.loads(gzip.decompress(codec.encode_document(STATUS, 9)))

    assert document == msgspec.to_builtins(STATUS) | {
        "notices": [{"step": 1, "topic": "weights", "message": "Ünïcode \u202e."}],
        "skipped_steps": [],
    }


def test_fields_that_a_later_version_adds_are_left_out() -> None:
    document = json.loads(msgspec.json.encode(STATUS)) | {"new_field": [1, 2]}
    member = codec.encode_member(json.dumps(document).encode(), 0)

    assert codec.decode_document(member, Status, "status") == STATUS


@pytest.mark.parametrize(
    "raw",
    [
        b"null",
        b"[]",
        b"{}",
        b'{"version": "1"}',
        b"[" * 100_000,
        b'{"version":1,"variables":"abc","columns":[]}',
        b'{"version":1,"variables":["\xff"],"columns":[]}',
        b'{"version":1e999,"variables":[],"columns":[]}',
        b'{"version":NaN,"variables":[],"columns":[]}',
    ],
)
def test_what_is_no_such_document_is_a_wire_error(raw: bytes) -> None:
    with pytest.raises(WireError, match=r"^it is not a valid DynamicsIndex: "):
        codec.decode_document(codec.encode_member(raw, 0), DynamicsIndex, "it")


@given(st.dictionaries(st.text(min_size=1, max_size=8), arrays, max_size=4))
def test_arrays_round_trip(original: dict[str, np.ndarray]) -> None:
    # The format has one reserved name.
    original.pop("__metadata__", None)
    member = codec.encode_arrays(original, 3)
    read = codec.decode_arrays(member, "it")

    assert set(read) == set(original)
    for name, array in original.items():
        assert read[name].dtype == array.dtype
        assert read[name].shape == array.shape
        assert read[name].tobytes() == array.tobytes()


def test_arrays_keep_nan_and_infinity() -> None:
    values = np.array([math.nan, math.inf, -math.inf, -0.0, 1e-45], np.float32)
    read = codec.decode_arrays(codec.encode_arrays({"a": values}, 0), "it")

    assert read["a"].tobytes() == values.tobytes()


@pytest.mark.parametrize(
    "change",
    [
        lambda a: a[::2],
        lambda a: a.T,
        lambda a: np.broadcast_to(a[:1], a.shape),
        lambda a: a[:0],
        lambda a: a[0, 0],
    ],
    ids=["strided", "transposed", "broadcast", "empty", "scalar"],
)
def test_arrays_of_any_layout_round_trip(
    change: Callable[[np.ndarray], np.ndarray],
) -> None:
    array = np.asarray(change(np.arange(12, dtype=np.float32).reshape(4, 3)))
    read = codec.decode_arrays(codec.encode_arrays({"a": array}, 0), "it")

    assert read["a"].shape == array.shape
    np.testing.assert_array_equal(read["a"], array)


def test_big_endian_arrays_keep_their_values() -> None:
    array = np.arange(5, dtype=">i4")
    read = codec.decode_arrays(codec.encode_arrays({"a": array}, 0), "it")

    np.testing.assert_array_equal(read["a"], array)


def safetensors_bytes(header: object, data: bytes = b"") -> bytes:
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


def tensor_header(dtype: str, shape: list, start: int, end: int) -> dict:
    return {"a": {"dtype": dtype, "shape": shape, "data_offsets": [start, end]}}


@pytest.mark.parametrize(
    "raw",
    [
        struct.pack("<Q", 2**63) + b"{}",
        safetensors_bytes(tensor_header("F32", [2], 0, 4), bytes(4)),
        safetensors_bytes(tensor_header("F32", [10**12], 0, 4), bytes(4)),
        safetensors_bytes(tensor_header("F32", [2**62, 8], 0, 0)),
        safetensors_bytes(tensor_header("F32", [-1], 0, 4), bytes(4)),
        safetensors_bytes(tensor_header("F32", [1], 4, 0), bytes(4)),
        safetensors_bytes(tensor_header("F8_E4M3", [4], 0, 4), bytes(4)),
        safetensors_bytes(tensor_header("F4", [2], 0, 1), bytes(1)),
        safetensors_bytes(tensor_header("X9", [4], 0, 4), bytes(4)),
        safetensors_bytes(tensor_header("U8", [0] + [1] * 99, 0, 0)),
        safetensors_bytes([]),
    ],
)
def test_malformed_arrays_are_wire_errors(raw: bytes) -> None:
    with pytest.raises(WireError, match=r"^it holds no valid arrays: "):
        codec.decode_arrays(codec.encode_member(raw, 0), "it")


@given(st.data())
def test_mutated_arrays_raise_only_wire_errors(data: st.DataObject) -> None:
    raw = bytearray(safetensors.numpy.save({"a": np.arange(6, dtype=np.int16)}))
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    # Some changes leave valid arrays; what matters is the kind of error.
    with contextlib.suppress(WireError):
        codec.decode_arrays(codec.encode_member(bytes(raw), 0), "it")


@given(st.lists(st.binary(min_size=1, max_size=400_000), max_size=6))
def test_packed_members_are_found_again(members: list[bytes]) -> None:
    blobs, refs = codec.pack_members(members)
    found = [codec.slice_member(blobs[ref.blob - 1], ref, "it") for ref in refs]

    assert found == members
    assert b"".join(blobs) == b"".join(members)


def test_members_are_packed_up_to_the_target() -> None:
    third = codec.BLOB_TARGET_BYTES // 3
    blobs, refs = codec.pack_members([bytes(third)] * 4 + [bytes(3 * third + 9)])

    assert [len(blob) for blob in blobs] == [3 * third, third, 3 * third + 9]
    assert [ref.blob for ref in refs] == [1, 1, 1, 2, 3]


@pytest.mark.parametrize(("offset", "length"), [(-1, 2), (0, 11), (11, 0), (5, -1)])
def test_a_reference_out_of_its_blob_is_a_wire_error(offset: int, length: int) -> None:
    ref = MemberRef(blob=1, offset=offset, length=length)

    with pytest.raises(WireError, match="points outside of its blob"):
        codec.slice_member(bytes(10), ref, "it")
