"""Rows below the headings that are no records: notes, totals, and headings once more."""

# ruff: noqa: RUF001 - Cyrillic, whose letters look like Latin ones
import re
from collections.abc import Mapping, Sequence
from typing import Any

from services.entry.files.formats.cells import number_of, text_of
from services.entry.files.formats.headings import MAX_COLUMNS, YEARS, Headings, likely_headings
from services.entry.files.formats.number_formats import Percent, Shown
from shared.reference import Field
from shared.reference.codelists import CODELISTS
from shared.reference.partners import PARTNERS
from shared.reference.spelling import normalise

MAX_NOTE_CELLS = 2
"""The maximum number of filled cells of a note, such as "Prepared by:" and a name."""

MIN_WIDTH = 3
"""The number of known headings from which a row with a single text is a note, not a record with the rest missing."""

_TOTALS = (
    *("total", "totals", "subtotal", "sum", "sums", "grand total", "sub total", "overall", "\u03c3"),
    *("summe", "gesamt", "gesamtsumme", "totale", "somme", "skupaj"),
    *("gjithsej", "totali", "shuma", "gjithesej", "nentotali", "nen total"),
    *(
        "ukupno",
        "ukupan",
        "ukupan iznos",
        "sveukupno",
        "svega",
        "zbir",
        "zbroj",
        "suma",
        "medjuzbir",
        "meduzbir",
        "medjuzbroj",
        "meduzbroj",
    ),
    *("укупно", "укупан", "укупан износ", "свеукупно", "свега", "збир", "сума", "међузбир"),
    *("вкупно", "вкупен", "вкупен износ", "се вкупно", "севкупно", "збир", "мегузбир"),
)
_TOTAL = re.compile(rf"(?:{'|'.join(sorted(map(re.escape, _TOTALS), key=len, reverse=True))})\b")
_WORDS_WITH_TOTALS = """
in of for per the all and amount amounts budget budgets cost costs value values number record records need needs
response responses support year currency eur euro euros
u za od po i sve svi iznos iznosi budzet troskovi trosak vrednost vrijednost evra eura godina
ne te shuma buxheti kosto kostot vlera viti
у за од по и све сви износ износи буџет трошкови трошак вредност евра година во сите трошоци
"""
_WITH_TOTALS = frozenset(
    (
        *map(normalise, _WORDS_WITH_TOTALS.split()),
        *(word for each in PARTNERS.values() for word in normalise(each.label).split()),
        *(each.lower() for each in CODELISTS["currency"].codes),
    )
)
"""Words that go with totals, as `normalise` writes them."""

_STARTS = frozenset(sign for word in _TOTALS for sign in (word[0], word[0].upper())) | set(" ([*Σ:-\u00a0")
"""The first signs of totals, since most refs begin with others."""

_NOTES = re.compile(
    r"(?:\*|\(\*|[0-9]\)|note|notes|remark|remarks|source|sources|napomena|napomene|izvor|izvori|shenim|shenime|burimi|"
    r"напомена|напомене|забелешка|извор|извори|prepared by|pripremio|pripremila|pergatiti)\b"
)
_BRACKETED = re.compile(r"[(\[].*[)\]]", re.DOTALL)
_MARKS = re.compile(r"\s*(?:\*|\([*a-z0-9]\)|[0-9]\))\s")
_ERROR = re.compile(r"#[A-Z][A-Z0-9/_]*[!?]?")
"""An error that a formula shows, such as #REF!."""
_NUMBERS = re.compile(r"[-+\u2212]?[0-9][0-9.,'\u2019\s%]*(?:[A-Z]{3}|\u20ac|\$)?|(?:[A-Z]{3}|\u20ac|\$)")


