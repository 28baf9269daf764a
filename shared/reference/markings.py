"""National, EU and NATO classification markings, and the search for them in texts and JSON values.

No text with such a marking may be stored in this system. TLP markings (see `tlp`) are no classification.
"""

# ruff: noqa: RUF001 - some partners mark in Cyrillic, whose capitals look like Latin ones

import html
import json
import re
import unicodedata
from collections.abc import Collection, Iterator
from functools import cache
from itertools import accumulate, pairwise
from typing import Any

from shared.i18n import Text
from shared.reference.look_alikes import is_invisible, look_of

# Unmistakable phrases: they match anywhere. Bilingual ones match in any case.
_BILINGUAL = (
    "TRÈS SECRET UE/EU TOP SECRET",
    "SECRET UE/EU SECRET",
    "CONFIDENTIEL UE/EU CONFIDENTIAL",
    "RESTREINT UE/EU RESTRICTED",
)
_PHRASES = (
    # The EU (Council Decision 2013/488/EU, article 2 and its abbreviations) and NATO.
    *("TRÈS SECRET UE", "SECRET UE", "CONFIDENTIEL UE", "RESTREINT UE"),
    *("EU TOP SECRET", "EU SECRET", "EU CONFIDENTIAL", "EU RESTRICTED"),
    *("TS-UE/EU-TS", "S-UE/EU-S", "C-UE/EU-C", "R-UE/EU-R"),
    *("COSMIC TOP SECRET", "NATO SECRET", "NATO CONFIDENTIAL", "NATO RESTRICTED"),
    # The partners, in Latin and Cyrillic.
    *("TEPËR SEKRETE", "TEPËR SEKRET", "I KUFIZUAR", "E KUFIZUAR"),
    *("DRŽAVNA TAJNA", "VRLO TAJNO", "STROGO TAJNO", "STROGO POVJERLJIVO", "STROGO POVERLJIVO"),
    *("ДРЖАВНА ТАЈНА", "ВРЛО ТАЈНО", "СТРОГО ТАЈНО", "СТРОГО ПОВЈЕРЉИВО", "СТРОГО ПОВЕРЉИВО"),
    *("СТРОГО ДОВЕРЛИВО",),
    # Members.
    *("STRENG GEHEIM", "VS-NUR FÜR DEN DIENSTGEBRAUCH", "VS-VERTRAULICH"),
    *("SECRET DÉFENSE", "TRÈS SECRET", "CONFIDENTIEL DÉFENSE", "DIFFUSION RESTREINTE"),
    *("UK TOP SECRET", "UK SECRET", "OFFICIAL-SENSITIVE", "TOP SECRET"),
)
# Ordinary words: they match only in capitals, and only if the adjacent words are not in capitals.
_WORDS = (
    *("SEKRETE", "SEKRET", "KONFIDENCIALE", "KONFIDENCIAL"),
    *("TAJNO", "POVJERLJIVO", "POVERLJIVO", "INTERNO", "ZAUPNO"),
    *("ТАЈНО", "ПОВЈЕРЉИВО", "ПОВЕРЉИВО", "ДОВЕРЛИВО", "ИНТЕРНО"),
    *("GEHEIM", "VERTRAULICH", "SEGRETISSIMO", "SEGRETO", "RISERVATISSIMO", "RISERVATO"),
    *("SECRET", "CONFIDENTIAL", "RESTRICTED"),
)
# Ordinary words that match only letter by letter: R E S T R E I N T.
_SPACED_WORDS = ("RESTREINT", "CONFIDENTIEL")


def find_marking(text: str) -> str | None:
    """Return the classification marking that a reader of `text` sees, in its canonical spelling, or None.

    A marking differs from prose in its form: it is written in capitals and as whole words, so that "the secret service" or
    "confidential informants" pass. A single word such as SECRET or TAJNO does not count inside a run of capitals ("SECRET
    SERVICE ACADEMY" is a heading); a phrase such as RESTREINT UE always counts. Accents, kinds of blank, invisible
    characters and look-alike letters make no difference, nor do blanks, dots or hyphens between letters, nor the tags and
    references of HTML. Prose that only *names* a marking in capitals is refused too: a wrong refusal costs a rewording, a
    wrong acceptance is a leak.
    """
    found = _find_written(text)
    if found is None and ("<" in text or "&" in text) and (shown := _without_html(text)) != text:
        return _find_written(shown)
    return found


