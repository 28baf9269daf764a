"""The edge between Flask and a service's routes: it checks the request, calls the view and makes the response."""

import hashlib
import re
import time
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any, NamedTuple

from flask import Blueprint, Flask, Request, Response, request
from marshmallow import Schema
from werkzeug.exceptions import HTTPException

from shared.database import RowExists, Transaction, rows_of
from shared.errors import NotFound
from shared.http import metrics
from shared.http.idempotency import IdempotentRequest
from shared.http.json_codec import same_json, write_json
from shared.http.languages import HEADER, PARAMETER, accepted_language, requested_language
from shared.http.limits import RateLimiter
from shared.http.problems import (
    MEDIA_TYPE,
    Problem,
    RoleIsForbidden,
    ScopeIsMissing,
    TokenIsMissing,
    plain_body,
    problem_body,
)
from shared.http.request_body import (
    json_content,
    load_body,
    load_query,
    parse_body,
    read_body,
    requested_path,
    store_upload,
)
from shared.http.routes import RequestContext, Result, Route, UploadedFile
from shared.i18n import Text
from shared.identity.callers import Caller
from shared.identity.tokens import Tokens
from shared.ids import new_id
from shared.logs import current_trace, log, tracing
from shared.resources import Runtime

MAX_CONFLICTS = 2
"""The maximum number of further conflicts of one request that are resolved."""

TRACEPARENT = re.compile(r"[0-9a-f]{2}-(?P<trace>(?!0{32})[0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")
"""Version, trace, parent and flags (W3C Trace Context). A trace of zeros alone is invalid."""


@dataclass(frozen=True)
class Edge:
    """The resources that the routes of one service share."""

    runtime: Runtime
    tokens: Tokens
    problems: Mapping[type[Exception], Problem]
    limits: RateLimiter


class _Schemas(NamedTuple):
    """The schemas of a route's query and body."""

    query: Schema | None
    body: Schema | None


def blueprint_of(edge: Edge, routes: tuple[Route, ...]) -> Blueprint:
    """Return a blueprint with each of the service's routes at its address."""
    service = edge.runtime.service
    blueprint = Blueprint(service, __name__)
    for at, route in enumerate(routes):
        blueprint.add_url_rule(
            route.address(service),
            endpoint=f"{at}-{route.view.__name__}",
            view_func=_view_func(edge, route),
            methods=[route.method],
            provide_automatic_options=False,
        )
    return blueprint


def _view_func(edge: Edge, route: Route) -> Callable[..., Response]:
    schemas = _Schemas(
        route.query() if route.query else None, route.request_schema() if route.request_schema else None
    )

    def view(**path: str) -> Response:
        began = time.perf_counter()
        trace = _trace_of(request)
        with tracing(trace, service=edge.runtime.service):
            caller = None
            language = accepted_language(request.headers.get(HEADER))
            try:
                language = requested_language(request.args.getlist(PARAMETER), request.headers.get(HEADER))
                caller = _caller(edge, route)
                result = _result_of(edge, route, caller, schemas, path, language=language)
                if result.await_better is not None:
                    result = result.await_better() or result
                response = _response(result, language)
            except Exception as error:  # noqa: BLE001 - the table maps it to a response; an unknown one is 500
                response = _problem_response(error, edge.problems, route, language)
            response.headers["Trace-Id"] = trace
            response.vary.add(HEADER)
            if caller is not None:
                for name, field in edge.limits.fields(caller.reporter, now=edge.runtime.clock.now()):
                    response.headers[name] = field
            seconds = time.perf_counter() - began
            metrics.observe_request(edge.runtime.service, route, response.status_code, seconds)
            log().info("request", method=route.method, path=request.path, status=response.status_code)
            return response

    return view


def _result_of(
    edge: Edge,
    route: Route,
    caller: Caller | None,
    schemas: _Schemas,
    path: Mapping[str, str],
    *,
    language: str,
) -> Result:
    if caller is not None:
        _admit(edge, route, caller)
    _refuse_nul(path)
    query = load_query(schemas.query)
    raw = read_body(edge.runtime.settings.max_body_bytes, route)
    with store_upload(edge.runtime, route) if route.request_media_types else nullcontext() as file:
        return _result_with(
            edge, route, caller, schemas, path, query=query, raw=raw, file=file, language=language
        )


def _result_with(
    edge: Edge,
    route: Route,
    caller: Caller | None,
    schemas: _Schemas,
    path: Mapping[str, str],
    *,
    query: Mapping[str, Any],
    raw: bytes,
    file: UploadedFile | None,
    language: str,
) -> Result:
    if caller is not None and request.content_length is None:
        size = file.size if file else len(raw)
        edge.limits.consume(caller.reporter, "bytes", size, now=edge.runtime.clock.now())
    parsed = parse_body(raw, is_form=route.request_is_form) if schemas.body else None
    unique = None
    if route.needs_key and caller is not None:
        key = request.headers.get("Idempotency-Key")
        content = json_content(file, limit=edge.runtime.settings.max_body_bytes) if file else None
        unique = IdempotentRequest.of(
            reporter=caller.reporter,
            key=key,
            path=requested_path(),
            body=content or (file.sha256.encode() if file else same_json(parsed) if schemas.body else raw),
            compares_bytes=file is not None and content is None,
        )
    call = RequestContext(
        runtime=edge.runtime,
        caller=caller,
        only_reads=route.only_reads,
        body=load_body(schemas.body, parsed) if schemas.body else None,
        query=query,
        headers=request.headers,  # type: ignore[arg-type]  # werkzeug keeps its own mapping
        file=file,
        address=request.remote_addr,
        visible_to=route.visible_to(caller),
        limits=edge.limits,
        language=language,
    )
    if unique is None:
        with call:
            return route.view(call, **path)
    return _result_once(call, unique, lambda: route.view(call, **path))


