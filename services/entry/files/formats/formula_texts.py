"""The texts that formulas and number formats put together: a reader sees them as one, with or without a stored result."""

import html
import re

_FORMULA = re.compile(rb"<(?:\w+:)?f\b[^<>]*>([^<]*)<")
_FORMAT = re.compile(rb"""formatCode\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_BETWEEN_ARGUMENTS = re.compile(r'"\s*[&,;]\s*"')
_BETWEEN_QUOTED = re.compile(r'"\s*"')
_IN_CSV = re.compile(r'"{1,3}\s{0,3}&\s{0,3}"{1,3}')


def joined_in_markup(markup: bytes) -> str:
    """Return the formulas and number formats of a part of a workbook with their texts joined; empty where none are."""
    texts = []
    if b"<f" in markup or b":f" in markup:
        texts += [_BETWEEN_ARGUMENTS.sub("", _decoded(each)) for each in _FORMULA.findall(markup)]
    if b"formatCode" in markup:
        codes = (one or other for one, other in _FORMAT.findall(markup))
        texts += [_BETWEEN_QUOTED.sub("", _decoded(each)).replace("\\", "") for each in codes]
    return "\n".join(texts)


def joined_in_csv(text: str) -> str:
    """Return the lines of a table with the joined texts of their formulas; empty where none are."""
    return (
        "\n".join(_IN_CSV.sub("", line) for line in text.splitlines() if _IN_CSV.search(line))
        if "&" in text
        else ""
    )


def _decoded(markup: bytes) -> str:
    return html.unescape(markup.decode(errors="replace"))
