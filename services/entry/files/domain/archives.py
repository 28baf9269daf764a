"""The ZIP archive of a workbook, checked before any other code opens it.

Declared sizes are not trusted: entries are inflated chunk by chunk and the output is counted. Memory never holds more
than one chunk.
"""

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from services.entry.files.domain.refusals import RESAVE, FileIsRefused
from shared.i18n import Text

MAX_ENTRIES = 2_000
MAX_DIRECTORY_SIZE = 1024 * 1024
MAX_INFLATED_SIZE = 200 * 1024 * 1024
"""The maximum size of all entries together. 100,000 records of 30 columns take less."""

CHUNK_SIZE = 1024 * 1024
MAX_TEXT_SIZE = 1024 * 1024

_END = struct.Struct("<4s4H2LH")
"""The end of the directory: signature, disks, entries, size, offset, length of a comment."""
_END_SIGNATURE = b"PK\x05\x06"
_ZIP64_SIGNATURE = b"PK\x06\x07"
_ZIP64_SIZE = 20
"""The size of the ZIP64 locator, which precedes the end of the directory in archives above 4 GB."""
_LOCAL = struct.Struct("<26x2H")
_LOCAL_SIGNATURE = b"PK\x03\x04"
_ENCRYPTED = 0x1
_STORED, _DEFLATED = 0, 8
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

_XML = re.compile(r"\.(xml|rels|vml)$", re.IGNORECASE)
_DECLARATIONS = (b"<!DOCTYPE", b"<!ENTITY")
_PROLOG = re.compile(rb"(?:\xef\xbb\xbf)?(?>\s+|<\?.*?\?>|<!--.*?-->)*+<[^!?]", re.DOTALL)
"""Everything before the root element. A declaration after its start is a text in a CDATA section, or is not XML."""

_SAVE_AS = Text('Open the file in a spreadsheet program and save it as "Excel workbook (.xlsx)".')


def is_xml(name: str) -> bool:
    """Return whether an entry's name is that of an XML part."""
    return _XML.search(name) is not None


