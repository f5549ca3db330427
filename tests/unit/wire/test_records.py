from __future__ import annotations

import io
import pathlib
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tensorboard.compat.tensorflow_stub import pywrap_tensorflow
from tensorboard.summary.writer import record_writer

from tb_kerasviz.wire import records


class KeptBytes(io.BytesIO):
    """What TensorBoard's writer writes to; it closes its file."""

    def close(self) -> None:
        self.kept = self.getvalue()
        super().close()


def write_with_tensorboard(data: list[bytes]) -> bytes:
    file = KeptBytes()
    writer = record_writer.RecordWriter(file)
    for one in data:
        writer.write(one)
    writer.close()
    return file.kept


def read_back(file: bytes) -> list[bytes]:
    return [data for _, data in records.read_records(io.BytesIO(file))]


@given(st.lists(st.binary(max_size=300), max_size=5))
def test_frames_are_tensorboards_bytes(data: list[bytes]) -> None:
    framed = b"".join(records.frame_record(one) for one in data)

    assert framed == write_with_tensorboard(data)
    assert read_back(framed) == data


def test_tensorboard_reads_our_frames(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "records"
    path.write_bytes(records.frame_record(b"abc") + records.frame_record(b""))
    reader = pywrap_tensorflow.PyRecordReader_New(str(path))

    reader.GetNext()
    assert reader.record() == b"abc"
    reader.GetNext()
    assert reader.record() == b""


def test_offsets_point_at_the_data() -> None:
    data = [b"abc", b"", b"x" * 1000]
    file = b"".join(records.frame_record(one) for one in data)

    for offset, one in records.read_records(io.BytesIO(file)):
        assert file[offset : offset + len(one)] == one


def test_every_torn_tail_is_an_ordinary_end() -> None:
    whole = records.frame_record(b"first")
    torn = records.frame_record(b"second record")

    for length in range(len(torn)):
        assert read_back(whole + torn[:length]) == [b"first"]
    assert read_back(whole + torn) == [b"first", b"second record"]


def test_every_bit_flip_ends_the_reading() -> None:
    whole, hurt = records.frame_record(b"first"), records.frame_record(b"second")
    for position in range(8 * len(hurt)):
        damaged = bytearray(hurt)
        damaged[position // 8] ^= 1 << position % 8
        assert read_back(whole + bytes(damaged) + whole) == [b"first"]


@pytest.mark.parametrize("length", [records.MAX_DATA_BYTES + 1, 2**40, 2**64 - 3])
def test_an_absurd_length_is_not_allocated(length: int) -> None:
    head = struct.pack("<Q", length)
    bomb = head + struct.pack("<I", records.masked_crc32c(head))

    assert read_back(records.frame_record(b"first") + bomb + bytes(100)) == [b"first"]


@given(st.binary(max_size=200))
def test_junk_is_an_end(junk: bytes) -> None:
    assert read_back(records.frame_record(b"first") + b"\0" + junk) == [b"first"]
