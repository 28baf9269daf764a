"""Safe parsing of untrusted XML, which could name local files, or entities that exhaust the memory.

Files are parsed without a DTD, entities or the network, one child of the root at a time.
"""

from collections.abc import Iterator
from typing import Any, BinaryIO

from lxml import etree

_NOT_IATI = "Give an IATI activity or organisation file: well-formed XML without a DOCTYPE."


class XmlIsRefused(ValueError):
    """A file is not XML, or is malicious. The message names the place, the fault and the remedy."""

    def __init__(self, wrong: str, passes: str = _NOT_IATI) -> None:
        super().__init__(f"The XML cannot be used: {wrong.rstrip('.')}. {passes}")
        self.wrong = wrong
        self.passes = passes


class XmlIsBroken(XmlIsRefused):
    """The XML is not well-formed; `line` is the place of the error."""

    def __init__(self, wrong: str, line: int) -> None:
        super().__init__(wrong)
        self.line = line


class ElementStream:
    """The children of a file's root, each once it is complete; raises `XmlIsRefused`. With `tag`, only those children.

    It reads at most `most` bytes between two calls of `delete_before`.
    """

    def __init__(self, source: BinaryIO, *, most: int, tag: str | None = None) -> None:
        self._limit = ByteLimit(source, most)
        self._events: Any = etree.iterparse(
            self._limit,
            events=["end"],
            tag=tag,
            resolve_entities=False,
            load_dtd=False,
            no_network=True,
            huge_tree=False,
        )
        self.root: Any = None
        """The root, known from the first child on, or at the end of the file."""

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

    def delete_before(self, child: Any) -> None:
        """Delete all children before this one from memory."""
        while (before := child.getprevious()) is not None:
            self.root.remove(before)
        self._limit.reset()


def _root_of(node: Any) -> Any:
    tree = node.getroottree()
    if tree.docinfo.doctype or tree.docinfo.internalDTD is not None:
        raise XmlIsRefused("it has a DOCTYPE, which may declare entities")
    return tree.getroot()


class ByteLimit:
    """A file of which only a number of bytes may be read between two resets."""

    def __init__(self, source: BinaryIO, most: int) -> None:
        self._source = source
        self._most = most
        self._read = 0

    def read(self, size: int = -1, /) -> bytes:
        """Read the next bytes."""
        found = self._source.read(size)
        self._read += len(found)
        if self._read > self._most:
            wrong = f"more than {self._most // 1024**2} MiB would have to be held in memory at once"
            raise XmlIsRefused(wrong, "Give smaller activities, and rules that look at one activity each.")
        return found

    def reset(self) -> None:
        """Reset the count to zero."""
        self._read = 0


_STRING = etree.XPath("string()")


def string_of(element: Any) -> str:
    """Return all text in an element, as XPath's string() does."""
    return str(_STRING(element))
