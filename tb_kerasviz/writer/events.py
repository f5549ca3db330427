"""The Event protocol buffers that we write, without TensorFlow.

Every function returns the serialized event, ready to be framed as a record.
Metadata goes on every summary, not only on a tag's first: TensorBoard fixes
the class of a tag by the first record that it sees, and a first record
without it (the first one may be lost) hides the tag.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from tensorboard.compat.proto import (
    event_pb2,
    summary_pb2,
    tensor_pb2,
    types_pb2,
)

from tb_kerasviz.wire import metadata

_FILE_VERSION = "brain.Event:2"

# What tf.summary.scalar writes: `content` would be a ScalarPluginData with
# version 0, which serializes to nothing.
_SCALAR_METADATA = summary_pb2.SummaryMetadata(
    plugin_data=summary_pb2.SummaryMetadata.PluginData(plugin_name="scalars"),
    data_class=summary_pb2.DATA_CLASS_SCALAR,
)
# The same of tf.summary.histogram, whose HistogramPluginData has version 0 too.
_HISTOGRAM_METADATA = summary_pb2.SummaryMetadata(
    plugin_data=summary_pb2.SummaryMetadata.PluginData(plugin_name="histograms"),
    data_class=summary_pb2.DATA_CLASS_TENSOR,
)
_TENSOR_METADATA = metadata.create_summary_metadata("tensor")
_BLOB_METADATA = metadata.create_summary_metadata("blob_sequence")

# Only what TensorBoard's own `make_ndarray` reads back: one bfloat16 or
# float8 tensor makes it fail for every tag of the same request.
_TYPES: dict[np.dtype[Any], int] = {
    np.dtype("float16"): types_pb2.DT_HALF,
    np.dtype("float32"): types_pb2.DT_FLOAT,
    np.dtype("float64"): types_pb2.DT_DOUBLE,
    np.dtype("int8"): types_pb2.DT_INT8,
    np.dtype("int16"): types_pb2.DT_INT16,
    np.dtype("int32"): types_pb2.DT_INT32,
    np.dtype("int64"): types_pb2.DT_INT64,
    np.dtype("uint8"): types_pb2.DT_UINT8,
    np.dtype("uint16"): types_pb2.DT_UINT16,
    np.dtype("uint32"): types_pb2.DT_UINT32,
    np.dtype("uint64"): types_pb2.DT_UINT64,
    np.dtype("bool"): types_pb2.DT_BOOL,
}


def encode_file_version(wall_time: float) -> bytes:
    """The event that every file begins with."""
    event = event_pb2.Event(wall_time=wall_time, file_version=_FILE_VERSION)
    return bytes(event.SerializeToString())


def encode_session_start(step: int, wall_time: float) -> bytes:
    """The event that voids what earlier files hold at `step` and above.

    Args:
        step: First step that this file may hold.
        wall_time: Seconds since the epoch.
    """
    event = event_pb2.Event(
        wall_time=wall_time,
        step=step,
        session_log=event_pb2.SessionLog(status=event_pb2.SessionLog.START),
    )
    return bytes(event.SerializeToString())


def encode_scalar(tag: str, step: int, value: float, wall_time: float) -> bytes:
    """A scalar summary as `keras.callbacks.TensorBoard` writes it.

    Args:
        tag: Tag of the summary.
        step: Its step.
        value: The value, kept as float32; NaN and infinities are kept.
        wall_time: Seconds since the epoch.
    """
    event, tensor = _begin_summary(tag, step, _SCALAR_METADATA, wall_time)
    tensor.dtype = types_pb2.DT_FLOAT
    tensor.tensor_shape.SetInParent()
    # float32 first: protobuf's own conversion refuses values beyond its range
    # in some implementations, and what is too large is infinite for us.
    with np.errstate(over="ignore"):
        tensor.float_val.append(float(np.float32(value)))
    return bytes(event.SerializeToString())


def encode_histograms(
    histograms: Mapping[str, tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]],
    step: int,
    wall_time: float,
) -> bytes:
    """Histogram summaries as `tf.summary.histogram` writes them.

    Args:
        histograms: For each tag its counts `[K]` and ascending edges `[K + 1]`.
        step: Step of all of them.
        wall_time: Seconds since the epoch.
    """
    event = event_pb2.Event(wall_time=wall_time, step=step)
    for tag, (counts, edges) in histograms.items():
        tensor = _add_value(event, tag, _HISTOGRAM_METADATA)
        tensor.dtype = types_pb2.DT_DOUBLE
        # Left edge, right edge and count of each bucket.
        buckets = np.stack([edges[:-1], edges[1:], counts], axis=1)
        _set_shape(tensor, buckets.shape)
        tensor.tensor_content = buckets.astype("<f8").tobytes()
    return bytes(event.SerializeToString())


def encode_tensor(
    tag: str, step: int, values: np.ndarray[Any, Any], wall_time: float
) -> bytes:
    """A tensor summary of the plugin.

    Args:
        tag: Tag of the summary.
        step: Its step.
        values: Array of any shape, of a floating, integer or boolean dtype
            that NumPy has natively.
        wall_time: Seconds since the epoch.

    Raises:
        TypeError: TensorBoard cannot read the dtype back.
    """
    native = values
    if not values.dtype.isnative:
        native = values.astype(values.dtype.newbyteorder("="))
    dtype = _TYPES.get(native.dtype)
    if dtype is None:
        raise TypeError(
            f"Tensor {tag!r} has dtype {values.dtype}; TensorBoard reads only "
            f"{', '.join(readable.name for readable in _TYPES)}."
        )
    event, tensor = _begin_summary(tag, step, _TENSOR_METADATA, wall_time)
    tensor.dtype = dtype
    _set_shape(tensor, values.shape)
    # The format is little-endian, whatever the machine is.
    little = native.astype(native.dtype.newbyteorder("<"), copy=False)
    tensor.tensor_content = little.tobytes()
    return bytes(event.SerializeToString())


def encode_blobs(
    tag: str, step: int, blobs: Sequence[bytes], wall_time: float
) -> bytes:
    """A blob sequence summary of the plugin.

    Args:
        tag: Tag of the summary.
        step: Its step.
        blobs: The B blobs.
        wall_time: Seconds since the epoch.
    """
    event, tensor = _begin_summary(tag, step, _BLOB_METADATA, wall_time)
    tensor.dtype = types_pb2.DT_STRING
    _set_shape(tensor, (len(blobs),))
    tensor.string_val.extend(blobs)
    return bytes(event.SerializeToString())


def _set_shape(tensor: tensor_pb2.TensorProto, shape: Sequence[int]) -> None:
    tensor.tensor_shape.SetInParent()
    for size in shape:
        tensor.tensor_shape.dim.add(size=size)


def _begin_summary(
    tag: str,
    step: int,
    summary_metadata: summary_pb2.SummaryMetadata,
    wall_time: float,
) -> tuple[event_pb2.Event, tensor_pb2.TensorProto]:
    """An event with one value, and that value's tensor, which is still empty.

    It is filled in place: a message that is given to another one's
    constructor is copied, payload and all.
    """
    event = event_pb2.Event(wall_time=wall_time, step=step)
    return event, _add_value(event, tag, summary_metadata)


def _add_value(
    event: event_pb2.Event, tag: str, summary_metadata: summary_pb2.SummaryMetadata
) -> tensor_pb2.TensorProto:
    value = event.summary.value.add(tag=tag)
    value.metadata.CopyFrom(summary_metadata)
    return value.tensor
