"""What a backend must offer."""

from __future__ import annotations

import abc
import contextlib
import dataclasses
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import keras
import numpy as np

from tb_kerasviz.analysis.step_measurements import StepMeasurements
from tb_kerasviz.capture.backends.gradient_histograms import GradientHistograms
from tb_kerasviz.capture.backends.train_function import (
    RenewedTrainFunction,
    renew_train_function,
)

Array = np.ndarray[Any, Any]


class UnsupportedError(RuntimeError):
    """Something that cannot be read here; the text says what and why."""


@dataclasses.dataclass(frozen=True)
class TapTarget:
    """What a tap measures.

    Attributes:
        optimizer: The optimizer, as the model has it: perhaps a
            `LossScaleOptimizer`, which wraps another one.
        all_optimizers: All optimizers of the model, this one among them. A
            step is counted by the one that made the most.
        get_variables: Gives the V variables to measure, in order.
        capacity: Steps to keep.
        built: Whether the variables exist. If not, they are asked for while
            the first step is traced.
        gradient_histograms: Whether the gradients of wanted steps are counted.
    """

    optimizer: keras.optimizers.Optimizer
    all_optimizers: tuple[keras.optimizers.Optimizer, ...]
    get_variables: Callable[[], Sequence[keras.Variable]]
    capacity: int
    built: bool
    gradient_histograms: bool = False


@dataclasses.dataclass(frozen=True)
class Processes:
    """The processes that train together, as one of them sees them.

    Attributes:
        count: How many there are.
        is_main: Whether this is the one that writes.
    """

    count: int = 1
    is_main: bool = True


class DynamicsTap(abc.ABC):
    """Measures an optimizer's steps from inside the train step.

    Attributes:
        histograms: What counts gradients; None where nothing does, or where
            the first step was not traced yet.
    """

    histograms: GradientHistograms | None = None

    @abc.abstractmethod
    def remove(self) -> None:
        """Leaves the optimizer as it was; may be called more than once."""

    @abc.abstractmethod
    def read(self) -> StepMeasurements:
        """Takes the measurements since the last call.

        Raises:
            UnsupportedError: A step could not be measured; the text says why.
        """


StateValues = Sequence[tuple[keras.Variable, Any]]
"""Variables, and tensors of the values to use for them."""

Forward = Callable[[Any, StateValues], list[Any]]
"""Takes a structure of tensors and values of variables; returns tensors. It
changes no variable, and may be traced once and not be called again."""


class CompiledForward(abc.ABC):
    """A forward pass as the backend runs it best."""

    notice: str = ""
    """What the user should know of how it runs; empty if nothing."""

    @abc.abstractmethod
    def __call__(self) -> list[Any]:
        """Runs it on the inputs that it was compiled for."""


class RawState:
    """State of a model that is in no variable of Keras; here, none."""

    @contextlib.contextmanager
    def unchanged(self) -> Iterator[None]:
        """Puts it back as it was."""
        yield


class Backend(abc.ABC):
    """What differs between Keras's backends."""

    @abc.abstractmethod
    def compile_forward(
        self,
        function: Forward,
        inputs: Any,
        get_variables: Callable[[], Sequence[keras.Variable]],
    ) -> CompiledForward:
        """Compiles a forward pass; nothing runs yet.

        Args:
            function: The forward pass.
            inputs: Structure of NumPy arrays; must not change afterwards.
            get_variables: Gives the variables that `function` may read. More
                may be found by tracing it.
        """

    @abc.abstractmethod
    def is_readable(self, value: Any) -> bool:
        """Whether a value is a dense tensor of numbers."""

    def dense_sequence(self, value: Any) -> tuple[Any, Any] | str:
        """A ragged output as a dense one; may be traced.

        Args:
            value: What `is_readable` says no to.

        Returns:
            `[N, T, ...]` and a mask, bool `[N, T]`; or a reason, as a phrase,
            why the value cannot be logged.
        """
        return f"its output is no dense tensor here ({type(value).__name__})"

    def tracing_place(self) -> object:
        """Where tensors are made now.

        Values made inside of the loop of a traced function, where the place is
        another one, cannot be returned from the function.
        """
        return None

    def copy(self, value: Any) -> Any:
        """A tensor of the same values in memory of its own."""
        return value

    def writes(self, value: Any) -> int:
        """How often a tensor was written in place; 0 where none ever is."""
        return 0

    def detach(self, values: list[Any], state: StateValues) -> list[Any]:
        """Copies those values that share memory with the model's state.

        Runs inside of a `Forward`, so that what it returns may be read later
        while the training goes on.

        Args:
            values: Tensors.
            state: What the forward pass was given.
        """
        return values

    def wait_for(self, values: Sequence[Any]) -> None:  # noqa: B027, CPUs compute at once
        """Waits until tensors are computed that were only asked for so far.

        Args:
            values: Tensors, and whatever else, which is left alone.
        """

    @abc.abstractmethod
    def to_host(self, tensor: Any) -> Array:
        """A tensor as an array, without a copy where possible."""

    def raw_state(self, layers: Sequence[keras.layers.Layer]) -> RawState:
        """State of layers that Keras knows nothing of.

        Args:
            layers: The layers that may be called.
        """
        return RawState()

    @abc.abstractmethod
    def find_processes(self) -> Processes:
        """The processes that train together."""

    @abc.abstractmethod
    def create_tap(self, target: TapTarget) -> DynamicsTap:
        """Installs a tap on an optimizer.

        Must be called before the train step is traced.

        Raises:
            UnsupportedError: It cannot be read here; the text says why.
        """

    def renew_train_function(
        self, model: keras.Model, taps: Sequence[DynamicsTap]
    ) -> RenewedTrainFunction:
        """Makes the model trace its train step anew, with its taps in it.

        Args:
            model: A compiled model.
            taps: All that were made for it here.

        Raises:
            UnsupportedError: It cannot be done here; the text says why.
        """
        return renew_train_function(model)
