"""Formulas of operations beside Keras's own sums of ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
from keras import ops

from tb_kerasviz.analysis.call_shapes import LayerCall
from tb_kerasviz.analysis.layer_costs import multiply_adds
from tb_kerasviz.capture.model_graph import create_model_graph


def ones(*shape: int) -> Any:
    return np.ones(shape, np.float32)


def costs_of(
    run: Callable[..., Any], *shapes: tuple[int | None, ...]
) -> list[int | None]:
    """Multiply-adds of every call of a function of some inputs."""
    tensors = [keras.Input(shape) for shape in shapes]
    graph = create_model_graph(keras.Model(tensors, run(*tensors)))
    return [node.multiply_adds for node in graph.nodes]


PRODUCTS: dict[str, tuple[Callable[..., Any], list[tuple[int, ...]]]] = {
    "matmul": (ops.matmul, [(3, 4), (4, 5)]),
    "matmul with a matrix": (lambda x: ops.matmul(x, ones(4, 5)), [(3, 4)]),
    "matmul with a square": (lambda x: ops.matmul(x, ones(8, 8)), [(10, 8)]),
    "matmul from the left": (lambda x: ops.matmul(ones(10, 10), x), [(10, 8)]),
    "matmul of vectors": (lambda x: ops.matmul(x, ones(4, 5)), [(4,)]),
    "matmul of heads": (ops.matmul, [(2, 3, 4), (2, 4, 5)]),
    "operator": (lambda x, y: x @ y, [(3, 4), (4, 5)]),
    "dot": (lambda x: ops.dot(x, ones(4, 5)), [(3, 4)]),
    "inner": (lambda x: ops.inner(x, ones(5, 4)), [(3, 4)]),
    "tensordot": (lambda x: ops.tensordot(x, ones(3, 4, 5), 2), [(2, 3, 4)]),
    "tensordot, axes": (
        lambda x: ops.tensordot(x, ones(5, 3), axes=[[2], [1]]),
        [(2, 3, 4)],
    ),
    "einsum": (lambda x, y: ops.einsum("bqd,bkd->bqk", x, y), [(3, 4), (5, 4)]),
    "einsum of heads": (
        lambda x, y: ops.einsum("bqhd,bkhd->bhqk", x, y),
        [(3, 2, 4), (5, 2, 4)],
    ),
    "einsum with a matrix": (
        lambda x: ops.einsum("bij,jk->bik", x, ones(4, 6)),
        [(3, 4)],
    ),
    "einsum, matrix first": (
        lambda x: ops.einsum("jk,bij->bik", ones(4, 6), x),
        [(3, 4)],
    ),
    "einsum, ellipsis": (
        lambda x: ops.einsum("...j,jk->...k", x, ones(4, 6)),
        [(2, 3, 4)],
    ),
    "einsum, no arrow": (lambda x: ops.einsum("abc,cd", x, ones(4, 6)), [(3, 4)]),
    "conv": (lambda x: ops.conv(x, ones(3, 2, 4, 5), strides=2), [(8, 9, 4)]),
    "depthwise_conv": (lambda x: ops.depthwise_conv(x, ones(3, 2, 4, 2)), [(8, 9, 4)]),
    "conv_transpose": (
        lambda x: ops.conv_transpose(x, ones(3, 3, 5, 2), strides=2),
        [(4, 5, 2)],
    ),
}


@pytest.mark.parametrize("name", PRODUCTS)
def test_a_formula_counts_every_product_that_keras_sums(name: str) -> None:
    run, shapes = PRODUCTS[name]
    (*_, cost) = costs_of(run, *shapes)

    summed = run(*(ops.convert_to_tensor(ones(1, *shape)) for shape in shapes))
    count = round(float(ops.sum(summed)))
    assert count > 0
    assert cost == count


def test_a_separable_convolution_is_its_two_convolutions() -> None:
    depthwise, pointwise = ones(3, 2, 4, 2), ones(1, 1, 8, 5)
    (_, whole) = costs_of(
        lambda x: ops.separable_conv(x, depthwise, pointwise), (8, 9, 4)
    )
    parts = costs_of(
        lambda x: ops.conv(ops.depthwise_conv(x, depthwise), pointwise), (8, 9, 4)
    )
    assert whole == sum(part or 0 for part in parts)


@pytest.mark.parametrize("by_name", [False, True])
def test_attention_is_its_two_products(by_name: bool) -> None:
    def fused(q: Any, k: Any, v: Any) -> Any:
        if by_name:
            return ops.dot_product_attention(query=q, key=k, value=v)
        return ops.dot_product_attention(q, k, v)

    def apart(q: Any, k: Any, v: Any) -> Any:
        scores = ops.einsum("bqhd,bkhd->bhqk", q, k)
        return ops.einsum("bhqk,bkhd->bqhd", ops.softmax(scores), v)

    shapes = [(3, 2, 4), (5, 2, 4), (5, 2, 4)]
    (*_, whole) = costs_of(fused, *shapes)
    parts = costs_of(apart, *shapes)
    assert whole == sum(part or 0 for part in parts) == 2 * (3 * 5 * 2 * 4)


@pytest.mark.parametrize(
    "run",
    [
        lambda x: x * 2,
        lambda x: x + x,
        ops.softmax,
        lambda x: ops.reshape(x, (-1, 12)),
        lambda x: ops.mean(x, axis=1),
        lambda x: x[:, 1:],
        lambda x: ops.concatenate([x, x]),
        lambda x: ops.cast(x, "float16"),
        lambda x: ops.einsum("bij->bji", x),
    ],
)
def test_element_wise_operations_and_copies_count_nothing(run: Any) -> None:
    assert set(costs_of(run, (3, 4))) == {0}


@pytest.mark.parametrize(
    "run",
    [
        ops.cholesky,
        lambda x: ops.fft2((x, x))[0],
        lambda x: ops.einsum("bij,bjk,bkl->bil", x, x, x),
    ],
    ids=["cholesky", "fft", "einsum of three"],
)
def test_what_has_no_formula_is_unknown(run: Any) -> None:
    assert None in costs_of(run, (4, 4))


def test_an_open_axis_makes_the_cost_unknown() -> None:
    assert costs_of(ops.matmul, (None, 4), (4, 5))[-1] is None
    assert costs_of(lambda x: ops.conv(x, ones(3, 4, 5)), (None, 4))[-1] is None


def test_an_axis_that_is_open_in_one_operand_is_not_known() -> None:
    for operands in (((None, 4, None), (8, 5)), ((None, 4, 8), (None, 5))):
        call = LayerCall(
            class_name="Einsum",
            module="keras.src.ops.numpy",
            config={"subscripts": "bij,jk->bik"},
            inputs=operands[:1],
            outputs=((None, 4, 5),),
            arguments={"operands": operands},
        )
        assert multiply_adds(call) is None


def test_without_its_arguments_a_product_with_a_constant_is_unknown() -> None:
    # Ten rows of eight may be multiplied by a matrix from either side.
    call = LayerCall(
        class_name="Matmul",
        module="keras.src.ops.numpy",
        config={},
        inputs=((None, 10, 8),),
        outputs=((None, 10, 8),),
    )
    assert multiply_adds(call) is None
