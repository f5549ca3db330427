"""What is said of each layer of a model, beside how it is called."""

from __future__ import annotations

import dataclasses
import functools
import inspect
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import keras

from tb_kerasviz.analysis.graph_costs import Costs, LayerFacts, graph_costs
from tb_kerasviz.capture import configuration
from tb_kerasviz.capture.class_source import source_of
from tb_kerasviz.capture.config_defaults import non_default
from tb_kerasviz.capture.identity import (
    MAX_PATH,
    LayerEntry,
    LayerTree,
    Operation,
    bounded_text,
    own_variables,
)
from tb_kerasviz.capture.variable_details import initializer_of, regularizer_of
from tb_kerasviz.wire import schema


@dataclasses.dataclass(frozen=True)
class Details:
    """A described graph.

    Attributes:
        layers: The model's direct layers, with theirs inside.
        nodes: The calls, with what they cost.
        total: Costs of the whole graph.
    """

    layers: tuple[schema.LayerNode, ...]
    nodes: tuple[schema.CallNode, ...]
    total: Costs


def describe(
    tree: LayerTree,
    nodes: Sequence[schema.CallNode],
    call_counts: Mapping[str, int],
) -> Details:
    """Describes every layer of a model, and what its calls cost.

    What a layer's own code raises is left out of what is said of it.

    Args:
        tree: The model's layers.
        nodes: Every call of the model's graph, in order of execution.
        call_counts: How often each layer path is called; layers that are not
            in it are not known to be called.
    """
    first: dict[str, schema.CallNode] = {}
    for node in nodes:
        if node.layer in call_counts:
            first.setdefault(node.layer, node)
    budget = configuration.Budget()
    drafts = {
        entry.path: _Draft(entry, tree, first.get(entry.path), budget)
        for entry in tree.walk()
    }
    costs = graph_costs(nodes, {path: draft.facts for path, draft in drafts.items()})

    def node_of(entry: LayerEntry) -> schema.LayerNode:
        return drafts[entry.path].node(
            call_counts.get(entry.path, 0),
            costs.layers.get(entry.path, Costs()),
            tuple(node_of(child) for child in entry.children),
        )

    layers = tuple(node_of(entry) for entry in tree.roots)
    return Details(layers, costs.nodes, costs.total)


def count_elements(variables: Iterable[Any]) -> int:
    """Elements of variables, each variable once."""
    unique = {id(v): math.prod(v.shape) for v in variables}
    return sum(unique.values())


Arguments = dict[str, tuple[schema.Shape | int, ...]]


