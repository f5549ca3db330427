"""Counts gradients on PyTorch, where a step runs op by op."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import torch

from tb_kerasviz.capture.backends.gradient_histograms import GradientHistograms


class TorchHistograms(GradientHistograms):
    """Counts at once what is wanted, since the optimizer may write into gradients.

    Args:
        variables: The V variables.
    """

    def __init__(self, variables: Sequence[keras.Variable]) -> None:
        super().__init__(variables)
        self._wanted = True
        self._offered: tuple[Any, Any] | None = None
        self._counted: tuple[Any, Any] | None = None
        self._step: Any = -1

    def ask(self) -> None:
        """See the base class."""
        self._wanted = True

    def read_step(self) -> int:
        """See the base class."""
        return int(self._step)

    def read_counts(self) -> tuple[Any, Any]:
        """See the base class."""
        counted, self._counted = self._counted, None
        assert counted is not None  # noqa: S101 - `read_step` told of it
        counts, moments = counted
        return counts.cpu().numpy(), moments.cpu().numpy()

    @torch.no_grad()
    def keep(self, grads: Sequence[Any]) -> None:
        """See the base class."""
        self._offered = None
        if self._wanted:
            given = [None if grad is None else grad.detach() for grad in grads]
            self._offered = self.count(given)

    def count_wanted(self, step: Any) -> None:
        """See the base class."""
        if self._offered is not None:
            self._counted, self._offered = self._offered, None
            self._step, self._wanted = step, False

    def bits_of(self, tensor: Any) -> Any:
        """See the base class."""
        return tensor.contiguous().view(torch.int32)
