"""Edits to the XML of a part that keep every untouched byte.

New markup is ASCII, so it fits any encoding of the part. Parts with a DOCTYPE are refused, so no entity is resolved and
nothing is fetched.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from types import MappingProxyType
from typing import Any
from xml.parsers import expat
from xml.sax.saxutils import escape

_TAG = re.compile(rb"""<(?:[^>"']|"[^"]*"|'[^']*')*>""")
_NO_TEXT = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
"""Characters that XML cannot hold, or that spreadsheets write as their own escapes."""
_LIKE_AN_ESCAPE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")

MAX_ELEMENTS = 500_000
"""The maximum number of elements of a part held in memory. Forty thousand comments have fewer."""

NO_ATTRIBUTES: Mapping[str, object] = MappingProxyType({})


class PartIsBroken(ValueError):
    """A part of the workbook has an invalid or hostile structure."""


def escape_text(text: str) -> str:
    """Escape a text for an element or an attribute, so that spreadsheets display it unchanged."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    cleaned = _LIKE_AN_ESCAPE.sub("_x005F_", _NO_TEXT.sub("\N{REPLACEMENT CHARACTER}", lines))
    return escape(cleaned, {'"': "&quot;", "\n": "&#10;", "\t": "&#9;"})


def to_bytes(text: str) -> bytes:
    """Encode markup in ASCII, with character references for other characters."""
    return text.encode("ascii", "xmlcharrefreplace")


def start_tag(
    name: str, attributes: Mapping[str, object] = NO_ATTRIBUTES, *, is_empty: bool = False
) -> bytes:
    """Return a start tag, or the tag of an empty element."""
    written = "".join(f' {each}="{escape_text(str(value))}"' for each, value in attributes.items())
    return to_bytes(f"<{name}{written}{'/' if is_empty else ''}>")


def end_tag(name: str) -> bytes:
    """Return an end tag."""
    return to_bytes(f"</{name}>")


def raw_tag(content: bytes | bytearray, at: int) -> bytes:
    """Return the bytes of the tag that begins at an offset; raise `PartIsBroken`."""
    found = _TAG.match(content, at)
    if found is None:
        raise PartIsBroken("a tag is malformed")
    return bytes(found[0])


def relation_id(attributes: Mapping[str, str]) -> str:
    """Return the relation id of an element, under any prefix; raise `PartIsBroken`."""
    found = next((value for name, value in attributes.items() if name.endswith(":id")), None)
    if found is None:
        raise PartIsBroken("an element lacks its relation id")
    return found


def new_parser() -> expat.XMLParserType:
    """Return an expat parser that refuses a DOCTYPE, and so resolves no entities."""
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse_doctype
    return parser


def _refuse_doctype(*_facts: object) -> None:
    raise PartIsBroken("a part has a DOCTYPE")


@dataclass(eq=False, slots=True)
class Element:
    """An element and the offsets of its tags. An empty element has one tag for both."""

    name: str
    attributes: dict[str, str]
    parent: "Element | None"
    begins: int
    opened: int
    """The offset behind its start tag."""
    closes: int = 0
    """The offset of its end tag."""
    ends: int = 0

    @property
    def is_empty(self) -> bool:
        """Return whether the element is written as one tag."""
        return self.closes == self.begins

    @property
    def prefix(self) -> str:
        """The prefix of its name, such as "x:", or an empty text."""
        prefix, colon, _ = self.name.rpartition(":")
        return prefix + colon

    @property
    def local(self) -> str:
        """The name without its prefix."""
        return self.name.rpartition(":")[2]


class XmlEdits:
    """The XML of a part, its elements in document order, and pending edits."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.elements = _outline(content)
        self._appended: dict[Element, list[bytes]] = {}
        self._tagged: dict[Element, dict[str, str]] = {}
        self._changes: list[tuple[int, int, bytes]] = []

    @property
    def is_changed(self) -> bool:
        """Return whether edits are pending."""
        return bool(self._appended or self._tagged or self._changes)

    @property
    def root(self) -> Element:
        """The outermost element."""
        return self.elements[0]

    @property
    def namespace(self) -> str:
        """The namespace of the root."""
        prefix = self.root.prefix.rstrip(":")
        return self.root.attributes.get(f"xmlns:{prefix}" if prefix else "xmlns", "")

    def find(self, local: str, *, within: Element | None = None) -> Element | None:
        """Find the first child with a local name, of the root or of another element."""
        return next(iter(self.find_all(local, within=within)), None)

    def find_all(self, local: str, *, within: Element | None = None) -> list[Element]:
        """List the children with a local name, of the root or of another element."""
        return [each for each in self.children_of(within or self.root) if each.local == local]

    def children_of(self, element: Element) -> list[Element]:
        """List the children of an element."""
        return self._children.get(element, [])

    @cached_property
    def _children(self) -> dict[Element, list[Element]]:
        found: dict[Element, list[Element]] = {}
        for each in self.elements[1:]:
            found.setdefault(each.parent, []).append(each)  # type: ignore[arg-type]  # only the root has none
        return found

    def element(
        self, name: str, attributes: Mapping[str, object] = NO_ATTRIBUTES, content: bytes = b""
    ) -> bytes:
        """Return the markup of a new element in the namespace of the root."""
        name = self.root.prefix + name
        if not content:
            return start_tag(name, attributes, is_empty=True)
        return start_tag(name, attributes) + content + end_tag(name)

    def inside(self, element: Element) -> bytes:
        """Return the bytes between the tags of an element."""
        return b"" if element.is_empty else self.content[element.opened : element.closes]

    def append(self, element: Element, new: bytes) -> None:
        """Add markup behind the last child of an element."""
        self._appended.setdefault(element, []).append(new)

    def insert(self, at: int, new: bytes) -> None:
        """Insert markup at an offset."""
        self._changes.append((at, at, new))

    def replace_inside(self, element: Element, new: bytes) -> None:
        """Replace the bytes between the tags of an element."""
        if not element.is_empty:
            self._changes.append((element.opened, element.closes, b""))
        self.append(element, new)

    def set_attributes(self, element: Element, **attributes: object) -> None:
        """Add attributes to an element, or replace their values."""
        own = self._tagged.setdefault(element, dict(element.attributes))
        own |= {name: str(value) for name, value in attributes.items()}

    def done(self) -> bytes:
        """Return the part with its edits."""
        touched = {**self._appended, **self._tagged}
        changes = self._changes + [change for each in touched for change in self._rewritten(each)]
        changes.sort(key=lambda change: change[:2])
        edges = [(0, 0, b""), *changes, (len(self.content), 0, b"")]
        return b"".join(new + self.content[end:begin] for (_, end, new), (begin, _, _) in pairwise(edges))

    def _rewritten(self, element: Element) -> Iterator[tuple[int, int, bytes]]:
        new = b"".join(self._appended.get(element, ()))
        attributes = self._tagged.get(element, element.attributes)
        if element.is_empty:
            tag = start_tag(element.name, attributes, is_empty=not new)
            yield element.begins, element.ends, tag + (new + end_tag(element.name) if new else b"")
            return
        if element in self._tagged:
            yield element.begins, element.opened, start_tag(element.name, attributes)
        yield element.closes, element.closes, new


def _outline(content: bytes) -> list[Element]:
    """List the elements in document order; raise `PartIsBroken`."""
    parser = new_parser()
    found: list[Element] = []
    open_ones: list[Element] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        at = parser.CurrentByteIndex
        if len(found) >= MAX_ELEMENTS:
            raise PartIsBroken(f"a part has more than {MAX_ELEMENTS:,} elements")
        parent = open_ones[-1] if open_ones else None
        opened = at + len(raw_tag(content, at))
        open_ones.append(Element(name, attributes, parent, begins=at, opened=opened))
        found.append(open_ones[-1])

    def end(_name: str) -> None:
        element, at = open_ones.pop(), parser.CurrentByteIndex
        if content[element.opened - 2 : element.opened] == b"/>":
            element.closes, element.ends = element.begins, element.opened
        else:
            element.closes, element.ends = at, at + len(raw_tag(content, at))

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parse(parser, content, is_last=True)
    return found


def parse(parser: Any, content: bytes, *, is_last: bool) -> None:
    """Feed a parser, and translate its errors; raise `PartIsBroken`."""
    try:
        parser.Parse(content, is_last)
    except expat.ExpatError as error:
        raise PartIsBroken(str(error)) from None
    except LookupError:
        raise PartIsBroken("a part has an unknown encoding") from None
