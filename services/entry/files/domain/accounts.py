"""The account of a file: what was read, and what was not."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.entry.files.domain import media_types
from services.entry.files.domain.read_result import ReadResult
from services.entry.files.domain.refusals import FileIsRefused
from shared.i18n import Text

MAX_UNREAD = 10_000
"""The maximum number of unread parts of a file. Each is a finding, so that none is left out silently."""

MAX_LISTED = 100
"""The maximum number of unread parts, and of entries of a list in the summary, that an overview has."""

FORMATS: Mapping[str, str] = {
    media_types.JSON: "json",
    media_types.NDJSON: "ndjson",
    media_types.CSV: "csv",
    media_types.XLSX: "xlsx",
    media_types.XML: "iati",
}
"""The name of each format in an account, by media type."""


@dataclass(frozen=True)
class Account:
    """The summary of what was read of a file, as `ReadResult` describes it, and each part that was not read."""

    read: Mapping[str, Any]
    unread: Sequence[Mapping[str, Any]] = ()

    @property
    def whole(self) -> dict[str, Any]:
        """The whole account, as it is stored for the rules and the reports."""
        return {"read": dict(self.read), "unread": list(self.unread)}

    @property
    def overview(self) -> dict[str, Any]:
        """The account as responses show it: the numbers of unread parts by reason, and the first parts of all.

        `left_out` counts the unread parts that are not listed. Long lists of the summary are cut; `..._left_out` counts
        the rest.
        """
        listed = list(self.unread[:MAX_LISTED])
        return {
            "read": _cut_lists(self.read),
            "counts": dict(Counter(part["reason"] for part in self.unread)),
            "unread": listed,
            "left_out": len(self.unread) - len(listed),
        }


def account_of(reading: ReadResult, *, media_type: str, records: int) -> Account:
    """Return the account of a file whose records were all read."""
    check_unread(reading)
    read = {"format": FORMATS[media_type], "records": records, **reading.summary}
    return Account(read, [part.written for part in reading.unread])


def account_of_records(records: int) -> Account:
    """Return the account of records posted as JSON: all are read, or the request is refused."""
    return Account({"format": FORMATS[media_types.JSON], "records": records})


def check_unread(reading: ReadResult) -> None:
    """Raise `FileIsRefused` for a file with too many unread parts."""
    if len(reading.unread) > MAX_UNREAD:
        first = reading.unread[0].written
        raise FileIsRefused(
            "too-many-unread",
            Text(
                "More than {most} parts of the file cannot be read. The first: {first}",
                most=f"{MAX_UNREAD:,}",
                first=first["message"],
            ),
            first["expected"],
            ", ".join(str(first[name]) for name in ("sheet", "cell", "ref", "element") if name in first)
            or None,
        )


def _cut_lists(read: Mapping[str, Any]) -> dict[str, Any]:
    cut: dict[str, Any] = {}
    for name, value in read.items():
        cut[name] = value
        if isinstance(value, list) and len(value) > MAX_LISTED:
            cut[name], cut[f"{name}_left_out"] = value[:MAX_LISTED], len(value) - MAX_LISTED
    return cut
