"""The content of columns that are not read: whether they bear amounts, dates or shares."""

# ruff: noqa: RUF001 - Cyrillic, whose letters look like Latin ones
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from services.entry.files.formats.cells import number_of, text_of
from services.entry.files.formats.headings import YEARS
from services.entry.files.formats.number_formats import Percent
from services.entry.files.formats.other_rows import field_at, is_money
from shared.reference import Field
from shared.reference.currencies import currencies_in
from shared.reference.spelling import normalise

AMOUNTS, DATES, SHARES = "amounts", "dates", "shares"

MAX_JUDGED = 1_000
"""The number of filled cells from which the content of a column is told."""

_MAX_AMOUNT_LENGTH = 40
_SHARE_FIELDS = ("percentage", "share")
"""The names of the fields that split money."""

_DATE = re.compile(r"[0-9]{1,4}\s?[./-]\s?[0-9]{1,2}\s?[./-]\s?[0-9]{1,4}\.?(?:[T ].*)?")
_DIGIT = re.compile(r"[0-9]")


def _words(*texts: str) -> frozenset[str]:
    return frozenset(normalise(word) for text in texts for word in text.split())


_MONEY_WORDS = _words(
    "amount amounts budget budgets cost costs price prices value paid payment payments expenditure expenditures expense",
    "expenses spent disbursed disbursement disbursements committed commitment commitments funding contribution",
    "iznos iznosa iznosi budžet budžeta trošak troška troškovi vrijednost vrednost cijena cena plaćanje plaćanja plaćeno",
    "uplata uplate uplaćeno isplata isplate isplaćeno rashod rashodi potrošeno utrošeno sredstva",
    "shuma shumë buxhet buxheti kosto kostoja kostot vlera vlerë pagesa pagesë pagesat paguar çmimi shpenzim shpenzime",
    "shpenzimet financimi kontributi",
    "износ износа износи износот буџет буџета трошак трошкови трошок трошоци вредност цена плаћање плаћено плаќање платено",
    "уплата исплата исплаћено исплатено расход расходи потрошено утрошено средства",
)
_DATE_WORDS = _words("date dates day datum datumi dan datë dita afati rok датум датуми дан ден рок deadline")
_DATE_PHRASE = re.compile(r"data(?: e\b.*)?")
"""The Albanian word for a date. In English headings, data are not dates."""

_SHARE_WORDS = _words(
    "percentage percent share shares udio udeo procenat postotak përqindja pjesa удео процент проценат удел"
)
_OTHER_WORDS = _words(
    "number no nr count broj br numri numër број бр",
    "reference ref code id centre center priority level rank type status category",
    "referenca kod kôd šifra centar prioritet nivo kodi qendra prioriteti niveli референца код шифра центар приоритет ниво",
)
"""Words of columns that count, number or rank things, whatever the things."""

MAX_PERIOD_WORD = 4
"""The maximum length of a word beside a year that makes a period of it, such as Q1, H2 or June."""


@dataclass
class ColumnCount:
    """The number of filled cells of a column, the sum of its numbers unless it has texts, and signs of its content."""

    count: int = 0
    numbers: list[float] | None = field(default_factory=list)
    figures: int = 0
    dates: int = 0
    prices: int = 0
    percents: int = 0
    with_digits: int = 0

    def add(self, cells: Sequence[Any]) -> None:
        """Count some cells."""
        if cells.count("") == len(cells):
            return
        for cell in cells:
            if text := text_of(cell):
                self.count += 1
                number = number_of(cell)
                if number is None:
                    self.numbers = None
                elif self.numbers is not None:
                    self.numbers.append(number)
                if self.count <= MAX_JUDGED:
                    self._judge(cell, text, number)

    def _judge(self, cell: Any, text: str, number: float | None) -> None:
        self.with_digits += _DIGIT.search(text) is not None
        if isinstance(cell, date) or _DATE.fullmatch(text):
            self.dates += 1
        elif isinstance(cell, Percent) or text.endswith("%"):
            self.percents += 1
        elif number is not None:
            self.figures += 1
        elif len(text) <= _MAX_AMOUNT_LENGTH and _DIGIT.search(text) and currencies_in(text):
            self.prices += 1

    def content(self, heading: str, *, has_currency: bool) -> str:
        """Return AMOUNTS, DATES or SHARES if most cells are such, by themselves or with the words of the heading."""
        judged = min(self.count, MAX_JUDGED)
        plain = normalise(heading)
        words = set(plain.split())
        is_other = not words.isdisjoint(_OTHER_WORDS)
        is_priced = not words.isdisjoint(_MONEY_WORDS) or bool(currencies_in(heading)) or _is_period(words)
        is_dated = not words.isdisjoint(_DATE_WORDS) or _DATE_PHRASE.fullmatch(plain) is not None
        if has_currency or self.prices * 2 > judged:
            return AMOUNTS
        if self.dates * 2 > judged:
            return DATES
        if self.percents * 2 > judged:
            return SHARES
        if (self.figures + self.prices) * 2 > judged and is_priced and not is_other:
            return AMOUNTS
        if self.figures * 2 > judged and ("%" in heading or not words.isdisjoint(_SHARE_WORDS)):
            return SHARES
        return DATES if self.with_digits * 2 > judged and is_dated else ""


def content_of_field(path: str, fields: Mapping[str, Field]) -> str:
    """Return AMOUNTS, DATES or SHARES for a field that bears such, or an empty text."""
    if is_money(path, fields):
        return AMOUNTS
    found = field_at(path, fields)
    if found is None:
        return ""
    return DATES if found.type == "date" else SHARES if found.name in _SHARE_FIELDS else ""


def _is_period(words: Collection[str]) -> bool:
    """Return whether a heading is a year or a part of one, whose column has the amounts of that period."""
    years = [word for word in words if word.isascii() and word.isdigit() and int(word[:5]) in YEARS]
    return bool(years) and all(word.isdigit() or len(word) <= MAX_PERIOD_WORD for word in words)
