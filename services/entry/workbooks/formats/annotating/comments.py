"""The comments of a sheet, ours among them: a cell has one, so that ours stands below what its own already says."""

from collections.abc import Mapping, Sequence

from services.entry.files.domain.xml_edits import (
    Element,
    PartIsBroken,
    XmlEdits,
    end_tag,
    escape_text,
    start_tag,
    to_bytes,
)
from services.entry.workbooks.formats.annotating.cell_notes import TextRun

EMPTY_COMMENTS = '<comments xmlns="{}"><authors/><commentList/></comments>'
CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml"
AUTHOR = "IISG-D findings"
"""By this, a comment of ours is known again; those of our templates have another."""

Notes = Mapping[str, Sequence[TextRun]]
"""What is to be said, by cells."""


def add_notes(content: bytes, notes: Notes) -> tuple[bytes, set[str]]:
    """The part with what is to be said, and the cells that had a comment already; raises PartIsBroken."""
    part = XmlEdits(content)
    authors, comments = part.find("authors"), part.find("commentList")
    if authors is None or comments is None:
        raise PartIsBroken("it has no authors, or no list of comments")
    ours = _author(part, authors)
    had = {each.attributes.get("ref", ""): each for each in part.find_all("comment", within=comments)}
    for cell, said in notes.items():
        if cell in had:
            _add_to(part, had[cell], said, is_ours=had[cell].attributes.get("authorId") == ours)
        else:
            text = part.element("text", content=_runs(part, said))
            part.append(comments, part.element("comment", {"ref": cell, "authorId": ours}, text))
    return part.done(), had.keys() & notes.keys()


def _author(part: XmlEdits, authors: Element) -> str:
    """Our number among the authors."""
    known = part.children_of(authors)
    for at, each in enumerate(known):
        if part.inside(each) == AUTHOR.encode():
            return str(at)
    part.append(authors, part.element("author", content=to_bytes(AUTHOR)))
    return str(len(known))


def _add_to(part: XmlEdits, comment: Element, said: Sequence[TextRun], *, is_ours: bool) -> None:
    """Add runs behind those of a comment, a text without runs becoming the first; one of ours tells of a former check."""
    text = part.find("text", within=comment)
    if text is None:
        raise PartIsBroken("a comment has no text")
    if is_ours:
        part.replace_inside(text, _runs(part, said))
        return
    own = [each for each in part.children_of(text) if each.local in ("t", "r")]
    if not own:
        part.append(text, _runs(part, said))
        return
    run = f"{part.root.prefix}r"
    for each in own:
        if each.local == "t":
            part.insert(each.begins, start_tag(run))
            part.insert(each.ends, end_tag(run))
    part.insert(own[-1].ends, _runs(part, [TextRun("\n\n"), *said]))


def _runs(part: XmlEdits, said: Sequence[TextRun]) -> bytes:
    return b"".join(_run(part, each) for each in said)


def _run(part: XmlEdits, said: TextRun) -> bytes:
    looks = part.element("b") if said.is_bold else b""
    looks += part.element("sz", {"val": 9}) + part.element("color", {"indexed": 81})
    looks += part.element("rFont", {"val": "Tahoma"}) + part.element("family", {"val": 2})
    text = part.element("t", {"xml:space": "preserve"}, to_bytes(escape_text(said.text)))
    return part.element("r", content=part.element("rPr", content=looks) + text)
