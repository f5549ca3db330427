"""Writes real event files with realistic payloads, record by record.

Not with the product's writer: some of these logs are damaged, newer than the
package or hostile, which the writer would rightly refuse.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from tensorboard.compat.proto import event_pb2, summary_pb2, tensor_pb2

from tb_kerasviz.analysis import octave_histogram
from tb_kerasviz.analysis.tensor_stats import tensor_stats
from tb_kerasviz.wire import (
    activations,
    codec,
    dynamics,
    gradients,
    metadata,
    model_outputs,
    probes,
    records,
    schema,
    tags,
    units,
    weights,
)

LAYERS = ("conv2d", "block/conv2d", "dense")
SAMPLES = 3
MEASURED = ("conv2d/kernel", "block/conv2d/kernel")
"""Variables that the dynamics follow; those of the dense layer are frozen."""


def event(tag: str, step: int, tensor: Any, data_class: str, content: bytes) -> bytes:
    summary = summary_pb2.SummaryMetadata(
        plugin_data=summary_pb2.SummaryMetadata.PluginData(
            plugin_name=metadata.PLUGIN_NAME, content=content
        ),
        data_class=f"DATA_CLASS_{data_class}",
    )
    value = summary_pb2.Summary.Value(tag=tag, metadata=summary, tensor=tensor)
    return event_pb2.Event(
        wall_time=time.time(), step=step, summary=summary_pb2.Summary(value=[value])
    ).SerializeToString()


def content_of_version(version: object) -> bytes:
    return json.dumps({"version": version}).encode()


class LogFile:
    """One event file of one training; remembers the blobs that it wrote."""

    def __init__(
        self, log_dir: Path, name: str = "0001", first_sequence: int = 1
    ) -> None:
        folder = log_dir / tags.PLUGIN_DIR
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / f"events.out.tfevents.{name}.test"
        self.blobs: dict[tuple[str, int], list[bytes]] = {}
        self._sequence = first_sequence - 1
        self.write_event(
            event_pb2.Event(
                wall_time=time.time(), file_version="brain.Event:2"
            ).SerializeToString()
        )
        # In every file: TensorBoard's Python ingester takes a run's first START
        # for no restart, and only a later one removes the steps from there on.
        start = event_pb2.SessionLog(status=event_pb2.SessionLog.START)
        self.write_event(
            event_pb2.Event(
                wall_time=time.time(), step=0, session_log=start
            ).SerializeToString()
        )

    def write_event(self, data: bytes) -> None:
        with self.path.open("ab") as file:
            file.write(records.frame_record(data))

    def next_sequence(self) -> int:
        self._sequence += 1
        return self._sequence

    def write_blobs(
        self,
        tag: str,
        step: int,
        blobs: Sequence[bytes],
        *,
        version: object = metadata.WIRE_VERSION,
        shape: Sequence[int] | None = None,
    ) -> None:
        tensor = tensor_pb2.TensorProto(dtype="DT_STRING", string_val=blobs)
        for size in shape or [len(blobs)]:
            tensor.tensor_shape.dim.add(size=size)
        self.blobs[tag, step] = list(blobs)
        self.write_event(
            event(tag, step, tensor, "BLOB_SEQUENCE", content_of_version(version))
        )

    def write_document(self, tag: str, step: int, document: schema.Document) -> None:
        member = codec.encode_document(document, self.next_sequence())
        self.write_blobs(tag, step, [member])

    def write_dynamics(self, step: int) -> None:
        self.write_tensor(tags.DYNAMICS, step, dynamics_rows(step))
        self.write_tensor(tags.STEP_DYNAMICS, step, step_row(step))

    def write_tensor(self, tag: str, step: int, values: np.ndarray[Any, Any]) -> None:
        tensor = tensor_pb2.TensorProto(
            dtype="DT_FLOAT", tensor_content=values.tobytes()
        )
        for size in values.shape:
            tensor.tensor_shape.dim.add(size=size)
        content = content_of_version(metadata.WIRE_VERSION)
        self.write_event(event(tag, step, tensor, "TENSOR", content))

    def write_training(self, steps: Sequence[int]) -> None:
        """Everything that a training logs, with captures at these steps."""
        self.write_document(tags.MODEL_GRAPH, 0, model_graph())
        self.write_blobs(
            tags.PROBE, 0, probes.encode_probe(probe(), self.next_sequence())
        )
        self.write_document(tags.DYNAMICS_INDEX, 0, dynamics_index())
        for step in steps:
            self.write_activations(step)
            self.write_weights(step)
            self.write_gradients(step)
            self.write_dynamics(step)
            self.write_document(tags.STATUS, step, status(step))

    def write_activations(self, step: int) -> None:
        blobs = activations.encode_activations(capture(step), self.next_sequence())
        self.write_blobs(tags.ACTIVATIONS, step, blobs)

    def write_weights(self, step: int) -> None:
        blobs = weights.encode_weights(weight_capture(step), self.next_sequence())
        self.write_blobs(tags.WEIGHTS, step, blobs)

    def write_gradients(self, step: int) -> None:
        blobs = gradients.encode_gradients(gradient_capture(step), self.next_sequence())
        self.write_blobs(tags.GRADIENTS, step, blobs)


def write_scalars(
    log_dir: Path, split: str, tag: str, values: Mapping[int, float]
) -> None:
    """Ordinary scalars, in a run directory of their own."""
    folder = log_dir / split
    folder.mkdir(parents=True)
    metadata_of_scalars = summary_pb2.SummaryMetadata(
        plugin_data=summary_pb2.SummaryMetadata.PluginData(plugin_name="scalars"),
        data_class="DATA_CLASS_SCALAR",
    )
    with (folder / "events.out.tfevents.0001.test").open("wb") as file:
        for step, value in values.items():
            tensor = tensor_pb2.TensorProto(dtype="DT_FLOAT", float_val=[value])
            tensor.tensor_shape.SetInParent()
            summary = summary_pb2.Summary.Value(
                tag=tag, metadata=metadata_of_scalars, tensor=tensor
            )
            data = event_pb2.Event(
                wall_time=time.time(),
                step=step,
                summary=summary_pb2.Summary(value=[summary]),
            ).SerializeToString()
            file.write(records.frame_record(data))


def layer_node(
    path: str, *names: str, children: tuple[schema.LayerNode, ...] = ()
) -> schema.LayerNode:
    variables = tuple(
        schema.VariableInfo(
            path=f"{path}/{name}",
            name=name,
            shape=(4,),
            dtype="float32",
            trainable=True,
            params=4,
        )
        for name in names
    )
    return schema.LayerNode(
        path=path,
        name=path.rpartition("/")[2],
        class_name="Functional" if children else "Conv2D",
        module="keras.layers",
        kind="model" if children else "layer",
        trainable=True,
        dtype_policy="float32",
        input_shapes=(),
        output_shapes=(),
        output_dtypes=(),
        params=4 * len(variables) + sum(child.params for child in children),
        trainable_params=0,
        variables=variables,
        config={},
        config_notes=(),
        calls=1,
        children=children,
    )


def model_graph() -> schema.ModelGraph:
    return schema.ModelGraph(
        version=1,
        name="model",
        class_name="Functional",
        layers=(
            layer_node("conv2d", "kernel"),
            layer_node("block", children=(layer_node("block/conv2d", "kernel"),)),
            layer_node("dense", "kernel", "bias"),
        ),
        nodes=(),
        links=(),
        params=0,
        trainable_params=0,
        non_trainable_params=0,
        optimizer_params=0,
        optimizer="Adam",
        backend="tensorflow",
        keras_version="3",
        notices=(),
    )


def dynamics_index() -> schema.DynamicsIndex:
    return schema.DynamicsIndex(
        version=1,
        variables=MEASURED,
        columns=schema.DYNAMICS_COLUMNS,
        step_columns=schema.STEP_COLUMNS,
    )


def dynamics_rows(step: int) -> np.ndarray[Any, Any]:
    random = np.random.default_rng(step)
    shape = (len(MEASURED), len(schema.DYNAMICS_COLUMNS))
    return dynamics.seal_rows(random.random(shape, np.float32))


def step_row(step: int) -> np.ndarray[Any, Any]:
    random = np.random.default_rng((step, 1))
    row = random.random((1, len(schema.STEP_COLUMNS)), np.float32)
    return dynamics.seal_rows(row)[0]


def weight_capture(step: int) -> weights.WeightsCapture:
    paths = (*MEASURED, "dense/kernel", "dense/bias")
    random = np.random.default_rng(step)
    variables = [
        weights.VariableArrays(
            path=path,
            shape=(4,),
            dtype="float32",
            trainable=path in MEASURED,
            kept=(None,),
            cut="",
            values=random.random(4, np.float32),
            counts=np.zeros(64, np.int64),
            edges=np.linspace(0, 1, 65),
            stats=random.random(len(schema.WEIGHT_STATS), np.float32),
        )
        for path in paths
    ]
    return weights.WeightsCapture(
        step=step, variables=variables, skipped=(), raw_bytes=64, budget_bytes=10**6
    )


def gradient_capture(step: int) -> gradients.GradientsCapture:
    return gradients.GradientsCapture(
        step=step,
        variables=[
            gradient_arrays(path, gradient_values(step))
            for path in (*MEASURED, "dense/kernel")
        ],
        skipped=[
            schema.SkippedLayer(
                path="dense/bias", reason="it had no gradient in this step"
            )
        ],
    )


def gradient_values(step: int) -> np.ndarray[Any, Any]:
    random = np.random.default_rng(step)
    values = random.normal(0, 1, 300) * 10.0 ** random.uniform(-9 - step, -1, 300)
    values[:20] = 0
    return values.astype(np.float32)


def gradient_arrays(
    path: str, values: np.ndarray[Any, Any]
) -> gradients.GradientArrays:
    counts, edges = octave_histogram.trim_octaves(
        octave_histogram.count_octaves(values)[None]
    )
    return gradients.GradientArrays(
        path=path,
        shape=values.shape,
        counts=counts[0],
        edges=edges,
        stats=tensor_stats(values),
    )


def status(step: int, version: int = 1) -> schema.Status:
    return schema.Status(
        version=version,
        step=step,
        accepted=step,
        written=step,
        dropped={},
        refused={},
        blocked_secs=0.0,
        notices=(),
        closed=False,
        package_version="0",
    )


def probe() -> probes.ProbeCapture:
    pictures = np.arange(SAMPLES * 8 * 8, dtype=np.uint8).reshape(SAMPLES, 8, 8, 1)
    values = np.linspace(-1, 1, SAMPLES * 5, dtype=np.float32).reshape(SAMPLES, 5)
    common: dict[str, Any] = {"low": 0.0, "high": 1.0, "cut": ""}
    return probes.ProbeCapture(
        samples=SAMPLES,
        probe_samples=8,
        inputs=(
            probes.InputArrays(
                name="image",
                shape=(8, 8, 8, 1),
                dtype="float32",
                picture=True,
                samples=pictures,
                **common,
            ),
            probes.InputArrays(
                name="numbers",
                shape=(8, 5),
                dtype="float32",
                picture=False,
                samples=values,
                **common,
            ),
        ),
        labels=("zero", "one", "two"),
    )


def capture(step: int, side: int = 8, kept: int = 4) -> activations.ActivationCapture:
    random = np.random.default_rng(step)
    shape = (SAMPLES, kept, side, side)
    layers = [
        activations.LayerArrays(
            path=path,
            call=0,
            output=0,
            class_name="Conv2D",
            kind="map",
            shape=(8, side, side, kept),
            dtype="float32",
            channels=kept,
            kept_channels=tuple(range(kept)),
            full_map=(side, side),
            kept_map=(side, side),
            cut="",
            maps=random.integers(0, 256, shape, np.uint8),
            scale=np.full(shape[:2], 0.5, np.float32),
            offset=np.zeros(shape[:2], np.float32),
            nonfinite=np.zeros(shape, np.uint8),
            stats=random.random(
                [SAMPLES, kept, len(schema.ACTIVATION_STATS)], np.float32
            ),
            activation="tanh" if path == LAYERS[-1] else "relu",
            units=unit_arrays(step, place, kept),
        )
        for place, path in enumerate(LAYERS)
    ]
    miniature = (
        np.zeros([len(LAYERS), 4, 4], np.uint8),
        np.zeros([len(LAYERS)], np.float32),
        np.ones([len(LAYERS)], np.float32),
    )
    return activations.ActivationCapture(
        step=step,
        samples=SAMPLES,
        probe_samples=8,
        layers=layers,
        skipped=[schema.SkippedLayer(path="lambda", reason="It returned a string.")],
        thumbnails=[miniature] * SAMPLES,
        raw_bytes=1000,
        budget_bytes=10**6,
        measured_samples=8,
        outputs=[
            model_outputs.OutputArrays(
                name="probabilities",
                shape=(8, 10),
                dtype="float32",
                cut="",
                values=random.random((8, 10), np.float32),
            )
        ],
    )


def unit_arrays(step: int, place: int, count: int) -> units.UnitArrays:
    """Units of which `step % count` are dead and, of the last layer, one saturated."""
    random = np.random.default_rng((step, place))
    stats = random.random([count, len(schema.ACTIVATION_STATS)], np.float32)
    stats[:, -1] = 0
    stats[: step % count] = [0, 0, 0, 0, 1, 0]
    return units.UnitArrays(
        stats=stats,
        histogram=random.integers(0, 100, [count, 16], np.uint32),
        saturated=np.array([0.25, 0.5, 0.75, 0], np.float32)
        if LAYERS[place] == LAYERS[-1] and count == 4
        else None,
    )
