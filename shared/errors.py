"""Errors that the operations of every service raise, and that an edge translates."""

from collections.abc import Sequence
from dataclasses import dataclass


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


class NotFound(Exception):
    """The resource does not exist, or belongs to another caller: the response is the same."""

    def __init__(self, what: str) -> None:
        super().__init__(f"There is no such {what}.")


class Unprocessable(Exception):
    """The request is well formed, but some of its fields are invalid."""

    def __init__(self, errors: Sequence[FieldError]) -> None:
        super().__init__("The request is invalid; see errors.")
        self.errors = tuple(errors)
