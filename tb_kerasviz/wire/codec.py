"""Members: gzip(JSON) and gzip(safetensors) that carry their own checks.

A *member* is one ordinary gzip member, so that the plugin hands it on
unchanged with `Content-Encoding: gzip` and a browser inflates it. Its header
has an extra field (RFC 1952, section 2.3.1.1) with subfield id `KV`:

    version u8, flags u8 (0), reserved u16 (0),
    sequence u64, raw_size u64, crc u32          (little-endian)

`raw_size` bounds the memory before anything is inflated. `crc` is the CRC-32
of the subfield without it and of every byte after the header, so that damage
is found without inflating (TensorBoard's data server does not verify data
checksums by default).

A *blob* is one or more members one behind the other.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import msgspec
import numpy as np
import safetensors
import safetensors.numpy

from tb_kerasviz.wire.metadata import WIRE_VERSION, WireError, check_version
from tb_kerasviz.wire.schema import Document, MemberRef

MAX_RAW_BYTES = 256 * 2**20
"""Largest size that a member may claim to inflate to."""

MAX_RECORD_BYTES = 15 * 2**20
"""Largest sum of a record's blobs. TensorBoard's limits begin above it."""

BLOB_TARGET_BYTES = 256 * 2**10
"""Members are packed into blobs of about this size: few enough references
for TensorBoard to list, small enough to read one for one layer."""

_GZIP_START = struct.pack("<4BI2B", 0x1F, 0x8B, 8, 4, 0, 4, 255)
_CHECKS = struct.Struct("<BBHQQ")
_CRC = struct.Struct("<I")
_SUBFIELD = b"KV" + struct.pack("<H", _CHECKS.size + _CRC.size)
_PREFIX = _GZIP_START + struct.pack("<H", 4 + _CHECKS.size + _CRC.size) + _SUBFIELD
_HEADER_BYTES = len(_PREFIX) + _CHECKS.size + _CRC.size

_D = TypeVar("_D", bound=Document)


class MemberInfo(msgspec.Struct, frozen=True):
    """What a member's header says."""

    sequence: int
    raw_size: int


def encode_member(raw: bytes, sequence: int) -> bytes:
    """Compresses bytes into one member.

    Args:
        raw: The uncompressed bytes.
        sequence: Sequence number of the record it belongs to.
    """
    deflate = zlib.compressobj(1, zlib.DEFLATED, -15)
    body = deflate.compress(raw) + deflate.flush()
    body += struct.pack("<II", zlib.crc32(raw), len(raw) & 0xFFFFFFFF)
    checks = _CHECKS.pack(WIRE_VERSION, 0, 0, sequence, len(raw))
    crc = zlib.crc32(body, zlib.crc32(checks))
    return b"".join((_PREFIX, checks, _CRC.pack(crc), body))


def check_member(member: bytes, what: str) -> MemberInfo:
    """Verifies a member's header and checksum without inflating it.

    Args:
        member: The bytes of one member.
        what: What it is, for the error's text.

    Raises:
        WireError: It is not a member, is damaged, or is too large.
        NewerVersionError: It was written by a newer version.
    """
    if len(member) < _HEADER_BYTES + 8 or not member.startswith(_PREFIX):
        raise WireError(f"{what} is damaged: it does not start like our data.")
    start = len(_PREFIX)
    checks = member[start : start + _CHECKS.size]
    version, _, _, sequence, raw_size = _CHECKS.unpack(checks)
    (crc,) = _CRC.unpack_from(member, start + _CHECKS.size)
    if zlib.crc32(memoryview(member)[_HEADER_BYTES:], zlib.crc32(checks)) != crc:
        raise WireError(f"{what} is damaged: its checksum does not match.")
    check_version(version, what)
    if raw_size > MAX_RAW_BYTES:
        raise WireError(
            f"{what} claims {raw_size} bytes; at most {MAX_RAW_BYTES} are read."
        )
    return MemberInfo(sequence, raw_size)


