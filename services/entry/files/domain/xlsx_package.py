"""The XLSX package: a workbook as named parts, and a copy of it in which only some parts are new."""

import io
import posixpath
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, count
from typing import IO, BinaryIO

from services.entry.files.domain.archives import Archive
from services.entry.files.domain.xml_edits import PartIsBroken, XmlEdits, start_tag

CONTENT_TYPES = "[Content_Types].xml"

_RELATIONSHIPS = "http://schemas.openxmlformats.org/package/2006/relationships"
_NO_RELATIONS = f'<Relationships xmlns="{_RELATIONSHIPS}"/>'.encode()
_LOCAL_HEADER = struct.Struct("<26xHH")
"""The local header of an entry: thirty bytes that end with the lengths of its name and of its extra field."""
_HAS_DATA_DESCRIPTOR = 0x08
"""Flag: the sizes follow the entry's data."""

_CHUNK_SIZE = 1024 * 1024


@dataclass(frozen=True)
class Relation:
    """A reference from one part to another, which `target` names."""

    id: str
    type: str
    target: str

    @property
    def kind(self) -> str:
        """The last word of the type."""
        return self.type.rpartition("/")[2]


class XlsxPackage:
    """The parts of a workbook, and the changes made to them. Names of parts ignore case."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        self._changed: dict[str, bytes] = {}
        self._rewritten: dict[str, io.BytesIO] = {}
        self._edits: dict[str, XmlEdits] = {}
        self._taken_ids: dict[str, set[str]] = {}

    @classmethod
    def open(cls, stream: BinaryIO) -> "XlsxPackage":
        """Read the directory of a workbook; raise `FileIsRefused`."""
        return cls(Archive.open(stream))

    @property
    def workbook(self) -> str:
        """The name of the main part."""
        return self._document.target

    @property
    def namespace_of_relations(self) -> str:
        """The prefix of the types of relations. Strict workbooks have their own."""
        return self._document.type.rpartition("/")[0]

    @cached_property
    def _document(self) -> Relation:
        found = next((each for each in self.relations("") if each.kind == "officeDocument"), None)
        if found is None:
            raise PartIsBroken("it has no workbook part")
        return found

    def has(self, name: str) -> bool:
        """Return whether a part exists."""
        return name.lower() in self.archive.entries or name in self._changed

    def read(self, name: str) -> bytes:
        """Return the current content of a part; raise `PartIsBroken`."""
        if name in self._changed:
            return self._changed[name]
        try:
            with self._open(name) as part:
                return part.read()
        except (zipfile.BadZipFile, zlib.error, EOFError):
            raise PartIsBroken(f"the part {name} is damaged") from None

    def xml(self, name: str, *, default: bytes | None = None) -> XmlEdits:
        """Return the editable XML of a part, or of `default` where the part is missing; raise `PartIsBroken`.

        Edits become part of the copy.
        """
        if name not in self._edits:
            content = default if default is not None and not self.has(name) else self.read(name)
            self._edits[name] = XmlEdits(content)
        return self._edits[name]

    def sheets(self, workbook: str) -> dict[str, str]:
        """Map the titles of the sheets to their parts; `workbook` is the name of the main part."""
        targets = {each.id: each.target for each in self.relations(workbook)}
        found: dict[str, str] = {}
        for each in self.xml(workbook).elements:
            if each.local == "sheet":
                id_ = next((value for name, value in each.attributes.items() if name.endswith(":id")), "")
                if id_ in targets:
                    found[each.attributes.get("name", "")] = targets[id_]
        return found

    def change(self, name: str, content: bytes) -> None:
        """Replace the content of a part."""
        self._changed[name] = content

    @contextmanager
    def rewriting(self, name: str) -> Iterator[tuple[IO[bytes], IO[bytes]]]:
        """Open a part as a stream, and a sink for its new content; raise `PartIsBroken`."""
        aside = io.BytesIO()
        with (
            self._open(name) as part,
            zipfile.ZipFile(aside, "w") as file,
            file.open(self._new_entry(name), "w") as sink,
        ):
            yield part, sink
        self._rewritten[name.lower()] = aside

    def relations(self, part: str) -> list[Relation]:
        """List the references from a part to other parts. An empty name stands for the package itself."""
        return [
            Relation(facts["Id"], facts.get("Type", ""), target)
            for each in self._relations_of(part).find_all("Relationship")
            if {"Id", "Target"} <= (facts := each.attributes).keys()
            and (target := _resolve(part, facts["Target"]))
            and facts.get("TargetMode") != "External"
        ]

    def related(self, part: str, kind: str) -> str | None:
        """Find the first part of a kind to which a part refers."""
        return next((each.target for each in self.relations(part) if each.kind == kind), None)

    def relate(self, part: str, kind: str, target: str, *, id_: str) -> None:
        """Add a reference from a part to another, under a free id."""
        found = self._relations_of(part)
        facts = {"Id": id_, "Type": f"{self.namespace_of_relations}/{kind}", "Target": f"/{target}"}
        found.append(found.root, start_tag(f"{found.root.prefix}Relationship", facts, is_empty=True))

    def free_id(self, part: str) -> str:
        """Reserve an id for a reference from a part."""
        known = {each.attributes.get("Id", "") for each in self._relations_of(part).find_all("Relationship")}
        taken = self._taken_ids.setdefault(part, known)
        id_ = next(name for at in count(1) if (name := f"rIdIisgd{at}") not in taken)
        taken.add(id_)
        return id_

    def add(self, pattern: str, content: bytes, content_type: str) -> str:
        """Add a part and return its name: the pattern without a number, or with the first free number."""
        numbers = chain([""], count(1))
        name = next(name for at in numbers if not self.has(name := pattern.format(at)))
        self._changed[name] = content
        self._declare(name, content_type)
        return name

    def written(self) -> bytes:
        """Return the package. Unchanged parts are copied byte for byte in their order; new parts follow."""
        new = self._all_changed()
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as file:
            for name, entry in self.archive.entries.items():
                if name in self._rewritten:
                    aside = zipfile.ZipFile(self._rewritten[name])
                    _copy_packed(self._rewritten[name], aside.infolist()[0], file)
                elif (content := new.pop(name, None)) is not None:
                    file.writestr(self._new_entry(name), content)
                else:
                    _copy_packed(self.archive.stream, entry, file)
            for name, content in new.items():
                file.writestr(self._new_entry(name), content)
        return out.getvalue()

    def _all_changed(self) -> dict[str, bytes]:
        """Return the content of changed parts, by lower-case name; new parts by their own name."""
        edited = {name: edits.done() for name, edits in self._edits.items() if edits.is_changed}
        changed = {**edited, **self._changed}
        return {name.lower() if self._entry(name) else name: content for name, content in changed.items()}

    def _new_entry(self, name: str) -> zipfile.ZipInfo:
        """Return an entry for a written part. An existing part keeps its name and its date."""
        known = self._entry(name)
        entry = zipfile.ZipInfo(known.filename, known.date_time) if known else zipfile.ZipInfo(name)
        entry.compress_type = zipfile.ZIP_DEFLATED
        return entry

    def _entry(self, name: str) -> zipfile.ZipInfo | None:
        return self.archive.entries.get(name.lower())

    def _open(self, name: str) -> IO[bytes]:
        entry = self._entry(name)
        if entry is None:
            raise PartIsBroken(f"the part {name} is missing")
        return self.archive.file.open(entry)

    def _relations_of(self, part: str) -> XmlEdits:
        folder, name = posixpath.split(part)
        return self.xml(posixpath.join(folder, "_rels", f"{name}.rels"), default=_NO_RELATIONS)

    def _declare(self, name: str, content_type: str) -> None:
        types, extension = self.xml(CONTENT_TYPES), name.rpartition(".")[2]
        if extension == "xml":
            facts = {"PartName": f"/{name}", "ContentType": content_type}
            types.append(types.root, start_tag(f"{types.root.prefix}Override", facts, is_empty=True))
        elif not self._is_declared(extension):
            facts = {"Extension": extension, "ContentType": content_type}
            types.append(types.root, start_tag(f"{types.root.prefix}Default", facts, is_empty=True))

    def _is_declared(self, extension: str) -> bool:
        defaults = self.xml(CONTENT_TYPES).find_all("Default")
        return any(each.attributes.get("Extension", "").lower() == extension for each in defaults)


def _resolve(part: str, target: str) -> str:
    """Return the name of the part to which a relation of another part leads."""
    return posixpath.normpath(posixpath.join("/", posixpath.dirname(part), target)).lstrip("/")


def _copy_packed(source: IO[bytes], entry: zipfile.ZipInfo, into: zipfile.ZipFile) -> None:
    """Copy an entry without unpacking it. The zipfile module has no function for that."""
    source.seek(entry.header_offset)
    name, extra = _LOCAL_HEADER.unpack(source.read(_LOCAL_HEADER.size))
    source.seek(name + extra, io.SEEK_CUR)
    fresh, sink = copy(entry), into.fp
    if sink is None:
        raise ValueError("the copy is closed")
    fresh.flag_bits &= ~_HAS_DATA_DESCRIPTOR
    fresh.extra = b""
    fresh.header_offset = sink.tell()
    sink.write(fresh.FileHeader())
    left = fresh.compress_size
    while left > 0 and (chunk := source.read(min(left, _CHUNK_SIZE))):
        left -= sink.write(chunk)
    into.filelist.append(fresh)
    into.NameToInfo[fresh.filename] = fresh
    into.start_dir = sink.tell()
