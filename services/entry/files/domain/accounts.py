"""The accounts of files and requests, and the maximum of what is not read."""

from collections.abc import Mapping

from services.entry.files.domain import media_types
from services.entry.files.domain.read_result import ReadResult
from services.entry.files.domain.refusals import FileIsRefused
from shared.i18n import Text
from shared.reference.accounts import UNREAD_PLACE, Account

MAX_UNREAD = 10_000
"""The maximum number of unread parts of a file. Each is a finding, so that none is left out silently."""

FORMAT_OF: Mapping[str, str] = {
    media_types.JSON: "json",
    media_types.NDJSON: "ndjson",
    media_types.CSV: "csv",
    media_types.XLSX: "xlsx",
    media_types.XML: "iati",
}
"""The name of each format in an account, by media type."""


def account_of(reading: ReadResult, *, media_type: str, records: int) -> Account:
    """Return the account of a file whose records were all read."""
    check_unread(reading)
    read = {"format": FORMAT_OF.get(media_type), "records": records, **reading.summary}
    return Account(read, [part.written for part in reading.unread])


def account_of_records(records: int) -> Account:
    """Return the account of records posted as JSON: all are read, or the request is refused."""
    return Account({"format": "json", "records": records})


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
            ", ".join(str(first[name]) for name in ("ref", *UNREAD_PLACE) if name in first) or None,
        )
