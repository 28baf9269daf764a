"""What somebody meant who wrote something that the language has no word for: slips of the hand, said in words."""

from __future__ import annotations

import re
import unicodedata
from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

USE_DOUBLE_EQUALS = "compare with ==; a single = means nothing here"
NO_INDEXING = "lists are walked with some(), every(), count() or for_each"
MAX_WORD_LENGTH = 20

_QUOTED = re.compile(r"'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"")
_TYPOGRAPHIC = re.compile("[\u2018-\u201f\u2039\u203a«»`\u00b4]")
_WRITTEN_HERE = {
    "AND": "and",
    "OR": "or",
    "NOT": "not",
    "&&": "and",
    "||": "or",
    "=>": ">=",
    "=<": "<=",
    "<>": "!=",
    "≥": ">=",
    "≤": "<=",
    "≠": "!=",
}
"""Words and signs of other languages, and what they are here."""
_OF_OTHERS = re.compile(r"\b(?:AND|OR|NOT)\b|&&|\|\||=>|=<|<>|[≥≤≠]")
_SINGLE_EQUALS = re.compile(r"(?<![=!<>])=(?![=<>])")
_SEPARATED = re.compile(r"\b[0-9]{1,3}(?:([,'_ ])[0-9]{3}(?:\1[0-9]{3})*|(?:\.[0-9]{3}){2,})\b")
_PAIRED = "()[]{}'\""
_WORD = re.compile(r"\w+|\S")


def did_you_mean(word: object, known: Iterable[str]) -> str:
    """A question that names the known word most like this one; empty where none is like it."""
    near = get_close_matches(str(word), sorted(known), n=1)
    return f". Did you mean '{near[0]}'?" if near else ""


def find_error(expression: str) -> str | None:
    """The first slip that explains why an expression cannot be read, with what to write; None where it is another."""
    plain = _without_texts(expression)
    if found := _TYPOGRAPHIC.search(plain):
        name = unicodedata.name(found[0]).lower()
        return f"{found[0]} is a {name}; a text stands in straight quotation marks, ' or \""
    if found := _OF_OTHERS.search(plain):
        return f"write '{_WRITTEN_HERE[found[0]]}' for '{found[0]}'"
    if _SINGLE_EQUALS.search(plain):
        return USE_DOUBLE_EQUALS
    return find_separators(expression)


def find_separators(expression: str) -> str | None:
    """That a number is written with separators, and how it is written without; None where none is."""
    found = _SEPARATED.search(_without_texts(expression))
    if found is None:
        return None
    return f"a number has no separators: {found[0]} is written {re.sub('[^0-9]', '', found[0])}"


def locate_error(expression: str, line: int | None, column: int | None) -> str:
    """What to add where reading ended: the place, and what stands there. Line and column are a SyntaxError's."""
    if line is None or column is None:
        return ""
    before = expression.splitlines(keepends=True)[: max(line - 1, 0)]
    at = sum(map(len, before)) + column - 1
    found = _WORD.search(expression, at) if column else None
    if found is None or "\n" in expression[at : found.start()]:
        return ": something is missing at the end of the line"
    word = found[0][:MAX_WORD_LENGTH]
    fault = f"{word} stands alone" if word in _PAIRED else f"'{word}' is not expected"
    return f": at character {found.start() + 1}, {fault}"


def _without_texts(expression: str) -> str:
    """The expression with blanks where its texts stand: what they say is their own."""
    return _QUOTED.sub(lambda text: " " * len(text[0]), expression)
