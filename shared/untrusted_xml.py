"""XML from strangers, which can name files to be read and entities that fill the memory: one place says how it is parsed.

It is read without its DTD, without entities and without the network, child by child of its root. Entry reads what is
handed in so, validation what a ruleset of the IATI Standard judges; both look into the elements with lxml's own words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lxml import etree

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

_NOT_IATI = "Give an IATI activity or organisation file: well-formed XML without a DOCTYPE."


class XmlIsRefused(ValueError):
    """A file cannot be read as XML, or is built to do harm. The text says where, what, and what would pass."""

    def __init__(self, wrong: str, passes: str = _NOT_IATI) -> None:
        super().__init__(f"The XML cannot be used: {wrong.rstrip('.')}. {passes}")
        self.wrong = wrong
        self.passes = passes


class XmlIsBroken(XmlIsRefused):
    """It is not well-formed; `line` is where that was found."""

    def __init__(self, wrong: str, line: int) -> None:
        super().__init__(wrong)
        self.line = line


class ElementStream:
    """The children of a file's root, those with a tag or all, each when it is complete; raises XmlIsRefused.

    So many bytes (`most`) are let through and then no more, unless what came before was forgotten in between.
    """

    def __init__(self, source: BinaryIO, *, most: int, tag: str | None = None) -> None:
        self._metered = ByteLimit(source, most)
        self._events: Any = etree.iterparse(
            self._metered,
            events=["end"],
            tag=tag,
            resolve_entities=False,
            load_dtd=False,
            no_network=True,
            huge_tree=False,
        )
        self.root: Any = None
        """Known from the first child on, or when the file has ended."""

    def __iter__(self) -> Iterator[Any]:
        try:
            for _, node in self._events:
                if self.root is None:
                    self.root = _root_of(node)
                if node.getparent() is self.root:
                    yield node
            if self.root is None:
                self.root = _root_of(self._events.root)
        except etree.XMLSyntaxError as error:
            raise XmlIsBroken(error.msg or "it is empty", error.lineno or 1) from None

    def forget_before(self, child: Any) -> None:
        """Let go of all children before this one."""
        while (before := child.getprevious()) is not None:
            self.root.remove(before)
        self._metered.start_anew()


def _root_of(node: Any) -> Any:
    tree = node.getroottree()
    if tree.docinfo.doctype or tree.docinfo.internalDTD is not None:
        raise XmlIsRefused("it has a DOCTYPE, which may declare entities")
    return tree.getroot()


class ByteLimit:
    """Lets so many bytes through and then stops, unless they were done with in between."""

    def __init__(self, source: BinaryIO, most: int) -> None:
        self._source = source
        self._most = most
        self._read = 0

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes."""
        found = self._source.read(size)
        self._read += len(found)
        if self._read > self._most:
            wrong = f"more than {self._most // 1024**2} MiB would have to be held in memory at once"
            raise XmlIsRefused(wrong, "Give smaller activities, and rules that look at one activity each.")
        return found

    def start_anew(self) -> None:
        """What was read so far is done with."""
        self._read = 0


_STRING = etree.XPath("string()")


def string_of(element: Any) -> str:
    """All text in an element, as XPath has it."""
    return str(_STRING(element))
