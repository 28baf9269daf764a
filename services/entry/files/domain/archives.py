"""The archive that a workbook is, looked through before anything else opens it.

What its entries say of themselves is not believed: they are inflated here, piece by piece, and what comes out is
counted. So no more is ever in memory than a piece.
"""

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from services.entry.files.domain.refusals import FileIsRefused

MAX_ENTRIES = 2_000
MAX_DIRECTORY_SIZE = 1024 * 1024
MAX_INFLATED_SIZE = 200 * 1024 * 1024
"""Of all entries together. 100,000 records of 30 columns have less."""

CHUNK_SIZE = 1024 * 1024
MAX_TEXT_SIZE = 1024 * 1024

_END = struct.Struct("<4s4H2LH")
"""The end of an archive's directory: signature, disks, entries, size, offset, length of a comment."""
_END_SIGNATURE = b"PK\x05\x06"
_OTHER_END = b"PK\x06\x07"
_OTHER_END_SIZE = 20
"""What comes before the end where the directory is said to be elsewhere, as in archives of more than 4 GB."""
_LOCAL = struct.Struct("<26x2H")
_LOCAL_SIGNATURE = b"PK\x03\x04"
_ENCRYPTED = 0x1
_STORED, _DEFLATED = 0, 8
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

_XML = re.compile(r"\.(xml|rels|vml)$", re.IGNORECASE)
_DECLARATIONS = (b"!DOCTYPE", b"!ENTITY")

_SAVE_AS = 'Open it in a spreadsheet program, and save it as "Excel workbook (.xlsx)".'
_SAVE_ANEW = "Open it in a spreadsheet program, and save it anew as .xlsx."


def is_xml(name: str) -> bool:
    """Whether an entry of this name is XML."""
    return _XML.search(name) is not None


