"""The OpenAPI 3.1 description of a service, built from its routes and their schemas."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin

from shared.database import DatabaseIsUnavailable
from shared.errors import MatchIsRequired, MatchIsStale, NotFound, Unprocessable
from shared.http import problems as kernel
from shared.http.idempotency import MAX_KEY
from shared.http.languages import PARAMETER
from shared.http.limits import LimitIsReached
from shared.http.problems import MEDIA_TYPE, Problem
from shared.http.request_body import FORM
from shared.http.routes import Route
from shared.i18n import LANGUAGES
from shared.identity.tokens import TokenIsRefused

PROBLEM: dict[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "instance"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "errors_left_out": {"type": "integer"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {name: {"type": "string"} for name in ("pointer", "message", "expected")},
            },
        },
    },
}

_HEADERS = {
    "Content-Language": "The language in which the texts of the response were requested.",
    "Trace-Id": "Identifies the request in the logs of this installation.",
    "RateLimit-Policy": "The quotas of requests, bytes and records per reporter, and their time spans in seconds.",
    "RateLimit": "The remainder of each quota, and the seconds until it is reset.",
    "Retry-After": "The number of seconds after which to try again.",
}

_LANGUAGE: dict[str, Any] = {
    "in": "query",
    "name": PARAMETER,
    "description": "The language of texts in the response. Without it, the header Accept-Language counts, else English.",
    "schema": {"type": "string", "enum": list(LANGUAGES)},
}

_WAITS = (429, 503)
"""The statuses of responses with Retry-After."""

_KEY = {"type": "string", "minLength": 1, "maxLength": MAX_KEY, "pattern": "^[!-~]([ -~]*[!-~])?$"}


def openapi_of(service: str, routes: Sequence[Route], problems: Iterable[Problem] = ()) -> dict[str, Any]:
    """Return the description of a service; `problems` are its own problems."""
    spec = APISpec(
        title=f"IISG-D {service}", version="v1", openapi_version="3.1.0", plugins=[MarshmallowPlugin()]
    )
    spec.components.security_scheme("bearer", {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"})
    spec.components.schema("Problem", _problem((*kernel.PROBLEMS.values(), *problems)))
    for name, meaning in _HEADERS.items():
        spec.components.header(name, {"description": meaning, "schema": {"type": "string"}})
    for route in routes:
        path = re.sub(r"<(\w+)>", r"{\1}", route.address(service))
        spec.path(path, operations={route.method.lower(): _operation(route)})
    described: dict[str, Any] = spec.to_dict()
    return described


def _problem(problems: Iterable[Problem]) -> dict[str, Any]:
    facts = {name: schema for problem in problems for name, schema in problem.facts.items()}
    return PROBLEM | {"properties": facts | PROBLEM["properties"]}


def _operation(route: Route) -> dict[str, Any]:
    success: dict[str, Any] = {"description": "Success", "headers": _headers(route)}
    if content := _content(route):
        success["content"] = content
    operation: dict[str, Any] = {
        "summary": route.summary,
        "tags": [route.path.split("/")[1]],
        "parameters": [
            {"in": "path", "name": name, "required": True, "schema": {"type": "string", "minLength": 1}}
            for name in re.findall(r"<(\w+)>", route.path)
        ],
        "responses": {str(status): success for status in route.statuses} | _refusals(route),
        "x-roles": sorted(route.allow) or ["public"],
    }
    if route.query:
        operation["parameters"].append({"in": "query", "schema": route.query})
    operation["parameters"].append(_LANGUAGE)
    if route.request_schema:
        operation["requestBody"] = {
            "required": True,
            "content": {
                FORM if route.request_is_form else "application/json": {"schema": route.request_schema}
            },
        }
    if route.request_media_types:
        operation["requestBody"] = {
            "required": True,
            "content": {media_type: {} for media_type in route.request_media_types},
        }
    if route.needs_key:
        key = {"in": "header", "name": "Idempotency-Key", "required": True, "schema": _KEY}
        operation["parameters"].append(key)
    if route.method == "PUT":
        match = {"in": "header", "name": "If-Match", "schema": {"type": "string"}}
        match["description"] = "The ETag of the resource; required if it exists"
        operation["parameters"].append(match)
    if route.allow:
        operation["security"] = [{"bearer": []}]
        operation["x-scope"] = route.scope
    return operation


def _headers(route: Route) -> dict[str, str]:
    # Requests without a token have no quota.
    counted = ("RateLimit-Policy", "RateLimit") if route.allow else ()
    return {name: name for name in ("Trace-Id", "Content-Language", *counted)}


def _refusals(route: Route) -> dict[str, Any]:
    """Return the responses to problems of the edge, by status, and as `default` to those of the service."""
    content: dict[str, Any] = {MEDIA_TYPE: {"schema": "Problem"}}
    if route.refuses:
        # Here too, an unexpected error is a problem.
        content["application/json"] = {"schema": route.refuses.response_schema}
    found = sorted(
        (kernel.PROBLEMS[error] for error in _refused_by_edge(route)), key=lambda each: each.status
    )
    responses = {
        str(status): {"description": "; ".join(problem.title for problem in some), "content": content}
        | ({"headers": {"Retry-After": "Retry-After"}} if status in _WAITS else {})
        for status, some in groupby(found, key=lambda each: each.status)
    }
    return responses | {"default": {"description": "A problem", "content": content}}


def _refused_by_edge(route: Route) -> Iterator[type[Exception]]:
    # A token must be valid even where none is required.
    yield from (TokenIsRefused, kernel.ScopeIsMissing, LimitIsReached)
    yield from (Unprocessable, DatabaseIsUnavailable)
    if route.allow:
        yield from (kernel.TokenIsMissing, kernel.RoleIsForbidden)
    # The path or the body may name a resource that does not exist.
    if "<" in route.path or route.method in ("POST", "PUT"):
        yield NotFound
    if route.needs_key:
        yield from (kernel.IdempotencyKeyIsMissing, kernel.IdempotencyKeyIsTaken)
    if route.method in ("POST", "PUT"):
        yield from (kernel.BodyIsTruncated, kernel.BodyIsTooLarge)
        yield from (kernel.MediaTypeIsUnsupported, kernel.EncodingIsUnsupported)
        if route.request_schema and not route.request_is_form:
            yield kernel.BodyIsNotJson
    if route.method == "PUT":
        yield from (MatchIsRequired, MatchIsStale)


def _content(route: Route) -> dict[str, Any]:
    """Return the content of a successful response by media type; OpenAPI 3.1 describes binary content no further."""
    texts = {media_type: {"schema": {"type": "string"}} for media_type in route.text_media_types}
    files: dict[str, Any] = {media_type: {} for media_type in route.binary_media_types}
    return (
        ({"application/json": {"schema": route.response_schema}} if route.response_schema else {})
        | texts
        | files
    )
