"""The comments part of a sheet. A cell has one comment, so findings are appended to an existing comment."""

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
"""Identifies comments that list findings. Comments of templates have another author."""

Notes = Mapping[str, Sequence[TextRun]]
"""Texts of comments by cell reference."""


def add_notes(content: bytes, notes: Notes) -> tuple[bytes, set[str]]:
    """Return the part with added notes, and the cells that already had a comment; raise `PartIsBroken`."""
    part = XmlEdits(content)
    authors, comments = part.find("authors"), part.find("commentList")
    if authors is None or comments is None:
        raise PartIsBroken("the comments part lacks its authors or its list of comments")
    actor = _author(part, authors)
    existing = {each.attributes.get("ref", ""): each for each in part.find_all("comment", within=comments)}
    for cell, runs in notes.items():
        if cell in existing:
            _add_to(part, existing[cell], runs, is_own=existing[cell].attributes.get("authorId") == actor)
        else:
            text = part.element("text", content=_runs(part, runs))
            part.append(comments, part.element("comment", {"ref": cell, "authorId": actor}, text))
    return part.done(), existing.keys() & notes.keys()


def _author(part: XmlEdits, authors: Element) -> str:
    """Return the index of our author. Add the author if it is missing."""
    known = part.children_of(authors)
    for at, each in enumerate(known):
        if part.inside(each) == AUTHOR.encode():
            return str(at)
    part.append(authors, part.element("author", content=to_bytes(AUTHOR)))
    return str(len(known))


def _add_to(part: XmlEdits, comment: Element, runs: Sequence[TextRun], *, is_own: bool) -> None:
    """Append runs to a comment; plain text becomes the first run. Our comments from a previous check are replaced."""
    text = part.find("text", within=comment)
    if text is None:
        raise PartIsBroken("a comment has no text")
    if is_own:
        part.replace_inside(text, _runs(part, runs))
        return
    own = [each for each in part.children_of(text) if each.local in ("t", "r")]
    if not own:
        part.append(text, _runs(part, runs))
        return
    run = f"{part.root.prefix}r"
    for each in own:
        if each.local == "t":
            part.insert(each.begins, start_tag(run))
            part.insert(each.ends, end_tag(run))
    part.insert(own[-1].ends, _runs(part, [TextRun("\n\n"), *runs]))


def _runs(part: XmlEdits, runs: Sequence[TextRun]) -> bytes:
    return b"".join(_run(part, each) for each in runs)


def _run(part: XmlEdits, runs: TextRun) -> bytes:
    style = part.element("b") if runs.is_bold else b""
    style += part.element("sz", {"val": 9}) + part.element("color", {"indexed": 81})
    style += part.element("rFont", {"val": "Tahoma"}) + part.element("family", {"val": 2})
    text = part.element("t", {"xml:space": "preserve"}, to_bytes(escape_text(runs.text)))
    return part.element("r", content=part.element("rPr", content=style) + text)
