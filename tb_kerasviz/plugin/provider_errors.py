"""What TensorBoard's data provider raises, as errors of ours."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from typing import Any

from tb_kerasviz.plugin.errors import (
    ChangedLogsError,
    NotFoundError,
    UnavailableError,
)


@contextlib.contextmanager
def provider_errors() -> Iterator[None]:
    """Names what the data provider raises.

    Raises:
        ChangedLogsError: What was asked for is not there any more.
        UnavailableError: The data server does not answer.
    """
    try:
        yield
    except (NotFoundError, KeyError, IndexError) as error:
        raise ChangedLogsError from error
    except Exception as error:
        # Without the data server TensorBoard does not load gRPC; nor do we.
        grpc = sys.modules.get("grpc")
        if grpc is None or not isinstance(error, grpc.RpcError):
            raise
        raise UnavailableError(
            f"TensorBoard's data server does not answer ({_rpc_code(error)}). If this "
            "stays, restart TensorBoard, or start it with --load_fast=false."
        ) from error


def _rpc_code(error: Any) -> str:
    code = getattr(error, "code", None)
    return str(getattr(code(), "name", "unknown")) if callable(code) else "unknown"
