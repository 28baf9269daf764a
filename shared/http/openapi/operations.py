"""The description of one operation: its parameters, bodies, responses and problems."""

import re
from collections.abc import Iterator, Mapping
from inspect import cleandoc
from itertools import groupby
from typing import Any

from shared.database import DatabaseIsUnavailable
from shared.errors import MatchIsRequired, MatchIsStale, NotFound, Unprocessable
from shared.http import problems as kernel
from shared.http.idempotency import MAX_KEY
from shared.http.languages import PARAMETER
from shared.http.limits import LimitIsReached
from shared.http.polling import MAX_WAIT_SECONDS
from shared.http.problems import MEDIA_TYPE
from shared.http.request_body import FORM
from shared.http.routes import Route
from shared.i18n import LANGUAGES
from shared.identity.tokens import TokenIsRefused

_TEXT = {"type": "string"}

HEADERS: Mapping[str, dict[str, Any]] = {
    name: {"description": meaning, "schema": schema}
    for name, meaning, schema in (
        ("Content-Language", "The language of the texts in the response.", _TEXT),
        ("Trace-Id", "Identifies the request in the logs of this installation.", _TEXT),
        (
            "RateLimit-Policy",
            "The quotas of requests, bytes and records per reporter, and their time spans in seconds.",
            _TEXT,
        ),
        ("RateLimit", "The remainder of each quota, and the seconds until it is reset.", _TEXT),
        ("Retry-After", "The number of seconds after which to try again.", _TEXT),
        ("Location", "The address of the resource that was created or changed.", _TEXT),
        ("ETag", "The state of the resource: send it as If-Match, or as If-None-Match.", _TEXT),
        ("Link", "Addresses of related resources (RFC 8288).", _TEXT),
        ("IISGD-As-Of", "When the figures last changed.", _TEXT),
        ("IISGD-Markings", "The markings of the records that are counted.", _TEXT),
        ("IISGD-Total", "The totals, by kind of record.", _TEXT),
        ("IISGD-Footnote", "The footnote to print wherever Kosovo* is printed.", _TEXT),
        ("Preference-Applied", "The preference that was applied, such as `wait=10` (RFC 7240).", _TEXT),
        (
            "Idempotency-Replayed",
            "`true` if this is the stored response to an earlier request with the same Idempotency-Key.",
            {"type": "string", "enum": ["true"]},
        ),
    )
}

_PARAMETERS: Mapping[str, dict[str, Any]] = {
    "Idempotency-Key": {
        "in": "header",
        "name": "Idempotency-Key",
        "required": True,
        "description": "A text of your choice, new for each new request. A repeat with the same key and the same content has "
        "no further effect and gets the first response.",
        "schema": {
            "type": "string",
            "minLength": 1,
            "maxLength": MAX_KEY,
            "pattern": "^[!-~]([ -~]*[!-~])?$",
        },
    },
    "If-Match": {
        "in": "header",
        "name": "If-Match",
        "description": "The ETag of the resource, or a list of ETags; `*` for any state. Required if the resource exists; "
        "omit it to create the resource.",
        "schema": _TEXT,
    },
    "If-None-Match": {
        "in": "header",
        "name": "If-None-Match",
        "description": "The ETag of your copy: if it is current, the response is 304 without a body.",
        "schema": _TEXT,
    },
    "language": {
        "in": "query",
        "name": PARAMETER,
        "description": "The language of texts in the response. Without it, the header Accept-Language counts, else English. `sr` means sr-Latn.",
        "schema": {"type": "string", "enum": [*LANGUAGES, "sr"]},
    },
    "Prefer": {
        "in": "header",
        "name": "Prefer",
        "description": "`wait=10` waits up to ten seconds for the result (RFC 7240); the maximum is "
        f"{MAX_WAIT_SECONDS:.0f}. While too many others wait, the service does not.",
        "schema": _TEXT,
    },
}

_ALWAYS = ("Trace-Id", "Content-Language", "RateLimit-Policy", "RateLimit")
"""The headers of every response; the limits only in response to a request with a token."""

_WAITS = (429, 503)
"""The statuses of responses with Retry-After."""

_BINARY = {"type": "string", "format": "binary"}

_NOT_MODIFIED = {"304": {"description": "Your copy is current."}}


