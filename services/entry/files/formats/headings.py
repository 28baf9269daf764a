"""Column headings: a field's name, or its label in English or a partner's language."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from difflib import get_close_matches
from functools import lru_cache
from string import whitespace
from typing import Any

from services.entry.files.domain import exact_values
from services.entry.files.domain.cell_refs import MAX_COLUMN, column_letters
from services.entry.files.domain.refusals import FileIsRefused
from services.entry.files.formats.cells import text_of
from services.entry.files.formats.heading_refusals import repeated
from shared.i18n import Text
from shared.reference import KINDS, LANGUAGES, columns_of, fields_of
from shared.reference.spelling import normalise
from shared.reference.wording import kind_name

MAX_COLUMNS = 1_000
"""The maximum number of columns, unless nearly all name fields: a list of transactions may be long."""

MAX_UNKNOWN_COLUMNS = 100
MAX_UNKNOWN_LENGTH = 60
"""The maximum length of a heading that names no field, since every record repeats it."""

MIN_KNOWN_HEADINGS = 2
"""The minimum number of known headings in a row. A title may contain one by chance."""

USUAL_ENTRIES = 6
"""The number of entries of a list whose headings are looked for quickly."""

YEARS = range(1990, 2101)
"""The years that a heading or a title may name."""

_SIMILARITY = 0.8
"""The similarity from which an unknown heading is taken for one of the template that was misspelt."""

_REQUIRED = "*"
_BLANKS = f"{whitespace}\u00a0\ufeff"
"""The characters that may surround a heading. Files that were joined have byte order marks inside."""
_NUMBERING = re.compile(r"^\(?[0-9]{1,2}[.)] *(?=[^0-9 ])")
"""The number of a column before its heading."""
_IN_BRACKETS = re.compile(r"\s*[(\[][^()\[\]]*[)\]]$")
"""A unit or a currency in brackets after a heading."""
_NUMBER = re.compile(r"(?<![^ ])[0-9]{1,3}(?![^ ])")
_PATH = re.compile(r"[a-z_]+(\.[a-z0-9_]+)*")


@dataclass(frozen=True)
class Headings:
    """A row of headings, and the column of each field path, both counted from 1."""

    row: int
    columns: Mapping[str, int]
    width: int
    """The number of columns. Cells beyond them belong to no field."""
    known: int
    """The number of headings that name a field."""
    written: Mapping[int, str] = field(default_factory=dict)
    """The heading of each column, as it is written."""
    rows: range = range(0)
    """The rows of headings: this row, and those directly above and below it that repeat it in another language."""
    beside: Sequence[tuple[int, int]] = ()
    """The first and last column of each other table beside this one."""
    exact: int = 0
    """The column of exact values in a table that we exported, or 0."""

    @property
    def unnamed(self) -> list[int]:
        """The columns without a heading."""
        return [at for at in range(1, self.width + 1) if at not in self.written and at != self.exact]


def find_headings(rows: Iterable[Sequence[Any]], *, kind: str, sheet: str) -> Headings | None:
    """Find the first row with most known headings; raise `FileIsRefused`.

    Directly below or above it, the headings may be repeated in another language. Of such rows, the last one with most
    known headings is used.
    """
    found = {number: cells for number, cells in enumerate(rows, start=1) if is_row_of_headings(cells, kind)}
    known = {number: count_known(cells, kind) for number, cells in found.items()}
    if not known:
        return None
    first = last = max(known, key=lambda number: (known[number], -number))
    while first - 1 in known and _is_mostly_known(found[first - 1], kind):
        first -= 1
    while last + 1 in known and _is_mostly_known(found[last + 1], kind):
        last += 1
    row = max(range(first, last + 1), key=lambda number: (known[number], number))
    headings = read_headings(found[row], row=row, kind=kind, sheet=sheet, rows=range(first, last + 1))
    labels = {at: text for number in headings.rows for at, text in _labels_in(found[number])}
    return replace(
        headings, written={**headings.written, **{at: labels[at] for at in headings.written if at in labels}}
    )


def _is_mostly_known(cells: Sequence[Any], kind: str) -> bool:
    """Return whether most cells of a row are headings. A record may contain the words of some."""
    return count_known(cells, kind) * 2 >= sum(1 for cell in cells if text_of(cell))


def _labels_in(cells: Sequence[Any]) -> Iterator[tuple[int, str]]:
    """Yield the headings of a row that are words rather than names of fields."""
    for at, cell in enumerate(cells, start=1):
        text = text_of(cell)
        if text and not _PATH.fullmatch(text):
            yield at, text


def count_known(cells: Sequence[Any], kind: str) -> int:
    """Return the number of fields that the cells of a row name."""
    paths = {path_of(cell, kind=kind) for cell in cells[:MAX_COLUMNS] if isinstance(cell, str)}
    return len(paths - {None})


def is_row_of_headings(cells: Sequence[Any], kind: str) -> bool:
    """Return whether a row has known headings, and hardly anything else but texts, years and dates."""
    known = count_known(cells, kind)
    if known < MIN_KNOWN_HEADINGS:
        return False
    others = sum(1 for cell in cells if not isinstance(cell, str | date) and cell not in YEARS)
    return others < known


def other_kind_of(cells: Sequence[Any], kind: str) -> str | None:
    """Return the kind of record that a row of headings describes, unless it is the expected one."""
    texts = [cell for cell in cells[:MAX_COLUMNS] if isinstance(cell, str)]
    named = {each: {text for text in texts if path_of(text, kind=each)} for each in KINDS}
    # Common headings, such as the title, tell nothing.
    own = {each: len(found - named[kind]) for each, found in named.items() if each != kind}
    best = max(own, key=lambda each: own[each])
    expected = len(named[kind] - named[best])
    return best if own[best] >= MIN_KNOWN_HEADINGS and own[best] > expected else None


def read_headings(
    cells: Sequence[Any], *, row: int, kind: str, sheet: str, rows: range | None = None
) -> Headings:
    """Return the columns of a row of headings; raise `FileIsRefused`. Columns without a heading are for notes."""
    written = {at: text for at, cell in enumerate(cells, start=1) if (text := text_of(cell))}
    width = max(written, default=0)
    exact = next((at for at, text in written.items() if text == exact_values.HEADING), 0)
    written.pop(exact, None)
    _refuse_wide(cells, width=width, row=row, kind=kind, sheet=sheet)
    columns: dict[str, int] = {}
    beside: list[tuple[int, int]] = []
    for block in _blocks(written):
        paths = {at: _path_or_heading(written[at], kind) for at in block}
        if _is_beside(paths, written, columns, kind=kind):
            beside.append((block[0], block[-1]))
            continue
        for at, path in paths.items():
            if path in columns:
                raise repeated(written, columns[path], at, row=row, sheet=sheet)
            columns[path] = at
    _refuse_overlaps(columns, row, sheet)
    known = sum(1 for path in columns if path_of(path, kind=kind) == path)
    return Headings(row, columns, width, known, written, rows or range(row, row + 1), beside, exact)


def _path_or_heading(heading: str, kind: str) -> str:
    name = heading.removesuffix(_REQUIRED).rstrip() or heading
    return path_of(name, kind=kind) or name[:MAX_UNKNOWN_LENGTH]


def _blocks(written: Mapping[int, str]) -> list[list[int]]:
    """Return the columns with headings, in blocks that a column without a heading separates."""
    blocks: list[list[int]] = []
    for at in sorted(written):
        if blocks and at == blocks[-1][-1] + 1:
            blocks[-1].append(at)
        else:
            blocks.append([at])
    return blocks


def _is_beside(
    paths: Mapping[int, str], written: Mapping[int, str], columns: Mapping[str, int], *, kind: str
) -> bool:
    """Return whether a block is another table: it repeats a known heading, or has several headings, none of them known."""
    known = {path for at, path in paths.items() if path_of(written[at], kind=kind)}
    return not known.isdisjoint(columns) or (not known and len(paths) >= MIN_KNOWN_HEADINGS)


def _refuse_wide(cells: Sequence[Any], *, width: int, row: int, kind: str, sheet: str) -> None:
    where = Text("row {row} of {sheet}", row=row, sheet=sheet)
    unknown = sum(1 for cell in cells[:width] if cell != "" and not path_of(text_of(cell), kind=kind))
    if width > MAX_COLUMN or (width > MAX_COLUMNS and unknown > MAX_UNKNOWN_COLUMNS):
        raise FileIsRefused(
            "too-many-columns",
            Text("The table has headings in {width} columns.", width=f"{width:,}"),
            Text("At most {most} columns.", most=f"{MAX_COLUMNS:,}"),
            where,
        )
    if unknown > MAX_UNKNOWN_COLUMNS:
        raise FileIsRefused(
            "too-many-columns",
            Text(
                "The table has {unknown} columns whose headings name no field of {kind} records.",
                unknown=f"{unknown:,}",
                kind=kind_name(kind),
            ),
            Text(
                "At most {most} such columns. Leave the heading of a column for notes blank.",
                most=MAX_UNKNOWN_COLUMNS,
            ),
            where,
        )


def _refuse_overlaps(columns: Mapping[str, int], row: int, sheet: str) -> None:
    wholes = {path[:at] for path in columns for at, sign in enumerate(path) if sign == "."}
    for path in wholes.intersection(columns):
        column = column_letters(columns[path])
        raise FileIsRefused(
            "heading-twice",
            Text(
                'Column {column}, "{path}", is a group of fields, and other columns hold parts of the group.',
                column=column,
                path=path,
            ),
            Text("A column for each part of the group, and none for the group."),
            Text("cell {column}{row} of {sheet}", column=column, row=row, sheet=sheet),
        )


@lru_cache(maxsize=4_096)
def path_of(heading: str, *, kind: str) -> str | None:
    """Return the field path of a heading, such as `training.topic` or `themes.0.code`; None for an unknown heading."""
    name = _NUMBERING.sub("", heading.strip(_BLANKS)).removesuffix(_REQUIRED).rstrip()
    known = _known(kind)
    if _PATH.fullmatch(name.lower()):
        path = name.lower()
        if re.sub(r"\.[0-9]{1,3}(?=\.|$)", ".#", path) in known.paths:
            return path
    words = normalise(name)
    if words in known.labels:
        return known.labels[words]
    number = _NUMBER.search(words)
    if number is None or not int(number[0]):
        return None
    path_with = known.labels.get(_NUMBER.sub("#", words, count=1))
    return path_with and path_with.replace("#", str(int(number[0]) - 1))


@lru_cache(maxsize=256)
def nearest_heading(heading: str, *, kind: str) -> str | None:
    """Return the heading of the template that an unknown heading resembles, if any."""
    name = heading.strip().removesuffix(_REQUIRED).rstrip()
    labels = _labels(kind)
    bare = _IN_BRACKETS.sub("", name) if len(name) <= MAX_UNKNOWN_LENGTH else name
    if bare != name and path_of(bare, kind=kind):
        return bare
    near = get_close_matches(normalise(name[:MAX_UNKNOWN_LENGTH]), labels, n=1, cutoff=_SIMILARITY)
    return labels[near[0]] if near else None


@lru_cache(maxsize=len(KINDS))
def _labels(kind: str) -> Mapping[str, str]:
    """Return the labels and names of columns in every language, by their spelling."""
    found: dict[str, str] = {}
    for column in columns_of(fields_of(kind)):
        for label in (*(column.label(language) for language in LANGUAGES), column.path):
            found.setdefault(normalise(label), label)
    return found


@dataclass(frozen=True)
class _Known:
    """Known headings of a kind. `#` stands for an entry's number: from 0 in paths, from 1 in labels."""

    paths: frozenset[str]
    labels: Mapping[str, str]


