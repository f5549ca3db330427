"""Framing of an event file (TFRecord) with a native checksum.

A record is: length u64, masked CRC-32C of the length u32, data, masked
CRC-32C of the data u32 (little-endian; TensorFlow, `core/lib/io/
record_writer.cc`). TensorBoard's own Python code computes that checksum at a
few megabytes per second, so it is done by google-crc32c here.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO

import google_crc32c

_LENGTH = struct.Struct("<Q")
_CRC = struct.Struct("<I")
_HEAD_BYTES = _LENGTH.size + _CRC.size

MAX_DATA_BYTES = 256 * 2**20
"""Longest record that is read; nothing of ours is near it."""


def masked_crc32c(data: bytes) -> int:
    """CRC-32C of data, masked as the format wants it."""
    crc: int = google_crc32c.value(data)
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def frame_record(data: bytes) -> bytes:
    """The bytes of one record that holds `data`."""
    length = _LENGTH.pack(len(data))
    return b"".join(
        (
            length,
            _CRC.pack(masked_crc32c(length)),
            data,
            _CRC.pack(masked_crc32c(data)),
        )
    )


def read_records(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Reads records until the end of the file or the first damaged one.

    A file that is still being written, or whose writer was killed, ends in
    the middle of a record: that is an ordinary end.

    Args:
        file: An event file, opened for reading bytes, at a record's start.

    Yields:
        (offset of the record's data in the file, data).
    """
    offset = 0
    while True:
        head = file.read(_HEAD_BYTES)
        if len(head) < _HEAD_BYTES:
            return
        (length,) = _LENGTH.unpack_from(head)
        (crc,) = _CRC.unpack_from(head, _LENGTH.size)
        if crc != masked_crc32c(head[: _LENGTH.size]) or length > MAX_DATA_BYTES:
            return
        data = file.read(length)
        tail = file.read(_CRC.size)
        if len(data) < length or len(tail) < _CRC.size:
            return
        if _CRC.unpack(tail)[0] != masked_crc32c(data):
            return
        yield offset + _HEAD_BYTES, data
        offset += _HEAD_BYTES + length + _CRC.size
