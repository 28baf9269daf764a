"""OpenAPI 3.1 from the routes and their schemas."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin

from shared.database import DatabaseIsUnavailable
from shared.errors import NotFound, Unprocessable
from shared.http import problems as kernel
from shared.http.idempotency import MAX_KEY
from shared.http.limits import LimitIsReached
from shared.http.problems import MEDIA_TYPE, Problem
from shared.http.request_body import FORM
from shared.http.routes import Route
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
    "Trace-Id": "Under this the request is found in our logs.",
    "RateLimit-Policy": "How much a reporter may ask, send and hand in, in how many seconds.",
    "RateLimit": "How much of it is left, and for how many seconds.",
    "Retry-After": "In how many seconds to try again.",
}

_WAITS = (429, 503)
"""What is answered with Retry-After."""

_KEY = {"type": "string", "minLength": 1, "maxLength": MAX_KEY, "pattern": "^[!-~]([ -~]*[!-~])?$"}


def openapi_of(service: str, routes: Sequence[Route], problems: Iterable[Problem] = ()) -> dict[str, Any]:
    """The service's description; `problems` are those of its own."""
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
    success: dict[str, Any] = {"description": "As asked", "headers": _headers(route)}
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
        match["description"] = "The ETag of what is changed; needed once there is something to change"
        operation["parameters"].append(match)
    if route.allow:
        operation["security"] = [{"bearer": []}]
        operation["x-scope"] = route.scope
    return operation


def _headers(route: Route) -> dict[str, str]:
    # Without a token nobody is counted.
    counted = ("RateLimit-Policy", "RateLimit") if route.allow else ()
    return {name: name for name in ("Trace-Id", *counted)}


def _refusals(route: Route) -> dict[str, Any]:
    """What the edge itself refuses, by status, and as `default` what the service does."""
    content: dict[str, Any] = {MEDIA_TYPE: {"schema": "Problem"}}
    if route.refuses:
        # What nobody foresaw is a problem here too.
        content["application/json"] = {"schema": route.refuses.response_schema}
    found = sorted(
        (kernel.PROBLEMS[error] for error in _refused_by_edge(route)), key=lambda each: each.status
    )
    told = {
        str(status): {"description": "; ".join(problem.title for problem in some), "content": content}
        | ({"headers": {"Retry-After": "Retry-After"}} if status in _WAITS else {})
        for status, some in groupby(found, key=lambda each: each.status)
    }
    return told | {"default": {"description": "A problem", "content": content}}


def _refused_by_edge(route: Route) -> Iterator[type[Exception]]:
    # Also where none is needed, a token must be good.
    yield from (TokenIsRefused, kernel.ScopeIsMissing, LimitIsReached)
    yield from (Unprocessable, DatabaseIsUnavailable)
    if route.allow:
        yield from (kernel.TokenIsMissing, kernel.RoleIsForbidden)
    # What is brought may name something that is not there, as a path may.
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
        yield from (kernel.MatchIsRequired, kernel.MatchIsStale)


def _content(route: Route) -> dict[str, Any]:
    """What comes, by media type; OpenAPI 3.1 says of what is no text nothing more."""
    texts = {media_type: {"schema": {"type": "string"}} for media_type in route.text_media_types}
    files: dict[str, Any] = {media_type: {} for media_type in route.binary_media_types}
    return (
        ({"application/json": {"schema": route.response_schema}} if route.response_schema else {})
        | texts
        | files
    )