def _find_written(text: str) -> str | None:
    is_plain = text.isascii() and not _has_control(text)
    if not is_plain and not _may_carry(text):
        return None
    folded = text if is_plain else text.translate(_FOLDING)
    if _BEGINNINGS.search(folded) is None and not ("/" in folded and _BILINGUAL_HINT.search(folded)):
        return None
    if any(pattern.search(folded) for pattern in _ANY):
        return next(marking for pattern, marking in _patterns() if pattern.search(folded))
    return next(filter(None, map(_find_spelled, _RUNS.finditer(folded))), None)


_QUOTED = r""""[^"<]*"|'[^'<]*'"""
# Possessive, so that a long name or tag without an end takes linear time.
_HTML_TAG = re.compile(rf"<[!/?]?([A-Za-z-][\w:-]*+)(?:(?:[^<>\"']++|{_QUOTED})*+|[^<>]*+)>")
_REFERENCE = re.compile(r"&(?:amp;)*(?:#[0-9xX]|(?!amp;|quot;|apos;)[A-Za-z]{2,8};)")
"""A character as HTML writes it, perhaps escaped several times."""
_BLOCKS = frozenset(
    (
        *(
            "p",
            "div",
            "br",
            "hr",
            "ul",
            "ol",
            "li",
            "dl",
            "dt",
            "dd",
            "table",
            "thead",
            "tbody",
            "tr",
            "td",
            "th",
        ),
        *("h1", "h2", "h3", "h4", "h5", "h6", "section", "article", "header", "footer", "blockquote", "pre"),
    )
)
"""Elements that begin a new line. Any other one is displayed inside a word."""
_MAX_ESCAPED = 3
"""The number of times that HTML may be escaped in a text."""


def _without_html(text: str) -> str:
    """Return a text as a browser displays it: without tags and comments, with references decoded."""
    for _ in range(_MAX_ESCAPED):
        before = text
        if "&" in text and _REFERENCE.search(text):
            text = html.unescape(text)
        text = _HTML_TAG.sub(lambda tag: "\n" if tag[1].lower() in _BLOCKS else "", text)
        if text == before:
            break
    return text


_CAPITALS = r"A-Z\u00c0-\u00de\u0100-\u024f\u0386-\u03ab\u0400-\u042f"
_SIGN = r"[.\-·•∙‧・|/\\~+*=_]"
_GAP = rf"(?:\s+(?:{_SIGN}{{1,2}}\s*)?|{_SIGN}{{1,3}}\s*)"
"""The space between the letters or words of a marking: blanks, dots, hyphens and rules, but no comma or quotation mark."""

_CAPITAL_HINT = re.compile(
    rf"[{_CAPITALS}](?:[{_CAPITALS}]{{4}}|[{_CAPITALS}]{{0,3}}{_GAP}[{_CAPITALS}]{{1,4}}{_GAP}[{_CAPITALS}])"
)
_BILINGUAL_HINT = re.compile(r"/\s*[eE\u0395\u03b5\u0415\u0435]")
_UNUSUAL = re.compile(
    r"[^\t\n\r -~\xa0-\u024f\u0386-\u03ce\u0400-\u045f\u2009-\u200a\u2010-\u2027\u202f-\u203a\u20ac\u2116\u2122]|\xad"
)
"""Characters of other scripts, accents of their own, and invisible or control characters."""


def _may_carry(text: str) -> bool:
    """Test quickly for five consecutive capitals, three short groups of capitals, a slash before EU, or rare characters."""
    return bool(
        _CAPITAL_HINT.search(text) or _UNUSUAL.search(text) or ("/" in text and _BILINGUAL_HINT.search(text))
    )


_CONTROL = bytes(set(range(32)) - set(b"\t\n\r")) + b"\x7f"


def _has_control(text: str) -> bool:
    return len(text.encode().translate(None, _CONTROL)) < len(text)


class _Folding(dict[int, str]):
    """The folded form of each character: without accents, with the Latin letter that it looks like. Invisible ones vanish.

    A form is computed when a text first contains its character.
    """

    def __missing__(self, number: int) -> str:
        sign = chr(number)
        if sign in "\t\n\r":
            self[number] = sign
        elif is_invisible(sign):
            self[number] = ""
        else:
            self[number] = "".join(map(_plain, unicodedata.normalize("NFKD", sign)))
        return self[number]


def _plain(sign: str) -> str:
    category = unicodedata.category(sign)
    if category[0] == "M":
        return ""
    if category == "Pd" or category[0] == "Z":
        return "-" if category == "Pd" else " "
    look = look_of(sign)
    return look if look.isascii() and (look.isalpha() or look in "-.|/") else sign


_FOLDING = _Folding()


_LETTER = r"[^\W_]"


