"""Made-up model graphs of any size, and logs of them.

They are transformers: blocks of twelve layers with two skip connections each,
nested like the models that authors write. Names, shapes, variables and
configurations are of the length that real ones have, so that the documents are
as large as real ones.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tb_kerasviz.training_log import TrainingLog
from tb_kerasviz.wire.metadata import WIRE_VERSION
from tb_kerasviz.wire.schema import CallNode, LayerNode, ModelGraph, VariableInfo
from tb_kerasviz.writer.async_writer import AsyncRecordWriter

WIDTH = 768
STAGE = 8
"""Blocks of one stage."""

# Name, class, inputs by their place in the block (-1: the block's input), params.
_Part = tuple[str, str, tuple[int, ...], int]
_PARTS: tuple[_Part, ...] = (
    ("attention_norm", "LayerNormalization", (-1,), 2 * WIDTH),
    ("query", "Dense", (0,), WIDTH * WIDTH + WIDTH),
    ("key", "Dense", (0,), WIDTH * WIDTH + WIDTH),
    ("value", "Dense", (0,), WIDTH * WIDTH + WIDTH),
    ("attention", "Attention", (1, 2, 3), 0),
    ("project", "Dense", (4,), WIDTH * WIDTH + WIDTH),
    ("attention_add", "Add", (-1, 5), 0),
    ("mlp_norm", "LayerNormalization", (6,), 2 * WIDTH),
    ("mlp_expand", "Dense", (7,), 4 * WIDTH * WIDTH + 4 * WIDTH),
    ("mlp_contract", "Dense", (8,), 4 * WIDTH * WIDTH + WIDTH),
    ("mlp_dropout", "Dropout", (9,), 0),
    ("mlp_add", "Add", (6, 10), 0),
)


def create_graph(calls: int, *, nested: bool = True, experts: int = 0) -> ModelGraph:
    """Makes a model graph.

    Args:
        calls: About how many nodes it has, groups included.
        nested: Whether blocks and stages are nested models; else all layers are
            side by side, as in most of the models of `keras.applications`.
        experts: parallel layers of each block; 0 for the usual block.
    """
    parts = _mixture(experts) if experts else _PARTS
    draft = _Draft(parts)
    last = draft.add(_layer("tokens", "InputLayer", 0, kind="input"), None)
    draft.layers.append(draft.made[-1])
    per_block = len(parts) + 1 if nested else len(parts)
    blocks = max(1, round((calls - 3) / (per_block + (1 / STAGE if nested else 0))))
    for stage in range(0, blocks, STAGE):
        count = min(STAGE, blocks - stage)
        last = _add_stage(draft, stage, count, last, nested=nested)
    for name, class_name, params in (
        ("final_norm", "LayerNormalization", 2 * WIDTH),
        ("logits", "Dense", 32_000 * WIDTH),
    ):
        before, last = last, draft.add(_layer(name, class_name, params), None)
        draft.layers.append(draft.made[-1])
        draft.links.append((before, last))
    params = sum(layer.params for layer in draft.layers)
    return ModelGraph(
        version=WIRE_VERSION,
        name="synthetic_transformer",
        class_name="Functional",
        layers=tuple(draft.layers),
        nodes=tuple(draft.nodes),
        links=tuple(draft.links),
        params=params,
        trainable_params=params,
        non_trainable_params=0,
        optimizer_params=2 * params,
        optimizer="AdamW",
        backend="tensorflow",
        keras_version="3.15.0",
        notices=(),
    )


def write_log(graph: ModelGraph, log_dir: Path) -> None:
    """Writes a log of one training that holds this graph at step 0."""
    writer = AsyncRecordWriter(log_dir, max_block_secs=600)
    TrainingLog(writer).write_model_graph(0, graph)
    writer.close(600)
    stats = writer.stats()
    if stats.written != stats.accepted or stats.written == 0:
        raise RuntimeError(f"The graph was not written: {stats}")


def _mixture(experts: int) -> tuple[_Part, ...]:
    """The parts of a block of parallel layers, which makes the graph a wide one."""
    names = tuple(
        (f"expert_{number}", "Dense", (0,), WIDTH * WIDTH + WIDTH)
        for number in range(experts)
    )
    every = tuple(range(1, experts + 1))
    return (
        ("norm", "LayerNormalization", (-1,), 2 * WIDTH),
        *names,
        ("add", "Add", (-1, *every), 0),
    )


class _Draft:
    def __init__(self, parts: tuple[_Part, ...]) -> None:
        self.parts = parts
        self.layers: list[LayerNode] = []
        self.nodes: list[CallNode] = []
        self.links: list[tuple[int, int]] = []
        self.made: list[LayerNode] = []

    def add(self, layer: LayerNode, parent: int | None) -> int:
        """Adds the call of a layer; returns its number."""
        node = len(self.nodes)
        self.made.append(layer)
        self.nodes.append(
            CallNode(
                id=node,
                layer=layer.path,
                call=0,
                parent=parent,
                input_shapes=layer.input_shapes,
                output_shapes=layer.output_shapes,
                output_dtypes=layer.output_dtypes,
                multiply_adds=layer.params * 128,
                activation_bytes=128 * WIDTH * 4,
            )
        )
        return node


def _add_stage(
    draft: _Draft, first: int, count: int, last: int, *, nested: bool
) -> int:
    name = f"stage_{first // STAGE}"
    stage = (
        draft.add(_layer(name, "Functional", 0, kind="model"), None) if nested else None
    )
    blocks = []
    for number in range(first, first + count):
        block, last = _add_block(draft, number, stage, last, prefix=name)
        blocks.append(block)
    if nested:
        draft.layers.append(_group(name, blocks))
    return last


def _add_block(
    draft: _Draft, number: int, stage: int | None, last: int, *, prefix: str
) -> tuple[LayerNode, int]:
    name = f"block_{number}"
    nested = stage is not None
    path = f"{prefix}/{name}" if nested else name
    around = (
        draft.add(_layer(path, "Functional", 0, kind="model"), stage)
        if nested
        else None
    )
    children: list[LayerNode] = []
    ids: list[int] = []
    for part, class_name, inputs, params in draft.parts:
        layer = _layer(
            f"{path}/{part}" if nested else f"{path}_{part}", class_name, params
        )
        children.append(layer)
        ids.append(draft.add(layer, around))
        draft.links.extend((last if i < 0 else ids[i], ids[-1]) for i in inputs)
    if not nested:
        draft.layers.extend(children)
    return _group(path, children), ids[-1]


def _group(path: str, children: list[LayerNode]) -> LayerNode:
    layer = _layer(path, "Functional", 0, kind="model")
    params = sum(child.params for child in children)
    fields = {name: getattr(layer, name) for name in layer.__struct_fields__}
    changed = {
        "params": params,
        "trainable_params": params,
        "children": tuple(children),
    }
    return LayerNode(**{**fields, **changed})


def _layer(
    path: str, class_name: str, params: int, *, kind: Any = "layer"
) -> LayerNode:
    name = path.rsplit("/", 1)[-1]
    shape = (None, 128, WIDTH)
    return LayerNode(
        path=path,
        name=name,
        class_name=class_name,
        module=f"keras.src.layers.core.{class_name.lower()}",
        kind=kind,
        trainable=True,
        dtype_policy="float32",
        input_shapes=(shape,),
        output_shapes=(shape,),
        output_dtypes=("float32",),
        params=params,
        trainable_params=params,
        variables=tuple(
            VariableInfo(
                path=f"{path}/{variable}",
                name=variable,
                shape=(params - WIDTH, 1) if variable == "kernel" else (WIDTH,),
                dtype="float32",
                trainable=True,
                params=params - WIDTH if variable == "kernel" else WIDTH,
                initializer="GlorotUniform" if variable == "kernel" else "Zeros",
            )
            for variable in (("kernel", "bias") if params > 0 else ())
        ),
        config={
            "name": name,
            "trainable": True,
            "dtype": {
                "module": "keras",
                "class_name": "DTypePolicy",
                "config": {"name": "float32"},
            },
            "units": WIDTH,
            "activation": "linear",
            "use_bias": True,
            "kernel_initializer": {
                "module": "keras.initializers",
                "class_name": "GlorotUniform",
            },
            "bias_initializer": {"module": "keras.initializers", "class_name": "Zeros"},
        },
        config_notes=(),
        calls=1,
        children=(),
        multiply_adds=params * 128,
        activation_bytes=128 * WIDTH * 4,
    )
