"""Measures the optimizer's steps on PyTorch, where they run eagerly."""

from __future__ import annotations

import collections
import math
from collections.abc import Callable, Sequence
from typing import Any

import keras
import torch

from tb_kerasviz.analysis.step_measurements import TAP_STEP_COLUMNS, StepMeasurements
from tb_kerasviz.capture.backends.gradient_histograms import GradientHistograms
from tb_kerasviz.capture.backends.optimizer_tap import Measure, OptimizerTap, Ring
from tb_kerasviz.capture.backends.torch_histograms import TorchHistograms

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
        self._before: list[Any] = []

    def copy_weights(self) -> list[Any]:
        """Copies of the V weights, in memory that is used again in each step."""
        values = [variable.value.detach() for variable in self.variables]
        if not all(map(_is_alike, self._before, values)) or not self._before:
            self._before = [torch.empty_like(value) for value in values]
        torch._foreach_copy_(self._before, values)
        return self._before

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

    def create_histograms(self, ring: Ring) -> GradientHistograms:
        """See the base class."""
        return TorchHistograms(ring.variables)

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
        shares = _zero_shares(there)
        columns = [squares, _count_nonfinite(there, squares), shares]
        found = torch.stack(columns, dim=1)
        if len(there) == len(grads):
            return found
        rows = torch.tensor([_NONE] * len(grads), device=found.device)
        rows[[i for i, grad in enumerate(grads) if grad is not None]] = found
        return rows

    @torch.no_grad()
    def read_weights(self, variables: Sequence[keras.Variable]) -> Any:
        """See the base class; a copy, since the step changes them in place."""
        ring: Any = self.open_ring()
        copied: list[Any] = ring.copy_weights()
        return copied

    @torch.no_grad()
    def measure_weights(self, before: Any, variables: Sequence[keras.Variable]) -> Any:
        """See the base class."""
        after = [variable.value.detach() for variable in variables]
        squares = _square_sums(after)
        # What was copied is not needed any more.
        torch._foreach_sub_(before, after)
        columns = [_square_sums(before), squares, _count_nonfinite(after, squares)]
        return torch.stack(columns, dim=1)

    def keep_loss(self, loss: Any) -> Any:
        """See the base class."""
        return loss.detach()

    def judge_loss(self, loss: Any) -> tuple[Any, Any]:
        """See the base class."""
        mean = loss.to(torch.float32).mean() if loss.ndim else loss.to(torch.float32)
        if mean.device.type == "cpu":
            return float(mean), not math.isfinite(mean)
        return mean, ~torch.isfinite(mean)

    # Keras's operations take several times as long as those of PyTorch to begin,
    # which is what these small ones cost.

    def join_rows(self, of_grads: Any, of_weights: Any) -> Any:
        """See the base class."""
        return torch.cat([of_grads, of_weights], dim=1)

    def stack_totals(self, numbers: dict[str, Any]) -> Any:
        """See the base class."""
        return _vector([numbers[name] for name in TAP_STEP_COLUMNS[:-1]])

    def finish_totals(self, totals: Any) -> Any:
        """See the base class."""
        skipped = torch.tensor([self.take_skipped()], device=totals.device)
        return torch.cat([totals, skipped])

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


def _vector(numbers: Sequence[Any]) -> Any:
    """Numbers and scalar tensors as one float32 vector, where the tensors are."""
    devices = {n.device for n in numbers if isinstance(n, torch.Tensor)}
    if all(device.type == "cpu" for device in devices):
        return torch.tensor([float(n) for n in numbers], dtype=torch.float32)
    device = next(one for one in devices if one.type != "cpu")
    given = [torch.as_tensor(n, dtype=torch.float32, device=device) for n in numbers]
    return torch.stack(given)


def _is_alike(one: Any, other: Any) -> bool:
    return (one.shape, one.dtype, one.device) == (
        other.shape,
        other.dtype,
        other.device,
    )


def _square_sums(tensors: Sequence[Any]) -> Any:
    """Sums of squares of each, as one float32 vector."""
    norms = torch._foreach_norm([_wide(tensor) for tensor in tensors])
    return torch.square(torch.stack(norms).to(torch.float32))


def _wide(tensor: Any) -> Any:
    # Sums in half precision overflow.
    narrow = tensor.dtype in (torch.float16, torch.bfloat16)
    return tensor.to(torch.float32) if narrow else tensor


def _zero_shares(tensors: Sequence[Any]) -> Any:
    """The share of zeros in each, as one float32 vector."""
    counts = [torch.count_nonzero(tensor) for tensor in tensors]
    sizes = [tensor.numel() for tensor in tensors]
    if tensors[0].device.type == "cpu":
        # Nothing waits for a device, and a number costs less than a tensor.
        shares = [
            (size - int(count)) / max(1, size)
            for size, count in zip(sizes, counts, strict=True)
        ]
        return torch.tensor(shares, dtype=torch.float32)
    device = tensors[0].device
    whole = torch.tensor(sizes, device=device)
    return ((whole - torch.stack(counts)) / whole.clamp(min=1)).to(torch.float32)


def _count_nonfinite(tensors: Sequence[Any], squares: Any) -> Any:
    """How many elements of each are NaN or infinite, as one float32 vector.

    A tensor whose sum of squares is finite has none. Where looking at that
    does not wait for a device, the elements are looked at only where it is not.
    """
    # Of sums of squares, all are finite if their sum is.
    if squares.device.type == "cpu" and math.isfinite(float(squares.sum())):
        return torch.zeros_like(squares)
    counts = [tensor.numel() - torch.isfinite(tensor).sum() for tensor in tensors]
    return torch.stack(counts).to(torch.float32)
