from __future__ import annotations

import pathlib

import numpy as np
import pytest

from tb_kerasviz.wire import schema
from tb_kerasviz.writer.async_writer import AsyncRecordWriter
from tb_kerasviz.writer.interface import RecordWriter, TensorRecord
from tb_kerasviz.writer.memory_writer import MemoryRecordWriter
from tests.unit.writer import reading


def test_records_are_kept() -> None:
    tensor = TensorRecord(tag="dynamics", step=1, values=np.zeros(2))
    with MemoryRecordWriter() as writer:
        assert writer.add(reading.scalar(1))
        assert writer.add(reading.scalar(3))
        assert writer.add(reading.scalar(1, directory="validation"))
        assert writer.add(tensor)
        assert writer.add(reading.blob(1, "weights", 20))
        assert writer.add(reading.blob(2, "activations", 20))
        assert writer.flush()

    assert writer.scalars("loss") == {1: 1.0, 3: 3.0}
    assert writer.scalars("loss", "validation") == {1: 1.0}
    assert writer.blobs("activations") == {2: [b"%020d" % 1]}
    assert writer.records[3] is tensor
    assert writer.stats().written == 6


def test_notices_are_kept_once() -> None:
    writer = MemoryRecordWriter()
    notice = schema.Notice(step=0, topic="a", message="b")
    writer.report(notice)
    writer.report(notice)

    assert writer.notices == (notice,)


@pytest.mark.parametrize("first_step", [0, 5])
def test_it_accepts_what_the_real_writer_accepts(
    tmp_path: pathlib.Path, first_step: int
) -> None:
    records = [
        reading.scalar(step, directory=directory)
        for step in (0, 0, 5, 6, 4, 9)
        for directory in ("train", "../bad")
    ]
    records.append(None)  # type: ignore[arg-type]

    def offer(writer: RecordWriter) -> list[bool]:
        results = [writer.add(record) for record in records]
        writer.close()
        return [*results, writer.add(reading.scalar(100))]

    memory = MemoryRecordWriter(first_step)
    real = AsyncRecordWriter(tmp_path, first_step=first_step)

    assert offer(memory) == offer(real)
    assert memory.stats().refused == real.stats().refused
    assert len(memory.errors) == 7
