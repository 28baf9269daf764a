"""Explanations of common errors in expressions, with the spelling that the language expects."""

import re
import unicodedata
from collections.abc import Iterable
from difflib import get_close_matches

USE_DOUBLE_EQUALS = "compare with ==; a single = is not an operator"
NO_INDEXING = "lists have no indexes; read them with some(), every(), count() or for_each"
MAX_WORD_LENGTH = 20

_QUOTED = re.compile(r"'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"")
_TYPOGRAPHIC = re.compile("[\u2018-\u201f\u2039\u203a«»`\u00b4]")
_EQUIVALENTS = {
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
"""Words and signs of other languages, with their spelling here."""
_FOREIGN_OPERATORS = re.compile(r"\b(?:AND|OR|NOT)\b|&&|\|\||=>|=<|<>|[≥≤≠]")
_SINGLE_EQUALS = re.compile(r"(?<![=!<>])=(?![=<>])")
_SEPARATED = re.compile(r"\b[0-9]{1,3}(?:([,'_ ])[0-9]{3}(?:\1[0-9]{3})*|(?:\.[0-9]{3}){2,})\b")
_PAIRED = "()[]{}'\""
_WORD = re.compile(r"\w+|\S")


def did_you_mean(word: object, known: Iterable[str]) -> str:
    """Suggest the known word most similar to this word; empty if none is similar."""
    near = get_close_matches(str(word), sorted(known), n=1)
    return f". Did you mean '{near[0]}'?" if near else ""


def find_error(expression: str) -> str | None:
    """Explain the first common error that makes an expression malformed, with its remedy; None if there is none."""
    plain = _without_texts(expression)
    if found := _TYPOGRAPHIC.search(plain):
        name = unicodedata.name(found[0]).lower()
        return f"{found[0]} is a {name}; enclose text in straight quotation marks, ' or \""
    if found := _FOREIGN_OPERATORS.search(plain):
        return f"write '{_EQUIVALENTS[found[0]]}' instead of '{found[0]}'"
    if _SINGLE_EQUALS.search(plain):
        return USE_DOUBLE_EQUALS
    return find_separators(expression)


def find_separators(expression: str) -> str | None:
    """Explain a number that is written with separators; None if there is none."""
    found = _SEPARATED.search(_without_texts(expression))
    if found is None:
        return None
    return f"write numbers without separators: {re.sub('[^0-9]', '', found[0])} instead of {found[0]}"


def locate_error(expression: str, line: int | None, column: int | None) -> str:
    """Describe the place where parsing ended, and the text there. Line and column are those of a SyntaxError."""
    if line is None or column is None:
        return ""
    before = expression.splitlines(keepends=True)[: max(line - 1, 0)]
    at = sum(map(len, before)) + column - 1
    found = _WORD.search(expression, at) if column else None
    if found is None or "\n" in expression[at : found.start()]:
        return ": the end of the line is missing something"
    word = found[0][:MAX_WORD_LENGTH]
    fault = f"{word} has no counterpart" if word in _PAIRED else f"'{word}' is unexpected"
    return f": at character {found.start() + 1}, {fault}"


def _without_texts(expression: str) -> str:
    """Replace the texts in an expression with blanks, since their content is no part of its grammar."""
    return _QUOTED.sub(lambda text: " " * len(text[0]), expression)
