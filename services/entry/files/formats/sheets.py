"""The choice of the sheet whose records are read, among the sheets of a workbook."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any

from services.entry.files.domain.read_result import Unread
from services.entry.files.domain.refusals import FileIsRefused
from services.entry.files.formats.heading_refusals import no_headings, wrong_kind
from services.entry.files.formats.headings import Headings
from shared.i18n import Text
from shared.reference.spelling import normalise
from shared.reference.wording import KIND_TITLES

MAX_LISTED = 10
"""The maximum number of sheets that the refusal of a workbook without headings names."""

OURS = "IISG-D"
"""The start of the names of sheets that we add to workbooks."""

_NAMES = {
    "need": "need needs nevoja nevojat potreba potrebe потреба потребе потреби",
    "response": "response responses pergjigje pergjigja pergjigjet odgovor odgovori одговор одговори",
    "support": "support mbeshtetje mbeshtetja podrska potpora подршка поддршка",
}
"""The words with which sheets are named after a kind, as `normalise` writes them."""


@dataclass(frozen=True)
class SheetContent:
    """The content of a sheet, as far as the choice depends on it."""

    name: str
    is_visible: bool
    headings: Headings | None
    has_rows: bool = False
    """Whether rows below the headings are filled."""
    has_figures: bool = False
    """Whether a cell of a sheet without headings is a number or a date."""
    other_kind: str | None = None
    """The other kind of record that the headings describe, if any."""
    refusal: FileIsRefused | None = None
    """The reason for which the headings cannot be read, if there are any."""


def content_of(
    name: str,
    rows: Iterable[Sequence[Any]],
    *,
    is_visible: bool,
    headings: Headings | None,
    other: str | None,
    refusal: FileIsRefused | None = None,
) -> SheetContent:
    """Return the content of a sheet from its rows, as few as possible."""
    if headings is None:
        has_figures = any(isinstance(cell, float | date) for cells in rows for cell in cells)
        return SheetContent(name, is_visible, None, has_figures=has_figures, refusal=refusal)
    below = islice(rows, headings.row, None)
    return SheetContent(name, is_visible, headings, has_rows=any(map(is_filled, below)), other_kind=other)


def is_filled(cells: Sequence[Any]) -> bool:
    """Return whether a row has a cell that is not blank."""
    return cells.count("") < len(cells)


def choose_sheet(sheets: Sequence[SheetContent], *, kind: str) -> SheetContent:
    """Return the sheet to read; raise `FileIsRefused`, which names the sheets that may be meant.

    It is the visible sheet named after the mapping, else the only one with headings. Sheets without rows below their
    headings come last, and a hidden sheet is read only if no visible one has headings.
    """
    found = [
        each for each in sheets if each.headings and not each.other_kind and not each.name.startswith(OURS)
    ]
    if not found:
        raise _without_headings(sheets, kind)
    candidates = [each for each in found if each.is_visible] or found
    candidates = [each for each in candidates if each.has_rows] or candidates
    for names in (_exactly, _named, lambda _name, _kind: True):
        chosen = [each for each in candidates if names(each.name, kind)]
        if len(chosen) == 1:
            return chosen[0]
        if chosen:
            raise _several(chosen, kind)
    raise _several(candidates, kind)


def other_sheets(
    sheets: Sequence[SheetContent],
    chosen: SheetContent,
    *,
    kind: str,
    count_rows: Callable[[SheetContent], int],
) -> list[Unread]:
    """Report the sheets with records or figures that are not read, and a hidden sheet that is."""
    unread = []
    if not chosen.is_visible:
        unread.append(Unread("hidden-sheet", sheet=chosen.name))
    for each in sheets:
        if each is chosen or each.name.startswith(OURS):
            continue
        values = {"read": chosen.name, "kind": each.other_kind or kind}
        if each.has_rows:
            reason = "sheet" if each.is_visible else "unread-hidden-sheet"
            unread.append(Unread(reason, {**values, "count": count_rows(each)}, sheet=each.name))
        elif each.has_figures:
            unread.append(Unread("sheet-with-figures", values, sheet=each.name))
    return unread


def _exactly(name: str, kind: str) -> bool:
    words = normalise(name).split()
    return bool(words) and set(words) <= set(_NAMES[kind].split())


def _named(name: str, kind: str) -> bool:
    return not set(normalise(name).split()).isdisjoint(_NAMES[kind].split())


def _without_headings(sheets: Sequence[SheetContent], kind: str) -> FileIsRefused:
    refusal = next((each.refusal for each in sheets if each.refusal is not None), None)
    if refusal is not None:
        return refusal
    for each in sheets:
        if each.other_kind is not None:
            return wrong_kind(each.other_kind, kind, Text("sheet {sheet}", sheet=each.name))
    names = ", ".join(each.name for each in sheets[:MAX_LISTED])
    return no_headings(kind, Text("the sheets {sheets}", sheets=names))


def _several(sheets: Sequence[SheetContent], kind: str) -> FileIsRefused:
    names = ", ".join(each.name for each in sheets)
    return FileIsRefused(
        "several-sheets",
        Text(
            "Several sheets have records, and it is not clear which are to be read: {sheets}.", sheets=names
        ),
        Text(
            'All records on one sheet named "{title}", or each sheet submitted as a workbook of its own.',
            title=KIND_TITLES[kind],
        ),
        Text("the sheets {sheets}", sheets=names),
    )
