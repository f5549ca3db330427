"""Finds event files and indexes their records for `reader`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import numpy as np
from google.protobuf.message import DecodeError
from tensorboard.compat.proto import event_pb2, tensor_pb2, types_pb2
from tensorboard.compat.tensorflow_stub.io import gfile

from tb_kerasviz.wire import tags
from tb_kerasviz.wire.metadata import WireError
from tb_kerasviz.wire.records import read_records

Array = np.ndarray[Any, Any]

_SPLITS = (tags.PLUGIN_DIR, tags.TRAIN_DIR, tags.VALIDATION_DIR)

_DTYPES = {
    types_pb2.DT_FLOAT: "<f4",
    types_pb2.DT_DOUBLE: "<f8",
    types_pb2.DT_INT32: "<i4",
    types_pb2.DT_INT64: "<i8",
}


class RecordIndex:
    """Where each record of a run directory lies, by tag and step.

    Only the places are kept in memory; tensors are read when asked for. A
    step that was written twice gives the later record, and what a resumed
    training declared void (`SessionLog.START`) is left out.

    Args:
        paths: The run's event files, oldest first.
    """

    def __init__(self, paths: list[str]) -> None:
        self._places: dict[str, dict[int, tuple[str, int, int]]] = {}
        for path in paths:
            self._scan(path)

    def tags(self) -> list[str]:
        """Tags that have records."""
        return [tag for tag, places in self._places.items() if places]

    def steps(self, tag: str) -> list[int]:
        """Steps of a tag, ascending; empty if there is none."""
        return sorted(self._places.get(tag, ()))

    def blobs(self, tag: str, step: int) -> list[bytes]:
        """The blobs of a record.

        Raises:
            KeyError: There is no such record.
            WireError: It holds no blobs.
        """
        tensor = self._read(tag, step)
        if tensor.dtype != types_pb2.DT_STRING or not tensor.string_val:
            raise WireError(f"The record {tag!r} at step {step} holds no blobs.")
        return list(tensor.string_val)

    def tensor(self, tag: str, step: int) -> Array:
        """The array of a record.

        Raises:
            KeyError: There is no such record.
            WireError: It is no array.
        """
        tensor = self._read(tag, step)
        shape = tuple(d.size for d in tensor.tensor_shape.dim)
        dtype = _DTYPES.get(tensor.dtype)
        if dtype is None:
            raise WireError(f"The record {tag!r} at step {step} is no array.")
        try:
            if tensor.tensor_content:
                flat: Array = np.frombuffer(tensor.tensor_content, dtype)
            else:
                flat = np.array([*tensor.float_val, *tensor.double_val], dtype)
            return flat.reshape(shape)
        except ValueError as error:
            raise WireError(
                f"The record {tag!r} at step {step} is damaged: {error}."
            ) from error

    def _scan(self, path: str) -> None:
        with _open(path) as file:
            for offset, data in read_records(file):
                event = event_pb2.Event()
                try:
                    event.ParseFromString(data)
                except DecodeError:
                    return  # Nothing behind it can be trusted.
                start = event.session_log.status == event_pb2.SessionLog.START
                if event.HasField("session_log") and start:
                    self._void(event.step)
                for value in event.summary.value:
                    place = (path, offset, len(data))
                    self._places.setdefault(value.tag, {})[event.step] = place

    def _void(self, first_step: int) -> None:
        for places in self._places.values():
            for step in [s for s in places if s >= first_step]:
                del places[step]

    def _read(self, tag: str, step: int) -> tensor_pb2.TensorProto:
        path, offset, length = self._places[tag][step]
        with _open(path) as file:
            file.seek(offset)
            data = file.read(length)
        event = event_pb2.Event()
        try:
            event.ParseFromString(data)
        except DecodeError:
            event.Clear()
        for value in event.summary.value:
            if value.tag == tag:
                if value.HasField("simple_value"):
                    return tensor_pb2.TensorProto(
                        dtype=types_pb2.DT_FLOAT, float_val=[value.simple_value]
                    )
                return value.tensor
        raise WireError(f"The file {path} changed while it was read.")


def list_files(directory: str) -> list[str]:
    """Event files of a run directory, oldest first; empty if there are none."""
    if not gfile.isdir(directory):
        return []
    names = sorted(n for n in gfile.listdir(directory) if ".tfevents." in n)
    separator = "/" if "://" in directory else os.sep
    return [f"{directory}{separator}{name}" for name in names]


def log_directories(root: str) -> Iterator[tuple[str, str]]:
    """Finds the trainings below a directory.

    Args:
        root: Directory or URL.

    Yields:
        (name, directory) of each, sorted by name.

    Raises:
        FileNotFoundError: `root` is no directory.
    """
    if not gfile.isdir(root):
        raise FileNotFoundError(f"no log directory {root!r}")
    separator = "/" if "://" in root else os.sep
    found: list[tuple[str, str]] = []
    for directory, subdirectories, _ in gfile.walk(root):
        below = {name.rstrip("/\\") for name in subdirectories}
        if any(
            split in below and list_files(f"{directory}{separator}{split}")
            for split in _SPLITS
        ):
            relative = directory[len(root) :].strip("/\\").replace(os.sep, "/")
            found.append((relative or ".", directory))
    yield from sorted(found)


class _GfileReader:
    """A remote file as a binary file, as far as records need it."""

    def __init__(self, path: str) -> None:
        self._file = gfile.GFile(path, "rb")
        self._offset = 0

    def read(self, size: int) -> bytes:
        data: bytes = self._file.read(size)
        self._offset += len(data)
        return data

    def seek(self, offset: int) -> None:
        while self._offset < offset:
            if not self.read(min(2**24, offset - self._offset)):
                return

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()


def _open(path: str) -> Any:
    return _GfileReader(path) if "://" in path else Path(path).open("rb")
