"""A copy of a workbook that python-calamine can read, where it cannot read the workbook itself.

Calamine fails on errors other than the seven of Excel 2007, such as #SPILL!, and leaves some escapes in texts. In the
copy, errors are texts, and the two characters that XML cannot hold have substitutes.
"""

import io
import re
from typing import Any, BinaryIO

from services.entry.files.domain.xlsx_package import XlsxPackage
from services.entry.files.formats.sheet_scan import UNDECODED
from services.entry.files.formats.xlsx_checks import Scans

_ERROR = re.compile(rb"""(<(?:[\w.-]+:)?c\b[^<>]*?\bt\s*=\s*)(["'])e["']""")
_MARK = "\U0010fffe"
_SUBSTITUTES = {"FFFE": f"{_MARK}\U0001fffe", "FFFF": f"{_MARK}\U0001ffff"}
"""Pairs of noncharacters, which XML can hold and no text contains."""


def has_undecoded(scans: Scans) -> bool:
    """Return whether texts have escapes that calamine does not decode."""
    return any(scan.has_escapes for scan in scans.values())


def readable_copy(package: XlsxPackage, scans: Scans) -> BinaryIO:
    """Return the copy; raise `PartIsBroken`."""
    for name, scan in scans.items():
        if scan.has_escapes or (scan.is_sheet and (scan.has_unusual_cells or scan.is_irregular)):
            filename = package.archive.entries[name].filename
            with package.rewriting(filename) as (_, sink):
                for chunk in package.archive.chunks(name):
                    # Chunks end before a tag, so no tag and no text is cut.
                    sink.write(_ERROR.sub(rb"\1\2str\2", UNDECODED.sub(_decoded, chunk)))
    return io.BytesIO(package.written())


def restored(cells: list[Any]) -> list[Any]:
    """Return cells with the characters that have substitutes in the copy."""
    return [_restored(cell) if isinstance(cell, str) and _MARK in cell else cell for cell in cells]


def _restored(text: str) -> str:
    for code, substitute in _SUBSTITUTES.items():
        text = text.replace(substitute, chr(int(code, 16)))
    return text


def _decoded(found: re.Match[bytes]) -> bytes:
    high, low, noncharacter = ((each or b"").decode().upper() for each in found.groups())
    if noncharacter:
        return _SUBSTITUTES[noncharacter].encode()
    return bytes.fromhex(high + low).decode("utf-16-be").encode()