@lru_cache(maxsize=1)
def likely_headings() -> frozenset[str]:
    """Return the usual spellings of the known headings of all kinds.

    A row without any of them is no row of headings. Others are found by `path_of` only, which is slow.
    """
    found: set[str] = set()
    for kind in KINDS:
        entries = dict.fromkeys((field.name for field in fields_of(kind).values()), USUAL_ENTRIES)
        for column in columns_of(fields_of(kind), entries=entries):
            labels = {column.path, *(column.label(language) for language in LANGUAGES)}
            spellings = {
                form for label in labels for form in (label, label.upper(), label.lower(), label.title())
            }
            found |= {f"{each}{end}" for each in spellings for end in ("", " *", "*", ":")}
    return frozenset(found)


@lru_cache(maxsize=len(KINDS))
def _known(kind: str) -> _Known:
    labels: dict[str, str] = {}
    paths = set(fields_of(kind))
    for column in columns_of(fields_of(kind)):
        path = column.path if column.number is None else column.path.replace(".0", ".#", 1)
        paths |= {path, f"{path}.#"} if column.field.type == "list" else {path}
        for language in LANGUAGES:
            words = normalise(column.label(language))
            labels[words if column.number is None else _NUMBER.sub("#", words, count=1)] = path
    return _Known(frozenset(paths), labels)
