"""What a backend must offer."""

from __future__ import annotations

import abc
from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np

Array = np.ndarray[Any, Any]

TAP_COLUMNS = ("grad_square", "update_square", "weight_square", "nonfinite")
"""What a tap measures of a variable in a step: sums of squares of the
gradient, of the change of the weights and of the weights after it; number of
gradient elements that are not finite."""


class UnsupportedError(RuntimeError):
    """Something that cannot be read here; the text says what and why."""


class DynamicsTap(abc.ABC):
    """Measures the optimizer's steps from inside the compiled train step."""

    @abc.abstractmethod
    def remove(self) -> None:
        """Leaves the optimizer as it was; may be called more than once."""

    @abc.abstractmethod
    def read(self) -> tuple[Array, Array]:
        """Takes the measurements since the last call.

        Returns:
            int64 `[T]` steps, ascending, and float32 `[T, V, 4]` with the
            columns `TAP_COLUMNS`; NaN in the gradient's column of a variable
            without a gradient.
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
    def create_tap(
        self,
        optimizer: keras.optimizers.Optimizer,
        get_variables: Callable[[], Sequence[keras.Variable]],
        capacity: int,
        *,
        built: bool,
    ) -> DynamicsTap:
        """Installs a tap on an optimizer.

        Must be called before the train step is traced.

        Args:
            optimizer: The model's optimizer.
            get_variables: Gives the V variables to measure, in order.
            capacity: Steps to keep.
            built: Whether the variables exist. If not, they are asked for
                while the first step is traced.

        Raises:
            UnsupportedError: It cannot be read here; the text says why.
        """