class _Draft:
    """What is known of a layer before its costs are."""

    def __init__(
        self,
        entry: LayerEntry,
        tree: LayerTree,
        first: schema.CallNode | None,
        budget: configuration.Budget,
    ) -> None:
        self._entry = entry
        self._first = first
        self._tree = tree
        self._config, self._notes = configuration.read_config(
            entry.layer, bool(entry.children), budget
        )
        name = str(_read(entry.layer, "name", ""))
        self._name = bounded_text(name)
        if len(self._name) < len(name):
            self._notes.append(f"name of {len(name)} characters cut to {MAX_PATH}")
        self._own = own_variables(entry)
        variables = _float_shapes(self._own, "")
        for child in entry.children:
            below = f"{_read(child.layer, 'name', '')}/"
            variables |= _float_shapes(own_variables(child), below)
        self.facts = LayerFacts(
            class_name=bounded_text(type(entry.layer).__name__),
            module=bounded_text(type(entry.layer).__module__),
            config=self._config,
            variables=variables,
            arguments=_arguments(entry.layer, len(first.input_shapes) if first else 0),
            is_loop=isinstance(
                entry.layer, (keras.layers.RNN, keras.layers.TimeDistributed)
            ),
        )

    def node(
        self,
        calls: int,
        costs: Costs,
        children: tuple[schema.LayerNode, ...],
    ) -> schema.LayerNode:
        layer, first = self._entry.layer, self._first
        file, line = source_of(type(layer))
        policy = _read(layer, "dtype_policy", None)
        return schema.LayerNode(
            path=self._entry.path,
            name=self._name,
            class_name=self.facts.class_name,
            module=self.facts.module,
            kind=_kind(layer),
            trainable=bool(_read(layer, "trainable", False)),
            dtype_policy=bounded_text(_read(policy, "name", "")),
            input_shapes=first.input_shapes if first else (),
            output_shapes=first.output_shapes if first else (),
            input_dtypes=first.input_dtypes if first else (),
            output_dtypes=first.output_dtypes if first else (),
            params=count_elements(_read(layer, "weights", ())),
            trainable_params=count_elements(_read(layer, "trainable_weights", ())),
            variables=tuple(self._variable(v) for v in self._own),
            config=self._config,
            config_notes=tuple(self._notes),
            non_default=non_default(type(layer), self._config),
            source_file=file,
            source_line=line,
            calls=calls,
            children=children,
            multiply_adds=costs.multiply_adds,
            unknown_multiply_adds=costs.unknown_multiply_adds,
            activation_bytes=costs.activation_bytes,
            unknown_activation_bytes=costs.unknown_activation_bytes,
        )

    def _variable(self, variable: keras.Variable) -> schema.VariableInfo:
        return schema.VariableInfo(
            path=self._tree.variable_path(variable),
            name=bounded_text(variable.name),
            shape=tuple(int(n) for n in variable.shape),
            dtype=keras.backend.standardize_dtype(variable.dtype),
            trainable=bool(variable.trainable),
            params=math.prod(variable.shape),
            initializer=initializer_of(self._entry.layer, variable),
            regularizer=regularizer_of(variable),
        )


def _float_shapes(
    variables: Iterable[keras.Variable], prefix: str
) -> dict[str, schema.Shape]:
    return {
        f"{prefix}{v.name}": _shape(v) for v in variables if "float" in str(v.dtype)
    }


def _read(owner: Any, name: str, default: Any) -> Any:
    """An attribute, or the default where there is none or reading it fails."""
    try:
        return getattr(owner, name, default)
    except Exception:  # noqa: BLE001 - a property may be the user's code
        return default


def _kind(layer: Operation) -> Any:
    if isinstance(layer, keras.layers.InputLayer):
        return "input"
    if isinstance(layer, keras.Model):
        return "model"
    return "layer" if isinstance(layer, keras.layers.Layer) else "operation"


def _shape(tensor: Any) -> schema.Shape:
    return tuple(None if n is None else int(n) for n in tensor.shape)


def _arguments(operation: Operation, input_count: int) -> list[Arguments]:
    """What an operation of `keras.ops` is called with, for each of its calls.

    Constants and variables have no part in a graph's edges, but the shape of a
    matrix is half of the cost of a product with it.

    Args:
        operation: The operation; a layer has no such arguments.
        input_count: How many inputs its calls are recorded with.

    Returns:
        By name, shapes of arrays, and numbers of inputs.
    """
    if isinstance(operation, keras.layers.Layer):
        return []
    calls = []
    for node in _read(operation, "_inbound_nodes", ()):
        try:
            args, kwargs = node.arguments.args, node.arguments.kwargs
            bound = _signature(type(operation).call).bind(None, *args, **kwargs)
        except (AttributeError, TypeError, ValueError):
            return []
        flat = keras.tree.flatten((args, kwargs))
        tensors = [value for value in flat if isinstance(value, keras.KerasTensor)]
        if len(tensors) != input_count:
            return []
        numbers = {id(tensor): n for n, tensor in enumerate(tensors)}
        calls.append(
            {name: _arrays(value, numbers) for name, value in bound.arguments.items()}
        )
    return calls


@functools.cache
def _signature(method: Callable[..., Any]) -> inspect.Signature:
    return inspect.signature(method)


def _arrays(value: Any, numbers: Mapping[int, int]) -> tuple[schema.Shape | int, ...]:
    values = value if isinstance(value, (list, tuple)) else (value,)
    return tuple(
        numbers[id(v)] if id(v) in numbers else _shape(v)
        for v in values
        if hasattr(v, "shape")
    )
