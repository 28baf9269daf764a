"""Hostile and broken files, each built lazily."""

import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping

from services.entry.files.domain import media_types
from tests.entry.files.samples import HEAD, WORKBOOK, archive, package, sheet, workbook

MEGABYTE = 1024 * 1024
SHEET = "xl/worksheets/sheet1.xml"
LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha">{}]>'.format(
    "".join(
        f'<!ENTITY {name} "{f"&{before};" * 10}">'
        for before, name in zip("abcdefgh", "bcdefghi", strict=True)
    )
)


def outside(url: str) -> str:
    return f'<!DOCTYPE x SYSTEM "{url}" [<!ENTITY out SYSTEM "{url}"><!ENTITY % par SYSTEM "{url}">%par;]>'


def deflated(content: bytes, times: int) -> tuple[bytes, int, int]:
    """The content repeated and packed, with its checksum and size."""
    packer = zlib.compressobj(1, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed, checksum = b"", 0
    for _ in range(times):
        packed += packer.compress(content)
        checksum = zlib.crc32(content, checksum)
    return packed + packer.flush(), checksum, len(content) * times


def entry(name: bytes, *, size: int, packed: int, checksum: int, offset: int) -> bytes:
    """An entry of an archive's directory."""
    facts = (20, 20, 0, 8, 0, 0, checksum, packed, size, len(name), 0, 0, 0, 0, 0, offset)
    return struct.pack("<4s6H3L5H2L", b"PK\x01\x02", *facts) + name


def local(name: bytes, *, size: int, packed: int, checksum: int) -> bytes:
    return (
        struct.pack("<4s5H3L2H", b"PK\x03\x04", 20, 0, 8, 0, 0, checksum, packed, size, len(name), 0) + name
    )


def end(count: int, *, size: int, offset: int) -> bytes:
    return struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, count & 0xFFFF, count & 0xFFFF, size, offset, 0)


def with_part(packed: bytes, *, checksum: int, size: int, names: int = 1) -> bytes:
    """A workbook whose entries all refer to the same packed bytes."""
    usual = archive(WORKBOOK).getvalue()
    at = usual.rindex(b"PK\x05\x06")
    count, directory, start = struct.unpack("<8xH2xLL", usual[at : at + 20])
    facts = {"size": size, "packed": len(packed), "checksum": checksum}
    parts = usual[:start] + local(SHEET.encode(), **facts) + packed
    entries = usual[start : start + directory] + b"".join(
        entry(SHEET.encode() if number == 0 else b"xl/worksheets/s%d.xml" % number, offset=start, **facts)
        for number in range(names)
    )
    return parts + entries + end(count + names, size=len(entries), offset=len(parts))