def _result_once(call: RequestContext, unique: IdempotentRequest, view: Callable[[], Result]) -> Result:
    """Call the view, and look for a stored result only if the view fails. A new key, the usual case, costs no query."""
    result = None
    try:
        with call:
            result = view()
            unique.store(call.tx, result)
        return result  # noqa: TRY300 - the commit above is what may raise
    except Exception as error:
        with call.runtime.database.read(visible_to=rows_of(reporter=unique.reporter)) as tx:
            earlier = unique.find(tx)
        if earlier is not None:
            if not isinstance(error, RowExists):
                log().debug("a repeated request failed where the first did not", error=str(error))
            _roll_back(result)
            return earlier
        if not isinstance(error, RowExists) or result is None or result.on_conflict is None:
            raise
    instead = _resolve(call, unique, result.on_conflict)
    _roll_back(result)
    return instead


def _resolve(
    call: RequestContext, unique: IdempotentRequest, on_conflict: Callable[[Transaction], Result]
) -> Result:
    """Return the result that replaces a conflicting one. A request at the same moment may cause another conflict."""
    for _ in range(MAX_CONFLICTS):
        try:
            return _resolve_once(call, unique, on_conflict)
        except RowExists:
            log().debug("another conflict")
    return _resolve_once(call, unique, on_conflict)


def _resolve_once(
    call: RequestContext, unique: IdempotentRequest, on_conflict: Callable[[Transaction], Result]
) -> Result:
    with call.runtime.database.begin(visible_to=call.visible_to) as tx:
        instead = on_conflict(tx)
        unique.store(tx, instead)
    return instead


def _roll_back(result: Result | None) -> None:
    if result is not None and result.on_rollback is not None:
        result.on_rollback()


def _caller(edge: Edge, route: Route) -> Caller | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if not token or scheme.lower() != "bearer":
        if route.allow:
            raise TokenIsMissing
        return None
    return edge.tokens.caller(token.strip(), now=edge.runtime.clock.now())


def _admit(edge: Edge, route: Route, caller: Caller) -> None:
    """Raise unless the caller may use the route and is within its limits, before any of the body is read."""
    now = edge.runtime.clock.now()
    edge.limits.consume(caller.reporter, "requests", 1, now=now)
    if route.allow and caller.role not in route.allow:
        raise RoleIsForbidden(caller.role)
    if route.scope not in caller.scopes:
        raise ScopeIsMissing(route.scope)
    announced, settings = request.content_length or 0, edge.runtime.settings
    if announced <= (settings.max_file_bytes if route.request_media_types else settings.max_body_bytes):
        edge.limits.consume(caller.reporter, "bytes", announced, now=now)


def _refuse_nul(path: Mapping[str, str]) -> None:
    """Refuse names with NUL. No text column stores NUL; PostgreSQL would raise an error where SQLite finds no row."""
    if any("\0" in name for name in path.values()):
        raise NotFound("name")


def _response(result: Result, language: str) -> Response:
    body = _body(result, language)
    response = Response(body, status=result.status, mimetype=result.media_type)
    response.headers["Content-Language"] = result.language
    response.headers.update(result.headers)
    etag = hashlib.sha256(body).hexdigest()[:32] if result.hash_etag else result.etag
    if etag is not None:
        response.set_etag(etag)
        if request.method == "GET":
            response.make_conditional(request)
    return response


def _body(result: Result, language: str) -> bytes:
    if result.content is not None:
        return result.content
    return result.text.encode() if result.text is not None else write_json(result.body, language)


def _problem_response(
    error: Exception, problems: Mapping[type[Exception], Problem], route: Route, language: str
) -> Response:
    trace = current_trace() or ""
    found = next((problems[cls] for cls in type(error).__mro__ if cls in problems), None)
    if found is None:
        log().exception("request failed")
        title = Text("Internal error")
        body = plain_body(
            500, title, Text("The error is logged under the trace in 'instance'."), trace, language
        )
        headers = {"Content-Language": language}
        return Response(write_json(body), status=500, mimetype=MEDIA_TYPE, headers=headers)
    if route.refuses is not None:
        response = _response(route.refuses.render(error, found), language)
    else:
        body = problem_body(error, found, trace, language)
        response = Response(write_json(body), status=found.status, mimetype=MEDIA_TYPE)
        response.headers["Content-Language"] = language
    response.headers.update(found.headers or {})
    response.headers.update(getattr(error, "headers", {}))
    return response


def _trace_of(req: Request) -> str:
    """Return the trace that the client began (W3C traceparent), or a new one."""
    given = TRACEPARENT.fullmatch(req.headers.get("traceparent", ""))
    return given["trace"] if given else new_id()


def handle_unrouted(app: Flask) -> None:
    """Answer requests that match no route (404, 405, ...) with a problem."""

    @app.errorhandler(HTTPException)
    def _unrouted(error: HTTPException) -> Response:
        status = error.code or 500
        detail = Text("No route matches this request; see openapi.json.")
        language = accepted_language(request.headers.get(HEADER))
        body = plain_body(status, error.name, detail, new_id(), language)
        response = Response(write_json(body), status=status, mimetype=MEDIA_TYPE)
        response.headers["Content-Language"] = language
        if allowed := getattr(error, "valid_methods", None):
            response.headers["Allow"] = ", ".join(sorted(allowed))
        return response
