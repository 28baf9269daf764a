"""The reader of IATI 2.03 activity files."""

from collections.abc import Iterator
from typing import Any, BinaryIO

from services.entry.files.domain.read_result import ReadResult
from services.entry.files.domain.refusals import FileIsRefused
from services.entry.files.formats.iati_activities import Activity, read_activity
from shared.untrusted_xml import ElementStream, XmlIsBroken, XmlIsRefused

MAX_ACTIVITY_SIZE = 4 * 1024 * 1024
"""The maximum size of an activity. Its elements take up to fifty times as much memory."""

MAX_REMARKS = 1_000

_ROOT, _ACTIVITY = "iati-activities", "iati-activity"
_EXPECTED = "An IATI 2.03 activity file: well-formed XML without a DOCTYPE, with the root iati-activities."


def read_iati(stream: BinaryIO, *, kind: str) -> ReadResult:
    """Read a support record from each activity; remarks list omitted content. Raise `FileIsRefused`."""
    if kind != "support":
        message = f"An IATI file contains support, but the submission is of the kind {kind}."
        raise FileIsRefused(
            "format", message, "A submission of the kind support, or a file in another format."
        )
    remarks: list[str] = []
    return ReadResult(records=_records(stream, remarks), remarks=remarks)


def read_activities(stream: BinaryIO) -> Iterator[Activity]:
    """Yield the activities of a file in order; raise `FileIsRefused`."""
    stream.seek(0)
    children = ElementStream(stream, most=MAX_ACTIVITY_SIZE, tag=_ACTIVITY)
    try:
        for child in children:
            _refuse_other(children.root)
            yield read_activity(child)
            children.delete_before(child)
    except XmlIsBroken as broken:
        message = "The file is not well-formed XML."
        raise FileIsRefused("not-xml", message, _EXPECTED, f"line {broken.line}") from None
    except XmlIsRefused as refused:
        raise FileIsRefused("not-xml", f"The XML cannot be read: {refused.wrong}.", _EXPECTED) from None
    _refuse_other(children.root)


def _refuse_other(root: Any) -> None:
    if root.tag != _ROOT:
        raise FileIsRefused("not-xml", f"The root element is {str(root.tag)[:100]!r}.", _EXPECTED, "line 1")


def _records(stream: BinaryIO, remarks: list[str]) -> Iterator[dict[str, Any]]:
    left_out = 0
    for activity in read_activities(stream):
        left = MAX_REMARKS - len(remarks)
        remarks.extend(activity.remarks[:left])
        left_out += max(len(activity.remarks) - left, 0)
        yield activity.record
    if left_out:
        remarks.append(f"{left_out:,} more remarks are not shown.")
