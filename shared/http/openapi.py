"""OpenAPI 3.1 from the routes and their schemas."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin

from shared.http.calls import Route
from shared.http.problems import MEDIA_TYPE, Problem
from shared.http.receiving import FORM

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


def openapi_of(service: str, routes: Sequence[Route], problems: Iterable[Problem] = ()) -> dict[str, Any]:
    """The service's description; `problems` are those of its own."""
    spec = APISpec(
        title=f"IISG-D {service}", version="v1", openapi_version="3.1.0", plugins=[MarshmallowPlugin()]
    )
    spec.components.security_scheme("bearer", {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"})
    spec.components.schema("Problem", _problem(problems))
    for route in routes:
        path = re.sub(r"<(\w+)>", r"{\1}", route.address(service))
        spec.path(path, operations={route.method.lower(): _operation(route)})
    described: dict[str, Any] = spec.to_dict()
    return described


def _problem(problems: Iterable[Problem]) -> dict[str, Any]:
    facts = {name: schema for problem in problems for name, schema in problem.facts.items()}
    return PROBLEM | {"properties": facts | PROBLEM["properties"]}


def _operation(route: Route) -> dict[str, Any]:
    problem: dict[str, Any] = {
        "description": "A problem",
        "content": {MEDIA_TYPE: {"schema": "Problem"}},
    }
    if route.refuses:
        # What nobody foresaw is a problem here too.
        problem["content"]["application/json"] = {"schema": route.refuses.gives}
    success: dict[str, Any] = {"description": "As asked"}
    if content := _content(route):
        success["content"] = content
    operation: dict[str, Any] = {
        "summary": route.summary,
        "tags": [route.path.split("/")[1]],
        "parameters": [
            {"in": "path", "name": name, "required": True, "schema": {"type": "string"}}
            for name in re.findall(r"<(\w+)>", route.path)
        ],
        "responses": {str(status): success for status in route.statuses} | {"default": problem},
        "x-roles": sorted(route.allow) or ["public"],
    }
    if route.query:
        operation["parameters"].append({"in": "query", "schema": route.query})
    if route.takes:
        operation["requestBody"] = {
            "required": True,
            "content": {FORM if route.takes_form else "application/json": {"schema": route.takes}},
        }
    if route.takes_files:
        operation["requestBody"] = {
            "required": True,
            "content": {media_type: {} for media_type in route.takes_files},
        }
    if route.needs_key:
        key = {"in": "header", "name": "Idempotency-Key", "required": True, "schema": {"type": "string"}}
        operation["parameters"].append(key)
    if route.method == "PUT":
        match = {"in": "header", "name": "If-Match", "schema": {"type": "string"}}
        match["description"] = "The ETag of what is changed; needed once there is something to change"
        operation["parameters"].append(match)
    if route.allow:
        operation["security"] = [{"bearer": []}]
        operation["x-scope"] = route.scope
    return operation


def _content(route: Route) -> dict[str, Any]:
    """What comes, by media type; OpenAPI 3.1 says of what is no text nothing more."""
    texts = {media_type: {"schema": {"type": "string"}} for media_type in route.gives_texts}
    files: dict[str, Any] = {media_type: {} for media_type in route.gives_files}
    return ({"application/json": {"schema": route.gives}} if route.gives else {}) | texts | files
