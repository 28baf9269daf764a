"""An example of every kind of message. `python -m tests.notify.messages.examples` writes the goldens anew."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from services.notify.calendar.domain import Meeting
from services.notify.messages.domain import (
    CancelledMeeting,
    Message,
    MovedMeeting,
    OpenObligation,
    WebhookNotice,
)
from services.notify.messages.formats import Rendered, render
from services.notify.reminders.domain.ladder import OVERDUE, REMINDER
from services.notify.reminders.domain.obligations import Obligation

GOLDENS = Path(__file__).parent / "goldens"
BOARD = Meeting("board-8", "board", "8th Board meeting", date(2026, 12, 15), 2)
CANCELLED_BOARD = replace(BOARD, is_cancelled=True)
DUE_ON = date(2026, 11, 30)


def owed(
    structure: str,
    mapping: str = "need",
    *,
    kind: str = REMINDER,
    due_on: date = DUE_ON,
    is_returned: bool = False,
    meeting: Meeting = BOARD,
) -> OpenObligation:
    obligation = Obligation(
        structure=structure,
        kind=mapping,
        period="2025-2026" if mapping == "need" else "2026",
        meeting=meeting.code,
        opens_on=due_on - timedelta(days=60),
        due_on=due_on,
        closes_on=meeting.held_on,
        is_returned=is_returned,
    )
    return OpenObligation(kind, obligation, meeting)


def reminder(structure: str, days: int) -> Message:
    kind = REMINDER if days >= 0 else OVERDUE
    return Message(DUE_ON - timedelta(days=days), (owed(structure, kind=kind),))


def disabled(reporter: str, *, is_for_secretariat: bool = False) -> Message:
    notice = WebhookNotice(
        webhook="01936b1c-7a40-7c11-8d5e-2f6f3a9b7c21",
        reporter=reporter,
        host="portal.example",
        reason="A message was not taken for two days; the last attempt: The receiver answered 503.",
        day=date(2026, 11, 25),
        is_for_secretariat=is_for_secretariat,
    )
    return Message(notice.day, (notice,))


EXAMPLES: Mapping[str, Message] = {
    "reminder-30": reminder("AL-WBCTi", 30),
    "reminder-14": reminder("BA-WBCSCi", 14),
    "reminder-7-kosovo": reminder("XK-WBBSi", 7),
    "reminder-1": reminder("MK-WBCTi", 1),
    "overdue": reminder("RS-WBCSCi", -1),
    "returned": Message(date(2026, 11, 23), (owed("XK-WBCSCi", is_returned=True),)),
    "not-open-yet": Message(
        date(2026, 11, 3),
        (MovedMeeting(BOARD, date(2026, 11, 27), (owed("ME-WBBSi", due_on=date(2027, 2, 1)),)),),
    ),
    "date-changed": Message(
        date(2026, 11, 3),
        (MovedMeeting(BOARD, date(2026, 11, 27), (owed("ME-WBBSi"), owed("ME-WBBSi", "response"))),),
    ),
    "cancelled": Message(
        date(2026, 11, 3),
        (CancelledMeeting(CANCELLED_BOARD, (owed("AL-WBCTi", meeting=CANCELLED_BOARD),)),),
    ),
    "held-after-all": Message(date(2026, 11, 3), (MovedMeeting(BOARD, None, (owed("ME-WBBSi"),)),)),
    "all-in-one": Message(
        date(2026, 11, 23),
        (
            MovedMeeting(BOARD, date(2026, 12, 1), (owed("XK-WBCTi"), owed("XK-WBCSCi"))),
            owed("XK-WBCTi", "response", kind=OVERDUE, due_on=date(2026, 11, 16)),
            owed("XK-WBCTi", "support", due_on=date(2026, 12, 7)),
        ),
    ),
    "webhook-disabled": disabled("XK-WBCTi"),
    "webhook-disabled-member": disabled("CEPOL", is_for_secretariat=True),
}


def rendered(name: str) -> Rendered:
    return render(EXAMPLES[name], public_url="https://iisgd.example")


def main() -> None:
    GOLDENS.mkdir(exist_ok=True)
    for name in EXAMPLES:
        shown = rendered(name)
        (GOLDENS / f"{name}.txt").write_text(f"Subject: {shown.subject}\n\n{shown.text}")
        (GOLDENS / f"{name}.html").write_text(shown.html)


if __name__ == "__main__":
    main()
