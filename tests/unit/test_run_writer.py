from __future__ import annotations

import math
import pathlib
import time
from collections.abc import Callable, Iterator
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

import tb_kerasviz
from tb_kerasviz import reader
from tests.unit.capture import models
from tests.unit.writer import reading

X = np.random.default_rng(1).normal(size=(3, 8, 8, 1)).astype(np.float32)


@pytest.fixture
def model() -> keras.Model:
    keras.utils.set_random_seed(2)
    return models.sequential()


@pytest.fixture
def writer(tmp_path: pathlib.Path) -> Iterator[tb_kerasviz.Writer]:
    with tb_kerasviz.Writer(tmp_path / "run") as writer:
        yield writer


def read(tmp_path: pathlib.Path, writer: tb_kerasviz.Writer) -> reader.Run:
    assert writer.flush()
    return tb_kerasviz.load(tmp_path)["run"]


def tensorboard(directory: pathlib.Path) -> dict[str, list[tuple[int, float]]]:
    """Scalars of a run directory as TensorBoard's own ingester reads them."""
    found = reading.accumulate(directory)
    return {
        tag: [
            (e.step, float(tf.make_ndarray(e.tensor_proto))) for e in found.Tensors(tag)
        ]
        for tag in found.Tags()["tensors"]
    }


def test_scalars_are_read_back(
    tmp_path: pathlib.Path, writer: tb_kerasviz.Writer
) -> None:
    kinds = [0.5, np.float32(1.5), tf.constant(2.5), np.array([3.5]), 4, math.nan]
    for step, value in enumerate(kinds):
        writer.write_scalars(step, {"loss": value, "acc": step})
    writer.write_scalars(3, {"loss": keras.Variable(9.0)}, split="validation")
    writer.write_scalars(int(np.int64(4)), {"loss": -math.inf}, split="test")
    run = read(tmp_path, writer)

    found = run.scalars("loss")
    np.testing.assert_array_equal(found.steps, np.arange(6))
    np.testing.assert_array_equal(found.values, [0.5, 1.5, 2.5, 3.5, 4, math.nan])
    assert run.scalars("acc").values.tolist() == [0, 1, 2, 3, 4, 5]
    assert run.scalars("loss", "validation").values.tolist() == [9]
    assert run.scalars("loss", "test").values.tolist() == [-math.inf]


def test_scalars_are_ordinary_ones_for_tensorboard(
    tmp_path: pathlib.Path, writer: tb_kerasviz.Writer
) -> None:
    for step in (1, 2, 5):
        writer.write_scalars(step, {"loss": step / 2})
    writer.close()

    assert tensorboard(tmp_path / "run" / "train") == {
        "loss": [(1, 0.5), (2, 1.0), (5, 2.5)]
    }


def test_a_model_is_read_back(
    tmp_path: pathlib.Path, writer: tb_kerasviz.Writer, model: keras.Model
) -> None:
    writer.write_model(0, model)
    writer.write_model(4, models.shared())
    run = read(tmp_path, writer)

    assert (
        run.model_graph(0).params == run.model_graph(3).params == model.count_params()
    )
    assert run.model_graph().name == run.model_graph(99).name == "shared_model"


def test_a_model_is_written_again_only_when_it_changed(tmp_path: pathlib.Path) -> None:
    model = keras.Sequential([keras.Input((2,)), layers.Dense(1)])
    with tb_kerasviz.Writer(tmp_path) as writer:
        for step in range(3):
            writer.write_model(step, model)
        model.layers[0].trainable = False
        writer.write_model(5, model)
        with pytest.raises(ValueError, match="received 5 after 5"):
            writer.write_model(5, model)
    run = tb_kerasviz.load(tmp_path)["."]
    assert run.steps("model_graph") == [0, 5]
    held = {step: run.model_graph(step).trainable_params for step in (0, 4, 5, 9)}
    assert held == {0: 3, 4: 3, 5: 0, 9: 0}
    assert run.model_graph().trainable_params == 0


def test_a_model_that_is_not_built_is_built_from_inputs(
    tmp_path: pathlib.Path, writer: tb_kerasviz.Writer
) -> None:
    model = models.Subclassed(name="mine")
    writer.write_model(0, model, inputs=np.zeros((2, 4), np.float32))

    assert read(tmp_path, writer).model_graph().params == 81


