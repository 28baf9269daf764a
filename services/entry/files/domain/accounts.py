"""The accounts of files and requests, and the maximum of what is not read."""

from collections.abc import Mapping

from services.entry.files.domain import media_types
from services.entry.files.domain.read_result import ReadResult, Unread, shorten
from services.entry.files.domain.refusals import FileIsRefused
from shared.i18n import Text
from shared.reference.account_texts import describe_place
from shared.reference.accounts import Account

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
    read_format = FORMAT_OF.get(media_types.split(media_type)[0])
    read = {"format": read_format, "records": records, **shorten(reading.summary)}
    return Account(read, [part.written for part in reading.unread])


def account_of_records(records: int) -> Account:
    """Return the account of records posted as JSON: all are read, or the request is refused."""
    return Account({"format": "json", "records": records})


def check_unread(reading: ReadResult) -> None:
    """Raise `FileIsRefused` for a file with too many unread parts."""
    if len(reading.unread) > MAX_UNREAD:
        raise _refusal(
            "too-many-unread",
            Text(
                "More than {most} parts of the file cannot be read. The first: {first}",
                most=f"{MAX_UNREAD:,}",
                first=reading.unread[0].message,
            ),
            reading.unread[0],
        )


def check_records(reading: ReadResult, *, records: int) -> None:
    """Raise `FileIsRefused` for a file without records. It names the first part that was not read, if any."""
    if records:
        return
    if reading.unread:
        message = Text("The file has no records. {first}", first=reading.unread[0].message)
        raise _refusal("no-records", message, reading.unread[0])
    raise FileIsRefused(
        "no-records",
        Text("The file has no records."),
        Text("At least one record. To report nothing, sign a nil return."),
    )


def _refusal(rule: str, message: Text, first: Unread) -> FileIsRefused:
    written = first.written
    where = ", ".join(filter(None, (written.get("ref"), describe_place(written))))
    return FileIsRefused(rule, message, first.expected, where or None)
