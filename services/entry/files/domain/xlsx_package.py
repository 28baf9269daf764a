"""The workbook as a package of parts: which part is which, and a copy of it in which only some parts are new."""

import io
import posixpath
import struct
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, count
from typing import IO, BinaryIO

from services.entry.files.domain.xml_edits import PartIsBroken, XmlEdits, start_tag

_CONTENT_TYPES = "[Content_Types].xml"
_RELATIONSHIPS = "http://schemas.openxmlformats.org/package/2006/relationships"
_NO_RELATIONS = f'<Relationships xmlns="{_RELATIONSHIPS}"/>'.encode()
_LOCAL_HEADER = struct.Struct("<26xHH")
"""What stands before an entry: thirty bytes that end with how long its name and its extra field are."""
_SIZES_BEHIND = 0x08
"""A flag: the sizes stand behind the entry, since they were not known before."""

_PIECE = 1024 * 1024


@dataclass(frozen=True)
class Relation:
    """What a part has to do with another: `kind` is the last word of its type, `target` the other's name."""

    id: str
    kind: str
    type: str
    target: str


class XlsxPackage:
    """The parts of a workbook; those that were changed count as they are now."""

    def __init__(self, source: BinaryIO) -> None:
        self._source = source
        self._zip = zipfile.ZipFile(source)
        # Names are the same in whatever case; of two entries of one name the later one counts.
        self._entries = {entry.filename.lower(): entry for entry in self._zip.infolist()}
        self._changed: dict[str, bytes] = {}
        self._rewritten: dict[str, io.BytesIO] = {}
        self._types = XmlEdits(self.read(_CONTENT_TYPES))
        self._relations: dict[str, XmlEdits] = {}
        self._related: set[str] = set()
        self._taken: dict[str, set[str]] = {}

    @property
    def workbook(self) -> str:
        """The part that all others hang on."""
        return self._document.target

    @property
    def namespace_of_relations(self) -> str:
        """What the types of relations begin with: a workbook of the strict kind has its own."""
        return self._document.type.rpartition("/")[0]

    @cached_property
    def _document(self) -> Relation:
        found = next((each for each in self.relations("") if each.kind == "officeDocument"), None)
        if found is None:
            raise PartIsBroken("it has no workbook part")
        return found

    def has(self, name: str) -> bool:
        """Whether there is such a part."""
        return name.lower() in self._entries or name in self._changed

    def read(self, name: str) -> bytes:
        """A part as it is now; raises PartIsBroken."""
        if name in self._changed:
            return self._changed[name]
        with self._open(name) as part:
            return part.read()

    def change(self, name: str, content: bytes) -> None:
        """Put another content in the place of a part's."""
        self._changed[name] = content

    @contextmanager
    def rewriting(self, name: str) -> Iterator[tuple[IO[bytes], IO[bytes]]]:
        """A part as it came, as a stream, and one to write what it becomes; raises PartIsBroken."""
        aside = io.BytesIO()
        with (
            self._open(name) as part,
            zipfile.ZipFile(aside, "w") as file,
            file.open(self._anew(name), "w") as sink,
        ):
            yield part, sink
        self._rewritten[name.lower()] = aside

    def relations(self, part: str) -> list[Relation]:
        """What a part has to do with others of the package; of an empty name, the package itself."""
        found = self._relations_of(part)
        return [
            Relation(facts["Id"], facts["Type"].rpartition("/")[2], facts["Type"], target)
            for each in found.find_all("Relationship")
            if {"Id", "Type", "Target"} <= (facts := each.attributes).keys()
            and (target := _part_at(part, facts["Target"]))
            and facts.get("TargetMode") != "External"
        ]

    def related(self, part: str, kind: str) -> str | None:
        """The first part of a kind that a part has to do with."""
        return next((each.target for each in self.relations(part) if each.kind == kind), None)

    def relate(self, part: str, kind: str, target: str, *, id_: str) -> None:
        """Say that a part has to do with another one, under an id that is free."""
        found = self._relations_of(part)
        self._related.add(part)
        facts = {"Id": id_, "Type": f"{self.namespace_of_relations}/{kind}", "Target": f"/{target}"}
        found.append(found.root, start_tag(f"{found.root.prefix}Relationship", facts, is_empty=True))

    def free_id(self, part: str) -> str:
        """An id for what a part will have to do with another one; it is given once."""
        known = {each.attributes.get("Id", "") for each in self._relations_of(part).find_all("Relationship")}
        taken = self._taken.setdefault(part, known)
        id_ = next(name for at in count(1) if (name := f"rIdIisgd{at}") not in taken)
        taken.add(id_)
        return id_

    def add(self, pattern: str, content: bytes, content_type: str) -> str:
        """Add a part; returns its name, which is the pattern's with a number where it is taken without one."""
        numbers = chain([""], count(1))
        name = next(name for at in numbers if not self.has(name := pattern.format(at)))
        self._changed[name] = content
        self._declare(name, content_type)
        return name

    def written(self) -> bytes:
        """The package: what was not changed byte for byte as it was packed, in its order; what is new at the end."""
        new = self._all_changed()
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as file:
            for name, entry in self._entries.items():
                if name in self._rewritten:
                    aside = zipfile.ZipFile(self._rewritten[name])
                    _copy_packed(self._rewritten[name], aside.infolist()[0], file)
                elif (content := new.pop(name, None)) is not None:
                    file.writestr(self._anew(name), content)
                else:
                    _copy_packed(self._source, entry, file)
            for name, content in new.items():
                file.writestr(self._anew(name), content)
        return out.getvalue()

    def _all_changed(self) -> dict[str, bytes]:
        """By their names as the package has them in its own list; what is new by its own name."""
        relations = {_relations_name(part): self._relations[part].done() for part in self._related}
        changed = {_CONTENT_TYPES: self._types.done(), **relations, **self._changed}
        return {name.lower() if name.lower() in self._entries else name: it for name, it in changed.items()}

    def _anew(self, name: str) -> zipfile.ZipInfo:
        """An entry for a part that is written anew: it keeps its name and its date, if it has any."""
        known = self._entries.get(name.lower())
        entry = zipfile.ZipInfo(known.filename, known.date_time) if known else zipfile.ZipInfo(name)
        entry.compress_type = zipfile.ZIP_DEFLATED
        return entry

    def _open(self, name: str) -> IO[bytes]:
        if name.lower() not in self._entries:
            raise PartIsBroken(f"{name} is missing")
        return self._zip.open(self._entries[name.lower()])

    def _relations_of(self, part: str) -> XmlEdits:
        if part not in self._relations:
            name = _relations_name(part)
            self._relations[part] = XmlEdits(self.read(name) if self.has(name) else _NO_RELATIONS)
        return self._relations[part]

    def _declare(self, name: str, content_type: str) -> None:
        root, extension = self._types.root, name.rpartition(".")[2]
        if extension == "xml":
            facts = {"PartName": f"/{name}", "ContentType": content_type}
            self._types.append(root, start_tag(f"{root.prefix}Override", facts, is_empty=True))
        elif not self._is_known(extension):
            facts = {"Extension": extension, "ContentType": content_type}
            self._types.append(root, start_tag(f"{root.prefix}Default", facts, is_empty=True))

    def _is_known(self, extension: str) -> bool:
        defaults = self._types.find_all("Default")
        return any(each.attributes.get("Extension", "").lower() == extension for each in defaults)


def _relations_name(part: str) -> str:
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", f"{name}.rels")


def _part_at(source: str, target: str) -> str:
    """The part that a relation of another one leads to."""
    return posixpath.normpath(posixpath.join("/", posixpath.dirname(source), target)).lstrip("/")


def _copy_packed(source: IO[bytes], entry: zipfile.ZipInfo, into: zipfile.ZipFile) -> None:
    """Copy an entry without unpacking it, which zipfile has no word for."""
    source.seek(entry.header_offset)
    name, extra = _LOCAL_HEADER.unpack(source.read(_LOCAL_HEADER.size))
    source.seek(name + extra, io.SEEK_CUR)
    fresh, sink = copy(entry), into.fp
    if sink is None:
        raise ValueError("the copy is closed")
    fresh.flag_bits &= ~_SIZES_BEHIND
    fresh.extra = b""
    fresh.header_offset = sink.tell()
    sink.write(fresh.FileHeader())
    left = fresh.compress_size
    while left > 0 and (piece := source.read(min(left, _PIECE))):
        left -= sink.write(piece)
    into.filelist.append(fresh)
    into.NameToInfo[fresh.filename] = fresh
    into.start_dir = sink.tell()
