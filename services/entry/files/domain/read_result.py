"""The content of a file that was read, and an account of what was read and what was not."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from shared.reference.unread import expected_of, message_of


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
    def written(self) -> dict[str, Any]:
        """The part as it is stored and shown, without missing facts."""
        facts = {name: value for name, value in vars(self).items() if value not in (None, {})}
        message, expected = message_of(self.reason, self.values), expected_of(self.reason, self.values)
        return {**facts, "message": str(message), "expected": str(expected)}


@dataclass
class ReadResult:
    """Lazily built records, and the account of the file.

    `origins` locates the records: the sheet's name, the row of each record, and the column of each field path, all
    counted from 1. `facts` are the members of a JSON body other than its records, such as the period. `summary` says
    what was read, by format: the sheet, its heading row and columns; the version, activities, transactions and budgets.
    `unread` lists what was not. The rows of `origins`, `summary` and `unread` are complete after the last record.
    """

    records: Iterator[dict[str, Any]]
    origins: dict[str, Any] | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    summary: dict[str, Any] = field(default_factory=dict)
    unread: list[Unread] = field(default_factory=list)
    remarks: Sequence[str] = ()