def decode_member(member: bytes, what: str) -> bytes:
    """Verifies and inflates a member, within the size that it claims.

    Args:
        member: The bytes of one member.
        what: What it is, for the error's text.

    Raises:
        WireError: As `check_member`, or the size is not the claimed one.
    """
    info = check_member(member, what)
    inflate = zlib.decompressobj(31)
    try:
        raw = inflate.decompress(member, info.raw_size + 1)
        if len(raw) == info.raw_size and not inflate.eof:
            raw += inflate.decompress(inflate.unconsumed_tail, 1)
    except zlib.error as error:
        raise WireError(f"{what} is damaged: {error}.") from error
    if len(raw) != info.raw_size or not inflate.eof:
        raise WireError(f"{what} is damaged: it is not of the size that it claims.")
    return raw


def encode_document(document: Document, sequence: int) -> bytes:
    """Encodes a document as a gzip(JSON) member."""
    return encode_member(msgspec.json.encode(document), sequence)


def decode_document(member: bytes, kind: type[_D], what: str) -> _D:
    """Reads a gzip(JSON) member as a document of the given kind.

    Args:
        member: The bytes of one member.
        kind: Struct of the document.
        what: What it is, for the error's text.

    Raises:
        WireError: The member is damaged or not such a document.
        NewerVersionError: It was written by a newer version.
    """
    raw = decode_member(member, what)
    try:
        return msgspec.json.decode(raw, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise WireError(f"{what} is not a valid {kind.__name__}: {error}.") from error


def encode_arrays(arrays: Mapping[str, np.ndarray[Any, Any]], sequence: int) -> bytes:
    """Encodes arrays as a gzip(safetensors) member.

    Args:
        arrays: Named arrays of a dtype that NumPy has natively.
        sequence: Sequence number of the record it belongs to.
    """
    contiguous = {name: np.ascontiguousarray(a) for name, a in arrays.items()}
    # ascontiguousarray turns a scalar into [1]; give it back its shape.
    shaped = {name: a.reshape(arrays[name].shape) for name, a in contiguous.items()}
    return encode_member(safetensors.numpy.save(shaped), sequence)


def decode_arrays(member: bytes, what: str) -> dict[str, np.ndarray[Any, Any]]:
    """Reads a gzip(safetensors) member.

    Raises:
        WireError: The member is damaged or is not safetensors.
    """
    raw = decode_member(member, what)
    try:
        return safetensors.numpy.load(raw)
    except (safetensors.SafetensorError, ValueError, KeyError, TypeError) as error:
        raise WireError(f"{what} holds no valid arrays: {error}.") from error


def take_array(
    arrays: Mapping[str, np.ndarray[Any, Any]],
    name: str,
    dtype: str,
    shape: tuple[int, ...],
    what: str,
) -> np.ndarray[Any, Any]:
    """Takes an array that must be of a dtype and shape.

    Args:
        arrays: What `decode_arrays` gave.
        name: Name of the array.
        dtype: Its dtype.
        shape: Its shape.
        what: What it is, for the error's text.

    Raises:
        WireError: It is missing or another one; names both.
    """
    array = arrays.get(name)
    if array is None:
        raise WireError(f"{what} lacks the array {name!r}.")
    if array.dtype != dtype or array.shape != shape:
        raise WireError(
            f"{what} does not fit its index: {name} is {array.dtype} {array.shape}, "
            f"wanted {dtype} {shape}."
        )
    return array


def pack_members(
    members: Sequence[bytes], first_blob: int = 1
) -> tuple[list[bytes], list[MemberRef]]:
    """Packs members into blobs of about `BLOB_TARGET_BYTES`.

    Args:
        members: The members, in the order in which they will be read.
        first_blob: Index that the first blob will have in the sequence.

    Returns:
        The blobs, and for each member where it lies.
    """
    blobs: list[bytearray] = []
    refs: list[MemberRef] = []
    for member in members:
        if not blobs or len(blobs[-1]) + len(member) > BLOB_TARGET_BYTES:
            blobs.append(bytearray())
        refs.append(
            MemberRef(
                blob=first_blob + len(blobs) - 1,
                offset=len(blobs[-1]),
                length=len(member),
            )
        )
        blobs[-1] += member
    return [bytes(blob) for blob in blobs], refs


def slice_member(blob: bytes, ref: MemberRef, what: str) -> bytes:
    """Cuts a member out of its blob.

    Raises:
        WireError: The reference points outside of the blob.
    """
    if ref.offset < 0 or ref.length < 0 or ref.offset + ref.length > len(blob):
        raise WireError(f"{what} is damaged: it points outside of its blob.")
    return blob[ref.offset : ref.offset + ref.length]
