"""The comments of a sheet, ours among them: a cell has one, so that ours stands below what its own already says."""

from collections.abc import Mapping, Sequence

from services.entry.formats.annotating.marks import Part
from services.entry.formats.annotating.splicing import (
    Element,
    PartIsBroken,
    Splices,
    end_tag,
    markup,
    start_tag,
    text_of,
)

NO_COMMENTS = '<comments xmlns="{}"><authors/><commentList/></comments>'
CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml"
AUTHOR = "IISG-D findings"
"""By this, a comment of ours is known again; those of our templates have another."""

Notes = Mapping[str, Sequence[Part]]
"""What is to be said, by cells."""


def with_notes(content: bytes, notes: Notes) -> tuple[bytes, set[str]]:
    """The part with what is to be said, and the cells that had a comment already; raises PartIsBroken."""
    part = Splices(content)
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


def _author(part: Splices, authors: Element) -> str:
    """Our number among the authors."""
    known = part.children_of(authors)
    for at, each in enumerate(known):
        if part.inside(each) == AUTHOR.encode():
            return str(at)
    part.append(authors, part.element("author", content=markup(AUTHOR)))
    return str(len(known))


def _add_to(part: Splices, comment: Element, said: Sequence[Part], *, is_ours: bool) -> None:
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
    part.insert(own[-1].ends, _runs(part, [Part("\n\n"), *said]))


def _runs(part: Splices, said: Sequence[Part]) -> bytes:
    return b"".join(_run(part, each) for each in said)


def _run(part: Splices, said: Part) -> bytes:
    looks = part.element("b") if said.is_bold else b""
    looks += part.element("sz", {"val": 9}) + part.element("color", {"indexed": 81})
    looks += part.element("rFont", {"val": "Tahoma"}) + part.element("family", {"val": 2})
    text = part.element("t", {"xml:space": "preserve"}, markup(text_of(said.text)))
    return part.element("r", content=part.element("rPr", content=looks) + text)