@dataclass(frozen=True)
class Archive:
    """An archive whose directory is sound: no entry twice, none encrypted. Its entries are called in small letters."""

    stream: BinaryIO
    entries: dict[str, zipfile.ZipInfo]

    @classmethod
    def opened(cls, stream: BinaryIO) -> "Archive":
        """Read the directory; raises FileIsRefused."""
        _refuse_other(stream)
        _check_directory(stream)
        try:
            entries = zipfile.ZipFile(stream).infolist()
        except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error):
            raise _broken() from None
        found: dict[str, zipfile.ZipInfo] = {}
        for entry in entries:
            if entry.filename.lower() in found:
                raise _broken(entry.filename)
            if entry.flag_bits & _ENCRYPTED or entry.compress_type not in (_STORED, _DEFLATED):
                raise _broken(entry.filename)
            found[entry.filename.lower()] = entry
        return cls(stream, found)

    def all_pieces(self) -> Iterator[tuple[str, bytes]]:
        """All of it, with the entry that each piece is of; raises FileIsRefused if it is more than there may be."""
        left = MAX_INFLATED_SIZE
        for name, entry in self.entries.items():
            for piece in self.pieces(name):
                left -= len(piece)
                if left < 0:
                    raise _too_large(entry.filename)
                yield name, piece

    def pieces(self, name: str) -> Iterator[bytes]:
        """What an entry holds; XML in pieces that end before a tag. Raises FileIsRefused."""
        entry = self.entries[name]
        pieces = self._inflated(entry)
        return _tagwise(entry.filename, pieces) if is_xml(name) else pieces

    def _inflated(self, entry: zipfile.ZipInfo) -> Iterator[bytes]:
        inflate = zlib.decompressobj(-zlib.MAX_WBITS) if entry.compress_type == _DEFLATED else None
        size = 0
        for packed in self._packed(entry):
            for piece in _unpacked(packed, inflate, entry.filename):
                size += len(piece)
                if size > entry.file_size:
                    raise _lies(entry.filename)
                yield piece
        if size != entry.file_size:
            raise _lies(entry.filename)

    def _packed(self, entry: zipfile.ZipInfo) -> Iterator[bytes]:
        self.stream.seek(entry.header_offset)
        header = self.stream.read(_LOCAL.size)
        if len(header) < _LOCAL.size or not header.startswith(_LOCAL_SIGNATURE):
            raise _broken(entry.filename)
        at = entry.header_offset + _LOCAL.size + sum(_LOCAL.unpack(header))
        end = at + entry.compress_size
        while at < end:
            # Others read in between, so that the place is sought each time.
            self.stream.seek(at)
            packed = self.stream.read(min(CHUNK_SIZE // 4, end - at))
            if not packed:
                raise _broken(entry.filename)
            at += len(packed)
            yield packed


def _unpacked(packed: bytes, inflate: Any, name: str) -> Iterator[bytes]:
    if inflate is None:
        yield packed
        return
    try:
        while packed:
            yield inflate.decompress(packed, CHUNK_SIZE)
            packed = inflate.unconsumed_tail
    except zlib.error:
        raise _broken(name) from None


def _tagwise(name: str, pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The same, cut before a tag; raises FileIsRefused where there is none for long, or entities are declared."""
    rest = b""
    for piece in pieces:
        found = rest + piece
        if b"\0" in piece:
            raise FileIsRefused("broken-archive", "A part is not XML in UTF-8.", _SAVE_ANEW, f"part {name}")
        if b"!" in found and any(declaration in found for declaration in _DECLARATIONS):
            message = "A part declares entities or a document type, as no spreadsheet program writes them."
            raise FileIsRefused("entities", message, _SAVE_ANEW, f"part {name}")
        cut = found.rfind(b"<")
        if cut <= 0 and len(found) > MAX_TEXT_SIZE:
            message = f"A part has a text of more than {MAX_TEXT_SIZE // 1024**2} MB."
            raise FileIsRefused("broken-archive", message, _SAVE_ANEW, f"part {name}")
        if cut > 0:
            yield found[:cut]
        rest = found[max(cut, 0) :]
    yield rest


def _refuse_other(stream: BinaryIO) -> None:
    stream.seek(0)
    start = stream.read(len(_OLE))
    if start == _OLE:
        message = "The workbook is encrypted, or of the form .xls of before 2007."
        raise FileIsRefused("encrypted", message, f"The same without a password. {_SAVE_AS}")
    if not start.startswith(_LOCAL_SIGNATURE):
        raise FileIsRefused("not-a-workbook", "The file is no XLSX workbook.", _SAVE_AS)


def _check_directory(stream: BinaryIO) -> None:
    """There is one directory, at the end, and it is as small as a workbook's: whoever reads it finds the same."""
    end = stream.seek(0, 2) - _END.size
    stream.seek(max(end - _OTHER_END_SIZE, 0))
    before, found = stream.read(_OTHER_END_SIZE), stream.read(_END.size)
    if before.startswith(_OTHER_END) or len(found) < _END.size or not found.startswith(_END_SIGNATURE):
        raise _broken()
    _, _, _, _, entries, size, offset, comment = _END.unpack(found)
    if entries > MAX_ENTRIES or size > MAX_DIRECTORY_SIZE:
        message = f"The archive has {entries:,} entries in a directory of {size:,} bytes."
        raise FileIsRefused(
            "too-many-entries", message, f"At most {MAX_ENTRIES:,}; a workbook has a few dozen."
        )
    # Else the archive is put together of several, and another reader may find another directory.
    if comment or offset + size != end:
        raise _broken()


def _broken(part: str | None = None) -> FileIsRefused:
    message = "The archive that the workbook is cannot be unpacked, or is not put together as workbooks are."
    return FileIsRefused("broken-archive", message, _SAVE_ANEW, part and f"part {part}")


def _lies(part: str) -> FileIsRefused:
    message = "A part of the workbook has another size than it says."
    return FileIsRefused("broken-archive", message, _SAVE_ANEW, f"part {part}")


def _too_large(part: str) -> FileIsRefused:
    message = f"Unpacked, the workbook has more than {MAX_INFLATED_SIZE // 1024**2} MB."
    return FileIsRefused(
        "too-large", message, "CSV or NDJSON, or the records in several files.", f"part {part}"
    )
