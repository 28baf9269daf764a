"""Names one after the other, joined by a word of each language."""

from collections.abc import Sequence

from shared.i18n.texts import Text


def listed_and(names: Sequence[str]) -> str:
    """Return `a`, `a and b`, or `a, b and c`."""
    if len(names) < 2:  # noqa: PLR2004 - one name needs no other
        return "".join(names)
    return Text("{first} and {last}", first=", ".join(names[:-1]), last=names[-1])


def listed_or(names: Sequence[str]) -> str:
    """Return `a`, `a or b`, or `a, b or c`."""
    if len(names) < 2:  # noqa: PLR2004 - one name needs no other
        return "".join(names)
    return Text("{first} or {last}", first=", ".join(names[:-1]), last=names[-1])
