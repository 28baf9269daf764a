"""XML of the IATI Standard, read activity by activity, and what XPaths find in it.

One activity at a time is in memory, unless a rule looks beyond the activity that it judges.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from lxml import etree

from services.validation.domain.iati.paths import PathIsRefused
from shared.untrusted_xml import ElementStream, string_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import BinaryIO

LARGEST_WHOLE = 64 * 1024**2
"""So much of a file is held in memory at most: an activity, or the whole where a rule looks beyond activities."""

ROOTS = ("iati-activities", "iati-organisations")


class Tree:
    """A file, or the one activity of it whose turn it is: the parser may be ahead, so that others stand beside it.

    `ordinals` says the how manieth of its name each child of the root is.
    """

    def __init__(self, root: Any, ordinals: Mapping[Any, int], only: Any = None) -> None:
        self._root = root
        self._ordinals = ordinals
        self._only = only
        self._places: dict[Any, str] = {}

    def selected(self, selector: str) -> Iterator[Any]:
        """The elements that a selector selects; raises PathIsRefused where it selects something else."""
        for node in found_by(self._root, selector):
            if not isinstance(node, etree._Element):  # noqa: SLF001 - lxml's own name for it
                raise PathIsRefused(selector, "a selector selects elements, no texts or attributes")
            if self._only is None or self._is_inside(node):
                yield node

    def _is_inside(self, node: Any) -> bool:
        while node is not None and node is not self._only:
            node = node.getparent()
        return node is not None

    def place_of(self, node: Any) -> str:
        """The XPath of a node, the same whether the file was read as a whole or not."""
        if node not in self._places:
            parent = node.getparent()
            name = (
                etree.QName(node).localname
                if node.prefix is None
                else f"{node.prefix}:{etree.QName(node).localname}"
            )
            if parent is None:
                self._places[node] = f"/{name}"
            else:
                before = node.itersiblings(node.tag, preceding=True)
                ordinal = self._ordinals.get(node) or 1 + sum(1 for _ in before)
                self._places[node] = f"{self.place_of(parent)}/{name}[{ordinal}]"
        return self._places[node]


def trees(source: BinaryIO, *, one_by_one: bool) -> Iterator[Tree]:
    """The file as trees to be judged: one for each activity, or a single one; raises XmlIsRefused."""
    children = ElementStream(source, most=LARGEST_WHOLE)
    seen: dict[str, int] = {}
    ordinals: dict[Any, int] = {}
    for node in children:
        seen[node.tag] = ordinals[node] = seen.get(node.tag, 0) + 1
        if one_by_one and children.root.tag in ROOTS:
            children.forget_before(node)
            yield Tree(children.root, {node: ordinals[node]}, only=node)
            ordinals.clear()
    if not one_by_one or children.root.tag not in ROOTS:
        yield Tree(children.root, ordinals)


def found_by(node: Any, path: str) -> list[Any]:
    """What an XPath finds; one that reckons finds its result, and nothing if that is false."""
    found = evaluated(node, path)
    if isinstance(found, list):
        return found
    return [] if found is False or found == "" else [found]


def evaluated(node: Any, path: str) -> Any:
    """What an XPath gives from a node: a list of what it finds, or what it reckons; raises PathIsRefused."""
    try:
        return compiled(path)(node)
    except etree.XPathError as error:
        raise PathIsRefused(path, str(error)) from None


@lru_cache(maxsize=4_096)
def compiled(path: str) -> Any:
    """The XPath, read once; raises PathIsRefused."""
    try:
        return etree.XPath(path, smart_strings=False, regexp=False)
    except (etree.XPathError, ValueError) as error:
        raise PathIsRefused(path, f"it is no XPath ({error})") from None


_IDENTIFIER = etree.XPath(
    "string((ancestor-or-self::iati-activity/iati-identifier"
    " | ancestor-or-self::iati-organisation/organisation-identifier"
    " | ancestor-or-self::iati-organisation/iati-identifier)[1])"
)


def text_of(found: Any) -> str:
    """What an XPath found, as text."""
    if isinstance(found, etree._Element):  # noqa: SLF001 - as above
        return string_of(found)
    if isinstance(found, float) and found.is_integer():
        return str(int(found))
    return str(found)


def identifier_of(node: Any) -> str | None:
    """The identifier of the activity or organisation that a node belongs to."""
    return str(_IDENTIFIER(node)).strip() or None
