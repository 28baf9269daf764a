"""Messages: the content of a mail on the day on which it is sent."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from services.notify.calendar.domain import Meeting
from services.notify.reminders.domain.ladder import CANCELLED, DATE_CHANGED, find_step
from services.notify.reminders.domain.obligations import Obligation
from services.notify.reminders.domain.reminders import Reminder, is_current, is_notice_current
from shared.reference.reporters import SECRETARIAT, STRUCTURES

WEBHOOK_DISABLED = "webhook_disabled"
"""The kind of message about a webhook that was disabled."""


@dataclass(frozen=True, slots=True)
class OpenObligation:
    """A mapping that a structure has not submitted."""

    kind: str
    """The kind of message of the ladder's step that is due."""
    obligation: Obligation
    meeting: Meeting

    @property
    def structures(self) -> frozenset[str]:
        """The structure that owes the mapping."""
        return frozenset({self.obligation.structure})


@dataclass(frozen=True, slots=True)
class MovedMeeting:
    """A meeting with a new date, and the obligations for it that are still open."""

    kind: ClassVar[str] = DATE_CHANGED

    meeting: Meeting
    previously: date | None
    """The date that the structures were last given; None if they were told that it is cancelled."""
    owed: tuple[OpenObligation, ...]

    @property
    def structures(self) -> frozenset[str]:
        """The structures with open obligations for the meeting."""
        return frozenset(item.obligation.structure for item in self.owed)


@dataclass(frozen=True, slots=True)
class CancelledMeeting:
    """A cancelled meeting, and the obligations for it that are still open."""

    kind: ClassVar[str] = CANCELLED

    meeting: Meeting
    owed: tuple[OpenObligation, ...]

    @property
    def structures(self) -> frozenset[str]:
        """The structures with open obligations for the meeting."""
        return frozenset(item.obligation.structure for item in self.owed)


@dataclass(frozen=True, slots=True)
class WebhookNotice:
    """A reporter's webhook that was disabled."""

    kind: ClassVar[str] = WEBHOOK_DISABLED

    webhook: str
    reporter: str
    host: str
    reason: str
    day: date
    is_for_secretariat: bool = False
    """Whether the notice goes to the Secretariat because the reporter has no mailbox."""

    @property
    def structures(self) -> frozenset[str]:
        """The owner of the webhook, if the owner is a structure."""
        return frozenset({self.reporter} & STRUCTURES.keys())

    @property
    def is_to_secretariat(self) -> bool:
        """Whether the Secretariat is addressed."""
        return self.is_for_secretariat or self.reporter == SECRETARIAT


Item = OpenObligation | MovedMeeting | CancelledMeeting | WebhookNotice


@dataclass(frozen=True, slots=True)
class Message:
    """The content of a mail: items of one or more kinds, on the day on which it is sent."""

    day: date
    items: tuple[Item, ...]

    def of_kind(self, kind: str) -> tuple[Item, ...]:
        """Return the items of a kind, in order."""
        return tuple(item for item in self.items if item.kind == kind)

    @property
    def structures(self) -> tuple[str, ...]:
        """The structures that the message is about, in their usual order."""
        codes = frozenset[str]().union(*(item.structures for item in self.items))
        return tuple(code for code in STRUCTURES if code in codes)


def compose(
    reminders: Iterable[Reminder],
    *,
    obligations: Iterable[Obligation],
    meetings: Mapping[str, Meeting],
    day: date,
) -> tuple[Message, frozenset[str]]:
    """Return the message of those reminders that are current on a day, and the ids of these reminders.

    An obligation that is due today or later is not repeated if its changed meeting is in the message too.
    """
    by_code = {obligation.code: obligation for obligation in obligations}
    current: list[str] = []
    owed: list[OpenObligation] = []
    changes: dict[tuple[str, str, date | None], list[OpenObligation]] = {}
    for reminder in reminders:
        if reminder.is_notice:
            meeting = meetings[reminder.about]
            towards = _owed_towards(meeting, reminder.structure, by_code.values(), day)
            held_on = None if meeting.is_cancelled else meeting.held_on
            if towards and is_notice_current(reminder, held_on=held_on):
                change = reminder.step, meeting.code, reminder.previously
                changes.setdefault(change, []).extend(towards)
                current.append(reminder.id)
        elif reminder.about in by_code and is_current(reminder, by_code[reminder.about], day):
            obligation = by_code[reminder.about]
            owed.append(OpenObligation(_kind_of(reminder), obligation, meetings[obligation.meeting]))
            current.append(reminder.id)
    changed = tuple(
        CancelledMeeting(meetings[code], tuple(items))
        if step == CANCELLED
        else MovedMeeting(meetings[code], previously, tuple(items))
        for (step, code, previously), items in changes.items()
    )
    covered = {item.obligation.code for change in changed for item in change.owed}
    listed = [item for item in owed if item.obligation.due_on < day or item.obligation.code not in covered]
    listed.sort(key=lambda item: (item.obligation.due_on, item.obligation.code))
    return Message(day, (*changed, *listed)), frozenset(current)


def _kind_of(reminder: Reminder) -> str:
    step = find_step(reminder.step)
    return step.kind if step else reminder.step


def _owed_towards(
    meeting: Meeting, structure: str, obligations: Iterable[Obligation], day: date
) -> tuple[OpenObligation, ...]:
    return tuple(
        OpenObligation(DATE_CHANGED, obligation, meeting)
        for obligation in obligations
        if obligation.structure == structure
        and obligation.meeting == meeting.code
        and obligation.is_open(day)
    )
