"""What is particular to JAX: a train step that is a pure function."""

from __future__ import annotations

import pathlib
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

import tb_kerasviz
from tb_kerasviz import KerasViz
from tb_kerasviz.wire.schema import DYNAMICS_COLUMNS
from tests.backends import trainings
from tests.backends.conftest import RunScript
from tests.backends.trainings import BATCH, BATCHES, Training, compiled, digits

pytestmark = pytest.mark.only_on("jax")

STEPS = list(range(1, 2 * BATCHES + 1))


def run_of(directory: pathlib.Path) -> Any:
    return tb_kerasviz.load(directory)["."]


def close(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert one.keys() == other.keys()
    for name, value in one.items():
        np.testing.assert_allclose(value, other[name], 1e-4, 1e-6, err_msg=name)


class Plain(keras.Model):
    """Two layers, and Keras's train step."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden = layers.Dense(6, activation="relu")
        self.scores = layers.Dense(10, activation="softmax")

    def call(self, inputs: Any) -> Any:
        return self.scores(self.hidden(keras.ops.reshape(inputs, (-1, 64))))


class StepsInCondition(Plain):
    """Lets the optimizer step inside of a condition, as some skip bad batches."""

    def train_step(self, state: Any, data: Any) -> Any:
        import jax

        weights, others, of_optimizer, of_metrics = state
        x, y = data[:2]
        compute = jax.value_and_grad(self.compute_loss_and_updates, has_aux=True)
        (_, (loss, y_pred, others, of_metrics)), grads = compute(
            weights, others, of_metrics, x, y, None, True, of_optimizer
        )
        weights, of_optimizer = jax.lax.cond(
            loss < 1e9,
            lambda: self.optimizer.stateless_apply(of_optimizer, grads, weights),
            lambda: (list(weights), list(of_optimizer)),
        )
        logs, of_metrics = self._update_metrics_variables(
            of_metrics, loss, x, y, y_pred, None
        )
        return logs, (weights, others, of_optimizer, of_metrics)


class OwnOptimizer(Plain):
    """Steps without its optimizer."""

    def train_step(self, state: Any, data: Any) -> Any:
        import jax

        weights, others, of_optimizer, of_metrics = state
        x, y = data[:2]
        compute = jax.value_and_grad(self.compute_loss_and_updates, has_aux=True)
        (_, (loss, y_pred, others, of_metrics)), grads = compute(
            weights, others, of_metrics, x, y, None, True, of_optimizer
        )
        weights = [w - 0.1 * g for w, g in zip(weights, grads, strict=True)]
        of_optimizer = [of_optimizer[0] + 1, *of_optimizer[1:]]
        logs, of_metrics = self._update_metrics_variables(
            of_metrics, loss, x, y, y_pred, None
        )
        return logs, (weights, others, of_optimizer, of_metrics)


class OwnTrainFunction(Plain):
    """Makes its train function in its own way."""

    def make_train_function(self, force: bool = False) -> None:
        super().make_train_function(force)


OP_BY_OP = pytest.param(False, marks=pytest.mark.slow)


@pytest.mark.parametrize("jit_compile", [True, OP_BY_OP])
@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (StepsInCondition, "transforms by itself"),
        (OwnOptimizer, "did not call stateless_apply"),
        (OwnTrainFunction, "make_train_function of its own"),
    ],
)
def test_a_step_that_cannot_be_measured(
    kind: type[keras.Model], reason: str, jit_compile: bool, tmp_path: pathlib.Path
) -> None:
    training = Training(lambda: compiled(kind(), jit_compile=jit_compile))
    expected = trainings.state_of(training.run())
    model = training.run(tmp_path)
    close(expected, trainings.state_of(model))
    run = run_of(tmp_path)
    assert run.steps("dynamics") == []
    (notice,) = run.status().notices
    assert reason in notice.message
    # All else is logged.
    assert run.steps("weights")[-1] == 2 * BATCHES
    assert run.scalars("epoch_loss").steps.tolist() == [BATCHES, 2 * BATCHES]


def test_an_error_of_the_model_is_the_models(tmp_path: pathlib.Path) -> None:
    class Wrong(Plain):
        def call(self, inputs: Any, training: bool = False) -> Any:
            if training and keras.ops.shape(inputs)[0] != BATCH:
                raise ValueError("no such batch")
            return super().call(inputs)

    x, y = digits()
    model = compiled(Wrong(), jit_compile=True)
    log = KerasViz(tmp_path)
    # The last batch of an epoch is smaller: its step is traced anew.
    with pytest.raises(ValueError, match="no such batch"):
        model.fit(x, y, batch_size=BATCH, verbose=0, callbacks=[log])
    model.fit(x[:BATCH], y[:BATCH], batch_size=BATCH, verbose=0, callbacks=[log])
    assert run_of(tmp_path).dynamics().steps.tolist() == list(range(1, BATCHES + 1))


def test_a_callback_that_ends_first_leaves_the_other_one(
    tmp_path: pathlib.Path,
) -> None:
    class Ends(keras.callbacks.Callback):
        """Lets a callback end in the middle, as when it fails."""

        def __init__(self, log: KerasViz) -> None:
            super().__init__()
            self.log = log

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            if batch == 4:
                self.log._give_up("test", RuntimeError("as if"))

    for ended in "ab":
        logs = {name: KerasViz(tmp_path / ended / name) for name in "ab"}
        training = Training(lambda: trainings.dense(jit_compile=True))
        model = training.run(callbacks=[*logs.values(), Ends(logs[ended])], epochs=2)
        other = "b" if ended == "a" else "a"
        runs = tb_kerasviz.load(tmp_path / ended)
        assert runs[other].dynamics().steps.tolist() == STEPS
        assert runs[other].status().notices == ()
        assert type(model.train_function).__module__ != (
            "tb_kerasviz.capture.backends.jax_train_function"
        )


class Adversarial(keras.Model):
    """Two networks, each with an optimizer; the critic steps twice.

    Keras's trainer carries the variables of one optimizer through the step.
    Those of the critic's optimizer travel with the model's other variables.
    """

    def __init__(self) -> None:
        super().__init__()
        self.generator = keras.Sequential([keras.Input((4,)), layers.Dense(64)])
        self.critic = keras.Sequential([keras.Input((64,)), layers.Dense(1)])
        self.critic_optimizer = keras.optimizers.SGD(0.05)
        self.critic_optimizer.build(self.critic.trainable_variables)
        self.built = True

    @property
    def non_trainable_variables(self) -> list[Any]:
        return [*super().non_trainable_variables, *self.critic_optimizer.variables]

    def call(self, inputs: Any) -> Any:
        return self.critic(keras.ops.reshape(inputs, (-1, 64)))

    def train_step(self, state: Any, data: Any) -> Any:
        import jax

        weights, others, slots, of_metrics = state
        split = len(self.generator.trainable_variables)
        own = len(others) - len(self.critic_optimizer.variables)
        made, judged = list(weights[:split]), list(weights[split:])
        of_critic = list(others[own:])
        real = keras.ops.reshape(data[0], (-1, 64))

        def judge(judged: Any, made: Any) -> tuple[Any, Any]:
            fake, _ = self.generator.stateless_call(made, [], real[:, :4])
            scores = [
                self.critic.stateless_call(judged, [], x)[0].mean()
                for x in (fake, real)
            ]
            return scores[0] - scores[1], scores[0]

        for _ in range(2):
            grads, _ = jax.grad(judge, has_aux=True)(judged, made)
            judged, of_critic = self.critic_optimizer.stateless_apply(
                of_critic, grads, judged
            )
        grads = jax.grad(lambda made: -judge(judged, made)[1])(made)
        made, slots = self.optimizer.stateless_apply(slots, grads, made)
        logs = {"critic": judge(judged, made)[0]}
        others = [*others[:own], *of_critic]
        return logs, ([*made, *judged], others, slots, of_metrics)


@pytest.mark.parametrize("jit_compile", [True, OP_BY_OP])
def test_two_optimizers(jit_compile: bool, tmp_path: pathlib.Path) -> None:
    def build() -> keras.Model:
        model = Adversarial()
        optimizer = keras.optimizers.Adam(0.01)
        optimizer.build(model.generator.trainable_variables)
        model.compile(optimizer, jit_compile=jit_compile)
        return model

    training = Training(
        build, lambda: {"x": digits()[0], "y": digits()[1], "batch_size": BATCH}
    )
    expected = trainings.state_of(training.run())
    model = training.run(tmp_path)
    close(expected, trainings.state_of(model))
    run = run_of(tmp_path)
    assert run.status().notices == ()
    dynamics = run.dynamics()
    # A step is one of the optimizer that made the most.
    assert dynamics.steps.tolist() == list(range(1, 4 * BATCHES + 1))
    norms = dynamics.values[..., DYNAMICS_COLUMNS.index("grad_norm_mean")]
    generator, critic = norms[:, :2], norms[:, 2:]
    assert np.isfinite(critic).all()
    assert np.isfinite(generator[1::2]).all()
    assert np.isnan(generator[::2]).all()


DATA_PARALLEL = """
import sys
import jax
import keras
import numpy as np
from tests.backends import trainings
from tests.backends.test_dynamics import picture_model
from tb_kerasviz import KerasViz

assert len(jax.devices()) == 2
keras.distribution.set_distribution(keras.distribution.DataParallel())
keras.utils.set_random_seed(1)
x, y = trainings.digits()
x, y = x[:144], y[:144]

def train(*callbacks):
    keras.utils.set_random_seed(7)
    model = trainings.compiled(picture_model(), jit_compile=True)
    model.fit(x, y, batch_size=16, epochs=2, shuffle=False, verbose=0,
              callbacks=list(callbacks))
    return model

plain = train()
log = KerasViz(sys.argv[1], probe=x[:4], gradient_histograms=True)
model = train(log)
for one, other in zip(plain.get_weights(), model.get_weights()):
    np.testing.assert_allclose(one, other, 1e-4, 1e-6)
sharding = model.trainable_variables[0].value.sharding
assert len(sharding.device_set) == 2, sharding
"""


def test_data_parallel_measures_the_gradients_of_the_whole_batch(
    tmp_path: pathlib.Path, run_script: RunScript, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XLA_FLAGS", "--xla_force_host_platform_device_count=2")
    run_script(DATA_PARALLEL, str(tmp_path / "parallel"))

    # The same on one device.
    from tests.backends.test_dynamics import picture_model

    x, y = (part[:144] for part in digits())
    keras.utils.set_random_seed(7)
    model = compiled(picture_model(), jit_compile=True)
    model.fit(
        x, y, batch_size=BATCH, epochs=2, shuffle=False, verbose=0,
        callbacks=[
            KerasViz(tmp_path / "single", probe=x[:4], gradient_histograms=True)
        ],
    )  # fmt: skip
    parallel, single = (
        tb_kerasviz.load(tmp_path)[name] for name in ("parallel", "single")
    )
    assert parallel.status().notices == ()
    assert parallel.dynamics().steps.tolist() == list(range(1, 19))
    assert parallel.steps("activations") == single.steps("activations")
    for kind in ("dynamics", "step_dynamics"):
        one, other = (
            getattr(run, kind)().values[..., :-1] for run in (parallel, single)
        )
        np.testing.assert_allclose(one, other, rtol=1e-2, atol=1e-3, err_msg=kind)
    assert parallel.steps("gradients") == single.steps("gradients") == [1, 10]
    paths = [
        [entry.path for entry in run.gradient_index(1).variables]
        for run in (parallel, single)
    ]
    for mine, its in zip(*paths, strict=True):
        one, other = parallel.gradients(mine, 1), single.gradients(its, 1)
        assert one.entry.shape == other.entry.shape
        assert one.counts.sum() == other.counts.sum() == np.prod(one.entry.shape)
        np.testing.assert_allclose(one.stats, other.stats, 1e-2, 1e-4)
    # One writer: one file of each kind.
    files = [path.parent.name for path in (tmp_path / "parallel").rglob("*tfevents*")]
    assert sorted(files) == sorted(set(files))


def test_wanted_gradients_do_not_compile_the_step_anew(tmp_path: pathlib.Path) -> None:
    sizes = []

    class Look(keras.callbacks.Callback):
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            sizes.append(self.model.train_function._step._cache_size())

    x, y = (part[:144] for part in digits())
    model = trainings.dense(jit_compile=True)
    log = KerasViz(tmp_path, weights=2, gradient_histograms=True, max_overhead=None)
    model.fit(x, y, batch_size=BATCH, epochs=2, verbose=0, callbacks=[log, Look()])
    run = tb_kerasviz.load(tmp_path)["."]
    assert run.steps("gradients") == [step + 1 for step in run.steps("weights")[:-1]]
    # The first step's state comes from Keras, and has no fixed place yet.
    assert sizes[2:] == [sizes[1]] * (len(sizes) - 2)
