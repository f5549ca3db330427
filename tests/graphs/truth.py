"""True graphs, written down by hand, and logged graphs in the same form.

A truth is what a reader of the model's code would draw. It does not say how
Keras's own composite layers (recurrent layers, attention, wrappers) are made
inside, which changes from version to version: there it names the layers that
must be found inside, and the edges to and from the composite as a whole.
"""

from __future__ import annotations

import dataclasses
import difflib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import keras

from tb_kerasviz.wire import schema

CONSTANT = "constant"
"""Source of an input that depends on no input of the model; a logged graph may
leave such an input out."""


@dataclasses.dataclass(frozen=True)
class Call:
    """One call of a layer.

    Attributes:
        key: Names of the layer and of those that hold it, joined by "/", with
            "#1" for its second call. Operations are known by Keras's name for
            their class; "~2" marks the second of one name in one place.
        class_name: Class of the layer.
        sources: What made each input: a key, with ":1" for its second output.
            "?key" where a function of the backend's own lies between: a graph
            may know it all the same, or say that it does not.
        outputs: Like "N,4" or "N,4:int32"; N is an open axis.
        keywords: Whether tensors are passed by keyword, so that the order of the
            sources says nothing.
        params: Elements of the layer's variables, with those of its children.
        inside: Calls that it makes, or None for a leaf and for composite layers
            of Keras's own.
        contains: Names of layers, relative to this one, that are called inside
            of a composite layer of Keras's own.
    """

    key: str
    class_name: str
    sources: tuple[str, ...]
    outputs: tuple[str, ...]
    params: int = 0
    inside: tuple[Call, ...] | None = None
    contains: tuple[str, ...] = ()
    keywords: bool = False

    def walk(self) -> Iterator[Call]:
        """This call and all inside of it."""
        yield self
        for call in self.inside or ():
            yield from call.walk()


def call(
    key: str,
    class_name: str,
    sources: Sequence[str] | str = (),
    outputs: Sequence[str] | str = (),
    params: int = 0,
    *,
    inside: Sequence[Call] | None = None,
    contains: Sequence[str] = (),
    keywords: bool = False,
) -> Call:
    """Writes down one call; a single source or output needs no list."""
    return Call(
        key,
        class_name,
        (sources,) if isinstance(sources, str) else tuple(sources),
        (outputs,) if isinstance(outputs, str) else tuple(outputs),
        params,
        None if inside is None else tuple(inside),
        tuple(contains),
        keywords,
    )


@dataclasses.dataclass(frozen=True)
class Case:
    """A model, and its true graph.

    Attributes:
        name: What it is an example of.
        build: Makes the model.
        calls: Every call that the model makes itself.
        outputs: What made each output, by its place in the structure.
        inputs: Makes what the model is called on; None for a model that knows.
        backends: Where the model exists; empty for everywhere.
        untraced: Whether some part of it cannot be traced, so that the truth
            holds what is known.
    """

    name: str
    build: Callable[[], keras.Model]
    calls: tuple[Call, ...]
    outputs: Mapping[str, str]
    inputs: Callable[[], Any] | None = None
    backends: tuple[str, ...] = ()
    untraced: bool = False

    def walk(self) -> Iterator[Call]:
        """Every call of the truth."""
        for each in self.calls:
            yield from each.walk()


def case(
    *calls: Call,
    outputs: Mapping[str, str] | str,
    inputs: Callable[[], Any] | None = None,
    backends: Sequence[str] = (),
    untraced: bool = False,
) -> Callable[[Callable[[], keras.Model]], Case]:
    """Makes a case of the function below it, which builds the model."""
    wanted = {"0": outputs} if isinstance(outputs, str) else dict(outputs)

    def decorate(build: Callable[[], keras.Model]) -> Case:
        return Case(
            build.__name__, build, calls, wanted, inputs, tuple(backends), untraced
        )

    return decorate


def describe_truth(wanted: Case) -> list[str]:
    """One line for each call of a truth, sorted."""
    params = _first_params(wanted)
    lines = [
        _line(
            each.key,
            each.class_name,
            parent=parent,
            sources=_in_order(
                [source for source in each.sources if source != CONSTANT], each
            ),
            outputs=[_with_dtype(output) for output in each.outputs],
            params=params.get(each.key),
        )
        for parent, each in _with_parents(wanted.calls, "")
    ]
    return sorted(lines)


def _with_parents(calls: Sequence[Call], parent: str) -> Iterator[tuple[str, Call]]:
    for each in calls:
        yield parent, each
        yield from _with_parents(each.inside or (), each.key)


def _first_params(wanted: Case) -> dict[str, int]:
    return {each.key: each.params for each in wanted.walk() if "#" not in each.key}


