"""How the probe runs: compiled where it can be, and read at leisure."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
from keras import layers, ops

from tests.activations import truth
from tests.activations.catalogue import SAMPLES, convolutional, random


def test_what_was_taken_does_not_change_with_the_model() -> None:
    model, probe = convolutional()
    model.compile("sgd", "mse")
    reader = truth.create_reader(model, probe)
    wanted = truth.Read(reader.capture(0).reduce())
    snapshot = reader.capture(0)
    model.fit(probe, random(4), epochs=3, verbose=0)
    found = truth.Read(snapshot.reduce())

    for key in wanted.entries:
        for one, other in zip(wanted.samples(key), found.samples(key), strict=True):
            np.testing.assert_array_equal(one.maps, other.maps)
    changed = truth.Read(reader.capture(1).reduce())
    assert not np.array_equal(
        changed.units(("conv", 0, 0)).stats, found.units(("conv", 0, 0)).stats
    )


class Calls(layers.Layer):
    """Calls something while it is called."""

    then: Any = None

    def call(self, x: Any) -> Any:
        if self.then is not None:
            self.then()
        return x


def test_a_capture_that_is_reduced_while_the_next_one_is_taken() -> None:
    x = keras.Input((4,))
    calls = Calls(name="calls")
    model = keras.Model(x, layers.Dense(3, name="dense")(calls(x)))
    reader = truth.create_reader(model, random(4))
    snapshot = reader.capture(0)
    found: list[Any] = []
    # As the writer's thread does; what is compiled does not call it again.
    calls.then = lambda: found.append(snapshot.reduce())
    reader.capture(1)
    calls.then = None
    if not found:
        found.append(snapshot.reduce())

    (output,) = found[0].outputs
    wanted = ops.convert_to_numpy(model(ops.convert_to_tensor(random(4))))
    np.testing.assert_allclose(output.values, wanted, atol=1e-5)


class ReturnsWeights(layers.Layer):
    """Its output is a variable, whose memory belongs to the training."""

    def build(self, shape: Any) -> None:
        self.table = self.add_weight(shape=(SAMPLES, 4), name="table")

    def call(self, x: Any) -> Any:
        return ops.convert_to_tensor(self.table.value)


def test_an_output_that_is_a_variable() -> None:
    x = keras.Input((4,))
    y = layers.Add(name="add")([ReturnsWeights(name="weights")(x), x])
    model = keras.Model(x, y)
    model.compile("sgd", "mse")
    reader = truth.create_reader(model, random(4))
    reader.capture(0).reduce()
    before = ops.convert_to_numpy(model.get_layer("weights").table).copy()
    snapshot = reader.capture(1)
    model.fit(random(4), random(4), batch_size=SAMPLES, epochs=3, verbose=0)

    truth.check(truth.Read(snapshot.reduce()), ("weights", 0, 0), before)


def test_outputs_that_are_too_large_to_be_held_at_once() -> None:
    model, probe = convolutional()
    whole = truth.read(model, probe)
    reader = truth.create_reader(model, probe, run_bytes=3000)
    for step in range(2):
        snapshot = reader.capture(step)
        reduced = snapshot.reduce()
        held = sum(part.nbytes for part in snapshot._parts)
        assert snapshot.nbytes == held <= reduced.raw_bytes + 3000
        parts = truth.Read(reduced)
        assert parts.entries.keys() == whole.entries.keys()
        for key in whole.entries:
            for one, other in zip(whole.samples(key), parts.samples(key), strict=True):
                np.testing.assert_allclose(one.maps, other.maps, atol=1e-5)


class Failing(layers.Layer):
    def call(self, x: Any) -> Any:
        raise ValueError("this layer never works")


def test_a_model_that_fails_says_so_itself() -> None:
    x = keras.Input((4,))
    failing = Failing(name="failing")
    failing.__dict__["call"] = lambda x: x
    model = keras.Model(x, failing(x))
    del failing.__dict__["call"]
    reader = truth.create_reader(model, random(4))
    with pytest.raises(ValueError, match="never works"):
        reader.capture(0)


def test_one_output_that_cannot_be_reduced_does_not_take_the_others_along() -> None:
    model, probe = convolutional()
    reader = truth.create_reader(model, probe)
    snapshot = reader.capture(0)
    bad = snapshot._parts[2]

    class Lost:
        """A tensor whose device is gone."""

        _version = 0

        def __getattr__(self, name: str) -> Any:
            raise RuntimeError("the device is gone")

    bad._tensor = Lost()
    found = truth.Read(snapshot.reduce())
    path = bad._planned.item.entry.path
    assert "could not be reduced: the device is gone" in found.skipped[path]
    assert len(found.entries) == len(snapshot._parts) - 1


class Branching(keras.Model):
    """Has code that needs values."""

    def __init__(self) -> None:
        super().__init__(name="branching")
        self.out = layers.Dense(2, name="out")

    def build(self, shape: Any) -> None:
        self.out.build(shape)
        self.built = True

    def call(self, x: Any) -> Any:
        return self.out(x * 2 if float(ops.sum(x)) > 0 else x * 3)


@pytest.mark.only_on("jax")
def test_code_that_jax_cannot_trace_runs_op_by_op() -> None:
    model, probe = Branching(), np.abs(random(4))
    model(probe)
    reader = truth.create_reader(model, probe)
    for step in range(2):
        found = truth.Read(reader.capture(step).reduce())
        truth.check_roughly(found, (model.out.path, 0, 0), model(probe))
    assert "JAX cannot compile the forward pass" in reader.notice


def test_what_can_be_compiled_needs_no_notice() -> None:
    reader = truth.create_reader(*convolutional())
    reader.capture(0)
    assert reader.notice == ""


class Hidden(layers.Layer):
    """Uses a variable that it does not own, and that Keras does not track."""

    def __init__(self, hidden: list[Any]) -> None:
        super().__init__(name="hidden")
        self.get: Any = lambda: hidden[0]

    def call(self, x: Any) -> Any:
        return x * self.get()


def test_variables_that_nothing_leads_to_are_not_constants() -> None:
    variable = keras.Variable(np.float32(2))
    x = keras.Input((4,))
    model = keras.Model(x, Hidden([variable])(x))
    probe = random(4)
    reader = truth.create_reader(model, probe)
    truth.check(truth.Read(reader.capture(0).reduce()), ("hidden", 0, 0), probe * 2)
    variable.assign(4)
    truth.check(truth.Read(reader.capture(1).reduce()), ("hidden", 0, 0), probe * 4)


class NoisyCell(layers.Layer):
    """Draws random numbers in every step of a recurrent layer."""

    def __init__(self) -> None:
        super().__init__(name="cell")
        self.state_size = self.output_size = 4
        self.seeds = keras.random.SeedGenerator(3)

    def build(self, shape: Any) -> None:
        self.built = True

    def call(self, x: Any, states: Any) -> Any:
        noise = keras.random.normal(ops.shape(x), seed=self.seeds)
        return x + noise, [states[0] + x]


def test_random_numbers_within_a_loop() -> None:
    x = keras.Input((5, 4))
    noisy = layers.RNN(NoisyCell(), return_sequences=True, name="rnn")
    model = keras.Model(x, layers.Dense(2, name="out")(noisy(x)))
    seeds = noisy.cell.seeds.state
    before = ops.convert_to_numpy(seeds.value).tobytes()
    reader = truth.create_reader(model, random(5, 4))
    for step in range(2):
        found = truth.Read(reader.capture(step).reduce())
        assert ("out", 0, 0) in found.entries
        assert ops.convert_to_numpy(seeds.value).tobytes() == before


@pytest.mark.only_on("torch")
def test_raw_modules_are_left_as_they_were() -> None:
    import torch

    module: Any = torch.nn.Sequential(
        torch.nn.BatchNorm1d(4), torch.nn.Dropout(0.5), torch.nn.ReLU(inplace=True)
    )
    wrapped: Any = keras.layers.TorchModuleWrapper(module, name="raw")
    model = keras.Sequential([layers.Dense(4, name="dense"), wrapped])
    model(random(3))
    module.train(False)
    before = {name: b.clone() for name, b in module.state_dict().items()}
    generator: Any = torch.random
    random_state = generator.get_rng_state()
    truth.create_reader(model, random(3), training=True).capture(0).reduce()

    for name, value in module.state_dict().items():
        assert torch.equal(value, before[name]), name
    assert not module.training
    assert torch.equal(generator.get_rng_state(), random_state)


@pytest.mark.only_on("torch")
def test_an_output_that_the_next_layer_writes_into() -> None:
    import torch

    relu = keras.layers.TorchModuleWrapper(torch.nn.ReLU(inplace=True), name="raw")
    model = keras.Sequential([layers.Dense(4, name="dense"), relu])
    probe = random(3)
    model(probe)
    reader = truth.create_reader(model, probe)
    dense = model.get_layer("dense")
    wanted = ops.convert_to_numpy(dense(probe).detach())
    for step in range(2):
        found = truth.Read(reader.capture(step).reduce())
        truth.check(found, next(k for k in found.entries if "dense" in k[0]), wanted)


@pytest.mark.only_on("tensorflow")
def test_raw_variables_of_tensorflow_are_left_as_they_were() -> None:
    import tensorflow as tf

    class Raw(layers.Layer):
        def __init__(self) -> None:
            super().__init__(name="raw")
            self.__dict__["raw"] = tf.Variable(0.0)

        def call(self, x: Any) -> Any:
            self.__dict__["raw"].assign_add(1.0)
            return x + self.__dict__["raw"]

    x = keras.Input((4,))
    layer = Raw()
    model = keras.Model(x, layer(x))
    value = vars(layer)["raw"].numpy()
    reader = truth.create_reader(model, random(4))
    for step in range(2):
        reader.capture(step).reduce()
        assert vars(layer)["raw"].numpy() == value
