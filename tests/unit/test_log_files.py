from __future__ import annotations

import io
import pathlib

import numpy as np
import pytest

from tb_kerasviz.log_files import RecordIndex, list_files, log_directories
from tb_kerasviz.wire import records
from tb_kerasviz.wire.metadata import WireError
from tb_kerasviz.writer import events


def write(path: pathlib.Path, *written: bytes) -> str:
    path.write_bytes(b"".join(map(records.frame_record, written)))
    return str(path)


def test_only_event_files_are_listed_the_oldest_first(tmp_path: pathlib.Path) -> None:
    for name in ("events.out.tfevents.2.b", "events.out.tfevents.1.a", "notes.txt"):
        (tmp_path / name).touch()

    names = [pathlib.Path(path).name for path in list_files(str(tmp_path))]
    assert names == ["events.out.tfevents.1.a", "events.out.tfevents.2.b"]
    assert list_files(str(tmp_path / "missing")) == []


def test_a_training_is_a_directory_with_event_files_of_ours(
    tmp_path: pathlib.Path,
) -> None:
    for folder in ("a/train", "b/validation", "c/kerasviz", "d/other", "e/train"):
        (tmp_path / folder).mkdir(parents=True)
        if folder != "e/train":
            (tmp_path / folder / "events.out.tfevents.1.x").touch()

    found = dict(log_directories(str(tmp_path)))
    assert list(found) == ["a", "b", "c"]
    assert found["a"] == str(tmp_path / "a")


@pytest.mark.parametrize("dtype", ["<f4", "<f8", "<i4", "<i8"])
def test_arrays_of_each_dtype(tmp_path: pathlib.Path, dtype: str) -> None:
    values = np.arange(6).astype(dtype).reshape(2, 3)
    path = write(tmp_path / "f", events.encode_tensor("t", 4, values, 1.0))
    index = RecordIndex([path])

    assert index.tags() == ["t"]
    found = index.tensor("t", 4)
    assert found.dtype == dtype
    np.testing.assert_array_equal(found, values)


def test_what_is_no_array_or_no_blobs_is_named(tmp_path: pathlib.Path) -> None:
    path = write(
        tmp_path / "f",
        events.encode_blobs("b", 1, [b"x"], 1.0),
        events.encode_blobs("none", 1, [], 1.0),
        events.encode_tensor("t", 1, np.zeros(2, np.float32), 1.0),
        events.encode_tensor("h", 1, np.zeros(2, np.float16), 1.0),
    )
    index = RecordIndex([path])

    assert index.blobs("b", 1) == [b"x"]
    for tag in ("b", "h"):
        with pytest.raises(WireError, match=f"'{tag}' at step 1 is no array"):
            index.tensor(tag, 1)
    for tag in ("t", "none"):
        with pytest.raises(WireError, match=f"'{tag}' at step 1 holds no blobs"):
            index.blobs(tag, 1)
    with pytest.raises(KeyError):
        index.blobs("b", 2)


def test_a_later_record_of_a_step_counts(tmp_path: pathlib.Path) -> None:
    first = write(tmp_path / "1", events.encode_blobs("b", 1, [b"old"], 1.0))
    second = write(tmp_path / "2", events.encode_blobs("b", 1, [b"new"], 1.0))

    assert RecordIndex([first, second]).blobs("b", 1) == [b"new"]


def test_a_file_that_changed_behind_the_index_is_named(tmp_path: pathlib.Path) -> None:
    path = write(tmp_path / "f", events.encode_blobs("b", 1, [b"x" * 50], 1.0))
    index = RecordIndex([path])
    write(tmp_path / "f", events.encode_blobs("c", 1, [b"x" * 50], 1.0))

    with pytest.raises(WireError, match="changed while it was read"):
        index.blobs("b", 1)
    (tmp_path / "f").write_bytes(b"\xff" * 500)
    with pytest.raises(WireError, match="changed while it was read"):
        index.blobs("b", 1)


def test_reading_ends_at_the_end() -> None:
    assert list(records.read_records(io.BytesIO(b""))) == []
