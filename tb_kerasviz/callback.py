"""KerasViz: logs a `model.fit` for the "Keras" tab."""

from __future__ import annotations

import functools
import os
import re
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, TypeVar, cast

import keras

from tb_kerasviz.callback_options import Options, check_options
from tb_kerasviz.fit_session import FitSession

When = Literal["epoch"] | int | None
Tokens = Sequence[str] | Mapping[int, str]
Vocabulary = Tokens | Mapping[str, Tokens]
Hook = TypeVar("Hook", bound=Callable[..., None])


def _guarded(hook: Hook) -> Hook:
    """Keeps every error of ours out of training, and measures its time.

    Errors of one kind of capture are caught where they happen. What arrives
    here ends logging for this fit, and is reported.
    """

    @functools.wraps(hook)
    def run(self: KerasViz, *args: Any, **kwargs: Any) -> None:
        began = time.perf_counter()
        try:
            hook(self, *args, **kwargs)
            if self._session is not None:
                self._session.add_overhead(time.perf_counter() - began)
        except Exception as error:  # noqa: BLE001, whatever it is
            self._give_up(hook.__name__, error)

    return cast("Hook", run)


class KerasViz(keras.callbacks.Callback):
    """Logs a training: scalars, architecture, weights, activations, gradients.

    Example::

        model.fit(x, y, callbacks=[KerasViz("logs/run1", probe=x_val[:8])])

    Nothing in the model or in what it saves changes, and no error in here
    ends the training: it is reported once, in Python's log and in the tab.
    One callback may be used for several fits in a row.

    Steps are `optimizer.iterations` after the update.

    Args:
        log_dir: Directory (or URL that TensorBoard can read) of one training.
        probe: A few inputs whose activations are followed: what `model(...)`
            takes, `[N, ...]`: arrays, tensors of any framework, nested lists
            of numbers or texts, or a list, tuple or dict of them. Or a
            `tf.data.Dataset`, `keras.utils.PyDataset`, PyTorch `DataLoader`,
            generator or other iterable of batches, whose first batch is taken,
            with its labels; a generator or iterator has lost that batch
            afterwards. None logs no activations. The first 16 samples are used.
        probe_labels: One label per probe sample, `[N]` or one-hot
            `[N, classes]`, shown beside it.
        probe_training: Whether the probe runs as the model does in training,
            for instance with dropout. Also then nothing in the model changes.
        scalars: When to log loss and metrics: "epoch" (tags `epoch_*`),
            "batch" or every n batches (tags `batch_*` besides), None.
        dynamics: Norms of gradients, updates and weights of every variable,
            one row per n optimizer steps (every step is measured); None.
            Rows become sparser in long trainings.
        weights: When to capture weights: "epoch", every n steps, None.
        activations: When to capture activations: "epoch", every n steps, or
            None. Captures of both kinds become sparser in long trainings.
        layers: Which layers to capture: None for all, a regular expression
            or a callable(path) -> bool on layer paths.
        vocabulary: What token each id of a probe of ids `[N, T]` stands for, to
            be shown beside it: a sequence of tokens or a mapping from id to
            token, or a mapping from names of inputs to these. Without it, the
            vocabulary of a TextVectorization or StringLookup layer in the model
            is used, or else the ids are shown.
        capture_mb: Most MiB of one activation capture, of one weight capture,
            and about the most of the histograms of one step's gradients, as
            written.
        max_overhead: Captures are left out so that they cost at most this
            share of the training time, beyond a grace of 100 seconds times
            the share, which keeps short trainings whole; what was left out is
            said in the tab. None never leaves one out. Nor is one left out where
            several processes train together, since reading a model may need all
            of them at the same time.
        native_histograms: Whether every capture of weights is also logged as
            ordinary histogram summaries, with the tags of
            `keras.callbacks.TensorBoard(histogram_freq=1)`, which
            TensorBoard's own Histograms and Distributions tabs show. So are
            gradient histograms, where they are logged.
        gradient_histograms: Whether the gradients of some optimizer steps are
            logged as histograms: of the first step of the fit and of the first
            one after each capture of weights, and so as often as those. They
            are the true gradients of that one step, as the optimizer was given
            them: without a loss scale, the mean of those that were accumulated,
            summed over replicas, before clipping. Counts are exact: every
            finite value is in a bin, a power of two wide; zeros have one of
            their own, and what is not finite is counted apart. Steps in
            between are not slowed down.

    Raises:
        TypeError: An argument is of the wrong type.
        ValueError: An argument has a value that is not allowed.
    """

    def __init__(
        self,
        log_dir: str | os.PathLike[str],
        probe: Any = None,
        *,
        probe_labels: Any = None,
        probe_training: bool = False,
        scalars: Literal["epoch", "batch"] | int | None = "epoch",
        dynamics: int | None = 1,
        weights: When = "epoch",
        activations: When = "epoch",
        layers: str | re.Pattern[str] | Callable[[str], bool] | None = None,
        vocabulary: Vocabulary | None = None,
        capture_mb: float = 8.0,
        max_overhead: float | None = 0.05,
        native_histograms: bool = False,
        gradient_histograms: bool = False,
    ) -> None:
        super().__init__()
        self._options: Options = check_options(
            log_dir=log_dir,
            probe=probe,
            probe_labels=probe_labels,
            probe_training=probe_training,
            scalars=scalars,
            dynamics=dynamics,
            weights=weights,
            activations=activations,
            layers=layers,
            vocabulary=vocabulary,
            capture_mb=capture_mb,
            max_overhead=max_overhead,
            native_histograms=native_histograms,
            gradient_histograms=gradient_histograms,
        )
        self._session: FitSession | None = None
        self._waiting = False

    @_guarded
    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Closes what the last fit left open."""
        self._close()
        self._waiting = True

    @_guarded
    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Opens the log before the first epoch."""
        self._begin()

    @_guarded
    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Notes where an execution of several steps begins."""
        self._begin()
        if self._session is not None:
            self._session.begin_batch(batch)

    @_guarded
    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Counts steps, and captures where the schedule says so."""
        if self._session is not None:
            # `self.model` costs a synchronisation on JAX: only where needed.
            self._session.end_batch(batch, logs, lambda: self.model)

    @_guarded
    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Logs the epoch's metrics, weights and activations."""
        if self._session is not None:
            self._session.end_epoch(logs or {}, self.model)

    @_guarded
    def on_test_end(self, logs: dict[str, Any] | None = None) -> None:
        """Logs a validation during the fit."""
        if self._session is not None:
            self._session.end_test(logs or {}, self.model)

    @_guarded
    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Leaves the model as it was and closes the log."""
        self._close()

    def __getstate__(self) -> dict[str, Any]:
        # A pickled or copied callback is one that has not begun.
        begun = {"_session": None, "_waiting": False, "_model": None}
        return {**self.__dict__, **begun}

    def _begin(self) -> None:
        # Not when training begins: BackupAndRestore sets the step of a resumed
        # training then, and may come after this callback.
        if self._waiting:
            self._waiting = False
            self._session = FitSession(self.model, self._options)
            self._session.begin(self.model)

    def _close(self) -> None:
        self._waiting = False
        session, self._session = self._session, None
        if session is not None:
            session.end()

    def _give_up(self, hook: str, error: Exception) -> None:
        session, self._session = self._session, None
        if session is None:
            FitSession.log_failure(hook, error)
        else:
            session.fail(hook, error)
