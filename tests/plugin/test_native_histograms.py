"""Weight histograms in TensorBoard's own Histograms and Distributions tabs."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import keras
import numpy as np
import pytest
from keras import layers
from tensorboard.backend.event_processing import event_accumulator
from tensorboard.util import tensor_util

import tb_kerasviz
from tests.plugin import servers
from tests.plugin.test_plugin_servers import MODES

Array = np.ndarray[Any, Any]


def create_model() -> keras.Model:
    keras.utils.set_random_seed(2)
    model = keras.Sequential(
        [keras.Input((6,)), layers.Dense(40, name="hidden"), layers.Dense(3)], name="m"
    )
    model.compile("sgd", "mse")
    return model


class Remember(keras.callbacks.Callback):
    """Keeps the weights at the ends of epochs, by step."""

    def __init__(self) -> None:
        super().__init__()
        self.by_step: dict[int, dict[str, Array]] = {}

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.by_step[4 * (epoch + 1)] = {
            v.path: np.array(keras.ops.convert_to_numpy(v.value))
            for v in self.model.weights
        }


def ask(process: servers.Process, route: str, **query: str) -> Any:
    status, _, body = process.get(f"/data/plugin/{route}", urlencode(query))
    if body.startswith(b"\x1f\x8b"):
        body = gzip.decompress(body)
    return json.loads(body) if status == 200 else None


@pytest.fixture(scope="module")
def training(
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[Path, dict[int, dict[str, Array]]]:
    log_dir = tmp_path_factory.mktemp("logs")
    x = np.random.default_rng(0).normal(0, 1, (16, 6)).astype(np.float32)
    model, remember = create_model(), Remember()
    initial = {
        v.path: np.array(keras.ops.convert_to_numpy(v.value)) for v in model.weights
    }
    log = tb_kerasviz.KerasViz(log_dir, native_histograms=True)
    model.fit(
        x, x[:, :3], batch_size=4, epochs=3, verbose=0, callbacks=[log, remember]
    )  # fmt: skip
    return log_dir, {0: initial, **remember.by_step}


@pytest.mark.parametrize("mode", ["data_server", "python"])
def test_they_are_shown_in_every_mode(
    mode: str, training: tuple[Path, dict[int, dict[str, Array]]]
) -> None:
    log_dir, known = training
    flag, without = MODES[mode]
    with servers.run_tensorboard(log_dir, flag, without=without) as process:
        found: dict[str, list[Any]] = {}

        def has_all() -> bool:
            listed = ask(process, "histograms/tags") or {}
            for tag in listed.get("train", ()):
                found[tag] = ask(process, "histograms/histograms", run="train", tag=tag)
            return len(found) == 4 and all(len(v or ()) == 4 for v in found.values())

        process.wait_for(has_all)
        # What the Distributions tab shows is made of the same.
        distribution = ask(
            process,
            "distributions/distributions",
            run="train",
            tag="m/hidden/kernel/histogram",
        )
        assert [step for _, step, _ in distribution] == list(known)

    assert sorted(found) == sorted(f"{path}/histogram" for path in known[0])
    for tag, series in found.items():
        assert [step for _, step, _ in series] == list(known)
        for _, step, buckets in series:
            check_buckets(buckets, known[step][tag.removesuffix("/histogram")])


def test_gradient_histograms_are_shown_too(tmp_path: Path) -> None:
    model = create_model()
    x = np.random.default_rng(0).normal(0, 1, (16, 6)).astype(np.float32)
    log = tb_kerasviz.KerasViz(
        tmp_path, native_histograms=True, gradient_histograms=True
    )
    model.fit(x, x[:, :3], batch_size=4, epochs=2, verbose=0, callbacks=[log])

    series = read_histograms(tmp_path)
    run = tb_kerasviz.load(tmp_path)["."]
    assert run.steps("gradients") == [1, 5]
    for variable in model.trainable_variables:
        buckets = series[f"{variable.path}/gradient_histogram"]
        left, right, counts = buckets.T
        found = run.gradients(variable.path, 1)
        np.testing.assert_array_equal(left[1:], right[:-1])
        assert counts.sum() == found.counts.sum() == np.prod(variable.shape)
        assert (left[0], right[-1]) == (found.edges[0], found.edges[-1])
        assert len(counts) <= 32


def check_buckets(buckets: list[list[float]], values: Array) -> None:
    """They hold what NumPy counts between their edges."""
    left, right, counts = np.array(buckets).T
    np.testing.assert_array_equal(left[1:], right[:-1])
    wanted, _ = np.histogram(values.astype(np.float64), [*left, right[-1]])
    np.testing.assert_array_equal(counts, wanted)
    assert counts.sum() == values.size
    assert len(counts) <= 32


def histogram_tags(directory: Path) -> list[str]:
    reader = event_accumulator.EventAccumulator(str(directory))
    reader.Reload()
    return sorted(
        tag
        for tag in reader.Tags()["tensors"]
        if reader.SummaryMetadata(tag).plugin_data.plugin_name == "histograms"
    )


def test_tags_are_those_of_keras(tmp_path: Path) -> None:
    model = create_model()
    keras_log = keras.callbacks.TensorBoard(tmp_path / "keras", histogram_freq=1)
    x = np.zeros((4, 6), np.float32)
    model.fit(x, x[:, :3], verbose=0, callbacks=[keras_log])
    with tb_kerasviz.Writer(tmp_path / "ours") as writer:
        writer.write_weights(0, model, native_histograms=True)

    wanted = histogram_tags(tmp_path / "keras" / "train")
    assert len(wanted) == 4
    assert histogram_tags(tmp_path / "ours" / "train") == wanted


def test_without_being_asked_for_there_are_none(tmp_path: Path) -> None:
    with tb_kerasviz.Writer(tmp_path) as writer:
        writer.write_weights(0, create_model())

    assert not (tmp_path / "train").exists()


def test_values_that_are_not_finite_and_single_values(tmp_path: Path) -> None:
    model = create_model()
    model.layers[0].kernel.assign(np.full((6, 40), np.nan, np.float32))
    model.layers[0].bias.assign(np.full(40, 0.25, np.float32))
    with tb_kerasviz.Writer(tmp_path) as writer:
        writer.write_weights(0, model, native_histograms=True)

    series = read_histograms(tmp_path)
    kernel, bias = (series[f"m/hidden/{name}/histogram"] for name in ("kernel", "bias"))
    assert kernel[:, 2].tolist() == [0]
    (single,) = bias
    assert single[2] == 40
    assert single[0] < 0.25 - 0.4
    assert single[1] > 0.25 + 0.4
    assert tb_kerasviz.load(tmp_path)["."].status().dropped == {}


def read_histograms(log_dir: Path) -> dict[str, Array]:
    reader = event_accumulator.EventAccumulator(str(log_dir / "train"))
    reader.Reload()
    return {
        tag: tensor_util.make_ndarray(reader.Tensors(tag)[0].tensor_proto)
        for tag in reader.Tags()["tensors"]
    }
