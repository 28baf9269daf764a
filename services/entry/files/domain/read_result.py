"""The content of a file that was read, and an account of what was read and what was not."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from shared.i18n import Text
from shared.reference.unread import UNREAD, expected_of, message_of

MAX_TEXT = 500
"""The maximum length of a text of an unread part."""


@dataclass(frozen=True)
class Unread:
    """A part of a file that was not read, or was not read as it was written.

    `reason` is a code of `shared.reference.unread`, whose sentences `values` fill. A part of a table has a sheet, row or
    cell; a part of an activity has an `element`, such as "transaction 2". `ref` is the record that the part belongs to.
    An amount that was not read is given as it was written where it is no number.
    """

    reason: str
    values: Mapping[str, Any] = field(default_factory=dict)
    sheet: str | None = None
    row: int | None = None
    cell: str | None = None
    element: str | None = None
    ref: str | None = None
    amount: str | None = None
    currency: str | None = None

    @property
    def message(self) -> Text:
        """The reason in words."""
        return message_of(self.reason, shorten(self.values))

    @property
    def expected(self) -> Text:
        """The content that would be read instead, in words."""
        return expected_of(self.reason, shorten(self.values))

    @property
    def written(self) -> dict[str, Any]:
        """The part as it is stored and shown, without missing facts."""
        facts = {name: shorten(value) for name, value in vars(self).items() if value not in (None, {})}
        texts = {"message": shorten(str(self.message)), "expected": shorten(str(self.expected))}
        return {**facts, "bears": UNREAD[self.reason].bears, **texts}


def shorten(value: Any) -> Any:
    """Return a value with texts of a limited length, since an account may quote any cell."""
    if isinstance(value, Mapping):
        return {name: shorten(each) for name, each in value.items()}
    if isinstance(value, list):
        return [shorten(each) for each in value]
    if isinstance(value, str):
        return value if len(value) <= MAX_TEXT else f"{value[:MAX_TEXT]}…"
    return value


@dataclass
class ReadResult:
    """Lazily built records, and the account of the file.

    `origins` locates the records: the sheet's name, the row of each record, and the column of each field path, all
    counted from 1. `facts` are the members of a JSON body other than its records, such as the period. `unread` lists
    what was not read, and `summary` says what was:

    - every format: `format` (json, ndjson, csv, xlsx, iati) and `records`, which are added where a reader omits them;
    - tables: `sheet`, the name of the sheet or file; `other_sheets`, the names of the sheets that were not read;
      `heading_row`; `titles`, the titles above it, where there are any; `rows`, the number of rows below it that became
      records; `columns`, a list of
      {"column": "F", "heading": as written, "field": "planned_start"}, without columns that were not read;
    - CSV also: `encoding` and `separator`;
    - IATI: `version`, `activities`, `transactions` and `budgets`, the numbers of those that are in the records.

    The rows of `origins`, `summary` and `unread` are complete after the last record. Everything in a file is in one of
    its records or in `unread`: records, transactions and amounts read, and those listed as unread, are all of the file's.
    """

    records: Iterator[dict[str, Any]]
    origins: dict[str, Any] | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    summary: dict[str, Any] = field(default_factory=dict)
    unread: list[Unread] = field(default_factory=list)

    @property
    def located(self) -> dict[str, Any] | None:
        """The origins with the headings as they are written, their row, and the merged cells, so that messages name them."""
        if self.origins is None:
            return None
        columns = self.summary.get("columns", ())
        merged = {each.values["merged"] for each in self.unread if each.reason == "merged"}
        facts = {
            "headings": {each["field"]: each["heading"] for each in columns if each.get("heading")},
            "heading_row": self.summary.get("heading_row"),
            "merged": sorted(merged),
        }
        return self.origins | {name: value for name, value in facts.items() if value}
