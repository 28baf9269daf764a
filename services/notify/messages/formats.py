"""Messages as text and HTML: a registry of their kinds, and their rendering."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from services.notify.messages.domain import (
    WEBHOOK_DISABLED,
    CancelledMeeting,
    Message,
    MovedMeeting,
    OpenObligation,
    WebhookNotice,
)
from services.notify.reminders.domain.ladder import CANCELLED, DATE_CHANGED, OVERDUE, REMINDER
from shared.documents.html import Templates
from shared.reference import ReporterIsUnknown, reporter
from shared.reference.partners import PARTNERS
from shared.reference.reporters import STRUCTURES, time_zone_of
from shared.reference.wording import KIND_TITLES

WIDTH = 76
"""Columns of a plain text mail."""


@dataclass(frozen=True, slots=True)
class MessageKind:
    """The presentation of a kind of message."""

    template: str
    """The template of the section that lists the items of this kind."""
    subject: Callable[[Sequence[Any], date], str]
    """Builds the mail's subject from the items of this kind and the day."""
    layout: str = "mail"
    """The template of the mail around its sections."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """The subject, text and HTML of a message."""

    subject: str
    text: str
    html: str


def render(message: Message, *, public_url: str) -> Rendered:
    """Render the templates of a message, with the footnote wherever the starred label is printed."""
    sections = [(kind, items) for name, kind in MESSAGE_KINDS.items() if (items := message.of_kind(name))]
    leading, items = sections[0]
    subject = leading.subject(items, message.day)
    values = {
        "subject": subject,
        "day": message.day,
        "sections": sections,
        "addressees": addressees(message),
        "time_zones": sorted({time_zone_of(code) for code in message.structures}),
        "link": public_url,
        "width": WIDTH,
    }
    text = _TEMPLATES.render(f"{leading.layout}.txt.j2", also=subject, **values)
    html = _TEMPLATES.render(f"{leading.layout}.html.j2", also=subject, **values)
    return Rendered(subject=subject, text=text, html=html)


def addressees(message: Message) -> tuple[str, ...]:
    """Return the names of the addressees."""
    notices = [item for item in message.items if isinstance(item, WebhookNotice)]
    if notices:
        return tuple("the IISG Secretariat" if item.is_to_secretariat else owner(item) for item in notices)
    return tuple(structure_name(code) for code in message.structures)


def structure_name(code: str) -> str:
    """Return the name of a structure: `the WBCTi structure of Albania`."""
    found = STRUCTURES[code]
    return f"the {found.pillar} structure of {PARTNERS[found.partner].label}"


def owner(notice: WebhookNotice) -> str:
    """Return the name of the webhook's owner."""
    if notice.reporter in STRUCTURES:
        return structure_name(notice.reporter)
    try:
        return reporter(notice.reporter).label
    except ReporterIsUnknown:
        # Tokens of another issuer may name reporters that the register does not hold.
        return notice.reporter


def mapping(item: OpenObligation) -> str:
    """Return the name of a mapping: `Needs 2025-2026`."""
    return f"{KIND_TITLES[item.obligation.kind]} {item.obligation.period}"


def plain_day(day: date) -> str:
    """Return a date without its weekday: `7 December 2026`."""
    return f"{day.day} {day:%B %Y}"


def full_day(day: date) -> str:
    """Return a date with its weekday: `Monday 7 December 2026`."""
    return f"{day:%A} {plain_day(day)}"


def days_left(due_on: date, day: date) -> str:
    """Return the distance of a date from a day: `today`, `tomorrow`, `in 7 days`, `1 day ago`."""
    days = (due_on - day).days
    if days < 0:
        return f"{-days} day{'' if days == -1 else 's'} ago"
    return {0: "today", 1: "tomorrow"}.get(days, f"in {days} days")


def _moved_subject(items: Sequence[MovedMeeting], _day: date) -> str:
    meeting = items[0].meeting
    if items[0].previously is None:
        return f"Not cancelled: {meeting.title} on {full_day(meeting.held_on)}"
    return f"New date: {meeting.title} on {full_day(meeting.held_on)}"


def _cancelled_subject(items: Sequence[CancelledMeeting], _day: date) -> str:
    meeting = items[0].meeting
    return f"Cancelled: {meeting.title} on {full_day(meeting.held_on)}"


def _overdue_subject(items: Sequence[OpenObligation], _day: date) -> str:
    return f"Overdue since {plain_day(items[0].obligation.due_on)}: {_mappings(items)}"


def _reminder_subject(items: Sequence[OpenObligation], day: date) -> str:
    nearest = items[0].obligation.due_on
    return f"Due {days_left(nearest, day)}, on {plain_day(nearest)}: {_mappings(items)}"


def _webhook_subject(items: Sequence[WebhookNotice], _day: date) -> str:
    return f"Webhook disabled: {items[0].host}"


def _mappings(items: Sequence[OpenObligation]) -> str:
    mappings = sorted({mapping(item) for item in items})
    return mappings[0] if len(mappings) == 1 else f"{len(items)} mappings"


MESSAGE_KINDS: Mapping[str, MessageKind] = {
    CANCELLED: MessageKind("cancelled", _cancelled_subject),
    DATE_CHANGED: MessageKind("date_changed", _moved_subject),
    OVERDUE: MessageKind("overdue", _overdue_subject),
    REMINDER: MessageKind("reminder", _reminder_subject),
    WEBHOOK_DISABLED: MessageKind("webhook_disabled", _webhook_subject, layout="notice"),
}
"""Each kind of message, the most severe first: the first kind in a mail sets its subject and layout."""


_TEMPLATES = Templates(
    Path(__file__).parent / "templates",
    filters={"full_day": full_day, "mapping": mapping, "owner": owner, "structure_name": structure_name},
    functions={"days_left": days_left},
    keep_trailing_newline=True,
)
