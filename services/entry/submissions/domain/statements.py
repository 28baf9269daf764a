"""The order in which contents of a record are stated, which decides between versions that report the same record.

The record that was stated last counts. A correction states every record that it names. Any other submission only states
what is new: a record with a content that was stated before repeats that statement and takes its place, so that it never
replaces a later one, and never brings back a record that was withdrawn since.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

WITHDRAWN = "withdrawn"
"""The content of a statement that withdraws a record."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A content of a record, or of a whole body, and the version that stated it."""

    subject: str
    content: str
    reporter: str
    submission: str
    version: int
    place: str


@dataclass(frozen=True, slots=True)
class StatedBy:
    """The version that states something, with its place."""

    reporter: str
    submission: str
    version: int
    place: str


@dataclass(frozen=True, slots=True)
class Repeated:
    """A record that repeats a statement which a later one has replaced or withdrawn."""

    index: int
    """The index of the record among the submitted ones."""
    repeats: Statement
    current: Statement


Subject = tuple[str, str]
"""The hashes of a record's identity and of its content."""


def place_of(stated: Iterable[Statement], *, content: str, own: str) -> str | None:
    """Return the place of a content: that of the earlier statement that it repeats, else the version's own.

    A content that was withdrawn since has none.
    """
    earlier = [each for each in stated if each.place < own]
    at = next((each.place for each in earlier if each.content == content), own)
    is_withdrawn = any(each.content == WITHDRAWN and each.place > at for each in earlier)
    return None if is_withdrawn and at != own else at


def list_repeated(
    subjects: Sequence[Subject | None],
    *,
    places: Sequence[str],
    stated: Mapping[str, Sequence[Statement]],
    own: str,
    is_current: Callable[[Statement], bool],
) -> list[Repeated]:
    """List the records that repeat a statement which a later one has replaced or withdrawn.

    `is_current` says whether a statement's submission still has its record.
    """
    found = []
    for index, (subject, place) in enumerate(zip(subjects, places, strict=True)):
        if subject is None or place == own:
            continue
        about = stated[subject[0]]
        repeats = next(each for each in about if each.content == subject[1])
        later = sorted(
            (each for each in about if repeats.place < each.place < own), key=lambda each: each.place
        )
        last = (each for each in reversed(later) if each.content == WITHDRAWN or is_current(each))
        if (current := next(last, None)) is not None:
            found.append(Repeated(index, repeats, current))
    return found
