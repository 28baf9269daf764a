"""Activities of IATI 2.03 as support records."""

from collections.abc import Iterator
from typing import Any, BinaryIO

from services.entry.formats.iati_activities import Activity, activity_of
from services.entry.formats.readings import Reading
from services.entry.formats.refusing import FileIsRefused
from shared.untrusted_xml import ElementStream, XmlIsBroken, XmlIsRefused

LARGEST_ACTIVITY = 4 * 1024 * 1024
"""In memory it takes up to fifty times as much."""

MOST_REMARKS = 1_000

_ROOT, _ACTIVITY = "iati-activities", "iati-activity"
_EXPECTED = "An activity file of IATI 2.03: well-formed XML without a DOCTYPE, whose root is iati-activities."


def read_iati(stream: BinaryIO, *, kind: str) -> Reading:
    """Read a support record from each activity; the remarks say what of it has no place there; raises FileIsRefused."""
    if kind != "support":
        message = f"An IATI file holds activities, which are support, and this is a submission of {kind}s."
        raise FileIsRefused("format", message, "The kind support, or a file of another format.")
    remarks: list[str] = []
    return Reading(records=_records(stream, remarks), remarks=remarks)


def activities_in(stream: BinaryIO) -> Iterator[Activity]:
    """The activities of a file in its order; raises FileIsRefused."""
    stream.seek(0)
    children = ElementStream(stream, most=LARGEST_ACTIVITY, tag=_ACTIVITY)
    try:
        for child in children:
            _refuse_other(children.root)
            yield activity_of(child)
            children.forget_before(child)
    except XmlIsBroken as broken:
        message = "The file is no well-formed XML."
        raise FileIsRefused("not-xml", message, _EXPECTED, f"line {broken.line}") from None
    except XmlIsRefused as refused:
        raise FileIsRefused("not-xml", f"The XML cannot be used: {refused.wrong}.", _EXPECTED) from None
    _refuse_other(children.root)


def _refuse_other(root: Any) -> None:
    if root.tag != _ROOT:
        raise FileIsRefused("not-xml", f"The file's root is {str(root.tag)[:100]!r}.", _EXPECTED, "line 1")


def _records(stream: BinaryIO, remarks: list[str]) -> Iterator[dict[str, Any]]:
    left_out = 0
    for activity in activities_in(stream):
        room = MOST_REMARKS - len(remarks)
        remarks.extend(activity.remarks[:room])
        left_out += max(len(activity.remarks) - room, 0)
        yield activity.record
    if left_out:
        remarks.append(f"{left_out:,} more remarks are not shown.")
