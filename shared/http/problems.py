"""Errors as RFC 9457 problems. Exceptions live where they are raised; a table maps each to its HTTP response."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from shared.database import DatabaseIsUnavailable
from shared.errors import FieldError, MatchIsRequired, MatchIsStale, NotFound, Unprocessable
from shared.http.limits import LimitIsReached
from shared.i18n import ENGLISH, Text, Translated, translate, untranslated
from shared.i18n.lists import listed_or
from shared.identity.tokens import TokenIsRefused

MEDIA_TYPE = "application/problem+json"

MAX_FIELD_ERRORS = 100
"""The maximum number of field errors in one problem: a small body can contain millions."""


@dataclass(frozen=True)
class Problem:
    """The response to an exception: a status, and a title that never changes."""

    status: int
    title: str
    headers: Mapping[str, str] | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    """The JSON Schema of each additional member. The exception gives their values as its `facts`."""
    slug: str = ""
    """The last part of the problem's type, where it is not built from the exception's name."""


class BodyIsNotJson(Exception):
    """The body is not valid JSON, for a reason and, if it is known, at a place."""

    def __init__(self, why: Text, *, line: int = 0, column: int = 0) -> None:
        place = Text("line {line}, column {column}: {why}", line=line, column=column, why=why)
        super().__init__(Text("The body is not valid JSON: {why}.", why=place if line else why))
        self.why = why
        self.line = line
        self.column = column


class MediaTypeIsUnsupported(Exception):
    """The route does not accept the body's media type."""

    def __init__(self, given: str, taken: Sequence[str] = ("application/json",)) -> None:
        listed = listed_or(taken)
        super().__init__(
            Text("The media type {given} is not supported; send {taken}.", given=given, taken=listed)
            if given
            else Text("The body has no media type; send {taken}.", taken=listed)
        )


class EncodingIsUnsupported(Exception):
    """The body is compressed."""

    def __init__(self, given: str) -> None:
        super().__init__(
            Text(
                "The body has the Content-Encoding '{given}'; send it without an encoding.", given=given[:50]
            )
        )


class BodyIsTruncated(Exception):
    """The body is shorter than its Content-Length. No part of it was stored."""

    def __init__(self, announced: int, came: int) -> None:
        super().__init__(
            Text(
                "Only {came:,} of {announced:,} bytes arrived; none were stored. Send the body again, with the same Idempotency-Key.",
                came=came,
                announced=announced,
            )
        )


class BodyIsTooLarge(Exception):
    """The body exceeds the size limit."""

    def __init__(self, limit: int) -> None:
        super().__init__(
            Text("The body may have at most {limit:,} bytes; send it in several submissions.", limit=limit)
        )


class TokenIsMissing(Exception):
    """The request has no bearer token."""

    def __init__(self) -> None:
        super().__init__(Text("Send the header 'Authorization: Bearer <token>'."))


class RoleIsForbidden(Exception):
    """The caller's role may not use the route."""

    def __init__(self, role: str) -> None:
        super().__init__(Text("The role '{role}' may not do this.", role=role))