class RowKinds:
    """Tells records from notes and totals, by the columns of a table."""

    def __init__(self, headings: Headings, fields: Mapping[str, Field], *, first_column: int) -> None:
        self._first = first_column
        self._known = headings.known
        self._headings = likely_headings() | frozenset(headings.written.values())
        self._ref = headings.columns.get("ref", 0) - first_column
        self._label = (
            self._ref if "ref" in headings.columns else min(headings.columns.values()) - first_column
        )
        # A row with these cells has more than a note.
        others = sorted(set(headings.columns.values()) - {self._label + first_column})
        self._second, self._third = ([at - first_column for at in others] + [MAX_COLUMNS] * 2)[:2]
        self._money = [at - first_column for path, at in headings.columns.items() if is_money(path, fields)]

    def is_likely_record(self, cells: Sequence[Any]) -> bool:
        """Return whether a row is certainly a record: no note, no total and no headings. This is fast."""
        try:
            label, second, third = cells[self._label], cells[self._second], cells[self._third]
        except IndexError:
            return False
        if label == "" or second == "" or third == "":
            return False
        return (
            (not isinstance(label, str) or label[0] not in _STARTS)
            and label not in self._headings
            and second not in self._headings
            and third not in self._headings
        )

    def may_be_headings(self, cells: Sequence[Any]) -> bool:
        """Return whether a row has a usual spelling of a heading."""
        return not self._headings.isdisjoint(cells)

    def kind_of(self, cells: Sequence[Any]) -> str | None:
        """Return "note", "single-text" or "total"; None for a record or a blank row."""
        filled = [(at, cell) for at, cell in enumerate(cells) if text_of(cell)]
        if not filled:
            return None
        at, label = filled[0]
        ref = text_of(cells[self._ref]) if 0 <= self._ref < len(cells) else ""
        rest = [cell for _, cell in filled[1:]]
        if is_number(label):
            # A ref may be a number, but a row of numbers alone has none.
            if self._known < MIN_WIDTH or ref or not all(map(is_number, rest)):
                return None
            return "unclear-row" if self.amounts_of(cells) else "total"
        words = normalise(text_of(label))
        if _is_total(text_of(label), words, is_ref=at == self._ref) and all(map(is_number, rest)):
            return "total" if _is_only_total(words) else "unclear-row"
        if ref and at != self._ref:
            return None
        kind = self._kind_of_text(text_of(label), words, cells=len(filled), has_ref=bool(ref))
        return "unclear-row" if kind and self.amounts_of(cells) else kind

    def _kind_of_text(self, label: str, words: str, *, cells: int, has_ref: bool) -> str | None:
        if cells > MAX_NOTE_CELLS or self._known < MIN_WIDTH:
            return None
        if has_ref and any(map(str.isdigit, label)) and (cells > 1 or " " not in label):
            # A ref such as Note-1.
            return None
        if label.endswith(":") or _MARKS.match(label) or _NOTES.match(words):
            return "note"
        # A ref alone is a record with everything missing; a sentence is no ref.
        words_alone = label.split()
        is_sentence = len(words_alone) > MAX_NOTE_CELLS or (
            len(words_alone) > 1 and not any(map(str.isdigit, label))
        )
        is_alone = cells == 1 and (not has_ref or is_sentence)
        return "single-text" if is_alone else None

    def belongs_to_headings(self, cells: Sequence[Any]) -> bool:
        """Return whether the first row below the headings has the numbers of the columns, or units in brackets."""
        texts = [text for cell in cells if (text := text_of(cell))]
        if texts and all(map(_BRACKETED.fullmatch, texts)):
            return len(texts) >= MIN_WIDTH or self.ref_of(cells) is None
        numbers = [text.strip("().") for text in texts]
        return len(texts) >= MIN_WIDTH and numbers == [str(number) for number, _ in enumerate(texts, start=1)]

    def amounts_of(self, cells: Sequence[Any]) -> list[float]:
        """Return the numbers in the columns of amounts."""
        amounts = (number_of(cells[at]) for at in self._money if 0 <= at < len(cells))
        return [each for each in amounts if each is not None]

    def ref_of(self, cells: Sequence[Any]) -> str | None:
        """Return the ref of a row, if any."""
        return (text_of(cells[self._ref]) or None) if 0 <= self._ref < len(cells) else None


def is_money(path: str, fields: Mapping[str, Field]) -> bool:
    """Return whether a path leads to an amount: a number beside a currency."""
    outer, _, _ = path.rpartition(".")
    field, siblings = field_at(path, fields), _fields_at(outer, fields)
    return field is not None and field.type == "number" and "currency" in siblings


def is_number_field(path: str, fields: Mapping[str, Field]) -> bool:
    """Return whether a path leads to a number."""
    field = field_at(path, fields)
    return field is not None and field.type in ("number", "integer")


def field_at(path: str, fields: Mapping[str, Field]) -> Field | None:
    """Return the field to which a path leads, if any."""
    outer, _, name = path.rpartition(".")
    return _fields_at(outer, fields).get(name)


def _fields_at(path: str, fields: Mapping[str, Field]) -> Mapping[str, Field]:
    for step in path.split(".") if path else ():
        field = fields.get(step)
        if field is not None:
            fields = field.items.fields if field.items is not None else field.fields
    return fields


def is_number(cell: Any) -> bool:
    """Return whether a cell holds a number, with or without a currency, a currency alone, or an error in its place."""
    if isinstance(cell, str):
        text = cell.strip()
        return text == "" or _NUMBERS.fullmatch(text) is not None or _ERROR.fullmatch(text) is not None
    return isinstance(cell, float | Percent | Shown)


def is_title(cells: Sequence[Any]) -> bool:
    """Return whether a row above the headings is a title: at most two texts, or a text and a year, but no total."""
    filled = [cell for cell in cells if text_of(cell)]
    if len(filled) > MAX_NOTE_CELLS:
        return False
    if len(filled) > 1 and _TOTAL.match(normalise(text_of(filled[0]))):
        return False
    return all(isinstance(cell, str) and not _NUMBERS.fullmatch(cell.strip()) for cell in filled[:1]) and all(
        number_of(cell) in YEARS or (isinstance(cell, str) and not is_number(cell)) for cell in filled[1:]
    )


def _is_only_total(words: str) -> bool:
    """Return whether a total has no words but those that usually go with it, unlike "Total reform of the police"."""
    rest = _TOTAL.sub("", words, count=1).split()
    return all(word in _WITH_TOTALS or word.isdigit() for word in rest)


def _is_total(label: str, words: str, *, is_ref: bool) -> bool:
    if _TOTAL.match(words) is None:
        return False
    # A ref such as TOTAL-1 is none.
    return not is_ref or " " in label or not any(each.isdigit() for each in label)
