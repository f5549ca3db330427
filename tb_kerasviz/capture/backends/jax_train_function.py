"""The train function of a model on JAX, with measurements carried through it."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import jax
import jax.extend.core
import keras
from jax import numpy as jnp
from keras import ops

from tb_kerasviz.capture.backends.interface import UnsupportedError
from tb_kerasviz.capture.backends.jax_tap import JaxTap
from tb_kerasviz.capture.backends.method_hook import MethodHook

_get_trace_state: Any = (
    getattr(jax.extend.core, "get_opaque_trace_state", None)
    # Its place in older versions.
    or jax.core.get_opaque_trace_state
)


class JaxTrainFunction:
    """Stands in the place of `model.train_function`.

    JAX's train steps are pure functions of the state that Keras hands to them.
    This one takes the rings of the taps besides and gives them back, as an
    argument of its own: no variable of the model or of the optimizer holds
    them, and the model is left as it is between two steps. It calls the
    model's `train_step`; only while that is traced there is something around
    the optimizers' `stateless_apply`.

    Where the step cannot be traced like this, the model's own train function
    is called instead, and the taps tell why.

    Args:
        model: A compiled and built model.
        taps: Those of one callback; those of another one that is active go on.

    Raises:
        UnsupportedError: The model makes its train function in its own way.
    """

    def __init__(self, model: keras.Model, taps: Sequence[JaxTap]) -> None:
        own = type(model).make_train_function
        if own is not keras.Model.make_train_function or _has_nnx():
            raise UnsupportedError(
                "gradient and update norms are not read where the model has a "
                "make_train_function of its own (or is a Flax NNX module), because "
                "on JAX they are carried through the function that it makes; "
                "everything else is logged"
            )
        if model.train_function is None:
            model.make_train_function()
        self._model = model
        self._previous = model.train_function
        self.taps: list[JaxTap] = list(taps)
        if isinstance(self._previous, JaxTrainFunction):
            others = [tap for tap in self._previous.taps if tap.active]
            self.taps = [*others, *taps]
        every = [one for tap in self.taps for one in tap.target.all_optimizers]
        self._optimizers = list({id(one): one for one in every}.values())
        self._sharding = _replicated(model)
        # Of each optimizer, the steps that it made: some of them make fewer.
        counts = [int(ops.convert_to_numpy(one.iterations)) for one in self._optimizers]
        self._counts = self._placed(jnp.array(counts, jnp.int32))
        for tap in self.taps:
            ring = tap.get_ring()
            ring.state = self._placed(ring.state)
        self._step: Callable[..., Any] = self._compile()
        self._steps = model._make_function(self._run_step)
        self._broken = False

    def __call__(self, state: Any, iterator: Any) -> Any:
        """Makes `steps_per_execution` steps, as Keras's own function."""
        return self._steps(state, iterator)

    @property
    def is_active(self) -> bool:
        """Whether there is something to measure still."""
        return any(tap.active for tap in self.taps)

    def give_back(self) -> None:
        """Gives the model its train function from before back."""
        # Another callback, or `compile`, may have made another one since.
        if self._model.train_function is not self:
            return
        function = self._previous
        while isinstance(function, JaxTrainFunction) and not function.is_active:
            function = function._previous
        self._model.train_function = function

    # Outside of the trace ----------------------------------------------------

    def _compile(self) -> Callable[..., Any]:
        model = self._model
        if model.run_eagerly or not model.jit_compile:
            return self._traced_step
        shardings = None
        if keras.distribution.distribution() is not None:
            rest = self._sharding
            shardings = (None, model._get_state_sharding_spec(), (rest, rest))
        return jax.jit(
            self._traced_step, donate_argnums=(0, 1), out_shardings=shardings
        )

    def _run_step(self, state: Any, data: Any) -> Any:
        rings = [tap.get_ring() for tap in self.taps]
        if self._broken:
            return self._plain_step(state, data)
        carry = (self._counts, [ring.state for ring in rings])
        try:
            logs, new_state, carry = self._step(state, carry, data)
        except Exception as error:
            if self._step == self._traced_step or _is_spent((state, carry)):
                raise  # From within the step: it is not ours.
            # Nothing ran yet. If it is the model's own error, it comes again.
            result = self._plain_step(state, data)
            self._give_up(f"{type(error).__name__}: {error}")
            return result
        self._counts, states = carry
        for ring, ring_state in zip(rings, states, strict=True):
            ring.state = ring_state
        return logs, new_state

    def _plain_step(self, state: Any, data: Any) -> Any:
        function = self._previous
        while isinstance(function, JaxTrainFunction):
            function = function._previous
        return function(state, iter((data,)))

    def _give_up(self, reason: str) -> None:
        self._broken = True
        for tap in self.taps:
            tap.error = RuntimeError(reason)

    def _placed(self, tree: Any) -> Any:
        # Not left to the first step: it would be compiled twice.
        return tree if self._sharding is None else jax.device_put(tree, self._sharding)

    # Inside of it ------------------------------------------------------------

    def _traced_step(self, state: Any, carry: Any, data: Any) -> Any:
        counts, states = carry
        step = _TracedStep(self.taps, self._optimizers, counts, states)
        with step.hooks(self._model):
            logs, state = self._model.train_step(state, data)
        return logs, state, step.finish()


