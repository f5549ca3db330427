"""Run: what was logged of one training."""

from __future__ import annotations

from typing import Any

import numpy as np

from tb_kerasviz.analysis.gradient_trend import GradientTrend
from tb_kerasviz.analysis.layer_statistics import (
    DynamicsRows,
    layer_statistics,
    norms_of_variables,
    summaries_of_layers,
    variables_of_layers,
)
from tb_kerasviz.analysis.nonfinite_origin import FirstNonfinite
from tb_kerasviz.analysis.unit_health import CountedOutput, combine_unit_counts
from tb_kerasviz.analysis.weight_trend import WeightTrend
from tb_kerasviz.reader.dynamics import (
    read_dynamics,
    read_first_nonfinite,
    read_step_dynamics,
    read_verdict,
)
from tb_kerasviz.reader.gradients import (
    read_gradient_index,
    read_gradient_trend,
    read_gradients,
)
from tb_kerasviz.reader.results import Dynamics, Scalars, StepDynamics
from tb_kerasviz.reader.run_records import RunRecords, choose, enumerate_names, reasons
from tb_kerasviz.reader.weights import (
    read_weight_index,
    read_weight_trend,
    read_weights,
)
from tb_kerasviz.wire import schema, tags
from tb_kerasviz.wire.activations import Activation, decode_activation
from tb_kerasviz.wire.gradients import Gradients
from tb_kerasviz.wire.model_outputs import Output, decode_output
from tb_kerasviz.wire.units import ActivationUnits, decode_units
from tb_kerasviz.wire.weights import Weights

Array = np.ndarray[Any, Any]


