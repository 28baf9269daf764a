"""What a template is for, and the columns that it offers for it."""

from collections.abc import Mapping as Facts
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.entry.workbooks.formats.templates.choices import choices_of
from shared.reference import Column, ReporterIsUnknown, columns_of, fields_of, reporter

Record = Facts[str, Any]

ENTRIES = {
    "themes": 3,
    "sectors": 2,
    "beneficiaries": 4,
    "organisations": 4,
    "transactions": 4,
    "participants": 2,
    "equipment": 2,
    "needs": 3,
    "responses": 2,
}
"""So many entries of a list have columns, unless a record that is filled in has more."""

SHEETS = {"need": "Needs", "response": "Responses", "support": "Support"}
"""The sheet to be filled in has the same name in every language: by it, it is found first when it comes back."""


@dataclass(frozen=True)
class TemplateColumn:
    """A column, and what may be chosen in it: what stands there, by codes; nothing where anything may be written."""

    column: Column
    choices: Facts[str, str]


@dataclass(frozen=True)
class Mapping:
    """Whose records of which pillar, kind and period are collected; the language of the headings; the day it was made."""

    reporter: str
    pillar: str
    kind: str
    period: str
    language: str
    made_on: date
    tlp: str | None = None
    """The marking of the records that are filled in."""

    @property
    def title(self) -> str:
        """A line that says all of it."""
        return f"{self.sheet} {self.period} · {self.pillar} · {_named(self.reporter)}"

    @property
    def sheet(self) -> str:
        """The sheet to be filled in."""
        return SHEETS[self.kind]

    def offers(self, records: Sequence[Record]) -> tuple[TemplateColumn, ...]:
        """The columns of all fields, with room for these records."""
        entries = {name: max(least, _most(name, records)) for name, least in ENTRIES.items()}
        return tuple(
            TemplateColumn(column, choices_of(column.field, pillar=self.pillar, period=self.period))
            for column in columns_of(fields_of(self.kind), entries=entries)
        )


def _named(code: str) -> str:
    try:
        return reporter(code).label
    except ReporterIsUnknown:
        return code


def _most(name: str, records: Sequence[Record]) -> int:
    """How many entries of a list a record has at most."""
    lists = (record.get(name) for record in records)
    return max((len(found) for found in lists if isinstance(found, list)), default=0)
