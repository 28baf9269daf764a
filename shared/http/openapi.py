"""OpenAPI 3.1 from the routes and their schemas."""

import re
from collections.abc import Sequence
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin

from shared.http.calls import Route
from shared.http.problems import MEDIA_TYPE

PROBLEM = {
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


def openapi_of(service: str, routes: Sequence[Route]) -> dict[str, Any]:
    """The service's description."""
    spec = APISpec(
        title=f"IISG-D {service}", version="v1", openapi_version="3.1.0", plugins=[MarshmallowPlugin()]
    )
    spec.components.security_scheme("bearer", {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"})
    spec.components.schema("Problem", PROBLEM)
    for route in routes:
        path = re.sub(r"<(\w+)>", r"{\1}", route.path)
        spec.path(f"/{service}/v1{path}", operations={route.method.lower(): _operation(route)})
    described: dict[str, Any] = spec.to_dict()
    return described


def _operation(route: Route) -> dict[str, Any]:
    problem = {"description": "A problem", "content": {MEDIA_TYPE: {"schema": "Problem"}}}
    success: dict[str, Any] = {"description": "As asked"}
    if content := _content(route):
        success["content"] = content
    operation: dict[str, Any] = {
        "summary": route.summary,
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
            "content": {"application/json": {"schema": route.takes}},
        }
    if route.method == "POST" and not route.keeps_nothing:
        key = {"in": "header", "name": "Idempotency-Key", "required": True, "schema": {"type": "string"}}
        operation["parameters"].append(key)
    if route.method == "PUT":
        match = {"in": "header", "name": "If-Match", "schema": {"type": "string"}}
        match["description"] = "The ETag of what is changed; needed once there is something to change"
        operation["parameters"].append(match)
    if route.allow:
        operation["security"] = [{"bearer": []}]
    return operation


def _content(route: Route) -> dict[str, Any]:
    """What comes, by media type; OpenAPI 3.1 says of what is no text nothing more."""
    texts = {media_type: {"schema": {"type": "string"}} for media_type in route.gives_texts}
    files: dict[str, Any] = {media_type: {} for media_type in route.gives_files}
    return ({"application/json": {"schema": route.gives}} if route.gives else {}) | texts | files