class Run:
    """What was logged of one training.

    It shows what had been written when it was made; load again for more.
    """

    def __init__(self, name: str, directory: str) -> None:
        self.name = name
        self._records = RunRecords(name, directory)

    def __repr__(self) -> str:
        return f"Run({self.name!r})"

    def steps(self, kind: str) -> list[int]:
        """Steps at which data of a kind was logged, ascending.

        Args:
            kind: "activations", "weights", "gradients", "model_graph",
                "dynamics", "step_dynamics", "probe", "status" or
                "dynamics_index".

        Raises:
            ValueError: There is no such kind.
        """
        if kind not in tags.KINDS:
            raise ValueError(
                f"kind must be one of {enumerate_names(tags.KINDS)}; got {kind!r}"
            )
        return self._records.index(tags.PLUGIN_DIR).steps(kind)

    def model_graph(self, step: int | None = None) -> schema.ModelGraph:
        """The architecture.

        Args:
            step: The one that held at that step; None for the last one.

        Raises:
            KeyError: None was logged.
            WireError: It is damaged or newer than this package.
        """
        return self._records.document(tags.MODEL_GRAPH, schema.ModelGraph, step)

    def status(self) -> schema.Status:
        """Counters and notices of the writer, the last that were written.

        Raises:
            KeyError: None was logged.
        """
        return self._records.document(tags.STATUS, schema.Status, None)

    def dynamics(self) -> Dynamics:
        """Norms of gradients, updates and weights of every variable.

        Raises:
            KeyError: None were logged.
            WireError: They are damaged or newer than this package.
        """
        return read_dynamics(self._records)

    def step_dynamics(self) -> StepDynamics:
        """Learning rate, global gradient norm, loss and loss scale over the steps.

        Raises:
            KeyError: None were logged.
            WireError: They are damaged or newer than this package.
        """
        return read_step_dynamics(self._records)

    def first_nonfinite(self) -> FirstNonfinite | None:
        """Where a NaN or an infinity appeared first, and in what.

        Returns:
            Whether it was the loss, a gradient or a weight; None if none of
            them ever was one.

        Raises:
            KeyError: No dynamics were logged.
            WireError: They are damaged or newer than this package.
        """
        return read_first_nonfinite(self._records)

    def verdict(self) -> schema.TrainingVerdict:
        """What is the matter with the training by its dynamics, as the tab says it.

        Returns:
            `headline` says it in a few words; `findings` is empty where nothing
            unusual was found, and names for each finding its rule, the variable and
            the step.

        Raises:
            WireError: The dynamics are damaged or newer than this package.
        """
        return read_verdict(self._records)

    def layer_statistics(self, step: int | None = None) -> schema.LayerStatistics:
        """Statistics of all layers, as the graph is coloured by.

        Args:
            step: Of each statistic the last one at or below this step; None for
                the last step of all.

        Returns:
            For each of `schema.LAYER_STATISTICS` a column, for each layer a
            value; what they mean is said there.

        Raises:
            WireError: Data are damaged or newer than this package.
        """
        index = self._records.index(tags.PLUGIN_DIR)
        if step is None:
            kinds = (tags.DYNAMICS, tags.WEIGHTS, tags.ACTIVATIONS)
            step = max((s for kind in kinds for s in index.steps(kind)), default=0)

        def last(kind: tags.Kind, until: int) -> int | None:
            return max((s for s in index.steps(kind) if s <= until), default=None)

        variables: dict[str, tuple[str, ...]] = {}
        if index.steps(tags.MODEL_GRAPH):
            variables = variables_of_layers(self.model_graph(step).layers)
        rows, norms, summaries = None, None, None
        at = last(tags.DYNAMICS, step)
        names = None if at is None else self._records.dynamics_index(at)
        if at is not None and names is not None:
            row = self._records.dynamics_rows(at, names)
            rows = DynamicsRows(
                names.variables, np.array([at]), row.values[None], row.damaged[None]
            )
        at = last(tags.WEIGHTS, step)
        if at is not None:
            weights = self._records.exact(tags.WEIGHTS, schema.WeightIndex, at)
            norms = at, norms_of_variables(weights.variables)
        at = last(tags.ACTIVATIONS, step)
        if at is not None:
            summaries = at, summaries_of_layers(self.activation_index(at).layers)
        return layer_statistics(step, variables, rows, norms, summaries)

    def weight_index(self, step: int) -> schema.WeightIndex:
        """What one capture of weights holds.

        Args:
            step: One of `steps("weights")`.

        Raises:
            KeyError: There is no such step.
            WireError: It is damaged or newer than this package.
        """
        return read_weight_index(self._records, step)

    def weights(self, variable_path: str, step: int) -> Weights:
        """One variable's values, histogram, statistics and changes at a step.

        Args:
            variable_path: Keras's `variable.path`.
            step: One of `steps("weights")`.

        Raises:
            KeyError: There is no such step or variable.
            WireError: The data is damaged or newer than this package.
        """
        return read_weights(self._records, variable_path, step)

    def weight_trend(self, variable_path: str) -> WeightTrend:
        """Histograms, statistics and changes of one variable over all captures.

        Args:
            variable_path: Keras's `variable.path`.

        Raises:
            KeyError: No capture has it.
            WireError: The data is damaged or newer than this package.
        """
        return read_weight_trend(self._records, variable_path)

    def gradient_index(self, step: int) -> schema.GradientIndex:
        """Whose gradients were logged as histograms at a step.

        Args:
            step: One of `steps("gradients")`.

        Raises:
            KeyError: There is no such step.
            WireError: It is damaged or newer than this package.
        """
        return read_gradient_index(self._records, step)

    def gradients(self, variable_path: str, step: int) -> Gradients:
        """Histogram and statistics of one variable's gradient in a step.

        Args:
            variable_path: Keras's `variable.path`.
            step: One of `steps("gradients")`.

        Raises:
            KeyError: There is no such step or variable.
            WireError: The data is damaged or newer than this package.
        """
        return read_gradients(self._records, variable_path, step)

    def gradient_trend(self, variable_path: str) -> GradientTrend:
        """Histograms and statistics of one variable's gradient over all steps.

        Args:
            variable_path: Keras's `variable.path`.

        Raises:
            KeyError: No step has it.
            WireError: The data is damaged or newer than this package.
        """
        return read_gradient_trend(self._records, variable_path)

    def activations(
        self,
        layer_path: str,
        step: int,
        sample: int = 0,
        *,
        call: int = 0,
        output: int = 0,
    ) -> Activation:
        """What one layer returned for one probe sample at a step.

        Args:
            layer_path: Keras's `layer.path`.
            step: One of `steps("activations")`.
            sample: Index of the probe sample.
            call: Which call of a layer that is called several times.
            output: Which output of a layer that returns several.

        Raises:
            KeyError: There is no such step, layer, call or output.
            IndexError: There is no such sample.
            WireError: The data is damaged or newer than this package.
        """
        entry = self._find_output(layer_path, step, call, output)
        if not 0 <= sample < len(entry.members):
            raise IndexError(
                f"sample must be from 0 to {len(entry.members) - 1}; got {sample}"
            )
        member = self._records.member(tags.ACTIVATIONS, step, entry.members[sample])
        return decode_activation(member, entry)

    def activation_units(
        self, layer_path: str, step: int, *, call: int = 0, output: int = 0
    ) -> ActivationUnits:
        """Every unit of one layer's output over all probe samples, at a step.

        Args:
            layer_path: Keras's `layer.path`.
            step: One of `steps("activations")`.
            call: Which call of a layer that is called several times.
            output: Which output of a layer that returns several.

        Raises:
            KeyError: There is no such step, layer, call or output, or an older
                version logged it, which did not measure units.
            WireError: The data is damaged or newer than this package.
        """
        entry = self._find_output(layer_path, step, call, output)
        if entry.units is None:
            raise KeyError(f"no units of {layer_path!r} were logged at step {step}")
        member = self._records.member(tags.ACTIVATIONS, step, entry.units)
        return decode_units(member, entry)

    def unit_health(self) -> schema.UnitHealth:
        """How many units of each layer are dead, constant, saturated, not finite.

        Raises:
            WireError: The data is damaged or newer than this package.
        """
        captures = {
            step: [
                CountedOutput(
                    path=layer.path,
                    call=layer.call,
                    output=layer.output,
                    class_name=layer.class_name,
                    channels=layer.channels,
                    name=layer.name,
                    activation=layer.activation,
                    unit_counts=layer.unit_counts,
                )
                for layer in self.activation_index(step).layers
            ]
            for step in self.steps("activations")
        }
        return combine_unit_counts(captures, "")

    def model_outputs(self, step: int) -> list[Output]:
        """What the model returned for the probe, an entry for each output.

        Args:
            step: One of `steps("activations")`.

        Raises:
            KeyError: There is no such step.
            WireError: The data is damaged or newer than this package.
        """
        return [
            decode_output(
                self._records.member(tags.ACTIVATIONS, step, entry.member), entry
            )
            for entry in self.activation_index(step).outputs
        ]

    def probe(self, step: int | None = None) -> schema.ProbeIndex:
        """The probe: names, shapes, labels and tokens of its inputs.

        Args:
            step: The one that held at that step; None for the last one.

        Raises:
            KeyError: None was logged.
            WireError: It is damaged or newer than this package.
        """
        return self._records.document(tags.PROBE, schema.ProbeIndex, step)

    def activation_index(self, step: int) -> schema.ActivationIndex:
        """What one capture of activations holds.

        Args:
            step: One of `steps("activations")`.

        Raises:
            KeyError: There is no such step.
            WireError: It is damaged or newer than this package.
        """
        return self._records.exact(tags.ACTIVATIONS, schema.ActivationIndex, step)

    def scalars(self, tag: str, split: str = "train") -> Scalars:
        """One scalar over the training.

        Args:
            tag: Such as "epoch_loss".
            split: "train" or "validation".

        Raises:
            KeyError: There is no such tag.
        """
        index = self._records.index(split)
        steps = index.steps(tag)
        if not steps:
            raise KeyError(
                f"no scalar {tag!r} in {split!r} of {self.name!r}; there are: "
                f"{enumerate_names(index.tags())}"
            )
        values = [float(index.tensor(tag, step).reshape(-1)[0]) for step in steps]
        return Scalars(np.array(steps, np.int64), np.array(values))

    def _find_output(
        self, layer_path: str, step: int, call: int, output: int
    ) -> schema.LayerActivation:
        index = self.activation_index(step)
        paths = {entry.path: entry for entry in index.layers}
        choose(paths, layer_path, "layer", reasons(index.skipped))
        calls = {(e.call, e.output): e for e in index.layers if e.path == layer_path}
        if (call, output) not in calls:
            raise KeyError(
                f"{layer_path!r} has no (call, output) {(call, output)}; there are: "
                f"{enumerate_names(calls)}"
            )
        return calls[call, output]
