"""Reads activations of small models back from the bytes that are logged."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from tb_kerasviz.capture.activations import ActivationReader
from tb_kerasviz.capture.layer_filter import create_layer_filter
from tb_kerasviz.capture.probe import take_probe
from tb_kerasviz.wire import activations as wire
from tb_kerasviz.wire import codec, model_outputs, schema

Array = np.ndarray[Any, Any]

BUDGET = 2**20


def create_reader(
    model: keras.Model, probe: Any, wanted: Any = None, budget: int = BUDGET
) -> ActivationReader:
    return ActivationReader(
        model, take_probe(probe), budget, create_layer_filter(wanted)
    )


def capture(
    model: keras.Model, probe: Any, wanted: Any = None, budget: int = BUDGET
) -> Captured:
    return Captured(create_reader(model, probe, wanted, budget).capture(1).reduce())


class Captured:
    """A capture by (path, call, output), read back from its bytes."""

    def __init__(self, raw: wire.ActivationCapture) -> None:
        self.raw = raw
        blobs = wire.encode_activations(raw, 0)
        self.index = codec.decode_document(blobs[0], schema.ActivationIndex, "index")
        self.values: dict[tuple[str, int, int], list[wire.Activation]] = {}
        for entry in self.index.layers:
            self.values[entry.path, entry.call, entry.output] = [
                wire.decode_activation(codec.slice_member(blobs[m.blob], m, "m"), entry)
                for m in entry.members
            ]
        self.outputs: dict[str, model_outputs.Output] = {}
        for output in self.index.outputs:
            member = codec.slice_member(blobs[output.member.blob], output.member, "m")
            self.outputs[output.name] = model_outputs.decode_output(member, output)
        self.skipped = {item.path: item.reason for item in self.index.skipped}

    def check(self, key: tuple[str, int, int], output: Any) -> None:
        """Compares one output with what the layer returned elsewhere.

        Args:
            key: Path, call and output.
            output: `[N, ..., C]`.
        """
        wanted = np.asarray(keras.ops.convert_to_numpy(output), np.float32)
        samples = self.values[key]
        assert len(samples) == len(wanted)
        for sample, x in zip(samples, wanted, strict=True):
            channels = x.reshape(-1, x.shape[-1]) if x.ndim > 1 else x[np.newaxis]
            low, high, mean = sample.stats[:, :3].T
            np.testing.assert_allclose(low, channels.min(0), rtol=1e-4, atol=1e-5)
            np.testing.assert_allclose(high, channels.max(0), rtol=1e-4, atol=1e-5)
            np.testing.assert_allclose(mean, channels.mean(0), rtol=1e-4, atol=1e-5)
            maps = sample.maps.reshape(len(sample.maps), -1).T
            slack = np.ptp(channels, axis=0) / 510 + 1e-5
            assert (np.abs(maps - channels) <= slack).all(), key