class ScopeIsMissing(Exception):
    """The token lacks the scope that the route needs."""

    def __init__(self, scope: str) -> None:
        super().__init__(
            Text("The token lacks the scope '{scope}'; request a token that has it.", scope=scope)
        )
        self.headers = {"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{scope}"'}


class IdempotencyKeyIsMissing(Exception):
    """A POST request has no usable Idempotency-Key."""

    def __init__(self) -> None:
        super().__init__(
            Text(
                "Send the header 'Idempotency-Key' with a text of your choice, 1 to 100 characters, new for each new request."
            )
        )


class IdempotencyKeyIsTaken(Exception):
    """An Idempotency-Key was used before, for another request."""

    def __init__(self, *, compares_bytes: bool = False) -> None:
        super().__init__(
            Text(
                "This Idempotency-Key was used for a request with other content; use a new key. A file is the same only if "
                "each of its bytes is."
            )
            if compares_bytes
            else Text("This Idempotency-Key was used for a request with other content; use a new key.")
        )


OF_LIMIT: Mapping[str, Any] = {
    "limit": {"type": "string"},
    "quota": {"type": "integer"},
    "used": {"type": "integer"},
    "free_at": {"type": "string"},
}

PROBLEMS: Mapping[type[Exception], Problem] = {
    BodyIsTruncated: Problem(400, "The body is truncated", slug="body-is-cut"),
    BodyIsNotJson: Problem(400, "The body is not JSON"),
    IdempotencyKeyIsMissing: Problem(400, "The Idempotency-Key is missing"),
    TokenIsMissing: Problem(401, "A token is required", {"WWW-Authenticate": "Bearer"}),
    TokenIsRefused: Problem(
        401, "The token is not valid", {"WWW-Authenticate": 'Bearer error="invalid_token"'}
    ),
    RoleIsForbidden: Problem(403, "Not allowed", slug="role-may-not"),
    ScopeIsMissing: Problem(403, "The token lacks a scope"),
    NotFound: Problem(404, "Not found"),
    MatchIsStale: Problem(412, "The precondition failed"),
    BodyIsTooLarge: Problem(413, "The body is too large"),
    MediaTypeIsUnsupported: Problem(415, "The media type is not supported"),
    EncodingIsUnsupported: Problem(415, "The encoding is not supported"),
    Unprocessable: Problem(422, "The request is invalid"),
    IdempotencyKeyIsTaken: Problem(422, "The Idempotency-Key was used before"),
    MatchIsRequired: Problem(428, "A precondition is required"),
    LimitIsReached: Problem(429, "The limit is reached", facts=OF_LIMIT),
    DatabaseIsUnavailable: Problem(
        503, "The database is unavailable", {"Retry-After": "5"}, slug="database-is-away"
    ),
}
"""The problems that the kernel raises. Services add their own."""


def type_of(error: type[Exception], problem: Problem) -> str:
    """Return the problem's type: a name that clients can compare, and that never changes."""
    slug = problem.slug or re.sub(r"(?<!^)(?=[A-Z])", "-", error.__name__).lower()
    return f"urn:iisgd:problem:{slug}"


def problem_body(error: Exception, problem: Problem, trace: str, language: str = ENGLISH) -> dict[str, Any]:
    """Return the body for an exception of the table. Its message is the detail.

    The texts are in a language. If one of them has no translation, the member `language` says so.
    """
    facts = getattr(error, "facts", {})
    said = error.args[0] if error.args and isinstance(error.args[0], Text) else str(error)
    title, detail = translate(problem.title, language), translate(said, language)
    texts = [title, detail]
    body: dict[str, Any] = {name: facts[name] for name in problem.facts} | {
        "type": type_of(type(error), problem),
        "title": title,
        "status": problem.status,
        "detail": detail,
        "instance": f"urn:iisgd:trace:{trace}",
    }
    if isinstance(error, Unprocessable):
        entries = [each.as_json() for each in error.errors[:MAX_FIELD_ERRORS]]
        body["errors"] = [_translated(each, language, texts) for each in entries]
        if len(error.errors) > MAX_FIELD_ERRORS:
            body["errors_left_out"] = len(error.errors) - MAX_FIELD_ERRORS
    return body | untranslated(texts, language)


def _translated(entry: Mapping[str, str], language: str, texts: list[Translated]) -> dict[str, str]:
    """Return an entry of `errors` in a language, and add its texts to those of the problem."""
    words = {name: translate(text, language) for name, text in entry.items() if name != "pointer"}
    texts += words.values()
    return {**entry, **words}


def plain_body(status: int, title: str, detail: str, trace: str, language: str = ENGLISH) -> dict[str, Any]:
    """Return the body for an exception outside the table. It shows nothing of the exception."""
    texts = translate(title, language), translate(detail, language)
    return {
        "type": "about:blank",
        "title": texts[0],
        "status": status,
        "detail": texts[1],
        "instance": f"urn:iisgd:trace:{trace}",
        **untranslated(texts, language),
    }


def field_errors_of(messages: Mapping[Any, Any] | Sequence[Any], at: str = "") -> list[FieldError]:
    """Convert marshmallow's nested messages into field errors with JSON pointers."""
    if isinstance(messages, Mapping):
        found = []
        for key, inner in messages.items():
            step = "" if key == "_schema" else "/" + str(key).replace("~", "~0").replace("/", "~1")
            found += field_errors_of(inner, at + step)
        return found
    return [FieldError(at, str(message)) for message in messages]