class LoggedGraph:
    """A logged graph in the form of a truth.

    Args:
        graph: What was logged.
        wanted: The truth, which says what is to be opened.
    """

    def __init__(self, graph: schema.ModelGraph, wanted: Case) -> None:
        self.graph = graph
        self._layers = {layer.path: layer for layer in graph.walk()}
        self._names = _names_of(graph)
        self._truths = {each.key: each for each in wanted.walk()}

    def key(self, node: schema.CallNode) -> str:
        """The key of a call."""
        name = self._names[node.layer]
        return f"{name}#{node.call}" if node.call else name

    def shown(self, node: int) -> schema.CallNode:
        """The call itself, or the outermost closed one that makes it."""
        outermost = current = self.graph.nodes[node]
        while current.parent is not None:
            current = self.graph.nodes[current.parent]
            if self._closed(current):
                outermost = current
        return outermost

    def describe(self) -> list[str]:
        """One line for each call that the truth has open, sorted."""
        nodes = [n for n in self.graph.nodes if self.shown(n.id) is n]
        return sorted(self._describe(node) for node in nodes)

    def inside(self, key: str) -> set[str]:
        """Names of all layers that are called inside of a call."""
        prefix = f"{key.partition('#')[0]}/"
        return {
            self._names[node.layer].removeprefix(prefix)
            for node in self.graph.nodes
            if any(self.key(parent) == key for parent in self._parents(node))
        }

    def outputs(self) -> dict[str, str]:
        """What made each output of the model."""
        return {o.name: self._source(o.node, o.output) for o in self.graph.outputs}

    def _parents(self, node: schema.CallNode) -> Iterator[schema.CallNode]:
        while node.parent is not None:
            node = self.graph.nodes[node.parent]
            yield node

    def _closed(self, node: schema.CallNode) -> bool:
        layer = self._layers[node.layer]
        truth = self._truths.get(self.key(node))
        if layer.kind == "model" or (truth is not None and truth.inside is not None):
            return False
        # A layer of the user's that holds none has operations inside at most,
        # which may be shown or not.
        holds_layers = any(child.kind != "operation" for child in layer.children)
        return layer.module.partition(".")[0] == "keras" or not holds_layers

    def _describe(self, node: schema.CallNode) -> str:
        layer = self._layers[node.layer]
        parent = "" if node.parent is None else self.key(self.graph.nodes[node.parent])
        return _line(
            self.key(node),
            layer.class_name,
            parent=parent,
            sources=self._sources(node),
            outputs=[
                _with_dtype(",".join("N" if n is None else str(n) for n in shape), d)
                for shape, d in zip(node.output_shapes, node.output_dtypes, strict=True)
            ],
            params=layer.params if node.call == 0 else None,
        )

    def _sources(self, node: schema.CallNode) -> list[str]:
        truth = self._truths.get(self.key(node))
        wanted = truth.sources if truth is not None else ()
        sources = ["?" if i is None else self._source(*i) for i in node.inputs]
        if CONSTANT in wanted:
            sources = [source for source in sources if source != "?"]
        for place, uncertain in enumerate(wanted[: len(sources)]):
            known = sources[place] != "?" or bool(node.untraced)
            if uncertain.startswith("?") and known:
                sources[place] = uncertain
        return _in_order(sources, truth)

    def _source(self, node: int, output: int) -> str:
        shown = self.shown(node)
        number = output if shown.id == node else self._output_of(shown, node, output)
        return f"{self.key(shown)}:{number}" if number else self.key(shown)

    def _output_of(self, closed: schema.CallNode, node: int, output: int) -> int:
        """Which output of a closed call it is that a call inside of it makes.

        The outputs of a recurrent layer are those of its cell. Elsewhere only
        shape and dtype tell.
        """
        made = self.graph.nodes[node]
        if len(closed.output_shapes) == 1:
            return 0
        if len(closed.output_shapes) == len(made.output_shapes):
            return output
        kinds = list(zip(closed.output_shapes, closed.output_dtypes, strict=True))
        kind = (made.output_shapes[output], made.output_dtypes[output])
        return kinds.index(kind)


def _names_of(graph: schema.ModelGraph) -> dict[str, str]:
    """A name for every layer path, from the names of all that hold it."""
    names: dict[str, str] = {}
    stack: list[tuple[str, tuple[schema.LayerNode, ...]]] = [("", graph.layers)]
    while stack:
        prefix, layers = stack.pop()
        seen: dict[str, int] = {}
        for layer in layers:
            name = layer.name
            if layer.kind == "operation":
                name = re.sub(r"_\d+$", "", name)
            seen[name] = seen.get(name, 0) + 1
            if seen[name] > 1:
                name = f"{name}~{seen[name]}"
            names[layer.path] = f"{prefix}{name}"
            stack.append((f"{prefix}{name}/", layer.children))
    return names


def _in_order(sources: list[str], truth: Call | None) -> list[str]:
    return sorted(sources) if truth is not None and truth.keywords else sources


def _with_dtype(output: str, dtype: str = "float32") -> str:
    return output if ":" in output else f"{output}:{dtype}"


def _line(
    key: str,
    class_name: str,
    *,
    parent: str,
    sources: Sequence[str],
    outputs: Sequence[str],
    params: int | None,
) -> str:
    text = f"{key} = {class_name}({'; '.join(sources)}) -> {' '.join(outputs)}"
    if parent:
        text = f"{text}, in {parent}"
    return text if params is None else f"{text}, {params} parameters"


def check_truth(graph: schema.ModelGraph, wanted: Case) -> None:
    """Asserts that a graph is the one that was written down."""
    found = LoggedGraph(graph, wanted)
    difference = list(difflib.ndiff(describe_truth(wanted), found.describe()))
    if any(line[0] in "+-" for line in difference):
        lines = [line for line in difference if line[0] != "?"]
        raise AssertionError("\n".join(["wanted (-) and found (+):", *lines]))
    assert found.outputs() == dict(wanted.outputs)
    for each in wanted.walk():
        missing = set(each.contains) - found.inside(each.key)
        assert not missing, f"not called inside of {each.key}: {sorted(missing)}"
    assert wanted.untraced or graph.notices == ()