def bomb(names: int = 1, *, claimed: int | None = None, times: int = 300) -> bytes:
    """A sheet of blank rows: 1 MB of them packs into 5 KB."""
    packed, checksum, size = deflated(b'<row r="1"></row>' * (MEGABYTE // 17), times)
    return with_part(packed, checksum=checksum, size=size if claimed is None else claimed, names=names)


def million_entries(*, claimed: int) -> bytes:
    name = b"a"
    facts = {"size": 0, "packed": 2, "checksum": 0}
    start = local(name, **facts) + b"\x03\x00"
    entries = entry(name, offset=0, **facts) * 1_000_000
    return start + entries + end(claimed, size=len(entries), offset=len(start))


def moved_directory() -> bytes:
    """An entry whose comment imitates a ZIP64 locator, which points to another directory."""
    usual = archive({**WORKBOOK, SHEET: sheet(HEAD)}).getvalue()
    at = usual.rindex(b"PK\x05\x06")
    count, directory, start = struct.unpack("<8xH2xLL", usual[at : at + 20])
    other = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, directory, start + 56)
    comment = struct.pack("<4sLQL", b"PK\x06\x07", 0, start, 1)
    last = usual.rindex(b"PK\x01\x02")
    entries = usual[start : last + 32] + struct.pack("<H", len(comment)) + usual[last + 34 : at] + comment
    return usual[:start] + other + entries + end(count, size=len(entries), offset=start + len(other))


def encrypted_entry() -> bytes:
    made = bytearray(archive({**WORKBOOK, SHEET: sheet(HEAD)}).getvalue())
    made[made.index(b"PK\x01\x02") + 8] |= 1
    return bytes(made)


def twice() -> bytes:
    made = archive({**WORKBOOK, SHEET: sheet(HEAD), "XL/worksheets/SHEET1.xml": sheet(HEAD)})
    return made.getvalue()


def rows(body: str, **parts: str | bytes) -> bytes:
    return package(body, **parts).getvalue()


def sheet_part(content: str | bytes) -> bytes:
    return archive({**WORKBOOK, SHEET: content}).getvalue()


def part(name: str, content: str | bytes) -> bytes:
    return archive({**WORKBOOK, SHEET: sheet(HEAD), name: content}).getvalue()


def typed(old: str, new: str) -> bytes:
    types = WORKBOOK["[Content_Types].xml"].replace(old, new)
    return archive({**WORKBOOK, SHEET: sheet(HEAD), "[Content_Types].xml": types}).getvalue()


def cell(place: str) -> str:
    return f'<row r="{place.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")}"><c r="{place}"><v>1</v></c></row>'


def placeless() -> str:
    """A row of many cells and many rows of one cell, all without references."""
    return f"<row>{'<c><v>1</v></c>' * 16_000}</row>" + "<row><c><v>1</v></c></row>" * 50_000


def activities(inner: str, before: str = "") -> bytes:
    return f"{before}<iati-activities version='2.03'>{inner}</iati-activities>".encode()


Maker = Callable[[str], bytes]
"""Builds a file from the address of a server that must not be contacted."""

WORKBOOKS: Mapping[str, tuple[Maker, str]] = {
    "a bomb": (lambda _: bomb(), "The unpacked workbook has more than 200 MB."),
    "a bomb of many entries that are all the same bytes": (
        lambda _: bomb(1_000, times=20),
        "The unpacked workbook has more than 200 MB.",
    ),
    "a bomb that says it is small": (
        lambda _: bomb(claimed=100),
        "A part of the workbook differs in size from the size it declares.",
    ),
    "a part that is smaller than it says": (
        lambda _: bomb(claimed=MEGABYTE, times=0),
        "A part of the workbook differs in size from the size it declares.",
    ),
    "a million entries": (
        lambda _: million_entries(claimed=1_000_000),
        "The archive has 16,960 entries in a directory of 47,000,000 bytes.",
    ),
    "a million entries that says it has five": (
        lambda _: million_entries(claimed=5),
        "The archive has 5 entries in a directory of 47,000,000 bytes.",
    ),
    "a directory elsewhere": (
        lambda _: moved_directory(),
        "The workbook's archive cannot be unpacked",
    ),
    "an entry twice": (lambda _: twice(), "The workbook's archive cannot be unpacked"),
    "an encrypted entry": (
        lambda _: encrypted_entry(),
        "The workbook's archive cannot be unpacked",
    ),
    "something before the archive": (
        lambda _: b"PK\x03\x04" + sheet_part(sheet(HEAD)),
        "The workbook's archive cannot be unpacked",
    ),
    "something after the archive": (
        lambda _: sheet_part(sheet(HEAD)) + b"\0",
        "The workbook's archive cannot be unpacked",
    ),
    "half an archive": (lambda _: workbook(["ref", "title"]).getvalue()[:2_000], "cannot be unpacked"),
    "entities in a sheet": (
        lambda _: sheet_part(sheet("<row>&i;</row>", before=LAUGHS)),
        "declares entities",
    ),
    "entities in the texts": (
        lambda _: part("xl/sharedStrings.xml", f"{LAUGHS}<sst><si><t>&i;</t></si></sst>"),
        "declares entities",
    ),
    "entities in a part that nobody reads": (
        lambda _: part("docProps/app.xml", f"{LAUGHS}<x/>"),
        "declares entities",
    ),
    "an entity from outside": (lambda url: sheet_part(sheet(HEAD, before=outside(url))), "declares entities"),
    "entities in UTF-16": (
        lambda _: sheet_part(sheet(HEAD, before=LAUGHS).encode("utf-16")),
        "A part is not XML in UTF-8.",
    ),
    "an encrypted workbook": (
        lambda _: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 5_000,
        "The workbook is encrypted, or is in the .xls format used before 2007.",
    ),
    "macros": (
        lambda _: typed("spreadsheetml.sheet.main+xml", "ms-excel.sheet.macroEnabled.main+xml"),
        "The workbook contains macros.",
    ),
    "macros under another type": (
        lambda _: part("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0"),
        "The workbook contains macros.",
    ),
    "another archive": (
        lambda _: archive({"mimetype": "application/vnd.oasis.opendocument.spreadsheet"}).getvalue(),
        "The file is an OpenDocument spreadsheet (.ods).",
    ),
    "a text": (lambda _: b"ref;title\nA;b\n", "The file is not an XLSX workbook."),
    "nothing": (lambda _: b"", "The file is not an XLSX workbook."),
    "cells far apart": (
        lambda _: rows(HEAD + cell("XFD1048576")),
        "A sheet extends to row 1,048,576 and column XFD.",
    ),
    "cells far below what a sheet can have": (
        lambda _: rows(HEAD + cell("A4000000000")),
        'A cell has the invalid reference "4000000000".',
    ),
    "cells far apart with other quotation marks": (
        lambda _: rows((HEAD + cell("ZZ999999")).replace('"', "'")),
        "A sheet extends to row 999,999 and column ZZ.",
    ),
    "cells far apart that say not where they are": (
        lambda _: rows(HEAD + placeless()),
        "A sheet extends to row 50,002 and column",
    ),
    "cells far apart with prefixes": (
        lambda _: sheet_part(
            sheet(HEAD + cell("ZZ999999")).replace("<c ", "<x:c ").replace("</c>", "</x:c>")
        ),
        "A sheet extends to row 999,999 and column ZZ.",
    ),
    "a large sheet that is written in an odd way": (
        lambda _: rows(HEAD + "<row r='2'><c r='A2'><v>1</v></c></row>" * 1_800_000),
        "A part has more than 64 MB, or is not written as spreadsheet programs write it.",
    ),
    "styles without end": (
        lambda _: part("xl/styles.xml", f"<styleSheet>{'<xf/>' * MEGABYTE}</styleSheet>"),
        "A part has more than 4 MB",
    ),
    "cells far apart in small letters": (
        lambda _: rows(HEAD + cell("ZZ999999").replace("ZZ", "zz")),
        "A sheet extends to row 999,999 and column ZZ.",
    ),
    "16,384 columns": (
        lambda _: workbook(["ref", "title", *(f"x{number}" for number in range(16_382))]).getvalue(),
        "The table has headings in 16,384 columns.",
    ),
    "millions of texts": (
        lambda _: part("xl/sharedStrings.xml", "<sst>" + "<si><t/></si>" * 3_000_001 + "</sst>"),
        "The workbook has 3,000,001 texts.",
    ),
    "a text without end": (
        lambda _: rows(f'<row r="1"><c r="A1" t="inlineStr"><is><t>{"x" * 3 * MEGABYTE}</t></is></c></row>'),
        "A part has a text of more than 1 MB.",
    ),
    "a sheet that is no XML": (lambda _: rows("<row><c r='A1'"), "A part of the workbook is not XML."),
    "an encoding that nobody knows": (
        lambda _: part(
            "xl/workbook.xml", f'<?xml version="1.0" encoding="no-such"?>{WORKBOOK["xl/workbook.xml"]}'
        ),
        "A part of the workbook is not XML.",
    ),
    "a sheet that is not there": (lambda _: archive(WORKBOOK).getvalue(), "The workbook cannot be read."),
    "a text that is not there": (
        lambda _: rows('<row r="1"><c r="A1" t="s"><v>7</v></c></row>'),
        "The workbook cannot be read.",
    ),
    "elements in each other without end": (
        lambda _: sheet_part(sheet(HEAD).replace("</sheetData>", "</sheetData>" + "<a>" * 2_000_000)),
        "",
    ),
    "another way of packing": (
        lambda _: archive({**WORKBOOK, SHEET: sheet(HEAD)}, method=zipfile.ZIP_LZMA).getvalue(),
        "The workbook's archive cannot be unpacked",
    ),
}

DOCUMENTS: Mapping[str, tuple[Maker, str]] = {
    "entities": (lambda _: activities("<iati-activity>&i;</iati-activity>", LAUGHS), "XML without a DOCTYPE"),
    "an entity from outside": (
        lambda url: activities("<iati-activity>&out;</iati-activity>", outside(url)),
        "it has a DOCTYPE",
    ),
    "a document type": (lambda _: activities("<iati-activity/>", "<!DOCTYPE x>"), "it has a DOCTYPE"),
    "elements in each other without end": (
        lambda _: activities("<iati-activity>" + "<a>" * 1_000_000),
        "The file is not well-formed XML.",
    ),
    "an activity without end": (
        lambda _: activities("<iati-activity>" + "<a/>" * 5_000_000),
        "more than 4 MiB would have to be held in memory at once",
    ),
    "something else": (lambda _: b"<html/>", "The file is an HTML page"),
    "another root": (lambda _: b"<activities/>", 'The root element is "activities".'),
    "NUL characters": (
        lambda _: activities("<iati-activity>\0</iati-activity>"),
        "The file is not well-formed XML.",
    ),
    "half a file": (lambda _: activities("<iati-activity/>")[:-5], "The file is not well-formed XML."),
    "nothing": (lambda _: b"", "The file is not well-formed XML."),
}

TABLES: Mapping[str, tuple[Maker, str]] = {
    "NUL characters": (lambda _: b"ref;title\nA;\0\n", "The file contains a NUL character"),
    "one line without end": (
        lambda _: b"ref;title\n" + b"x" * (50 * MEGABYTE),
        "A line has more than 4,000,000",
    ),
    "a quotation mark without end": (
        lambda _: b'ref;title\nA;"' + b"x\n" * (25 * MEGABYTE),
        "A cell of row 2 has more than 131,072 characters",
    ),
    "16,384 columns": (
        lambda _: b"ref;title;" + b";".join(b"x%d" % number for number in range(16_382)),
        "The table has headings in 16,384 columns.",
    ),
    "a program": (lambda _: bytes(range(256)) * 4_000, "The file is not UTF-8"),
}

TEXTS: Mapping[str, tuple[Maker, str]] = {
    "lists in each other without end": (lambda _: b"[" * (10 * MEGABYTE), "objects and lists"),
    "lists in each other": (lambda _: b"[" * 100_000, "the nesting is too deep"),
    "objects without end": (lambda _: b"[" + b"{}," * (10 * MEGABYTE) + b"{}]", "objects and lists"),
    "a number without end": (
        lambda _: b'[{"a": ' + b"9" * MEGABYTE + b"}]",
        "a number has too many digits",
    ),
    "a name twice": (lambda _: b'[{"a": 1, "a": 2}]', "the name 'a' is repeated in one object"),
    "no number": (lambda _: b'[{"a": NaN}]', "NaN is not a JSON number"),
    "half a character": (lambda _: b'[{"a": "\\ud800"}]', "it has half of a surrogate pair"),
    "a NUL character": (lambda _: b'[{"a": "\\u0000"}]', "it has a NUL character"),
    "UTF-16": (lambda _: "[]".encode("utf-16"), "the text is not UTF-8"),
}

FILES: Mapping[str, Mapping[str, tuple[Maker, str]]] = {
    media_types.XLSX: WORKBOOKS,
    media_types.XML: DOCUMENTS,
    media_types.CSV: TABLES,
    media_types.JSON: TEXTS,
}