def _spelled(marking: str) -> str:
    blank = re.sub(r" ", r"\\s+", re.escape(marking.translate(_FOLDING)).replace(r"\ ", " "))
    # The digraph Lj is often typed with a small second letter, also among capitals.
    return blank.replace("/", r"\s*/\s*").replace("LJ", "L[Jj]")


def _phrase(*markings: str) -> str:
    return rf"(?<!{_LETTER})(?:{'|'.join(_spelled(marking) for marking in markings)})(?!{_LETTER})"


def _standing_out(*words: str) -> str:
    capitals = r"[A-ZА-ЯЂЈЉЊЋЏĐ]"
    return rf"(?<!{capitals}{capitals} )(?<!{capitals}-){_phrase(*words)}(?![ -]{capitals}{{2}})"


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Return the pattern of each marking. They are compiled on first use: few processes ever find a marking."""
    return (
        *((re.compile(_phrase(marking), re.IGNORECASE), marking) for marking in _BILINGUAL),
        *((re.compile(_phrase(marking)), marking) for marking in _PHRASES),
        *((re.compile(_standing_out(word)), word) for word in _WORDS),
    )


_ANY = (
    re.compile(_phrase(*_BILINGUAL), re.IGNORECASE),
    re.compile(_phrase(*_PHRASES)),
    re.compile(_standing_out(*_WORDS)),
)
"""All patterns in three searches, for speed: every submitted text is searched, and almost none carries a marking."""


# Markings whose letters or words are set apart: R E S T R E I N T   U E, RES-TREINT UE, TOP-SECRET.

_CAPITAL = r"[A-ZА-ЯЂЈЉЊЋЏĐ]"
_RUNS = re.compile(rf"{_CAPITAL}{{5,}}(?:{_GAP}{_CAPITAL}+)*|{_CAPITAL}+(?:{_GAP}{_CAPITAL}+)+")
_PIECES = re.compile(rf"{_CAPITAL}+")
_NO_CAPITALS = re.compile(_CAPITAL.replace("[", "[^") + "+")


def _squeezed(marking: str) -> str:
    return re.sub(r"[\W_]", "", marking.translate(_FOLDING))


_ABBREVIATED = 10
"""Bilingual abbreviations, such as R-UE/EU-R, are shorter. Without their hyphens they are no markings."""

_WORDS_SQUEEZED = {_squeezed(word): word for word in (*_WORDS, *_SPACED_WORDS)}
_PHRASES_SQUEEZED = {
    _squeezed(marking): marking
    for marking in (*_BILINGUAL, *_PHRASES)
    if "/" not in marking or len(marking) > _ABBREVIATED
}
_SQUEEZED = sorted((*_PHRASES_SQUEEZED, *_WORDS_SQUEEZED), key=len, reverse=True)
_ALL_SQUEEZED = re.compile(f"(?={'|'.join(_SQUEEZED)})")


def _tree(words: Collection[str]) -> str:
    """Return a pattern for any of some words, whose letters may be set apart. Common beginnings are tried once."""
    after: dict[str, set[str]] = {}
    for word in words:
        after.setdefault(word[0], set()).add(word[1:])
    branches = [
        letter if "" in rest else f"{letter}{_GAP}?{_tree(rest)}" for letter, rest in sorted(after.items())
    ]
    return f"(?:{'|'.join(branches)})"


_BEGINNINGS = re.compile(_tree({each[:5] for each in _SQUEEZED}))
"""The first five letters of each marking: a text without any is not searched further."""


def _find_spelled(run: re.Match[str]) -> str | None:
    """Return the marking that groups of capitals spell together, or None."""
    squeezed = _NO_CAPITALS.sub("", run[0])
    if _ALL_SQUEEZED.search(squeezed) is None:
        return None
    pieces = list(_PIECES.finditer(run[0]))
    gaps = [after.start() - before.end() for before, after in pairwise(pieces)]
    piece_at = {
        start: at for at, start in enumerate(accumulate((len(each[0]) for each in pieces), initial=0))
    }
    starts = (found.start() for found in _ALL_SQUEEZED.finditer(squeezed))
    for start, marking in (
        (at, each) for at in starts for each in _SQUEEZED if squeezed.startswith(each, at)
    ):
        begin, end = piece_at.get(start), piece_at.get(start + len(marking))
        if begin is None or end is None:
            continue
        is_spaced = end - begin == len(marking)
        if is_spaced and _is_inside_word(pieces, gaps, begin, end):
            continue
        if marking in _PHRASES_SQUEEZED:
            return _PHRASES_SQUEEZED[marking]
        # A single word must be spaced letter by letter, and stand out like one that is not.
        if is_spaced and _stands_alone(run[0], pieces, begin, end):
            return _WORDS_SQUEEZED[marking]
    return None


def _is_inside_word(pieces: list[re.Match[str]], gaps: list[int], begin: int, end: int) -> bool:
    """Check whether spaced letters go on, in the same spacing, before or after some of them: S E C R E T A R Y."""
    spacing = max(gaps[begin : end - 1], default=0)
    before = begin > 0 and len(pieces[begin - 1][0]) == 1 and gaps[begin - 1] <= spacing
    after = end < len(pieces) and len(pieces[end][0]) == 1 and gaps[end - 1] <= spacing
    return before or after


def _stands_alone(run: str, pieces: list[re.Match[str]], begin: int, end: int) -> bool:
    """Check that no capitals come directly before or after a spaced word."""
    before = run[pieces[begin - 1].end() : pieces[begin].start()] if begin else "\n"
    after = run[pieces[end - 1].end() : pieces[end].start()] if end < len(pieces) else "\n"
    return all(re.search(r"[^\s\-]|\n", gap) for gap in (before, after))


def can_spell_marking(texts: Collection[str]) -> bool:
    """Check whether some of these texts, put side by side in any order, spell a marking of several letters or words."""
    pieces = {_squeezed(text) for text in texts}
    return any(_is_spelled(marking, pieces) for marking in _SQUEEZED)


def _is_spelled(marking: str, pieces: Collection[str]) -> bool:
    ends = {0}
    for at in range(len(marking)):
        if at in ends:
            ends |= {end for end in range(at + 1, len(marking) + 1) if marking[at:end] in pieces}
    return len(marking) in ends


class TextIsClassified(Exception):
    """A text carries a classification marking. Nothing of the body that contains it is stored."""

    def __init__(self, marking: str, pointer: str) -> None:
        super().__init__(
            Text(
                "The text at {pointer} carries the marking '{marking}'. This system accepts no classified information; no part of the body was stored. Remove the classified text, or send it through the channel meant for it.",
                pointer=pointer,
                marking=marking,
            )
        )
        self.marking = marking
        self.pointer = pointer


def check_unclassified(value: Any, *, at: str, first: int = 0) -> None:
    """Raise `TextIsClassified` if a text in a JSON value carries a marking; see `find_marked_text`."""
    if found := find_marked_text(value, at=at, first=first):
        raise TextIsClassified(*found)


def is_unmarked_json(written: str) -> bool:
    """Return whether serialised JSON surely carries no marking.

    If serialising escaped a character, a marking may continue after it, so the texts themselves must be searched.
    """
    return "\\" not in written and find_marking(written) is None


def find_marked_text(value: Any, *, at: str, first: int = 0) -> tuple[str, str] | None:
    """Return the first marking in a JSON value and the pointer of its text, or None.

    Names of fields are texts too. `at` is the pointer of the value. `first` is the index of the first item of a list
    that is a slice of a longer one.
    """
    # Usually, one search over the whole value is enough. Only a match is located text by text.
    if is_unmarked_json(json.dumps(value, ensure_ascii=False)):
        return None
    texts = list(texts_in(value, at, first))
    if find_marking("\n".join(text for _, text in texts)) is None:
        return None
    return next(
        (
            (marking, at + _shown(pointer.removeprefix(at)))
            for pointer, text in texts
            if (marking := find_marking(text)) is not None
        ),
        None,
    )


_PLAIN_STEP = re.compile(r"[a-z0-9_]{1,40}")


def _shown(pointer: str) -> str:
    """Return a pointer without names that are no fields of ours: such a name is part of the text that must not be stored."""
    steps = pointer.split("/")
    return "/".join(
        step if not step or (_PLAIN_STEP.fullmatch(step) and find_marking(step) is None) else "…"
        for step in steps
    )


def texts_in(value: Any, pointer: str, first: int = 0) -> Iterator[tuple[str, str]]:
    """Yield the JSON pointer and the text of each string in a JSON value, names of fields included."""
    waiting = [(pointer, value)]
    if first and isinstance(value, list):
        waiting = [(f"{pointer}/{index}", item) for index, item in enumerate(value, start=first)]
    while waiting:
        at, inner = waiting.pop()
        if isinstance(inner, str):
            yield at, inner
        elif isinstance(inner, dict):
            for name, item in inner.items():
                step = f"{at}/{name.replace('~', '~0').replace('/', '~1')}"
                yield step, name
                waiting.append((step, item))
        elif isinstance(inner, list):
            waiting += [(f"{at}/{index}", item) for index, item in enumerate(inner)]
