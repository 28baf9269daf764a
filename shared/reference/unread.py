"""The reasons for which a part of a submitted file is not read, or is not read as it was written.

The readers of files find such parts and name the reason. The rules of level `file` decide which of them return a
submission, by what they bear or by their reason, so the Secretariat can change their severity.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from shared.i18n import Text

BEARS = ("record", "money", "date", "share", "text", "doubt", "nothing")
"""The kinds of content that a part bears and the records do not. The bundled rules GEN-201 to GEN-207 judge each in this order.

`text` is other content, such as a note or a column without a heading; a part of `doubt` is in the records, but perhaps not
as its sender means it, such as a hidden row; with `nothing`, all that matters is in the records.
"""


@dataclass(frozen=True)
class UnreadReason:
    """The message about an unread part and the remedy, as templates of a `Text`, and what the part `bears`."""

    message: str
    expected: str
    bears: str


UNREAD: Mapping[str, UnreadReason] = {
    "sheet": UnreadReason(
        "The sheet was not read; the records were read from {read}.",
        "Put all records on one sheet, or submit each sheet as a workbook of its own.",
        bears="record",
    ),
}
"""Reasons by their code. Codes are stable: rules name them."""


def message_of(reason: str, values: Mapping[str, object]) -> Text:
    """Say why a part was not read."""
    return Text(UNREAD[reason].message, **values)


def expected_of(reason: str, values: Mapping[str, object]) -> Text:
    """Say what would be read instead."""
    return Text(UNREAD[reason].expected, **values)
