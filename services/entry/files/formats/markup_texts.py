"""The text that a person reads in XML: runs joined, escapes decoded, with notes in attributes, names and comments.

A workbook splits a cell or a comment into runs wherever its format changes, so a word may be spread over several elements.
The texts are only searched, so they are extracted roughly, by tags. Each pattern takes linear time, whatever the file.
"""

import html
import re
from collections.abc import Callable, Iterator


def _element(name: str) -> str:
    """Return a pattern of an element with its content, which contains no element of the same name."""
    return rf"<(?:\w+:)?{name}\b[^<>]*(?:(?<=/)>|(?<!/)>[^<]*(?:<(?!/?(?:\w+:)?{name}\b)[^<]*)*</(?:\w+:)?{name}\s*>)"


_PHONETIC = re.compile(_element("rPh"))
_RUN_FORMAT = re.compile(f"{_element('rPr')}|{_element('endParaRPr')}")
_RUN = re.compile(
    r"</?(?:\w+:)?(?:t|r|fld|b|i|u|s|em|strong|strike|font|span|sub|sup|small|big|tt)(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
"""Elements inside a text: runs of workbooks and drawings, and the formats of HTML, in which old notes are written."""
_TAG = re.compile(r"<[^<>]*>")
_ATTRIBUTE = re.compile(r"""=\s*(?:"([^"<]*)"|'([^'<]*)')""")
_VALUE = re.compile(r"""=\s*(?:"[^"]*"|'[^']*')""")
_DECLARATION = re.compile(r"<!([^<>]*)>")
_HEADER = re.compile(r"<(?:\w+:)?(?:odd|even|first)(?:Header|Footer)\b[^<>]*>([^<]*)")
_HEADER_CODE = re.compile(
    r'&(?:"[^"]*"|[0-9]{1,3}|K(?:[0-9A-F]{6}|[0-9]{2}[+-][0-9]{3})|[A-Z&])', re.IGNORECASE
)
"""A font, size, colour, section or field in the header of a printed page: &"Arial,Bold"&12&K00FF00&L&B."""
_SHOWN_CODES = {"&&": "&", "&L": "\n", "&C": "\n", "&R": "\n"}
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")


def read_text(markup: str) -> str:
    """Return all texts of XML, each on lines of its own."""
    markup, sections = _cut(markup, "<![CDATA[", "]]>", instead=html.escape)
    markup, comments = _cut(markup, "<!--", "-->", instead=lambda _comment: "")
    markup, instructions = _cut(markup, "<?", "?>", instead=lambda _instruction: "")
    texts = [
        *_read(markup),
        *(text for each in (*comments, *instructions) for text in _read(each)),
        *sections,
    ]
    text = "\n".join(texts)
    return f"{text}\n{decode_escapes(text)}" if "_x" in text else text


def decode_escapes(text: str) -> str:
    """Decode the escapes by which workbooks write any UTF-16 unit, such as _x0052_ for R."""
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)


def _cut(text: str, opening: str, closing: str, *, instead: Callable[[str], str]) -> tuple[str, list[str]]:
    """Replace the sections between two marks, and return them too."""
    if opening not in text:
        return text, []
    kept, sections, at = [], [], 0
    while (start := text.find(opening, at)) >= 0 and (end := text.find(closing, start)) >= 0:
        sections.append(text[start + len(opening) : end])
        kept += [text[at:start], instead(sections[-1])]
        at = end + len(closing)
    return "".join((*kept, text[at:])), sections


def _read(markup: str) -> Iterator[str]:
    runs = markup
    if "rPh" in markup:
        # The pronunciation of a text stands between its runs.
        runs = "\n".join((_PHONETIC.sub("", markup), *_PHONETIC.findall(markup)))
    yield html.unescape(_TAG.sub("\n", _RUN.sub("", _RUN_FORMAT.sub("", runs))))
    yield from (_HEADER_CODE.sub(_shown_code, html.unescape(header)) for header in _HEADER.findall(markup))
    # Most tags are repeated, with the same attributes.
    tags = "\n".join(dict.fromkeys(_TAG.findall(markup)))
    yield html.unescape("\n".join(one or other for one, other in _ATTRIBUTE.findall(tags)))
    yield _VALUE.sub("", tags)
    if "<!" in markup:
        yield html.unescape("\n".join(_DECLARATION.findall(markup)))


def _shown_code(code: re.Match[str]) -> str:
    return _SHOWN_CODES.get(code[0].upper(), "")
