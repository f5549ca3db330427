"""The Event protocol buffers that we write, without TensorFlow.

Every function returns the serialized event, ready to be framed as a record.
Metadata goes on every summary, not only on a tag's first: TensorBoard fixes
the class of a tag by the first record that it sees, and a first record
without it (the first one may be lost) hides the tag.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from tensorboard.compat.proto import (
    event_pb2,
    summary_pb2,
    tensor_pb2,
    tensor_shape_pb2,
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
_TENSOR_METADATA = metadata.create_summary_metadata("tensor")
_BLOB_METADATA = metadata.create_summary_metadata("blob_sequence")

# Only what TensorBoard's own `make_ndarray` reads back: one bfloat16 or
# float8 tensor makes it fail for every tag of the same request.
_DTYPES = {
    "float16": types_pb2.DT_HALF,
    "float32": types_pb2.DT_FLOAT,
    "float64": types_pb2.DT_DOUBLE,
    "int8": types_pb2.DT_INT8,
    "int16": types_pb2.DT_INT16,
    "int32": types_pb2.DT_INT32,
    "int64": types_pb2.DT_INT64,
    "uint8": types_pb2.DT_UINT8,
    "uint16": types_pb2.DT_UINT16,
    "uint32": types_pb2.DT_UINT32,
    "uint64": types_pb2.DT_UINT64,
    "bool": types_pb2.DT_BOOL,
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
    # float32 first: protobuf's own conversion refuses values beyond its range
    # in some implementations, and what is too large is infinite for us.
    with np.errstate(over="ignore"):
        single = float(np.float32(value))
    tensor = tensor_pb2.TensorProto(
        dtype=types_pb2.DT_FLOAT,
        tensor_shape=tensor_shape_pb2.TensorShapeProto(),
        float_val=[single],
    )
    return _encode_summary(tag, step, tensor, _SCALAR_METADATA, wall_time)


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
    dtype = _DTYPES.get(values.dtype.name)
    if dtype is None:
        raise TypeError(
            f"Tensor {tag!r} has dtype {values.dtype}; TensorBoard reads only "
            f"{', '.join(_DTYPES)}."
        )
    little = values.astype(values.dtype.newbyteorder("<"), copy=False)
    tensor = tensor_pb2.TensorProto(
        dtype=dtype, tensor_shape=_shape(values.shape), tensor_content=little.tobytes()
    )
    return _encode_summary(tag, step, tensor, _TENSOR_METADATA, wall_time)


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
    tensor = tensor_pb2.TensorProto(
        dtype=types_pb2.DT_STRING,
        tensor_shape=_shape((len(blobs),)),
        string_val=blobs,
    )
    return _encode_summary(tag, step, tensor, _BLOB_METADATA, wall_time)


def _shape(sizes: Sequence[int]) -> tensor_shape_pb2.TensorShapeProto:
    dims = [tensor_shape_pb2.TensorShapeProto.Dim(size=size) for size in sizes]
    return tensor_shape_pb2.TensorShapeProto(dim=dims)


def _encode_summary(
    tag: str,
    step: int,
    tensor: tensor_pb2.TensorProto,
    summary_metadata: summary_pb2.SummaryMetadata,
    wall_time: float,
) -> bytes:
    value = summary_pb2.Summary.Value(tag=tag, tensor=tensor, metadata=summary_metadata)
    event = event_pb2.Event(
        wall_time=wall_time, step=step, summary=summary_pb2.Summary(value=[value])
    )
    return bytes(event.SerializeToString())
