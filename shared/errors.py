"""Errors that the operations of every service raise, and that an edge translates."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from shared.i18n import Text


@dataclass(frozen=True)
class FieldError:
    """An error in one field of a request: its place, the fault, and a value that would pass."""

    pointer: str
    """A JSON pointer into the body, empty for the whole body, or `/query/<name>`."""
    message: str
    expected: str = ""

    def as_json(self) -> dict[str, str]:
        """Return the error as an entry of a problem's `errors`."""
        entry = {"pointer": self.pointer, "message": self.message}
        return entry | {"expected": self.expected} if self.expected else entry


_NO_SUCH: Mapping[str, Text] = {
    "annotated workbook": Text("There is no such annotated workbook."),
    "client": Text("There is no such client."),
    "collection": Text("There is no such collection."),
    "contact": Text("There is no such contact."),
    "delegation": Text("There is no such delegation."),
    "exception": Text("There is no such exception."),
    "mapping": Text("There is no such mapping."),
    "meeting": Text("There is no such meeting."),
    "message": Text("There is no such message."),
    "name": Text("There is no such name."),
    "secret": Text("There is no such secret."),
    "structure": Text("There is no such structure."),
    "submission": Text("There is no such submission."),
    "version": Text("There is no such version."),
    "webhook": Text("There is no such webhook."),
}


class NotFound(Exception):
    """The resource does not exist, or belongs to another caller: the response is the same."""

    def __init__(self, what: str) -> None:
        super().__init__(_NO_SUCH.get(what) or Text("There is no such {what}.", what=what))


class Unprocessable(Exception):
    """The request is well formed, but some of its fields are invalid."""

    def __init__(self, errors: Sequence[FieldError]) -> None:
        super().__init__(Text("The request is invalid; see errors."))
        self.errors = tuple(errors)


class MatchIsRequired(Exception):
    """A change does not name the state that it changes."""

    def __init__(self) -> None:
        super().__init__(
            Text("Send the header 'If-Match' with the ETag of the resource that you are changing.")
        )


class MatchIsStale(Exception):
    """A change names a state that is no longer current."""

    def __init__(self, *, exists: bool = True) -> None:
        super().__init__(
            Text("The resource has changed since you read it; read it again, then change it.")
            if exists
            else Text("The resource does not exist. Omit the header 'If-Match' to create it.")
        )


class _AnyVersion:
    """A container of every version."""

    def __contains__(self, version: object) -> bool:
        return True


ANY_VERSION: Final[Container[str]] = _AnyVersion()
"""The versions of a sender who changes a resource whatever its state: `If-Match: *`."""


def check_match(named: Container[str] | None, current: str | None) -> None:
    """Raise `MatchIsRequired` unless a change names the state that it changes, `MatchIsStale` unless that is current.

    `named` holds the versions that the sender names, such as the ETags of the header If-Match. `current` is None for a
    resource that does not exist: it may be created, but not by a sender who names a version (RFC 9110, 13.1.1).
    """
    if current is None:
        if named is not None:
            raise MatchIsStale(exists=False)
        return
    if named is None:
        raise MatchIsRequired
    if current not in named:
        raise MatchIsStale
