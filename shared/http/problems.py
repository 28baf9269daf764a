"""Errors as RFC 9457 problems. Exceptions live where they are raised; one table says what each is over HTTP."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from shared.database import DatabaseIsAway
from shared.http.limits import LimitIsReached

MEDIA_TYPE = "application/problem+json"

MOST_FAULTS = 100
"""So many are shown of one request: a small body can have millions."""


@dataclass(frozen=True)
class Problem:
    """What an exception is to a client: a status and a title that never changes for it."""

    status: int
    title: str
    headers: Mapping[str, str] | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    """The JSON Schema of each member that it has beside the usual ones: the exception gives them as its `facts`."""
    slug: str = ""
    """The last part of the problem's type, where it is not built from the exception's name."""


@dataclass(frozen=True)
class Fault:
    """One thing wrong with a request: where, what, and what would pass."""

    pointer: str
    """A JSON pointer into the body, empty for the whole of it, or `/query/<name>`."""
    message: str
    expected: str = ""

    def as_json(self) -> dict[str, str]:
        """The fault as an entry of `errors`."""
        fault = {"pointer": self.pointer, "message": self.message}
        return fault | {"expected": self.expected} if self.expected else fault


class NotFound(Exception):
    """There is no such thing, or it is not this caller's: both look the same."""

    def __init__(self, what: str) -> None:
        super().__init__(f"There is no such {what}.")


class Unprocessable(Exception):
    """The request is well formed, and something in it cannot be right."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("Something in the request cannot be right; see errors.")
        self.faults = tuple(faults)


class BodyIsNotJson(Exception):
    """The body cannot be read as JSON."""

    def __init__(self, why: str) -> None:
        super().__init__(f"The body is not JSON that can be read: {why}.")
        self.why = why


class MediaTypeIsUnsupported(Exception):
    """The body came as something else."""

    def __init__(self, given: str, taken: Sequence[str] = ("application/json",)) -> None:
        super().__init__(f"The body came as {given or 'nothing in particular'}; send {' or '.join(taken)}.")


class EncodingIsUnsupported(Exception):
    """The body came compressed."""

    def __init__(self, given: str) -> None:
        super().__init__(f"The body came with the Content-Encoding {given[:50]!r}; send it as it is.")


class BodyIsCut(Exception):
    """Less came than was announced; nothing of it was kept."""

    def __init__(self, announced: int, came: int) -> None:
        super().__init__(
            f"Of {announced:,} bytes only {came:,} came; nothing was kept. Send it again, with the same Idempotency-Key."
        )


class BodyIsTooLarge(Exception):
    """The body is over the limit."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"The body may have at most {limit:,} bytes; send it in several submissions.")


class TokenIsMissing(Exception):
    """No bearer token came along."""

    def __init__(self) -> None:
        super().__init__("Send the header 'Authorization: Bearer <token>'.")


class TokenIsRefused(Exception):
    """A bearer token came along and is not good here. It is not said why: that would help to forge one."""

    def __init__(self) -> None:
        super().__init__("The token is not valid here: not ours, not for this system, or no longer.")


class RoleMayNot(Exception):
    """The caller is known and may not do this."""

    def __init__(self, role: str) -> None:
        super().__init__(f"The role '{role}' may not do this.")


