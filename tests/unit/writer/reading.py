"""Reads event files back as TensorBoard does."""

from __future__ import annotations

import pathlib
from collections.abc import Sequence

from tensorboard.backend.event_processing import (
    event_file_loader,
    plugin_event_accumulator,
)
from tensorboard.compat.proto import event_pb2

from tb_kerasviz.wire import codec, records, schema, tags
from tb_kerasviz.writer.interface import BlobRecord, ScalarRecord


def event_files(directory: pathlib.Path) -> list[pathlib.Path]:
    """Event files below a directory, in TensorBoard's order."""
    return sorted(path for path in directory.rglob("*tfevents*") if path.is_file())


def read_events(directory: pathlib.Path) -> list[event_pb2.Event]:
    """All events below a directory, through TensorBoard's own loader."""
    return [
        event
        for path in event_files(directory)
        for event in event_file_loader.EventFileLoader(str(path)).Load()
    ]


def accumulate(directory: pathlib.Path) -> plugin_event_accumulator.EventAccumulator:
    """A run as TensorBoard's ingester keeps it, without sampling."""
    kept = {plugin_event_accumulator.TENSORS: 0}
    accumulator = plugin_event_accumulator.EventAccumulator(
        str(directory), size_guidance=kept
    )
    accumulator.Reload()
    return accumulator


def steps_of(directory: pathlib.Path, tag: str) -> list[int]:
    """Steps of a tag, in the order of the files."""
    return [
        event.step
        for event in read_events(directory)
        for value in event.summary.value
        if value.tag == tag
    ]


def blobs_of(directory: pathlib.Path, tag: str) -> list[list[bytes]]:
    """Blob sequences of a tag, in the order of the files."""
    return [
        list(value.tensor.string_val)
        for event in read_events(directory)
        for value in event.summary.value
        if value.tag == tag
    ]


def statuses(log_dir: pathlib.Path) -> list[schema.Status]:
    """The status documents of a training."""
    return [
        codec.decode_document(blobs[0], schema.Status, "status")
        for blobs in blobs_of(log_dir / tags.PLUGIN_DIR, tags.STATUS)
    ]


def has_torn_record(path: pathlib.Path) -> bool:
    """Whether a file ends in the middle of a record."""
    with path.open("rb") as file:
        ends = [offset + len(data) + 4 for offset, data in records.read_records(file)]
    return path.stat().st_size != (ends[-1] if ends else 0)


def scalar(step: int, tag: str = "loss", directory: str = "train") -> ScalarRecord:
    """A scalar record whose value is its step."""
    return ScalarRecord(directory=directory, tag=tag, step=step, value=float(step))


def blob(step: int, tag: tags.Kind = "activations", nbytes: int = 1000) -> BlobRecord:
    """A blob record of one document of the given size, with its sequence number."""

    def encode(sequence: int) -> Sequence[bytes]:
        return [b"%020d" % sequence + bytes(nbytes - 20)]

    return BlobRecord(tag=tag, step=step, encode=encode, nbytes=nbytes)
