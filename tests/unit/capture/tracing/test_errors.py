from __future__ import annotations

from typing import Any

import keras
import pytest
from keras import layers

from tb_kerasviz.capture.tracing.errors import MAX_TEXT, TracingError, describe


def test_keras_s_frame_and_colours_are_left_out() -> None:
    class Broken(layers.Layer):
        def call(self, x: Any) -> Any:
            raise RuntimeError(f"no way\nwith {x.dtype}")

    with pytest.raises(RuntimeError) as caught:
        Broken()(keras.ops.ones((2,)))

    assert describe(caught.value) == "RuntimeError: no way with " + str(
        keras.ops.ones((2,)).dtype
    )


def test_texts_are_bounded_and_ours_are_kept() -> None:
    assert len(describe(ValueError("x" * 10_000))) == MAX_TEXT
    assert describe(TracingError("dense is not built yet")) == "dense is not built yet"
