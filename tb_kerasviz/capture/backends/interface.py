"""What a backend must offer."""

from __future__ import annotations

import abc
import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np

from tb_kerasviz.analysis.step_measurements import StepMeasurements

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
    """

    optimizer: keras.optimizers.Optimizer
    all_optimizers: tuple[keras.optimizers.Optimizer, ...]
    get_variables: Callable[[], Sequence[keras.Variable]]
    capacity: int
    built: bool


class DynamicsTap(abc.ABC):
    """Measures an optimizer's steps from inside the train step."""

    @abc.abstractmethod
    def remove(self) -> None:
        """Leaves the optimizer as it was; may be called more than once."""

    @abc.abstractmethod
    def read(self) -> StepMeasurements:
        """Takes the measurements since the last call.

        Raises:
            UnsupportedError: A step could not be measured; the text says why.
        """


class Backend(abc.ABC):
    """What differs between Keras's backends."""

    @abc.abstractmethod
    def compile_forward(self, function: Callable[[Any], Any]) -> Callable[[Any], Any]:
        """Compiles a function of a structure of arrays.

        Args:
            function: Takes a structure of backend tensors and returns one.

        Returns:
            A function that takes the structure as NumPy arrays, of the same
            shapes and types at every call.
        """

    @abc.abstractmethod
    def is_readable(self, value: Any) -> bool:
        """Whether a value recorded inside `function` can be returned from it.

        False for what is no dense tensor and for tensors of inner loops.
        """

    @abc.abstractmethod
    def create_tap(self, target: TapTarget) -> DynamicsTap:
        """Installs a tap on an optimizer.

        Must be called before the train step is traced.

        Raises:
            UnsupportedError: It cannot be read here; the text says why.
        """
