"""IATI XML, read activity by activity, and evaluation of XPaths in it.

One activity at a time is in memory, unless a rule reads outside its activity.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, BinaryIO

from lxml import etree

from services.validation.iati.domain.paths import PathIsRefused
from shared.untrusted_xml import ElementStream, string_of

MAX_TREE_BYTES = 64 * 1024**2
"""The maximum number of bytes held in memory: an activity, or the whole file if a rule reads outside activities."""

ROOTS = ("iati-activities", "iati-organisations")


class Tree:
    """A file, or its current activity. The parser may be ahead, so the root may have other activities too.

    `ordinals` maps each root child to its index among same-named siblings, counted from 1.
    """

    def __init__(self, root: Any, ordinals: Mapping[Any, int], only: Any = None) -> None:
        self._root = root
        self._ordinals = ordinals
        self._only = only
        self._places: dict[Any, str] = {}

    def selected(self, selector: str) -> Iterator[Any]:
        """Yield the elements that a selector selects. Raise PathIsRefused if it selects anything else."""
        for node in find_nodes(self._root, selector):
            if not isinstance(node, etree._Element):  # noqa: SLF001 - lxml's own name for it
                raise PathIsRefused(selector, "a selector must select elements, not texts or attributes")
            if self._only is None or self._is_inside(node):
                yield node

    def _is_inside(self, node: Any) -> bool:
        while node is not None and node is not self._only:
            node = node.getparent()
        return node is not None

    def place_of(self, node: Any) -> str:
        """Return the XPath of a node. It does not depend on whether the file was read as a whole."""
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


def read_trees(source: BinaryIO, *, one_by_one: bool) -> Iterator[Tree]:
    """Yield the file as trees: one for each activity, or a single tree. Raise XmlIsRefused."""
    children = ElementStream(source, most=MAX_TREE_BYTES)
    seen: dict[str, int] = {}
    ordinals: dict[Any, int] = {}
    for node in children:
        seen[node.tag] = ordinals[node] = seen.get(node.tag, 0) + 1
        if one_by_one and children.root.tag in ROOTS:
            children.delete_before(node)
            yield Tree(children.root, {node: ordinals[node]}, only=node)
            ordinals.clear()
    if not one_by_one or children.root.tag not in ROOTS:
        yield Tree(children.root, ordinals)


def find_nodes(node: Any, path: str) -> list[Any]:
    """Return the nodes that an XPath finds. A computed value is returned as one item, unless it is False or empty."""
    found = evaluate(node, path)
    if isinstance(found, list):
        return found
    return [] if found is False or found == "" else [found]


def evaluate(node: Any, path: str) -> Any:
    """Evaluate an XPath from a node: a list of nodes, or a computed value. Raise PathIsRefused."""
    try:
        return compile_path(path)(node)
    except etree.XPathError as error:
        raise PathIsRefused(path, str(error)) from None


@lru_cache(maxsize=4_096)
def compile_path(path: str) -> Any:
    """Compile an XPath. Raise PathIsRefused. The result is cached."""
    try:
        return etree.XPath(path, smart_strings=False, regexp=False)
    except (etree.XPathError, ValueError) as error:
        raise PathIsRefused(path, f"it is not an XPath ({error})") from None


_IDENTIFIER = etree.XPath(
    "string((ancestor-or-self::iati-activity/iati-identifier"
    " | ancestor-or-self::iati-organisation/organisation-identifier"
    " | ancestor-or-self::iati-organisation/iati-identifier)[1])"
)


def text_of(found: Any) -> str:
    """Convert a result of an XPath to text."""
    if isinstance(found, etree._Element):  # noqa: SLF001 - as above
        return string_of(found)
    if isinstance(found, float) and found.is_integer():
        return str(int(found))
    return str(found)


def identifier_of(node: Any) -> str | None:
    """Return the identifier of the activity or organisation that contains a node."""
    return str(_IDENTIFIER(node)).strip() or None