class ScopeIsMissing(Exception):
    """The token is not meant for this."""

    def __init__(self, scope: str) -> None:
        super().__init__(f"The token lacks the scope '{scope}'; ask for one that has it.")
        self.headers = {"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{scope}"'}


class IdempotencyKeyIsMissing(Exception):
    """A POST came without its key."""

    def __init__(self) -> None:
        super().__init__(
            "Send the header 'Idempotency-Key' with a text of your own, 1 to 100 characters, new for each new request."
        )


class IdempotencyKeyIsTaken(Exception):
    """A key came again with another request."""

    def __init__(self) -> None:
        super().__init__("This Idempotency-Key was used for a request with other content; use a new one.")


class MatchIsRequired(Exception):
    """A change came without saying which state it changes."""

    def __init__(self) -> None:
        super().__init__("Send the header 'If-Match' with the ETag of what you are changing.")


class MatchIsStale(Exception):
    """A change was meant for a state that has gone."""

    def __init__(self) -> None:
        super().__init__("It has changed since you read it; read it again, then change it.")


OF_LIMIT: Mapping[str, Any] = {
    "limit": {"type": "string"},
    "quota": {"type": "integer"},
    "used": {"type": "integer"},
    "free_at": {"type": "string"},
}

PROBLEMS: Mapping[type[Exception], Problem] = {
    BodyIsCut: Problem(400, "The body is not whole"),
    BodyIsNotJson: Problem(400, "The body is not JSON"),
    IdempotencyKeyIsMissing: Problem(400, "The Idempotency-Key is missing"),
    TokenIsMissing: Problem(401, "A token is needed", {"WWW-Authenticate": "Bearer"}),
    TokenIsRefused: Problem(
        401, "The token is refused", {"WWW-Authenticate": 'Bearer error="invalid_token"'}
    ),
    RoleMayNot: Problem(403, "Not allowed"),
    ScopeIsMissing: Problem(403, "The token is not meant for this"),
    NotFound: Problem(404, "Not found"),
    MatchIsStale: Problem(412, "The precondition failed"),
    BodyIsTooLarge: Problem(413, "The body is too large"),
    MediaTypeIsUnsupported: Problem(415, "The media type is not supported"),
    EncodingIsUnsupported: Problem(415, "The encoding is not supported"),
    Unprocessable: Problem(422, "The request cannot be processed"),
    IdempotencyKeyIsTaken: Problem(422, "The Idempotency-Key is taken"),
    MatchIsRequired: Problem(428, "A precondition is required"),
    LimitIsReached: Problem(429, "A limit is reached", facts=OF_LIMIT),
    DatabaseIsAway: Problem(503, "The database is away", {"Retry-After": "5"}),
}
"""What the kernel itself raises; services add their own."""


def kind_of(error: type[Exception]) -> str:
    """The problem's type: a name that clients can compare."""
    words = re.sub(r"(?<!^)(?=[A-Z])", "-", error.__name__).lower()
    return f"urn:iisgd:problem:{words}"


def problem_body(error: Exception, problem: Problem, trace: str) -> dict[str, Any]:
    """The body for an exception of ours; its own sentence is the detail."""
    facts = getattr(error, "facts", {})
    body: dict[str, Any] = {name: facts[name] for name in problem.facts} | {
        "type": f"urn:iisgd:problem:{problem.slug}" if problem.slug else kind_of(type(error)),
        "title": problem.title,
        "status": problem.status,
        "detail": str(error),
        "instance": f"urn:iisgd:trace:{trace}",
    }
    if isinstance(error, Unprocessable):
        body["errors"] = [fault.as_json() for fault in error.faults[:MOST_FAULTS]]
        if len(error.faults) > MOST_FAULTS:
            body["errors_left_out"] = len(error.faults) - MOST_FAULTS
    return body


def plain_body(status: int, title: str, detail: str, trace: str) -> dict[str, Any]:
    """The body for what is not an exception of ours; nothing foreign reaches a client."""
    instance = f"urn:iisgd:trace:{trace}"
    return {"type": "about:blank", "title": title, "status": status, "detail": detail, "instance": instance}


def faults_of(messages: Mapping[Any, Any] | Sequence[Any], at: str = "") -> list[Fault]:
    """Marshmallow's nested messages as faults with JSON pointers."""
    if isinstance(messages, Mapping):
        found = []
        for key, inner in messages.items():
            step = "" if key == "_schema" else "/" + str(key).replace("~", "~0").replace("/", "~1")
            found += faults_of(inner, at + step)
        return found
    return [Fault(at, str(message)) for message in messages]