class _TracedStep:
    """One call of `train_step`, while it is traced or runs op by op."""

    def __init__(
        self,
        taps: Sequence[JaxTap],
        optimizers: Sequence[keras.optimizers.Optimizer],
        counts: Any,
        states: Sequence[Any],
    ) -> None:
        self._taps = taps
        self._optimizers = optimizers
        self._counts = counts
        self._loss: Any = None
        self._applied = False
        self._level = _trace_level()
        for tap, state in zip(taps, states, strict=True):
            tap.get_ring().begin(state)

    @contextlib.contextmanager
    def hooks(self, model: keras.Model) -> Iterator[None]:
        """Stands around what the train step calls."""
        hooks = [
            MethodHook(one, "stateless_apply", functools.partial(self._apply, at))
            for at, one in enumerate(self._optimizers)
        ]
        hooks += [
            MethodHook(metric, "update_state", self._keep_loss)
            for metric in model.metrics
            if metric.name == "loss"
        ]
        try:
            yield
        finally:
            for hook in hooks:
                hook.remove()

    def finish(self) -> Any:
        """What is carried to the next step."""
        if not self._applied:
            self._tell(
                "the model's train_step did not call stateless_apply of its optimizer"
            )
        states = [tap.get_ring().finish(self._loss) for tap in self._taps]
        return self._counts, states

    def _apply(
        self, at: int, original: Callable[..., Any], *args: Any, **kwargs: Any
    ) -> Any:
        self._applied = True
        if _trace_level() != self._level:
            self._tell(
                "stateless_apply of the optimizer was called inside of a function "
                "that JAX transforms by itself, such as that of a jax.lax.cond"
            )
            return original(*args, **kwargs)
        return self._measured(at, original, *args, **kwargs)

    def _measured(
        self,
        at: int,
        original: Callable[..., Any],
        optimizer_variables: Any,
        grads: Any,
        trainable_variables: Any,
    ) -> Any:
        optimizer = self._optimizers[at]
        grads = list(grads)
        # Nothing in here may end the step.
        finish: Callable[[Any], None] | None = None
        try:
            before = _scope(optimizer, trainable_variables, optimizer_variables)
            finish = self._measure(at, grads, before)
        except Exception as error:  # noqa: BLE001 - the taps tell of it
            self._tell(str(error))
        result = original(optimizer_variables, grads, trainable_variables)
        try:
            if finish is not None:
                finish(_scope(optimizer, *result))
        except Exception as error:  # noqa: BLE001 - the taps tell of it
            self._tell(str(error))
        return result

    def _measure(
        self, at: int, grads: Sequence[Any], before: keras.StatelessScope
    ) -> Callable[[keras.StatelessScope], None]:
        optimizer = self._optimizers[at]
        taps = [tap for tap in self._taps if tap.outer is optimizer]
        measures = [tap.around_step(grads, before) for tap in taps]

        def finish(after: keras.StatelessScope) -> None:
            with after:
                made = ops.cast(ops.convert_to_tensor(optimizer.iterations), "int32")
            self._counts = self._counts.at[at].set(made)
            step = jnp.max(self._counts)
            for measure in measures:
                measure(after, step)

        return finish

    def _keep_loss(
        self, original: Callable[..., Any], values: Any, *args: Any, **kwargs: Any
    ) -> Any:
        # Also called inside of the function that is differentiated, where a
        # value cannot be taken out of.
        if _trace_level() == self._level and jnp.ndim(values) == 0:
            self._loss = jnp.asarray(values, jnp.float32)
        return original(values, *args, **kwargs)

    def _tell(self, reason: str) -> None:
        for tap in self._taps:
            tap.error = tap.error or RuntimeError(reason)


def _scope(
    optimizer: keras.optimizers.Optimizer,
    trainable_variables: Sequence[Any],
    optimizer_variables: Sequence[Any],
) -> keras.StatelessScope:
    variables = [*optimizer._trainable_variables, *optimizer.variables]
    values = [*trainable_variables, *optimizer_variables]
    return keras.StatelessScope(list(zip(variables, values, strict=True)))


def _trace_level() -> Any:
    """Equal for two places whose values can be used together."""
    return _get_trace_state(convention="flax")


def _is_spent(tree: Any) -> bool:
    """Whether a step began and was given the memory of its arguments."""
    arrays = [leaf for leaf in jax.tree.leaves(tree) if isinstance(leaf, jax.Array)]
    return any(array.is_deleted() for array in arrays)


def _replicated(model: keras.Model) -> Any:
    """Where the model is, for what is whole on each device; None: anywhere."""
    value = model.trainable_variables[0].value
    if isinstance(value.sharding, jax.sharding.NamedSharding):
        whole: Any = jax.sharding.PartitionSpec
        return jax.sharding.NamedSharding(value.sharding.mesh, whole())
    return value.sharding if value.committed else None


def _has_nnx() -> bool:
    is_enabled = getattr(keras.config, "is_nnx_enabled", None)
    return is_enabled is not None and bool(is_enabled())
