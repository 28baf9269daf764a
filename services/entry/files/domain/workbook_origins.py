"""The origin of a workbook: the version or the mapping that it was made from, as custom document properties.

Spreadsheet programs keep these properties, so that a corrected copy is recognised as the correction.
"""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import BinaryIO

from services.entry.files.domain.archives import Archive
from services.entry.files.domain.refusals import FileIsRefused
from services.entry.files.domain.xlsx_package import XlsxPackage
from services.entry.files.domain.xml_edits import Element, PartIsBroken, XmlEdits, escape_text, start_tag

PART = "docProps/custom.xml"
CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.custom-properties+xml"
RELATION = "custom-properties"

MAX_SIZE = 64 * 1024
"""The maximum size of the part, packed and unpacked: a request reads no more of a file."""

REPORTER, MAPPING = "IISG-D reporter", "IISG-D mapping"
SUBMISSION, VERSION = "IISG-D submission", "IISG-D version"
NAMES = (REPORTER, MAPPING, SUBMISSION, VERSION)
"""The names of the properties. They never change: workbooks are sent back after years."""

_EMPTY = b'<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/custom-properties"/>'
_TYPES = "http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes"
_FORMAT = "{D5CDD505-2E9C-101B-9397-08002B2CF9AE}"
"""The id of the set of custom properties, which the format prescribes."""
_FIRST_ID = 2
_MAX_VERSION = 2**31 - 1
_CODE = re.compile(r"[A-Za-z0-9-]{1,40}")
_NUMBER = re.compile(r"[1-9][0-9]{0,9}")


@dataclass(frozen=True)
class WorkbookOrigin:
    """The reporter and mapping that a workbook was made for, and the version that it was made from, if any."""

    reporter: str
    pillar: str
    kind: str
    period: str
    submission: str | None = None
    version: int | None = None

    @property
    def properties(self) -> dict[str, str]:
        """Return the origin as custom properties."""
        found = {REPORTER: self.reporter, MAPPING: f"{self.pillar} {self.kind} {self.period}"}
        if self.submission is not None and self.version is not None:
            found |= {SUBMISSION: self.submission, VERSION: str(self.version)}
        return found

    @classmethod
    def of(cls, properties: Mapping[str, str]) -> "WorkbookOrigin | None":
        """Return the origin that properties state; None if they state none that we wrote."""
        reporter, mapping = properties.get(REPORTER, ""), properties.get(MAPPING, "").split(" ")
        if not all(map(_CODE.fullmatch, (reporter, *mapping))):
            return None
        try:
            pillar, kind, period = mapping
        except ValueError:
            return None
        submission, version = properties.get(SUBMISSION, ""), properties.get(VERSION, "")
        if not (_CODE.fullmatch(submission) and _NUMBER.fullmatch(version)) or int(version) > _MAX_VERSION:
            return cls(reporter, pillar, kind, period)
        return cls(reporter, pillar, kind, period, submission, int(version))


def read_origin(stream: BinaryIO) -> WorkbookOrigin | None:
    """Return the origin of a workbook; None without one, or for a file that cannot be read.

    Only the directory and one small part are read.
    """
    try:
        archive = Archive.open(stream)
        entry = archive.entries.get(PART.lower())
        if entry is None or max(entry.file_size, entry.compress_size) > MAX_SIZE:
            return None
        part = XmlEdits(b"".join(archive.chunks(PART.lower())))
    except (FileIsRefused, PartIsBroken):
        return None
    return WorkbookOrigin.of({name: _text(part, each) for name, each in _ours(part).items()})


def write_origin(package: XlsxPackage, origin: WorkbookOrigin) -> None:
    """State the origin of a workbook in place of an earlier one. Other properties stay."""
    known = package.related("", RELATION)
    if known is None or not package.has(known):
        name = package.add(PART.replace(".xml", "{}.xml"), _EMPTY, CONTENT_TYPE)
        package.relate("", RELATION, name, id_=package.free_id(""))
    else:
        name = known
    package.change(name, _with_origin(package.read(name), origin))


def _with_origin(content: bytes, origin: WorkbookOrigin) -> bytes:
    part = XmlEdits(content)
    ours = set(_ours(part).values())
    others = [each for each in part.find_all("property") if each not in ours]
    ids = [int(each.attributes["pid"]) for each in others if each.attributes.get("pid", "").isdecimal()]
    kept = b"".join(part.content[each.begins : each.ends] for each in others)
    new = b"".join(
        _property(part, name, value, number)
        for number, (name, value) in enumerate(
            origin.properties.items(), start=max([_FIRST_ID - 1, *ids]) + 1
        )
    )
    part.replace_inside(part.root, kept + new)
    return part.done()


def _property(part: XmlEdits, name: str, value: str, number: int) -> bytes:
    text = start_tag("vt:lpwstr", {"xmlns:vt": _TYPES}) + escape_text(value).encode() + b"</vt:lpwstr>"
    return part.element("property", {"fmtid": _FORMAT, "pid": number, "name": name}, text)


def _ours(part: XmlEdits) -> dict[str, Element]:
    found = {each.attributes.get("name", ""): each for each in part.find_all("property")}
    return {name: found[name] for name in NAMES if name in found}


def _text(part: XmlEdits, element: Element) -> str:
    value = next(iter(part.children_of(element)), None)
    return "" if value is None else html.unescape(part.inside(value).decode(errors="replace")).strip()