def test_weights_are_read_back(
    tmp_path: pathlib.Path, writer: tb_kerasviz.Writer, model: keras.Model
) -> None:
    before = [keras.ops.convert_to_numpy(v.value) for v in model.weights]
    writer.write_weights(1, model)
    for variable in model.weights:
        variable.assign(variable.value + 1)
    writer.write_weights(2, model)
    run = read(tmp_path, writer)

    assert run.steps("weights") == [1, 2]
    for variable, value in zip(model.weights, before, strict=True):
        np.testing.assert_array_equal(run.weights(variable.path, 1).values, value)
        np.testing.assert_array_equal(run.weights(variable.path, 2).values, value + 1)


def test_activations_and_their_probe_are_read_back(
    tmp_path: pathlib.Path, writer: tb_kerasviz.Writer, model: keras.Model
) -> None:
    for step in (1, 2):
        writer.write_activations(step, model, X, labels=["a", "b", "c"])
    other = X[:2]
    writer.write_activations(3, model, other)
    run = read(tmp_path, writer)

    assert run.steps("activations") == [1, 2, 3]
    # The probe is written once for as long as it stays the same.
    assert run.steps("probe") == [1, 3]
    expected = keras.ops.convert_to_numpy(model(X, training=False))
    for sample in range(3):
        found = run.activations("seq/out", 2, sample)
        np.testing.assert_allclose(found.maps.ravel(), expected[sample], atol=1e-6)
        np.testing.assert_allclose(found.stats[:, 2], expected[sample], rtol=1e-6)
    assert run.activation_index(3).samples == 2


def test_gradients_of_a_custom_loop(
    tmp_path: pathlib.Path, writer: tb_kerasviz.Writer
) -> None:
    x = keras.Input((6,), dtype="int32")
    embedded = layers.Embedding(9, 4, name="embed")(x)
    y = layers.Dense(1, name="out")(layers.GlobalAveragePooling1D()(embedded))
    model = keras.Model(x, y)
    optimizer = keras.optimizers.SGD(0.1)
    data = np.random.default_rng(0).integers(0, 9, (5, 6))
    wanted = []
    for step in (1, 2, 3):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(model(data, training=True) - 1))
        grads = tape.gradient(loss, model.trainable_variables)
        assert isinstance(grads[0], tf.IndexedSlices)
        dense = [tf.convert_to_tensor(g).numpy() for g in grads]
        optimizer.apply_gradients(zip(grads, model.trainable_variables, strict=True))
        writer.write_scalars(step, {"loss": loss})
        writer.write_gradients(step, model, grads)
        weights = [np.linalg.norm(v.numpy()) for v in model.trainable_variables]
        wanted.append(
            [(np.linalg.norm(g), w) for g, w in zip(dense, weights, strict=True)]
        )
    found = read(tmp_path, writer).dynamics()

    assert found.variables == tuple(v.path for v in model.trainable_variables)
    assert found.steps.tolist() == [1, 2, 3]
    assert found.damaged == 0
    column = {name: i for i, name in enumerate(found.columns)}
    for name, part in (("grad_norm_max", 0), ("grad_norm_mean", 0), ("weight_norm", 1)):
        np.testing.assert_allclose(
            found.values[:, :, column[name]], np.array(wanted)[:, :, part], rtol=1e-5
        )
    assert np.isnan(found.values[:, :, column["update_norm_max"]]).all()
    assert (found.values[:, :, column["window"]] == 1).all()


def test_missing_and_broken_gradients(
    tmp_path: pathlib.Path, writer: tb_kerasviz.Writer, model: keras.Model
) -> None:
    grads = [np.ones(v.shape, np.float32) for v in model.trainable_variables]
    broken = [None, *grads[1:]]
    broken[1] = np.full_like(grads[1], np.nan)
    writer.write_gradients(7, model, broken)
    found = read(tmp_path, writer).dynamics()

    column = {name: i for i, name in enumerate(found.columns)}
    assert np.isnan(found.values[0, :2, column["grad_norm_max"]]).all()
    assert found.values[0, :3, column["nonfinite"]].tolist() == [0, grads[1].size, 0]
    first = found.values[0, :3, column["nonfinite_first_step"]]
    assert first.tolist() == [-1, 7, -1]


