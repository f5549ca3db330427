"""HTTP: methods, parameters, encodings and errors. Nothing of what is served.

Every answer goes through TensorBoard's `http_util.Respond`, which adds
`nosniff`; errors are sentences in plain text, whatever happens. No answer has
an ETag: werkzeug takes the content type off a 304, and TensorBoard warns.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from typing import Any, Generic, TypeVar

from tensorboard import plugin_util
from tensorboard.backend import http_util
from tensorboard.util import tb_logging
from werkzeug import wrappers

from tb_kerasviz.plugin import (
    dynamics_handlers,
    gradient_handlers,
    handlers,
    layer_handlers,
    queries,
    scalar_handlers,
    unit_handlers,
    verdict_handlers,
    weight_handlers,
)
from tb_kerasviz.plugin.errors import (
    InvalidArgumentError,
    MethodNotAllowedError,
    NotFoundError,
    PublicError,
    UnreadableDataError,
    enumerate_some,
)
from tb_kerasviz.plugin.log_reader import LogReader, Logs
from tb_kerasviz.plugin.static_files import StaticFiles
from tb_kerasviz.wire import codec

MAX_INFLATED_BYTES = 32 * 2**20
"""Largest answer to a client that does not take gzip."""

WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

_GZIP_NAMES = ("gzip", "x-gzip")
_YEAR_SECS = 365 * 86400
_Q = TypeVar("_Q")

_logger = tb_logging.get_logger()


@dataclasses.dataclass(frozen=True)
class Route(Generic[_Q]):
    """A route of the plugin: its path, its parameters and what answers it."""

    path: str
    query: type[_Q]
    handle: Callable[[Logs, _Q], handlers.Answer]


ROUTES: tuple[Route[Any], ...] = (
    Route("/runs", queries.NoQuery, handlers.list_runs),
    Route("/model_graph", queries.StepQuery, handlers.read_model_graph),
    Route("/probe", queries.StepQuery, handlers.read_probe),
    Route("/probe/data", queries.ProbeDataQuery, handlers.read_probe_data),
    Route("/activations", queries.StepQuery, handlers.read_activations),
    Route("/activations/thumbnails", queries.SampleQuery, handlers.read_thumbnails),
    Route(
        "/activations/data", queries.ActivationDataQuery, handlers.read_activation_data
    ),
    Route("/activations/units", queries.OutputQuery, unit_handlers.read_units),
    Route(
        "/activations/outputs",
        queries.ModelOutputQuery,
        unit_handlers.read_model_output,
    ),
    Route(
        "/activations/unit_trend",
        queries.UnitTrendQuery,
        unit_handlers.read_unit_trend,
    ),
    Route("/activations/health", queries.RunQuery, unit_handlers.read_unit_health),
    Route("/weights", queries.StepQuery, weight_handlers.read_weights),
    Route("/weights/data", queries.VariableQuery, weight_handlers.read_weight_data),
    Route(
        "/weights/trend", queries.VariableTrendQuery, weight_handlers.read_weight_trend
    ),
    Route("/weights/norms", queries.RunQuery, weight_handlers.read_weight_norms),
    Route(
        "/gradients/trend",
        queries.VariableTrendQuery,
        gradient_handlers.read_gradient_trend,
    ),
    Route("/dynamics", queries.RunQuery, dynamics_handlers.list_dynamics),
    Route("/dynamics/map", queries.DynamicsQuery, dynamics_handlers.read_dynamics_map),
    Route("/dynamics/steps", queries.CellsQuery, dynamics_handlers.read_step_map),
    Route("/dynamics/verdicts", queries.PageQuery, verdict_handlers.list_verdicts),
    Route("/scalars", queries.ScalarQuery, scalar_handlers.read_scalars),
    Route("/status", queries.RunQuery, handlers.read_status),
    Route("/layer_statistics", queries.StepQuery, layer_handlers.read_layer_statistics),
    Route("/layer_trend", queries.LayerQuery, layer_handlers.read_layer_trend),
)


def create_data_app(route: Route[Any], reader: LogReader) -> WsgiApp:
    """The application of a route that serves logged data."""

    def answer(request: wrappers.Request) -> wrappers.Response:
        query = queries.parse_query(_read_arguments(request), route.query)
        logs = reader.open(
            plugin_util.context(request.environ),
            plugin_util.experiment_id(request.environ),
        )
        return _respond_with(request, handlers.answer(route.handle, logs, query))

    return _guard(answer)


def create_static_app(files: StaticFiles) -> WsgiApp:
    """The application of `/static/*`: the built front end."""

    def answer(request: wrappers.Request) -> wrappers.Response:
        file = files.find(request.path.partition("/static/")[2])
        if file is None:
            raise NotFoundError("there is no such file in the front end.")
        return _respond(
            request,
            file.gzipped,
            file.content_type,
            content_encoding="gzip",
            expires=_YEAR_SECS if file.hashed else 0,
            headers=[("Vary", "Accept-Encoding")],
        )

    return _guard(answer)


def create_fallback_app() -> WsgiApp:
    """The application of every path that is no route."""

    def answer(_request: wrappers.Request) -> wrappers.Response:
        paths = [route.path for route in ROUTES]
        raise NotFoundError(
            f"there is no such route; there are: {enumerate_some(paths)}."
        )

    return _guard(answer)


def _read_arguments(request: wrappers.Request) -> dict[str, list[str]]:
    try:
        return dict(request.args.lists())
    except UnicodeDecodeError as error:
        raise InvalidArgumentError(
            "the query must be ASCII; percent-encode the UTF-8 of any other text."
        ) from error


def _respond(
    request: wrappers.Request, content: bytes | str, content_type: str, **options: Any
) -> wrappers.Response:
    # The one door to the client; it types what TensorBoard leaves untyped.
    response: wrappers.Response = http_util.Respond(
        request, content, content_type, **options
    )
    return response


def _respond_with(
    request: wrappers.Request, answer: handlers.Answer
) -> wrappers.Response:
    if not answer.member:
        return _respond(request, answer.content, answer.content_type)
    headers = [("Vary", "Accept-Encoding")]
    if _accepts_gzip(request):
        return _respond(
            request,
            answer.content,
            answer.content_type,
            content_encoding="gzip",
            headers=headers,
        )
    # Respond would inflate it too, but without a bound, and with the length
    # that the data claims.
    info = codec.check_member(answer.content, answer.what)
    if info.raw_size > MAX_INFLATED_BYTES:
        raise UnreadableDataError(
            f"{answer.what} has {info.raw_size} bytes; more than {MAX_INFLATED_BYTES} "
            "are sent only to a client that accepts gzip."
        )
    raw = codec.decode_member(answer.content, answer.what)
    return _respond(request, raw, answer.content_type, headers=headers)


def _accepts_gzip(request: wrappers.Request) -> bool:
    # Stricter than Respond's own test: where this says yes, that does too.
    accepted = request.headers.get("Accept-Encoding", "").split(",")
    return any(encoding.strip() in _GZIP_NAMES for encoding in accepted)


def _guard(answer: Callable[[wrappers.Request], wrappers.Response]) -> WsgiApp:
    """Makes an application that checks the method and answers every error."""

    def app(
        environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        request = wrappers.Request(environ)
        try:
            if request.method not in ("GET", "HEAD"):
                raise MethodNotAllowedError(request.method)
            response = answer(request)
        except PublicError as error:
            response = _respond(
                request,
                str(error),
                "text/plain",
                code=error.http_code,
                headers=error.headers,
            )
        except Exception:
            _logger.exception("The Keras tab could not answer %r", request.path)
            response = _respond(
                request,
                "The Keras tab could not answer: an internal error. "
                "TensorBoard's own output has the details.",
                "text/plain",
                code=500,
            )
        return response(environ, start_response)

    return app
