"""Measures the optimizer's steps on PyTorch, where they run eagerly."""

from __future__ import annotations

import collections
from collections.abc import Callable, Sequence
from typing import Any

import keras
import torch

from tb_kerasviz.analysis.step_measurements import StepMeasurements
from tb_kerasviz.capture.backends.optimizer_tap import Measure, OptimizerTap, Ring

_NONE = (float("nan"), 0.0, float("nan"))


class TorchRing(Ring):
    """The last measurements, as tensors on the device until they are read.

    Args:
        variables: The V variables.
        capacity: Steps to keep.
    """

    def __init__(self, variables: Sequence[keras.Variable], capacity: int) -> None:
        super().__init__(variables)
        self._kept: collections.deque[tuple[Any, Any, Any]] = collections.deque(
            maxlen=capacity
        )
        self.attempts = 0

    def write(self, step: Any, rows: Any, totals: Any) -> None:
        """See the base class."""
        self._kept.append((step, rows, totals))

    def read(self) -> StepMeasurements:
        """See the base class; this is the one time that waits for the device."""
        if not self._kept:
            return StepMeasurements.none(len(self.variables))
        steps, rows, totals = zip(*self._kept, strict=True)
        self._kept.clear()
        return StepMeasurements(
            torch.stack(steps).cpu().numpy(),
            torch.stack(rows).cpu().numpy(),
            torch.stack(totals).cpu().numpy(),
        )


class TorchTap(OptimizerTap):
    """Measures with a few calls for all variables together."""

    def create_ring(self, variables: Sequence[keras.Variable]) -> Ring:
        """See the base class."""
        return TorchRing(variables, self.target.capacity)

    @torch.compiler.disable  # type: ignore[untyped-decorator]
    def guarded(self, action: Callable[[], Any]) -> Any:
        """See the base class; not compiled, since what is kept is new every step."""
        return super().guarded(action)

    def to_dense(self, grads: Sequence[Any]) -> list[Any]:
        """See the base class."""
        return [
            grad.to_dense() if isinstance(grad, torch.Tensor) and grad.is_sparse
            else grad
            for grad in grads
        ]  # fmt: skip

    @torch.no_grad()
    def measure_gradients(self, grads: Sequence[Any]) -> Any:
        """See the base class."""
        there = [grad.detach() for grad in grads if grad is not None]
        if not there:
            return torch.tensor([_NONE] * len(grads))
        squares = _square_sums(there)
        zeros = torch.stack(
            [grad.numel() - torch.count_nonzero(grad) for grad in there]
        )
        sizes = torch.tensor([max(1, grad.numel()) for grad in there])
        columns = [squares, _count_nonfinite(there, squares)]
        columns.append(zeros / sizes.to(zeros.device))
        found = torch.stack([one.to(torch.float32) for one in columns], dim=1)
        if len(there) == len(grads):
            return found
        rows = torch.tensor([_NONE] * len(grads), device=found.device)
        rows[[i for i, grad in enumerate(grads) if grad is not None]] = found
        return rows

    @torch.no_grad()
    def read_weights(self, variables: Sequence[keras.Variable]) -> Any:
        """See the base class; a copy, since the step changes them in place."""
        return [variable.value.detach().clone() for variable in variables]

    @torch.no_grad()
    def measure_weights(self, before: Any, variables: Sequence[keras.Variable]) -> Any:
        """See the base class."""
        after = [variable.value.detach() for variable in variables]
        squares = _square_sums(after)
        # What was copied is not needed any more.
        torch._foreach_sub_(before, after)
        columns = [_square_sums(before), squares, _count_nonfinite(after, squares)]
        return torch.stack([one.to(torch.float32) for one in columns], dim=1)

    def keep_loss(self, loss: Any) -> Any:
        """See the base class."""
        return loss.detach()

    def when(self, condition: Any, action: Measure) -> None:
        """See the base class."""
        if bool(condition):
            action()

    def count_attempt(self) -> None:
        """See the base class."""
        self._attempts(1)

    def count_applied(self) -> None:
        """See the base class."""
        if self.outer is not self.optimizer:
            self._attempts(-1)

    def take_skipped(self) -> Any:
        """See the base class."""
        ring: Any = self.open_ring()
        skipped, ring.attempts = ring.attempts, 0
        return float(skipped)

    def _attempts(self, change: int) -> None:
        ring: Any = self.open_ring()
        ring.attempts += change


def _square_sums(tensors: Sequence[Any]) -> Any:
    """Sums of squares of each, as one float32 vector."""
    norms = torch._foreach_norm([_wide(tensor) for tensor in tensors])
    return torch.square(torch.stack(norms).to(torch.float32))


def _wide(tensor: Any) -> Any:
    # Sums in half precision overflow.
    narrow = tensor.dtype in (torch.float16, torch.bfloat16)
    return tensor.to(torch.float32) if narrow else tensor


def _count_nonfinite(tensors: Sequence[Any], squares: Any) -> Any:
    """How many elements of each are NaN or infinite, as one vector.

    A tensor whose sum of squares is finite has none. Where looking at that
    does not wait for a device, the elements are looked at only where it is not.
    """
    if squares.device.type == "cpu" and bool(torch.isfinite(squares).all()):
        return torch.zeros_like(squares)
    return torch.stack(
        [tensor.numel() - torch.isfinite(tensor).sum() for tensor in tensors]
    )
