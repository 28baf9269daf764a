"""Texts that are one thing in two spellings: equal in NFC, or hardly to be told apart by eye.

Refs and codes are compared by their key, and stored and returned as they were sent. Look-alikes stay apart: a rule reports
them.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from shared.i18n import Text
from shared.reference.refs import ref_key

MAX_SKELETON = 120
"""The maximum length of a skeleton. Longer ones are cut, since they only find candidates."""

_DIGITS = bytes.maketrans(b"OIl|", b"0111")
_BLANKS = b" \t\n\r\v\f"
_LEADING_ZEROS = re.compile(r"(?<![0-9])0+(?=[0-9])")
_LOOKS = {"І": "I", "Ι": "I", "Ӏ": "I", "к": "k"}  # noqa: RUF001 - see below
"""Characters that Unicode's table gives a small l, or no ASCII character."""
_FILLERS = frozenset("\u115f\u1160\u3164\uffa0\u2800\u034f")
"""Characters that are shown as nothing, though they are letters or symbols."""

_SCRIPTS = {
    "CYRILLIC": Text("Cyrillic"),
    "GREEK": Text("Greek"),
    "LATIN": Text("Latin"),
    "ARMENIAN": Text("Armenian"),
    "CHEROKEE": Text("Cherokee"),
    "COPTIC": Text("Coptic"),
    "FULLWIDTH": Text("full-width"),
}


def by_ref(records: Iterable[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """Map the keys of refs to their records.

    Records that were stored before their refs were one stay apart: all but the first have their own spelling as the key.
    """
    found: dict[str, Mapping[str, Any]] = {}
    for record in records:
        ref = str(record.get("ref"))
        key = ref_key(ref)
        known = found.get(key)
        found[key if known is None or known.get("ref") == ref else ref] = record
    return found


# Several rules and the index ask for the keys of each ref of a chunk.
@lru_cache(maxsize=8_192)
def spelling_keys(ref: str) -> tuple[str, str]:
    """Return two forms of a ref. If two refs agree in either, they differ only by look-alikes, blanks or leading zeros.

    The first has look-alikes in one form; the second, in addition, no leading zeros. A letter O is no leading zero, so
    that PO1 and P1 differ.
    """
    if ref.isascii():
        return _drawn(ref), _drawn(_LEADING_ZEROS.sub("", ref))
    visible = "".join(
        sign for sign in unicodedata.normalize("NFKC", ref) if not sign.isspace() and not is_invisible(sign)
    )
    looks = ("".join(map(look_of, each)) for each in (visible, _LEADING_ZEROS.sub("", visible)))
    first, second = map(_drawn, looks)
    return first, second


def skeleton_of(ref: str) -> str:
    """Return a text that all look-alikes of a ref share. Others may share it too: compare their `spelling_keys`."""
    return _LEADING_ZEROS.sub("", spelling_keys(ref)[0])[:MAX_SKELETON]


def are_look_alikes(one: str, other: str) -> bool:
    """Check that two refs differ only by look-alike characters, blanks or leading zeros."""
    return any(mine == theirs for mine, theirs in zip(spelling_keys(one), spelling_keys(other), strict=True))


def group_look_alikes(texts: Iterable[Any], *, limit: int) -> dict[str, list[str]]:
    """Map each of some texts to the others that look like it, at most `limit`. Texts without one are left out."""
    first: tuple[dict[str, str], ...] = ({}, {})
    groups: tuple[dict[str, list[str]], ...] = ({}, {})
    for text in dict.fromkeys(each for each in texts if isinstance(each, str)):
        for firsts, group, key in zip(first, groups, spelling_keys(text), strict=True):
            if firsts.setdefault(key, text) != text:
                group.setdefault(key, [firsts[key]]).append(text)
    found: dict[str, dict[str, None]] = {}
    for members in (each for group in groups for each in group.values()):
        for text in members:
            others = found.setdefault(text, {})
            for other in members[: limit + 1]:
                if ref_key(other) != ref_key(text):
                    others[other] = None
    return {text: list(others)[:limit] for text, others in found.items() if others}


def list_differences(one: str, other: str) -> list[Text]:
    """Say in what two look-alikes differ."""
    found = [
        Text("character {position} of '{text}' is {name}", position=each.position, text=text, name=each.name)
        if each.sort != "look-alike"
        else Text(
            "character {position} of '{text}' is {script}",
            position=each.position,
            text=text,
            script=each.script,
        )
        for text in (one, other)
        for each in list_strangers(text)
    ]
    if found:
        return found
    if "".join(one.split()) == "".join(other.split()):
        return [Text("they differ in blanks")]
    if _LEADING_ZEROS.sub("", one) == _LEADING_ZEROS.sub("", other):
        return [Text("they differ in leading zeros")]
    return [Text("they differ in characters such as O and 0, or I, l and 1")]


def is_invisible(sign: str) -> bool:
    """Check for characters that are not shown, such as a zero-width space."""
    return sign in _FILLERS or unicodedata.category(sign) in ("Cf", "Cc") or _is_variation_selector(sign)


def _is_variation_selector(sign: str) -> bool:
    return "\ufe00" <= sign <= "\ufe0f" or "\U000e0100" <= sign <= "\U000e01ef"


def _drawn(text: str) -> str:
    """Return a text without blanks, in which the letters O, I and l are the digits that they look like."""
    # On bytes, this takes a tenth of the time.
    return text.encode(errors="surrogatepass").translate(_DIGITS, _BLANKS).decode(errors="surrogatepass")


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


@dataclass(frozen=True)
class Stranger:
    """A character that looks like an ASCII character, or like nothing. `position` counts from 1."""

    sign: str
    position: int
    meant: str
    """The character that it looks like; empty for an invisible one."""

    @property
    def sort(self) -> str:
        """Whether it is a look-alike, a blank or invisible."""
        return ("look-alike" if self.meant.strip() else "blank") if self.meant else "invisible"

    @property
    def script(self) -> str:
        """The script that it belongs to, or its name."""
        return _SCRIPTS.get(unicodedata.name(self.sign, "").partition(" ")[0]) or self.name

    @property
    def name(self) -> str:
        """Its number and name in Unicode."""
        return f"U+{ord(self.sign):04X} {unicodedata.name(self.sign, '')}".strip()


def list_strangers(text: str) -> Iterator[Stranger]:
    """Yield the characters of a text that look like an ASCII character or like nothing, but are another."""
    for position, sign in enumerate(text, start=1):
        if sign.isascii():
            continue
        if is_invisible(sign):
            yield Stranger(sign, position, "")
        elif sign.isspace():
            yield Stranger(sign, position, " ")
        elif (look := look_of(unicodedata.normalize("NFKC", sign))).isascii():
            yield Stranger(sign, position, look)


def without_strangers(text: str) -> str:
    """Return a text with each stranger replaced by the character that it looks like."""
    meant = {stranger.position: stranger.meant for stranger in list_strangers(text)}
    return "".join(meant.get(position, sign) for position, sign in enumerate(text, start=1)).strip()


def without_hidden(text: str) -> str:
    """Return a text without invisible characters, and with usual blanks."""
    return "".join(
        " " if sign.isspace() else sign for sign in text if not is_invisible(sign) or sign in "\t\n\r"
    )