def test_what_the_calls_cost_the_loop_is_in_the_status(
    tmp_path: pathlib.Path, model: keras.Model
) -> None:
    began = time.perf_counter()
    time.sleep(0.1)  # Before the first call, and so no part of the training.
    with tb_kerasviz.Writer(tmp_path) as writer:
        for step in range(3):
            writer.write_weights(step, model)
            writer.write_scalars(step, {"loss": step})
            time.sleep(0.1)
    wall_secs = time.perf_counter() - began
    status = tb_kerasviz.load(tmp_path)["."].status()

    assert 0 < status.overhead_secs < status.training_secs - 0.3
    assert status.training_secs < wall_secs - 0.1
    assert status.captures_skipped == 0


def test_calls_that_raise_cost_something_too(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Slow:
        def __array__(self, *args: Any, **kwargs: Any) -> Any:
            time.sleep(0.2)
            return np.zeros(2)

    with tb_kerasviz.Writer(tmp_path) as writer:
        with pytest.raises(ValueError, match="must be one number"):
            writer.write_scalars(0, {"loss": Slow()})
        began = time.perf_counter()
        writer.write_scalars(0, {"loss": 1})
        with pytest.raises(ValueError, match="must be one number"):
            writer.write_scalars(1, {"loss": Slow()})
        assert writer.flush()
        run = tb_kerasviz.load(tmp_path)["."]
    wall_secs = time.perf_counter() - began
    status = run.status()

    # Before something was written there was no training.
    assert 0.2 <= status.overhead_secs <= status.training_secs <= wall_secs


Write = Callable[[tb_kerasviz.Writer, keras.Model], None]

BAD: list[tuple[Write, type[Exception], str]] = [
    (lambda w, m: w.write_scalars(9, 0.3), TypeError,  # type: ignore[arg-type]
     "scalars must be a mapping .*; received float"),
    (lambda w, m: w.write_scalars(9, {3: 0.3}), TypeError,  # type: ignore[dict-item]
     "tags must be non-empty texts; received 3"),
    (lambda w, m: w.write_scalars(9, {"": 0.3}), TypeError, "tags must be non-empty"),
    (lambda w, m: w.write_scalars(9, {"\ud800": 0.3}), ValueError, "the tag"),
    (lambda w, m: w.write_scalars(9, {"x" * 2000: 0.3}), ValueError, "the tag"),
    (lambda w, m: w.write_scalars(9, {"loss": "0.3"}), ValueError,
     "the scalar 'loss' must be one number; received '0.3'"),
    (lambda w, m: w.write_scalars(9, {"loss": None}), ValueError, "received None"),
    (lambda w, m: w.write_scalars(9, {"loss": 1j}), ValueError, "received 1j"),
    (lambda w, m: w.write_scalars(9, {"loss": X}), ValueError, "must be one number"),
    (lambda w, m: w.write_scalars(1, {"loss": 1}), ValueError,
     "steps of train/loss must increase: received 1 after 1"),
    (lambda w, m: w.write_scalars(9, {"loss": 1}, split="../x"), ValueError,
     "split must be the name of a directory"),
    (lambda w, m: w.write_scalars(9, {"loss": 1}, split="kerasviz"), ValueError,
     "received 'kerasviz'"),
    (lambda w, m: w.write_scalars(9, {"loss": 1}, split="c:"), ValueError, "split"),
    (lambda w, m: w.write_scalars(9, {"loss": 1}, split="\ud800"), ValueError, "split"),
    (lambda w, m: w.write_scalars(9.5, {"loss": 1}), TypeError,  # type: ignore[arg-type]
     "step must be an integer; received 9.5 of type float"),
    (lambda w, m: w.write_scalars("9", {"loss": 1}), TypeError,  # type: ignore[arg-type]
     "step must be an integer"),
    (lambda w, m: w.write_scalars(-1, {"loss": 1}), ValueError, "step must be from 0"),
    (lambda w, m: w.write_scalars(True, {"loss": 1}), ValueError, "received True"),
    (lambda w, m: w.write_scalars(2**60, {"loss": 1}), ValueError, "step must be from"),
    (lambda w, m: w.write_model(9, "model"), TypeError, "must be a keras.Model"),
    (lambda w, m: w.write_model(1, m), ValueError, "of model_graph must incr"),
    (lambda w, m: w.write_model(9, models.Subclassed(), inputs="text"), ValueError,
     "could not be built from"),
    (lambda w, m: w.write_weights(9, None), TypeError, "received None of type"),
    (lambda w, m: w.write_weights(9, keras.Sequential([layers.Dense(1)])), ValueError,
     "has no weights; build it first"),
    (lambda w, m: w.write_weights(1, m), ValueError, "steps of weights must increase"),
    (lambda w, m: w.write_activations(9, layers.Dense(2), X), TypeError, "keras.Model"),
    (lambda w, m: w.write_activations(9, m, X[:, :5]), ValueError, "does not fit"),
    (lambda w, m: w.write_activations(9, m, X[:2], labels=[1]), ValueError, "one"),
    (lambda w, m: w.write_activations(1, m, X), ValueError, "must increase"),
    (lambda w, m: w.write_activations(9, models.Subclassed(), X), ValueError,
     "is not built; call it on data first"),
    (lambda w, m: w.write_activations(9, m, []), ValueError, "probe is empty"),
    (lambda w, m: w.write_activations(9, m, X, vocabulary=3), TypeError,
     "vocabulary must be a sequence of tokens"),
    (lambda w, m: w.write_activations(9, m, X, vocabulary={"words": ["a"]}), ValueError,
     "names the inputs 'words'; the probe's are"),
    (lambda w, m: w.write_gradients(9, 3, []), TypeError, "must be a keras.Model"),
    (lambda w, m: w.write_gradients(9, m, [], histograms=1),  # type: ignore[arg-type]
     TypeError, "histograms must be True or False; received 1 of type int"),
    (lambda w, m: w.write_gradients(9, m, []), ValueError,
     "one gradient for each of the 6 trainable variables; received 0"),
    (lambda w, m: w.write_gradients(9, m, [np.ones(3)] * 6), ValueError,
     "must have the variable's shape"),
]  # fmt: skip


def test_bad_input_raises_and_good_input_still_works(
    tmp_path: pathlib.Path, model: keras.Model
) -> None:
    def write_good(writer: tb_kerasviz.Writer, step: int) -> None:
        writer.write_scalars(step, {"loss": step})
        writer.write_model(step, model)
        writer.write_weights(step, model)
        writer.write_activations(step, model, X)
        grads = [np.ones(v.shape, np.float32) for v in model.trainable_variables]
        writer.write_gradients(step, model, grads)

    with tb_kerasviz.Writer(tmp_path / "run") as writer:
        write_good(writer, 1)
        for write, error, message in BAD:
            with pytest.raises(error, match=message):
                write(writer, model)
        write_good(writer, 9)
    run = tb_kerasviz.load(tmp_path)["run"]

    assert run.steps("model_graph") == [1]  # It stayed the same.
    for kind in ("weights", "activations", "dynamics"):
        assert run.steps(kind) == [1, 9], kind
    assert run.scalars("loss").steps.tolist() == [1, 9]
    status = run.status()
    assert status.refused == {}
    assert status.dropped == {}
    assert status.accepted == status.written
    assert status.closed


@pytest.mark.parametrize(
    ("log_dir", "error"), [(None, TypeError), (3, TypeError), ("", ValueError)]
)
def test_a_wrong_directory_is_named(log_dir: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match="log_dir must "):
        tb_kerasviz.Writer(log_dir)


def test_a_closed_writer_says_so(tmp_path: pathlib.Path) -> None:
    writer = tb_kerasviz.Writer(tmp_path / "run")
    writer.write_scalars(1, {"loss": 1})
    writer.close()
    writer.close()

    with pytest.raises(ValueError, match="the writer is closed; make a new Writer"):
        writer.write_scalars(2, {"loss": 1})


def test_an_unused_writer_makes_nothing(tmp_path: pathlib.Path) -> None:
    with tb_kerasviz.Writer(tmp_path / "run") as writer:
        assert writer.flush()

    assert list(tmp_path.iterdir()) == []


def test_a_training_goes_on_in_its_directory(
    tmp_path: pathlib.Path, model: keras.Model
) -> None:
    for first, offset in ((1, 0), (4, 100)):
        with tb_kerasviz.Writer(tmp_path / "run") as writer:
            for step in range(first, first + 5):
                writer.write_scalars(step, {"loss": step + offset})
                writer.write_weights(step, model)
    run = tb_kerasviz.load(tmp_path)["run"]

    # Steps 1 to 3 are the first training's, 4 to 8 the second one's.
    wanted = [1, 2, 3, 104, 105, 106, 107, 108]
    assert run.scalars("loss").steps.tolist() == list(range(1, 9))
    assert run.scalars("loss").values.tolist() == wanted
    assert run.steps("weights") == list(range(1, 9))
    shown = tensorboard(tmp_path / "run" / "train")["loss"]
    assert shown == list(zip(range(1, 9), wanted, strict=True))


def test_a_training_that_begins_again_voids_the_one_before(
    tmp_path: pathlib.Path,
) -> None:
    for steps in (range(10), range(1, 4)):
        with tb_kerasviz.Writer(tmp_path / "run") as writer:
            for step in steps:
                writer.write_scalars(step, {"loss": len(steps)})
    found = tb_kerasviz.load(tmp_path)["run"].scalars("loss")

    assert found.steps.tolist() == [1, 2, 3]
    assert found.values.tolist() == [3, 3, 3]


def test_weights_larger_than_the_queue_are_not_dropped(tmp_path: pathlib.Path) -> None:
    side = 4200  # 70 MB of weights
    model = keras.Sequential(
        [keras.Input((side,)), keras.layers.Dense(side, use_bias=False)]
    )
    with tb_kerasviz.Writer(tmp_path) as writer:
        writer.write_model(0, model)
        writer.write_weights(0, model)

    run = reader.load(tmp_path)["."]
    assert run.status().dropped == {}
    (variable,) = model.weights
    weights = run.weights(variable.path, 0)
    assert weights.counts.sum() == side * side
    assert weights.values.size < side * side


def test_tokens_are_logged_with_the_probe_when_they_change(
    tmp_path: pathlib.Path,
) -> None:
    ids = keras.Input((3,), dtype="int32", name="ids")
    model = keras.Model(ids, layers.Embedding(5, 2)(ids))
    probe = np.array([[1, 2, 0]])
    steps: list[Any] = [None, None, ["", "one", "two"], {"ids": {1: "uno"}}]
    with tb_kerasviz.Writer(tmp_path) as writer:
        for step, vocabulary in enumerate(steps):
            writer.write_activations(step, model, probe, vocabulary=vocabulary)

    run = reader.load(tmp_path)["."]
    assert run.steps("probe") == [0, 2, 3]


def test_the_first_batch_of_an_iterator_stays_the_probe(
    tmp_path: pathlib.Path,
) -> None:
    model = keras.Sequential([keras.Input((2,)), layers.Dense(1, name="d")])
    batches = ((np.full((2, 2), i, np.float32), [i, i]) for i in range(3))
    with tb_kerasviz.Writer(tmp_path) as writer:
        for step in range(2):
            writer.write_activations(step, model, batches)

    run = reader.load(tmp_path)["."]
    assert run.steps("probe") == [0]
    assert run.steps("activations") == [0, 1]
    assert len(list(batches)) == 2


def test_the_probe_is_logged_when_it_or_its_labels_change(
    tmp_path: pathlib.Path,
) -> None:
    model = keras.Sequential([keras.Input((2,)), layers.Dense(1)])
    probe = np.zeros((2, 2), np.float32)
    with tb_kerasviz.Writer(tmp_path) as writer:
        for step, labels in enumerate(["ab", "ab", "cd", "cd"]):
            writer.write_activations(step, model, probe[:], labels=list(labels))
        writer.write_activations(4, model, probe + 1, labels=list("cd"))

    run = reader.load(tmp_path)["."]
    assert run.steps("probe") == [0, 2, 4]
    assert run.steps("activations") == [0, 1, 2, 3, 4]
