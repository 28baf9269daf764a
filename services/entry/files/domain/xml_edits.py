"""Where things stand in the XML of a part, and new markup put in between: what is not touched keeps its bytes.

New markup is ASCII, so that it fits whatever encoding the part has. No entity is resolved and nothing is fetched: a part
with a DOCTYPE is refused.
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
"""What XML cannot hold, and what a spreadsheet writes as an escape of its own."""
_LIKE_AN_ESCAPE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")

MAX_ELEMENTS = 500_000
"""Of a part that is held in memory: forty thousand comments have fewer."""

NO_ATTRIBUTES: Mapping[str, object] = MappingProxyType({})


class PartIsBroken(ValueError):
    """A part of the workbook is not what a workbook has there, or is built to do harm."""


def escape_text(text: str) -> str:
    """A text as the content of an element or of an attribute, that a spreadsheet shows as it is."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    plain = _LIKE_AN_ESCAPE.sub("_x005F_", _NO_TEXT.sub("\N{REPLACEMENT CHARACTER}", lines))
    return escape(plain, {'"': "&quot;", "\n": "&#10;", "\t": "&#9;"})


def to_bytes(text: str) -> bytes:
    """Markup as bytes that stand for the same in every encoding that begins with ASCII."""
    return text.encode("ascii", "xmlcharrefreplace")


def start_tag(
    name: str, attributes: Mapping[str, object] = NO_ATTRIBUTES, *, is_empty: bool = False
) -> bytes:
    """A start tag, or the tag of an empty element."""
    written = "".join(f' {each}="{escape_text(str(value))}"' for each, value in attributes.items())
    return to_bytes(f"<{name}{written}{'/' if is_empty else ''}>")


def end_tag(name: str) -> bytes:
    """An end tag."""
    return to_bytes(f"</{name}>")


def raw_tag(content: bytes | bytearray, at: int) -> bytes:
    """The tag that begins at an offset, as it is written."""
    found = _TAG.match(content, at)
    if found is None:
        raise PartIsBroken("there is no tag where the parser found one")
    return bytes(found[0])


def relation_id(attributes: Mapping[str, str]) -> str:
    """The id of the relation that an element names, whatever the prefix is; raises PartIsBroken."""
    found = next((value for name, value in attributes.items() if name.endswith(":id")), None)
    if found is None:
        raise PartIsBroken("what it refers to is not said")
    return found


def new_parser() -> expat.XMLParserType:
    """A parser that tells of elements, and refuses a DOCTYPE: there is no entity that it could resolve."""
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse_doctype
    return parser


def _refuse_doctype(*_facts: object) -> None:
    raise PartIsBroken("it has a DOCTYPE")


@dataclass(eq=False, slots=True)
class Element:
    """An element and the offsets of its tags; of an empty one both are the same tag."""

    name: str
    attributes: dict[str, str]
    parent: "Element | None"
    begins: int
    opened: int
    """Where its start tag has ended."""
    closes: int = 0
    """Where its end tag begins."""
    ends: int = 0

    @property
    def is_empty(self) -> bool:
        """Whether it is written as one tag."""
        return self.closes == self.begins

    @property
    def prefix(self) -> str:
        """What its children's names begin with: "x:", or nothing."""
        prefix, colon, _ = self.name.rpartition(":")
        return prefix + colon

    @property
    def local(self) -> str:
        """Its name without the prefix."""
        return self.name.rpartition(":")[2]


class XmlEdits:
    """A part whose elements are known, and what is to be put into it."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.elements = _outline(content)
        self._appended: dict[Element, list[bytes]] = {}
        self._tagged: dict[Element, dict[str, str]] = {}
        self._changes: list[tuple[int, int, bytes]] = []

    @property
    def is_changed(self) -> bool:
        """Check that edits are pending."""
        return bool(self._appended or self._tagged or self._changes)

    @property
    def root(self) -> Element:
        """The outermost element."""
        return self.elements[0]

    @property
    def namespace(self) -> str:
        """That of the root."""
        prefix = self.root.prefix.rstrip(":")
        return self.root.attributes.get(f"xmlns:{prefix}" if prefix else "xmlns", "")

    def find(self, local: str, *, within: Element | None = None) -> Element | None:
        """The first child of that name, of the root or another element."""
        return next(iter(self.find_all(local, within=within)), None)

    def find_all(self, local: str, *, within: Element | None = None) -> list[Element]:
        """All children of that name."""
        return [each for each in self.children_of(within or self.root) if each.local == local]

    def children_of(self, element: Element) -> list[Element]:
        """All children."""
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
        """Markup of a new element, its name in the namespace of the root."""
        name = self.root.prefix + name
        if not content:
            return start_tag(name, attributes, is_empty=True)
        return start_tag(name, attributes) + content + end_tag(name)

    def inside(self, element: Element) -> bytes:
        """What stands between an element's tags."""
        return b"" if element.is_empty else self.content[element.opened : element.closes]

    def append(self, element: Element, new: bytes) -> None:
        """Put markup behind the last child of an element."""
        self._appended.setdefault(element, []).append(new)

    def insert(self, at: int, new: bytes) -> None:
        """Put markup at an offset."""
        self._changes.append((at, at, new))

    def replace_inside(self, element: Element, new: bytes) -> None:
        """Put markup in the place of what stands between an element's tags."""
        if not element.is_empty:
            self._changes.append((element.opened, element.closes, b""))
        self.append(element, new)

    def set_attributes(self, element: Element, **attributes: object) -> None:
        """Give an element attributes: those that it has, with these."""
        own = self._tagged.setdefault(element, dict(element.attributes))
        own |= {name: str(value) for name, value in attributes.items()}

    def done(self) -> bytes:
        """The part with all that was put into it."""
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
    """Every element in the order in which they begin; raises PartIsBroken."""
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
    """Feed a parser; raises PartIsBroken."""
    try:
        parser.Parse(content, is_last)
    except expat.ExpatError as error:
        raise PartIsBroken(str(error)) from None
    except LookupError:
        raise PartIsBroken("it is in an encoding that nobody knows") from None
