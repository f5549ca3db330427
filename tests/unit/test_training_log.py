from __future__ import annotations

import time
from typing import Any

import keras
import numpy as np
import pytest

from tb_kerasviz import training_log
from tb_kerasviz.capture.activation_snapshot import ActivationSnapshot
from tb_kerasviz.capture.activations import ActivationReader
from tb_kerasviz.capture.layer_filter import create_layer_filter
from tb_kerasviz.capture.probe import take_probe
from tb_kerasviz.training_log import TrainingLog
from tb_kerasviz.wire import codec, schema
from tb_kerasviz.writer.interface import BlobRecord
from tb_kerasviz.writer.memory_writer import MemoryRecordWriter


def take(samples: int = 4) -> ActivationSnapshot:
    x = keras.Input((40, 40, 2))
    model = keras.Model(x, keras.layers.Conv2D(6, 3, name="conv")(x))
    probe = np.random.default_rng(0).normal(size=(samples, 40, 40, 2))
    reader = ActivationReader(
        model, take_probe(probe), 2**20, create_layer_filter(None)
    )
    return reader.capture(1)


def record_of(writer: MemoryRecordWriter) -> BlobRecord:
    (record,) = writer.records
    assert isinstance(record, BlobRecord)
    return record


def test_outputs_are_reduced_where_the_record_is_encoded() -> None:
    writer, snapshot = MemoryRecordWriter(), take()
    log = TrainingLog(writer)
    held = snapshot.nbytes
    assert log.write_activations(1, snapshot)

    # What waits is as large as what was taken, and is let go of at once.
    record = record_of(writer)
    assert record.nbytes == held == snapshot.nbytes == 4 * 38 * 38 * 6 * 4
    blobs = record.encode(7)
    assert snapshot.nbytes < held
    index = codec.decode_document(blobs[0], schema.ActivationIndex, "index")
    assert [entry.path for entry in index.layers] == ["conv"]
    assert index.thumbnails
    assert [bytes(blob) for blob in record.encode(7)] == [bytes(b) for b in blobs]


def test_what_is_too_large_to_wait_is_reduced_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    snapshot = take()
    monkeypatch.setattr(training_log, "MAX_WAITING_BYTES", snapshot.nbytes)
    writer = MemoryRecordWriter()
    reduced: list[int] = []
    reserve = writer.reserve

    def note(nbytes: int) -> None:
        reduced.append(nbytes)
        reserve(nbytes)

    monkeypatch.setattr(writer, "reserve", note)
    TrainingLog(writer).write_activations(1, snapshot)

    assert record_of(writer).nbytes == snapshot.nbytes < 4 * 38 * 38 * 6 * 4
    assert reduced == [2 * snapshot.nbytes]


def test_the_time_of_encoding_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = iter([1.0, 3.5])
    writer = MemoryRecordWriter()
    log = TrainingLog(writer)
    log.write_activations(1, take())
    assert log.take_encoding_secs() == 0

    def thread_time() -> Any:
        return next(ticks)

    monkeypatch.setattr(time, "thread_time", thread_time)
    record_of(writer).encode(0)
    assert log.take_encoding_secs() == 2.5
    assert log.take_encoding_secs() == 0


def test_one_thing_is_told_once() -> None:
    writer = MemoryRecordWriter()
    log = TrainingLog(writer)
    for step in range(3):
        log.report_once(step, "activations", "it runs op by op")

    assert [notice.step for notice in writer.notices] == [0]
