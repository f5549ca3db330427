from __future__ import annotations

import math
import pathlib

import numpy as np
import pytest
from tensorboard.backend.event_processing import (
    data_provider,
    plugin_event_multiplexer,
)
from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.context import RequestContext
from tensorboard.data import provider
from tensorboard.plugins.histogram import metadata as histogram_metadata
from tensorboard.plugins.scalar import metadata as scalar_metadata
from tensorboard.util import tensor_util

from tb_kerasviz.wire import metadata, records
from tb_kerasviz.writer import events


def write_file(directory: pathlib.Path, *data: bytes) -> None:
    start = [events.encode_file_version(1.0), events.encode_session_start(0, 1.0)]
    frames = [records.frame_record(event) for event in [*start, *data]]
    directory.mkdir(parents=True)
    (directory / "events.out.tfevents.1.host").write_bytes(b"".join(frames))


def load_provider(log_dir: pathlib.Path) -> data_provider.MultiplexerDataProvider:
    multiplexer = plugin_event_multiplexer.EventMultiplexer(
        tensor_size_guidance={metadata.PLUGIN_NAME: 0}
    )
    multiplexer.AddRunsFromDirectory(str(log_dir))
    multiplexer.Reload()
    return data_provider.MultiplexerDataProvider(multiplexer, str(log_dir))


def only_value(data: bytes) -> summary_pb2.Summary.Value:
    event = event_pb2.Event.FromString(data)
    (value,) = event.summary.value
    return value


@pytest.mark.parametrize("value", [0.25, -3.0, math.nan, math.inf, -math.inf])
def test_scalar_is_shown_by_tensorboards_own_dashboards(
    tmp_path: pathlib.Path, value: float
) -> None:
    write_file(tmp_path / "train", events.encode_scalar("epoch_loss", 7, value, 2.0))

    data = load_provider(tmp_path).read_scalars(
        RequestContext(),
        experiment_id="",
        plugin_name=scalar_metadata.PLUGIN_NAME,
        downsample=100,
    )

    (point,) = data["train"]["epoch_loss"]
    assert (point.step, point.wall_time) == (7, 2.0)
    np.testing.assert_equal(point.value, value)


def test_scalar_beyond_float32_is_infinite() -> None:
    assert only_value(events.encode_scalar("a", 0, 1e300, 1.0)).tensor.float_val == [
        math.inf
    ]


def test_scalar_has_the_metadata_that_tensorboard_writes() -> None:
    value = only_value(events.encode_scalar("epoch_loss", 7, 0.5, 2.0))

    expected = scalar_metadata.create_summary_metadata("", "")
    expected.data_class = summary_pb2.DATA_CLASS_SCALAR
    assert value.metadata == expected


@pytest.mark.parametrize(
    "dtype", ["float16", "float32", "float64", "int8", "int64", "uint16", "bool"]
)
@pytest.mark.parametrize("shape", [(), (0, 3), (2, 3)])
def test_tensor_is_read_back(
    tmp_path: pathlib.Path, dtype: str, shape: tuple[int, ...]
) -> None:
    values = np.arange(np.prod(shape, dtype=int)).reshape(shape).astype(dtype)
    write_file(tmp_path / "kerasviz", events.encode_tensor("dynamics", 3, values, 2.0))

    data = load_provider(tmp_path).read_tensors(
        RequestContext(),
        experiment_id="",
        plugin_name=metadata.PLUGIN_NAME,
        downsample=100,
    )

    (datum,) = data["kerasviz"]["dynamics"]
    assert datum.step == 3
    assert datum.numpy.dtype == values.dtype
    np.testing.assert_array_equal(datum.numpy, values)


def test_big_endian_and_strided_tensors_are_read_back() -> None:
    values = np.arange(12, dtype=">f4").reshape(3, 4)[:, ::2]

    tensor = only_value(events.encode_tensor("dynamics", 0, values, 1.0)).tensor

    np.testing.assert_array_equal(tensor_util.make_ndarray(tensor), values)


@pytest.mark.parametrize("values", [np.array(["a"]), np.array([1j]), np.array([None])])
def test_tensor_of_a_dtype_that_tensorboard_cannot_read_is_an_error(
    values: np.ndarray,
) -> None:
    with pytest.raises(TypeError, match=r"'dynamics' has dtype .* reads only float16"):
        events.encode_tensor("dynamics", 0, values, 1.0)


@pytest.mark.parametrize("blobs", [[b"x"], [b"", b"\x00\xff", b"z" * 100_000]])
def test_blobs_are_read_back(tmp_path: pathlib.Path, blobs: list[bytes]) -> None:
    event = events.encode_blobs("activations", 3, blobs, 2.0)
    write_file(tmp_path / "kerasviz", event)
    source = load_provider(tmp_path)

    data = source.read_blob_sequences(
        RequestContext(),
        experiment_id="",
        plugin_name=metadata.PLUGIN_NAME,
        downsample=100,
        run_tag_filter=provider.RunTagFilter(["kerasviz"], ["activations"]),
    )

    (datum,) = data["kerasviz"]["activations"]
    read = [
        source.read_blob(RequestContext(), blob_key=reference.blob_key)
        for reference in datum.values
    ]
    assert (datum.step, read) == (3, blobs)


def test_every_record_of_the_plugin_carries_its_metadata() -> None:
    tensor = events.encode_tensor("dynamics", 0, np.zeros(3, np.float32), 1.0)
    blob = events.encode_blobs("weights", 0, [b"a"], 1.0)

    assert only_value(tensor).metadata == metadata.create_summary_metadata("tensor")
    assert only_value(blob).metadata == metadata.create_summary_metadata(
        "blob_sequence"
    )


def test_histogram_has_the_metadata_that_tensorboard_writes() -> None:
    event = events.encode_histograms(
        {"a": (np.array([1, 2]), np.array([0.0, 1.0, 2.0])),
         "b": (np.array([0]), np.array([-1.0, 1.0]))},
        5, 2.0,
    )  # fmt: skip

    first, second = event_pb2.Event.FromString(event).summary.value
    expected = histogram_metadata.create_summary_metadata("", "")
    expected.data_class = summary_pb2.DATA_CLASS_TENSOR
    assert first.metadata == second.metadata == expected
    assert (first.tag, second.tag) == ("a", "b")
    np.testing.assert_array_equal(
        tensor_util.make_ndarray(first.tensor), [[0.0, 1.0, 1.0], [1.0, 2.0, 2.0]]
    )
    np.testing.assert_array_equal(
        tensor_util.make_ndarray(second.tensor), [[-1.0, 1.0, 0.0]]
    )
