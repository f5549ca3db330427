"""Turns recorded calls into the nodes of a model graph."""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from collections.abc import Sequence

from tb_kerasviz.capture.identity import LayerTree
from tb_kerasviz.capture.tracing.calls import Call, Wire
from tb_kerasviz.wire import schema

Source = tuple[int, int] | None


@dataclasses.dataclass(frozen=True)
class Assembled:
    """The calls of a model as they are logged.

    Attributes:
        nodes: Every call.
        links: Pairs of ids of leaf calls.
        outputs: What the model returns.
        call_counts: How often each layer is called, by path.
    """

    nodes: tuple[schema.CallNode, ...]
    links: tuple[tuple[int, int], ...]
    outputs: tuple[schema.GraphOutput, ...]
    call_counts: dict[str, int]


def assemble(tree: LayerTree, root: Call) -> Assembled:
    """Numbers the calls and resolves where their inputs come from.

    Args:
        tree: The model's layers; operations that it does not know yet are
            added to it, below the layer that calls them.
        root: The call of the model.
    """
    ids: dict[int, int] = {}
    paths: dict[int, str] = {id(root): ""}
    counts: dict[str, int] = {}
    namer = _OperationNamer(tree)
    calls = list(root.walk())
    for number, call in enumerate(calls):
        ids[id(call)] = number
        outer = call.parent if call.parent is not None else root
        path = tree.path_of(call.operation)
        if path is None:
            path = namer.path_of(call, outer, paths[id(outer)])
        paths[id(call)] = path

    def source_of(wire: Wire) -> Source:
        origin = wire.end().origin
        if not isinstance(origin, tuple):
            return None
        call, output = origin
        # A call that has others inside is no end of a link: one of those is.
        if call.children or id(call) not in ids:
            return None
        return ids[id(call)], output

    nodes: list[schema.CallNode] = []
    links: set[tuple[int, int]] = set()
    for number, call in enumerate(calls):
        path = paths[id(call)]
        shown = [wire for wire in call.inputs if not wire.end().hidden]
        inputs = tuple(source_of(wire) for wire in shown)
        parent = ids.get(id(call.parent))
        nodes.append(
            schema.CallNode(
                id=number,
                layer=path,
                call=counts.get(path, 0),
                parent=parent,
                input_shapes=tuple(wire.shape for wire in shown),
                output_shapes=tuple(wire.shape for wire in call.outputs),
                input_dtypes=tuple(wire.dtype for wire in shown),
                output_dtypes=tuple(wire.dtype for wire in call.outputs),
                inputs=inputs,
                untraced=call.untraced or _why_unknown(shown, inputs),
            )
        )
        if call.called:
            counts[path] = counts.get(path, 0) + 1
        if not call.children:
            links.update((source[0], number) for source in inputs if source is not None)
    return Assembled(
        tuple(nodes),
        tuple(sorted(links)),
        tuple(
            schema.GraphOutput(name=name, node=source[0], output=source[1])
            for name, wire in zip(root.names, root.outputs, strict=False)
            if (source := source_of(wire)) is not None
        ),
        counts,
    )


def _why_unknown(wires: Sequence[Wire], sources: Sequence[Source]) -> str:
    reasons = [
        f"input {number}: {wire.end().why or 'it is not known where it comes from'}"
        for number, (wire, source) in enumerate(zip(wires, sources, strict=True))
        if source is None
    ]
    return "; ".join(reasons[:5])


class _OperationNamer:
    """Names operations by their class and place among those of one call.

    Keras's automatic names count on through the whole process, so they differ
    from one trace to the next. The same operation of the next call of the same
    layer is the same one, called again.
    """

    def __init__(self, tree: LayerTree) -> None:
        self._tree = tree
        self._seen: Counter[tuple[int, str]] = Counter()
        self._paths: dict[tuple[str, str, int], str] = {}

    def path_of(self, call: Call, parent: Call, parent_path: str) -> str:
        operation = call.operation
        base = _snake_case(type(operation).__name__)
        number = self._seen[id(parent), base]
        self._seen[id(parent), base] += 1
        key = (parent_path, base, number)
        path = self._paths.get(key)
        if path is None:
            name = f"{base}_{number}" if number else base
            path = self._tree.add_operation(operation, parent_path, name)
            self._paths[key] = path
        return path


def _snake_case(name: str) -> str:
    name = re.sub(r"\W+", "", name)
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()