def operation_of(route: Route) -> dict[str, Any]:
    """Return the description of a route."""
    operation: dict[str, Any] = {
        "operationId": route.operation_id,
        "summary": route.summary,
        "tags": ["oauth" if route.at_root else route.path.split("/")[1]],
        "parameters": [*_parameters(route)],
        "responses": _responses(route) | _refusals(route),
        "x-roles": sorted(route.allow) or ["public"],
    }
    if content := _request_content(route):
        operation["requestBody"] = {"required": not route.body_is_optional, "content": content}
    if route.allow:
        operation["security"] = [{"oauth": [route.scope]}, {"bearer": []}]
        operation["x-scope"] = route.scope
    elif route.request_is_form:
        operation["security"] = [{"client": []}, {}]
    return operation


def _parameters(route: Route) -> Iterator[dict[str, Any]]:
    for name in re.findall(r"<(\w+)>", route.path):
        yield {"in": "path", "name": name, "required": True, "schema": {"type": "string", "minLength": 1}}
    if route.query:
        yield {"in": "query", "schema": route.query}
    yield dict(_PARAMETERS["language"])
    if route.needs_key:
        yield dict(_PARAMETERS["Idempotency-Key"])
    if route.method == "PUT":
        yield dict(_PARAMETERS["If-Match"])
    if route.has_etag and route.method == "GET":
        yield dict(_PARAMETERS["If-None-Match"])
    if route.may_wait:
        yield dict(_PARAMETERS["Prefer"])


def _request_content(route: Route) -> dict[str, Any]:
    if route.request_media_types:
        return {media_type: {"schema": _BINARY} for media_type in route.request_media_types}
    if route.request_schema is None:
        return {}
    content: dict[str, Any] = {"schema": route.request_schema}
    if route.examples:
        content["examples"] = {name: {"value": value} for name, value in route.examples.items()}
    return {FORM if route.request_is_form else "application/json": content}


def _responses(route: Route) -> dict[str, Any]:
    """Return the successful responses by status."""
    common: dict[str, Any] = {"headers": _headers(route)}
    if content := _content(route):
        common["content"] = content
    described = {
        str(status): {"description": text or _described(route)} | common
        for status, text in route.statuses.items()
    }
    return described | (_NOT_MODIFIED if route.has_etag and route.method == "GET" else {})


def _described(route: Route) -> str:
    """Return what the response holds, in a sentence."""
    if route.response_schema is None:
        return "The file."
    return sentences_of(route.response_schema.__doc__).partition("\n\n")[0]


def sentences_of(docstring: str | None) -> str:
    """Return the text of a docstring, a paragraph a line."""
    return cleandoc(docstring or "").replace("\n\n", "\0").replace("\n", " ").replace("\0", "\n\n")


def _headers(route: Route) -> dict[str, str]:
    names = [*_ALWAYS]
    if route.needs_key:
        names.append("Idempotency-Replayed")
    if route.has_etag:
        names.append("ETag")
    if route.may_wait:
        names.append("Preference-Applied")
    return {name: name for name in (*names, *route.response_headers)}


def _content(route: Route) -> dict[str, Any]:
    """Return the content of a successful response by media type."""
    json = {"application/json": {"schema": route.response_schema}} if route.response_schema else {}
    texts = {media_type: {"schema": _TEXT} for media_type in route.text_media_types}
    files: dict[str, Any] = {media_type: {"schema": _BINARY} for media_type in route.binary_media_types}
    return json | texts | files


def _refusals(route: Route) -> dict[str, Any]:
    """Return the responses to problems of the edge, by status, and as `default` to those of the service."""
    always = {name: name for name in _ALWAYS}
    content: dict[str, Any] = {MEDIA_TYPE: {"schema": "Problem"}}
    if route.refuses:
        # Here too, an unexpected error is a problem.
        content["application/json"] = {"schema": route.refuses.response_schema}
    found = sorted(
        (kernel.PROBLEMS[error] for error in _refused_by_edge(route)), key=lambda each: each.status
    )
    responses = {
        str(status): {
            "description": _either(problem.title for problem in some),
            "content": content,
            "headers": always | ({"Retry-After": "Retry-After"} if status in _WAITS else {}),
        }
        for status, some in groupby(found, key=lambda each: each.status)
    }
    other = "Another problem of this service, or an internal error: compare its `type`."
    return responses | {"default": {"description": other, "content": content, "headers": always}}


def _either(titles: Iterator[str]) -> str:
    first, *others = titles
    return f"Possible problems: {'; '.join((first, *others))}." if others else f"{first}."


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