@dataclass(frozen=True)
class Archive:
    """An archive with a valid directory: entries are unique and unencrypted. `entries` has lower-case names."""

    stream: BinaryIO
    file: zipfile.ZipFile
    entries: dict[str, zipfile.ZipInfo]

    @classmethod
    def open(cls, stream: BinaryIO) -> "Archive":
        """Read the directory; raise `FileIsRefused`."""
        _refuse_other(stream)
        _check_directory(stream)
        try:
            file = zipfile.ZipFile(stream)
        except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error):
            raise _broken() from None
        found: dict[str, zipfile.ZipInfo] = {}
        for entry in file.infolist():
            if entry.filename.lower() in found:
                raise _broken(entry.filename)
            if entry.flag_bits & _ENCRYPTED or entry.compress_type not in (_STORED, _DEFLATED):
                raise _broken(entry.filename)
            found[entry.filename.lower()] = entry
        return cls(stream, file, found)

    def all_chunks(self) -> Iterator[tuple[str, bytes]]:
        """Yield the chunks of all entries with the entry's name; raise `FileIsRefused` above MAX_INFLATED_SIZE."""
        left = MAX_INFLATED_SIZE
        for name, entry in self.entries.items():
            for chunk in self.chunks(name):
                left -= len(chunk)
                if left < 0:
                    raise _too_large(entry.filename)
                yield name, chunk

    def chunks(self, name: str) -> Iterator[bytes]:
        """Yield the content of an entry. Chunks of XML end before a tag. Raise `FileIsRefused`."""
        entry = self.entries[name]
        chunks = self._inflated(entry)
        return _split_at_tags(entry.filename, chunks) if is_xml(name) else chunks

    def _inflated(self, entry: zipfile.ZipInfo) -> Iterator[bytes]:
        inflate = zlib.decompressobj(-zlib.MAX_WBITS) if entry.compress_type == _DEFLATED else None
        size = 0
        for packed in self._packed(entry):
            for chunk in _inflate(packed, inflate, entry.filename):
                size += len(chunk)
                if size > entry.file_size:
                    raise _size_differs(entry.filename)
                yield chunk
        if size != entry.file_size:
            raise _size_differs(entry.filename)

    def _packed(self, entry: zipfile.ZipInfo) -> Iterator[bytes]:
        self.stream.seek(entry.header_offset)
        header = self.stream.read(_LOCAL.size)
        if len(header) < _LOCAL.size or not header.startswith(_LOCAL_SIGNATURE):
            raise _broken(entry.filename)
        at = entry.header_offset + _LOCAL.size + sum(_LOCAL.unpack(header))
        end = at + entry.compress_size
        while at < end:
            # Other readers move the stream's position between chunks.
            self.stream.seek(at)
            packed = self.stream.read(min(CHUNK_SIZE // 4, end - at))
            if not packed:
                raise _broken(entry.filename)
            at += len(packed)
            yield packed


def _inflate(packed: bytes, inflate: Any, name: str) -> Iterator[bytes]:
    if inflate is None:
        yield packed
        return
    try:
        while packed:
            yield inflate.decompress(packed, CHUNK_SIZE)
            packed = inflate.unconsumed_tail
    except zlib.error:
        raise _broken(name) from None


def _split_at_tags(name: str, chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Cut chunks before a tag; raise `FileIsRefused` for declared entities and for texts above MAX_TEXT_SIZE."""
    rest = b""
    has_root = None
    for chunk in chunks:
        found = rest + chunk
        place = Text("part {name}", name=name)
        if b"\0" in chunk:
            raise FileIsRefused("broken-archive", Text("A part is not XML in UTF-8."), RESAVE, place)
        if has_root is None:
            # Only the first chunk certainly begins outside a comment.
            has_root = _PROLOG.match(found) is not None
        if not has_root and any(declaration in found for declaration in _DECLARATIONS):
            message = Text("A part declares entities or a document type. Spreadsheet programs write neither.")
            raise FileIsRefused("entities", message, RESAVE, place)
        cut = found.rfind(b"<")
        if cut <= 0 and len(found) > MAX_TEXT_SIZE:
            message = Text("A part has a text of more than {most} MB.", most=MAX_TEXT_SIZE // 1024**2)
            raise FileIsRefused("broken-archive", message, RESAVE, place)
        if cut > 0:
            yield found[:cut]
        rest = found[max(cut, 0) :]
    yield rest


def _refuse_other(stream: BinaryIO) -> None:
    stream.seek(0)
    start = stream.read(len(_OLE))
    if start == _OLE:
        message = Text("The workbook is encrypted, or is in the .xls format used before 2007.")
        expected = Text(
            "A workbook without a password. Open the file in a spreadsheet program and save it as "
            '"Excel workbook (.xlsx)".'
        )
        raise FileIsRefused("encrypted", message, expected)
    if not start.startswith(_LOCAL_SIGNATURE):
        raise FileIsRefused("not-a-workbook", Text("The file is not an XLSX workbook."), _SAVE_AS)


def _check_directory(stream: BinaryIO) -> None:
    """Require a single directory at the end, of a workbook's size, so that every reader finds the same entries."""
    end = stream.seek(0, 2) - _END.size
    stream.seek(max(end - _ZIP64_SIZE, 0))
    before, found = stream.read(_ZIP64_SIZE), stream.read(_END.size)
    if before.startswith(_ZIP64_SIGNATURE) or len(found) < _END.size or not found.startswith(_END_SIGNATURE):
        raise _broken()
    _, _, _, _, entries, size, offset, comment = _END.unpack(found)
    if entries > MAX_ENTRIES or size > MAX_DIRECTORY_SIZE:
        message = Text(
            "The archive has {entries} entries in a directory of {size} bytes.",
            entries=f"{entries:,}",
            size=f"{size:,}",
        )
        expected = Text("At most {most} entries. A workbook has a few dozen.", most=f"{MAX_ENTRIES:,}")
        raise FileIsRefused("too-many-entries", message, expected)
    # Otherwise the archive consists of several, and another reader may find another directory.
    if comment or offset + size != end:
        raise _broken()


def _broken(part: str | None = None) -> FileIsRefused:
    message = Text("The workbook's archive cannot be unpacked, or is not structured as a workbook's archive.")
    return FileIsRefused("broken-archive", message, RESAVE, part and Text("part {name}", name=part))


def _size_differs(part: str) -> FileIsRefused:
    message = Text("A part of the workbook differs in size from the size it declares.")
    return FileIsRefused("broken-archive", message, RESAVE, Text("part {name}", name=part))


def _too_large(part: str) -> FileIsRefused:
    message = Text("The unpacked workbook has more than {most} MB.", most=MAX_INFLATED_SIZE // 1024**2)
    expected = Text("A CSV or NDJSON file, or the records in several files.")
    return FileIsRefused("too-large", message, expected, Text("part {name}", name=part))
