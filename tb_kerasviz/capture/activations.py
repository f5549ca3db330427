"""Captures what every layer returns for the probe."""

from __future__ import annotations

from collections.abc import Sequence

import keras

from tb_kerasviz.capture.activation_snapshot import ActivationSnapshot, OutputPart
from tb_kerasviz.capture.backends import load_backend
from tb_kerasviz.capture.call_recorder import recordable_layers
from tb_kerasviz.capture.forward_pass import MAX_RUN_BYTES, ForwardPass, PassResult
from tb_kerasviz.capture.identity import LayerTree
from tb_kerasviz.capture.layer_filter import LayerFilter
from tb_kerasviz.capture.model_outputs import (
    TakenOutput,
    kept_bytes,
    limit_values,
    log_output,
)
from tb_kerasviz.capture.output_plan import OutputPlan, plan_outputs
from tb_kerasviz.capture.probe import Probe
from tb_kerasviz.wire import activations as wire
from tb_kerasviz.wire.model_outputs import OutputArrays
from tb_kerasviz.wire.schema import SkippedLayer

OUTPUT_SHARE = 0.1
"""Largest share of the budget that the outputs of the model take."""


class ActivationReader:
    """Runs the probe through a model and takes every layer's output.

    The forward pass is compiled once. What is kept of each layer is planned
    from the shapes alone, so that all captures of one reader compare. A model
    whose layers change needs a new reader.

    Args:
        model: A built Keras model.
        probe: The inputs.
        budget_bytes: Most bytes of a capture.
        layer_filter: Which layers to keep.
        training: Whether the model runs as it does in training, for instance
            with dropout. Also then nothing in it changes.
        run_bytes: Most bytes of outputs that are held at a time.
    """

    def __init__(
        self,
        model: keras.Model,
        probe: Probe,
        budget_bytes: int,
        layer_filter: LayerFilter,
        *,
        training: bool = False,
        run_bytes: int = MAX_RUN_BYTES,
    ) -> None:
        self._model_name = model.name
        self._output_limit = 0
        self._probe = probe
        self._budget_bytes = budget_bytes
        self._training = training
        self._entries = recordable_layers(LayerTree(model))
        self._backend = load_backend()
        self._forward = ForwardPass(
            model,
            self._backend,
            self._entries,
            lambda entry: layer_filter(entry.path),
            probe,
            training=training,
            run_bytes=run_bytes,
        )
        self._plan: OutputPlan | None = None

    @property
    def paths(self) -> list[str]:
        """Paths of the layers that could be read, before the filter."""
        return [entry.path for entry in self._entries]

    @property
    def matches(self) -> int:
        """How many layers the filter leaves."""
        return self._forward.wanted_layers

    @property
    def notice(self) -> str:
        """What the user should know of how the probe runs; empty if nothing."""
        failure = self._forward.failure
        if failure:
            return f"{failure}; only what comes before is captured"
        return self._forward.notice

    def capture(self, step: int) -> ActivationSnapshot:
        """Takes the activations as they are now.

        Nothing in the model changes, and what is returned does not change with
        the model. Only where the outputs are more than `run_bytes`, they are
        reduced here, run by run.

        Args:
            step: Step of the capture.

        Raises:
            ProbeError: The model cannot take the probe.
        """
        result = first_result = self._forward.run()
        if self._plan is None:
            self._plan = self._create_plan(result)
        plan = self._plan
        # Where nothing is compiled, the next pass, which may come before this one is
        # reduced on another thread, finds its outputs anew.
        taken = tuple(self._forward.taken)
        parts: list[OutputPart] = []
        first: int | None = 0
        while first is not None:
            if first:
                for part in parts:
                    part.reduce()
                result = self._forward.run(first)
            parts += [
                OutputPart(
                    output,
                    plan.samples,
                    result.layers[output.position],
                    self._backend,
                    first_result.masks,
                )
                for output in plan.outputs
                if output.position in result.layers
            ]
            first = self._forward.next_run(first)

        def build(
            layers: Sequence[wire.LayerArrays], failed: Sequence[SkippedLayer]
        ) -> wire.ActivationCapture:
            outputs = self._log_outputs(taken, first_result)
            refused = [
                SkippedLayer(path=self._model_name, reason=text)
                for text in outputs
                if isinstance(text, str)
            ]
            return wire.ActivationCapture(
                step=step,
                samples=plan.samples,
                probe_samples=self._probe.given_samples,
                layers=layers,
                skipped=[*plan.skipped, *refused, *failed],
                thumbnails=(),
                raw_bytes=plan.raw_bytes,
                budget_bytes=self._budget_bytes,
                measured_samples=self._probe.samples,
                outputs=[o for o in outputs if isinstance(o, OutputArrays)],
                training=self._training,
            )

        return ActivationSnapshot(plan, parts, build)

    def _log_outputs(
        self, taken: Sequence[TakenOutput], result: PassResult
    ) -> list[OutputArrays | str]:
        return [
            log_output(
                output,
                self._backend.to_host(tensor),
                self._probe.samples,
                self._output_limit,
            )
            for output, tensor in zip(taken, result.outputs, strict=True)
        ]

    def _create_plan(self, result: PassResult) -> OutputPlan:
        # What the model returns takes its part of the budget first.
        shapes, samples = [t.shape for t in result.outputs], self._probe.samples
        share = int(OUTPUT_SHARE * self._budget_bytes)
        self._output_limit = limit_values(shapes, samples, share)
        taken = kept_bytes(shapes, samples, self._output_limit)
        return plan_outputs(
            self._forward.recorded,
            self._forward.skipped(),
            self._probe.samples,
            self._budget_bytes - taken,
        )
