"""Characters that are hardly to be told apart by eye, or cannot be seen."""

import unicodedata
from functools import cache

_LOOKS = {"І": "I", "Ι": "I", "Ӏ": "I", "к": "k"}  # noqa: RUF001 - see below
"""Characters that Unicode's table gives a small l, or no ASCII character."""
_FILLERS = frozenset("\u115f\u1160\u3164\uffa0\u2800\u034f")
"""Characters that are shown as nothing, though they are letters or symbols."""


def is_invisible(sign: str) -> bool:
    """Check for characters that are not shown, such as a zero-width space."""
    return sign in _FILLERS or unicodedata.category(sign) in ("Cf", "Cc") or _is_variation_selector(sign)


def _is_variation_selector(sign: str) -> bool:
    return "\ufe00" <= sign <= "\ufe0f" or "\U000e0100" <= sign <= "\U000e01ef"


@cache
def look_of(sign: str) -> str:
    """Return the ASCII character that a character looks like, else one for all characters that look alike."""
    if sign.isascii() or sign in _LOOKS:
        return _LOOKS.get(sign, sign)
    table = _look_alikes()
    alike = [each["c"] for each in table.get(sign, ()) if len(each["c"]) == 1]
    if latin := next((each for each in alike if each.isascii()), None):
        return str(latin)
    # A table row of one is a member that names its group; a longer one is the group's first, with all members.
    if len(alike) == 1:
        return alike[0] if len(table.get(alike[0], ())) > 1 else min(sign, alike[0])
    return sign


def _look_alikes() -> dict[str, list[dict[str, str]]]:
    # Half a megabyte of Unicode's data: only texts with other letters need it.
    from confusable_homoglyphs import confusables  # noqa: PLC0415 - see above

    table: dict[str, list[dict[str, str]]] = confusables.confusables_data
    return table
