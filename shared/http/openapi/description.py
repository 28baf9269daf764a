"""The description of a service: its operations, their problems, and its components."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin

from shared.http import problems as kernel
from shared.http.openapi.operations import HEADERS, operation_of, sentences_of
from shared.http.openapi.records import ANY_RECORD, record_components
from shared.http.problems import Problem
from shared.http.routes import Route

TOKEN_PATH = "/entry/oauth/token"  # noqa: S105 - an address, not a secret

PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "A problem, as RFC 9457 defines it. Services add members that their problems need.",
    "required": ["type", "title", "status", "detail", "instance"],
    "properties": {
        "type": {"type": "string", "description": "A name to compare, which never changes."},
        "title": {"type": "string", "description": "The kind of problem, in English."},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What is wrong, and how to solve it."},
        "instance": {
            "type": "string",
            "description": "The trace of the request, for questions to the operator.",
        },
        "language": {
            "type": "string",
            "description": "The language of texts that have no translation into the requested one.",
        },
        "errors_left_out": {"type": "integer", "description": "The number of errors that are not listed."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "pointer": {
                        "type": "string",
                        "description": "A JSON pointer into the body, or `/query/` and the name of a parameter.",
                    },
                    "message": {"type": "string"},
                    "expected": {"type": "string", "description": "What would pass."},
                },
            },
        },
    },
}

SECURITY: Mapping[str, dict[str, Any]] = {
    "oauth": {
        "type": "oauth2",
        "description": "A client of a reporter gets a token for fifteen minutes: see docs/reporters.md. "
        "It authenticates by HTTP Basic, by a secret in the form, or by a signed assertion.",
        "flows": {
            "clientCredentials": {
                "tokenUrl": TOKEN_PATH,
                "scopes": {"read": "Read what your role may read.", "write": "Submit, correct and withdraw."},
            }
        },
    },
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "A token from the token endpoint, from the command line, or from the installation's external issuer.",
    },
    "client": {
        "type": "http",
        "scheme": "basic",
        "description": "The id and a secret of a client, to get a token.",
    },
}

ABOUT = """\
Needs, responses and support of the Western Balkans' internal security.

- **Authenticate** with a bearer token. A client gets one with its secret or key (OAuth 2.0 client credentials).
- **Retry safely**: each POST that has an effect takes an `Idempotency-Key`. A repeat gets the first response, marked
  `Idempotency-Replayed: true`.
- **Wait** for a result with `Prefer: wait=10`; `Preference-Applied` states that the service waited.
- **Change** what you have read: send its `ETag` as `If-Match`.
- **Errors** are problems (RFC 9457): compare `type`, show `detail`, read `errors`.
- **Limits** per reporter are in the fields `RateLimit-Policy` and `RateLimit`.
"""


def openapi_of(service: str, routes: Sequence[Route], problems: Iterable[Problem] = ()) -> dict[str, Any]:
    """Return the description of a service; `problems` are its own problems."""
    marshmallow = MarshmallowPlugin()
    spec = APISpec(
        title=f"IISG-D {service}",
        version="v1",
        openapi_version="3.1.0",
        info={"description": ABOUT},
        plugins=[marshmallow],
    )
    converter: Any = marshmallow.converter
    for name, scheme in SECURITY.items():
        spec.components.security_scheme(name, scheme)
    spec.components.schema("Problem", _problem((*kernel.PROBLEMS.values(), *problems)))
    for name, header in HEADERS.items():
        spec.components.header(name, header)
    for route in routes:
        path = re.sub(r"<(\w+)>", r"{\1}", route.address(service))
        spec.path(path, operations={route.method.lower(): operation_of(route)})
    described: dict[str, Any] = spec.to_dict()
    for (schema, *_), name in converter.refs.items():
        described["components"]["schemas"][name]["description"] = sentences_of(schema.__doc__)
    if ANY_RECORD["oneOf"][0]["$ref"] in json.dumps(described):
        described["components"]["schemas"] |= record_components()
    for operations in described["paths"].values():
        for operation in operations.values():
            for parameter in operation["parameters"]:
                _drop_null(parameter.get("schema", {}))
    return described


def _problem(problems: Iterable[Problem]) -> dict[str, Any]:
    facts = {name: schema for problem in problems for name, schema in problem.facts.items()}
    return PROBLEM | {"properties": facts | PROBLEM["properties"]}


def _drop_null(schema: dict[str, Any]) -> None:
    """Remove null from a parameter's schema: a parameter without a value is omitted."""
    if isinstance(schema.get("type"), list):
        (schema["type"],) = set(schema["type"]) - {"null"}
    if None in schema.get("enum", ()):
        schema["enum"] = [each for each in schema["enum"] if each is not None]
    if schema.get("default", ...) is None:
        del schema["default"]
