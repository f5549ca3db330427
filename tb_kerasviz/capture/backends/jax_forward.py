"""Runs a forward pass on JAX."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any

import jax
import keras

from tb_kerasviz.capture.backends.interface import CompiledForward, Forward

logger = logging.getLogger("tb_kerasviz")


class JaxForward(CompiledForward):
    """Compiled, or op by op where JAX cannot trace the model's code."""

    def __init__(
        self,
        function: Forward,
        inputs: Any,
        get_variables: Callable[[], Sequence[keras.Variable]],
    ) -> None:
        self._function = function
        self._inputs = inputs
        self._get_variables = get_variables
        self._tensors: Any = None
        self._variables: list[keras.Variable] = []
        self._compiled: Callable[[Any, list[Any]], list[Any]] | None = None
        self._compiles = True

    def __call__(self) -> list[Any]:
        """See the base class."""
        if self._tensors is None:
            self._tensors = keras.tree.map_structure(
                lambda leaf: None if leaf is None else jax.numpy.asarray(leaf),
                self._inputs,
            )
        if not self._compiles:
            return self._run_eagerly()
        try:
            return self._run_compiled()
        except Exception as error:
            outputs = self._run_eagerly()
            self._compiles = False
            self._compiled = None
            self.notice = (
                "JAX cannot compile the forward pass of the probe, which therefore "
                f"runs op by op and takes longer: {type(error).__name__}: {error}"
            )[:500]
            logger.debug("the forward pass is not compiled", exc_info=error)
            return outputs

    def _run_eagerly(self) -> list[Any]:
        state = [(v, v.value) for v in self._get_variables()]
        return self._function(self._tensors, state)

    def _run_compiled(self) -> list[Any]:
        while True:
            variables = self._variables
            if self._compiled is None:
                self._variables = variables = list(self._get_variables())
                self._compiled = self._compile(variables)
            outputs = self._compiled(self._tensors, [v.value for v in variables])
            known = {id(variable) for variable in variables}
            if known.issuperset(id(variable) for variable in self._get_variables()):
                return outputs
            # It was traced with the values of some variables as constants.
            self._compiled = None

    def _compile(
        self, variables: Sequence[keras.Variable]
    ) -> Callable[[Any, list[Any]], list[Any]]:
        def call(tensors: Any, values: list[Any]) -> list[Any]:
            return self._function(tensors, list(zip(variables, values, strict=True)))

        compiled: Callable[[Any, list[Any]], list[Any]] = jax.jit(
            call, out_shardings=_readable_sharding(variables)
        )
        return compiled


def _readable_sharding(variables: Sequence[keras.Variable]) -> Any:
    """How outputs are spread, so that each of several processes can read them.

    Returns:
        Whole on each device where the model is spread over processes; else None,
        which leaves it to JAX.
    """
    for variable in variables:
        value = variable.value
        if isinstance(value, jax.Array) and not value.is_fully_addressable:
            sharding: Any = value.sharding
            whole: Any = jax.sharding.PartitionSpec
            return jax.sharding.NamedSharding(sharding.mesh, whole())
    return None
