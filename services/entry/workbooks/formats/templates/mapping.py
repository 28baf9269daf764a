"""The mapping of a template, and its columns."""

from collections.abc import Mapping as Facts
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.entry.files.domain.workbook_origins import WorkbookOrigin
from services.entry.workbooks.formats.templates.choices import list_choices
from shared.i18n import ENGLISH, translate
from shared.reference import Column, ReporterIsUnknown, columns_of, fields_of, reporter
from shared.reference.wording import KIND_TITLES

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
"""The number of entries of a list with columns, unless a prefilled record has more."""


@dataclass(frozen=True)
class TemplateColumn:
    """A column of a template, with its language and its choices by code; none for free values."""

    spec: Column
    choices: Facts[str, str]
    language: str = ENGLISH

    @property
    def label(self) -> str:
        """The name of the column, as in sentences about it."""
        return self.spec.label(self.language)

    @property
    def heading(self) -> str:
        """The heading, with an asterisk if the column is required."""
        return f"{self.label}{' *' * self.spec.is_required}"

    @property
    def help(self) -> str:
        """The help for people who fill in the column."""
        return translate(self.spec.help, self.language)


@dataclass(frozen=True)
class Mapping:
    """A reporter's pillar, kind and period, with the language of the template and the creation date."""

    reporter: str
    pillar: str
    kind: str
    period: str
    language: str
    made_on: date
    tlp: str | None = None
    """The TLP marking of the prefilled records."""

    @property
    def title(self) -> str:
        """The title of the workbook."""
        return (
            f"{self.sheet} {self.period} · {self.pillar} · {translate(_named(self.reporter), self.language)}"
        )

    @property
    def sheet(self) -> str:
        """The title of the sheet to fill in."""
        return translate(KIND_TITLES[self.kind], self.language)

    @property
    def origin(self) -> WorkbookOrigin:
        """The mapping as the workbook's properties state it."""
        return WorkbookOrigin(self.reporter, self.pillar, self.kind, self.period)

    def columns(self, records: Sequence[Record]) -> tuple[TemplateColumn, ...]:
        """Return the columns of all fields, with enough entries for the records."""
        entries = {name: max(least, _most(name, records)) for name, least in ENTRIES.items()}
        return tuple(
            TemplateColumn(
                column,
                list_choices(column.field, pillar=self.pillar, period=self.period, language=self.language),
                self.language,
            )
            for column in columns_of(fields_of(self.kind), entries=entries)
        )


def _named(code: str) -> str:
    try:
        return reporter(code).label
    except ReporterIsUnknown:
        return code


def _most(name: str, records: Sequence[Record]) -> int:
    """Return the maximum number of entries of a list in a record."""
    lists = (record.get(name) for record in records)
    return max((len(found) for found in lists if isinstance(found, list)), default=0)
