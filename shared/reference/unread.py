"""The reasons for which a part of a submitted file is not read, or is not read as it was written.

The readers of files find such parts. The rules decide which of them return a submission, so the Secretariat can change
their severity.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from shared.i18n import Text


@dataclass(frozen=True)
class UnreadReason:
    """The message about an unread part and the remedy, as templates of a `Text`."""

    message: str
    expected: str


UNREAD: Mapping[str, UnreadReason] = {
    "sheet": UnreadReason(
        "The sheet was not read; the records were read from {read}.",
        "Put all records on one sheet, or submit each sheet as a workbook of its own.",
    ),
}
"""Reasons by their code. Codes are stable: rules name them."""


def message_of(reason: str, values: Mapping[str, object]) -> Text:
    """Say why a part was not read."""
    return Text(UNREAD[reason].message, **values)


def expected_of(reason: str, values: Mapping[str, object]) -> Text:
    """Say what would be read instead."""
    return Text(UNREAD[reason].expected, **values)
