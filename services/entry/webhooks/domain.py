"""Webhooks: where reporters are told of what concerns them, what they are told, and for how long it is tried."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from services.entry.audit.domain import PUBLISHED, Entry

State = Literal["enabled", "disabled"]
MessageState = Literal["waiting", "sent", "failed"]

EVENTS = tuple(sorted(PUBLISHED - {"submission.received"}))
"""What can be asked for. Who hands in has an answer in hand: it needs no message that it was received."""

TEST = "webhook.test"
"""The type of a message that says nothing; it goes to whoever asks for it, whatever else is asked for."""

MOST_WEBHOOKS = 5
"""So many a reporter may have."""

MOST_SECRETS = 2
"""So many live secrets a webhook may have: the old one and the new one, while its receiver changes over."""

OVERLAP = timedelta(hours=24)
"""How long the old secret goes on signing after a new one was made."""

PATIENCE = timedelta(days=2)
"""How long a message is tried; after that its webhook is disabled."""

LEASE = timedelta(minutes=1)
"""How long a sender may hold a webhook: longer than a message can take. After that another sends the message again."""

LONGEST_REST = timedelta(minutes=1)
"""After a failure nothing goes to the webhook for a while, at most so long: its other messages would fail as well."""

KEPT = timedelta(days=90)
"""How long the ledger has a message that waits for nothing any more."""

GONE = 410
"""The status with which a receiver says that it wants no more (RFC 9110, 15.5.11)."""

WAITS = tuple(timedelta(seconds=seconds) for seconds in (5, 30, 120, 300, 900, 1_800, 3_600, 7_200, 14_400))
"""After the first, second, ... failure, before jitter; from then on the last."""

TOLD = ("pillar", "kind", "period", "verdict", "deadline", "was", "now")
"""What of an entry's detail may be told: no reason, no text, no figure. Whoever runs the receiver may read it."""


@dataclass(frozen=True)
class Webhook:
    """Where a reporter wants to be told, and of what."""

    id: str
    reporter: str
    partner: str | None
    role: str
    url: str
    events: tuple[str, ...]
    made_at: datetime
    state: State = "enabled"
    disabled_at: datetime | None = None
    reason: str | None = None
    """Why it was disabled."""

    @property
    def concerned(self) -> tuple[str | None, str | None]:
        """The reporter or the partner whose entries it may be told of; neither: all of them."""
        if self.role == "secretariat":
            return None, None
        return (None, self.partner) if self.role == "coordinator" else (self.reporter, None)

    def wants(self, entry: Entry) -> bool:
        """Whether it asked for such entries, and may be told of this one."""
        reporter, partner = self.concerned
        concerns_everybody = entry.reporter is None and entry.partner is None
        is_seen = reporter in (None, entry.reporter) and partner in (None, entry.partner)
        return entry.action in self.events and (concerns_everybody or is_seen)


@dataclass(frozen=True)
class Secret:
    """What messages are signed with. Two may be live at once."""

    id: str
    webhook: str
    secret: str
    made_at: datetime
    ends_at: datetime | None = None
    """When it stops signing; None while it is the newest."""


@dataclass(frozen=True)
class Message:
    """A row of the ledger: what is, was or could not be told."""

    id: str
    """The same at every attempt: by it a receiver knows what it has already."""
    webhook: str
    sequence: int | None
    """The journal entry's that it tells of; None for a test."""
    type: str
    body: str
    state: MessageState
    attempts: int
    due_at: datetime
    first_due_at: datetime
    last_status: int | None = None
    """What the receiver last answered; None when it gave no answer."""
    last_error: str | None = None
    sent_at: datetime | None = None


class WebhooksAreTooMany(Exception):
    """The reporter has as many webhooks as it may."""

    def __init__(self) -> None:
        super().__init__(f"A reporter may have {MOST_WEBHOOKS} webhooks; end one first.")


class WebhooksAreMadeAtOnce(Exception):
    """The reporter made another at the same moment, and both would have the same place."""

    def __init__(self) -> None:
        super().__init__("You made another webhook at the same moment; try again.")


class SecretsAreTooMany(Exception):
    """The webhook has as many live secrets as it may."""

    def __init__(self) -> None:
        super().__init__(
            f"The webhook has {MOST_SECRETS} live secrets; end the one that is not used any more."
        )


class SecretIsTheLast(Exception):
    """Without it nothing could be signed."""

    def __init__(self) -> None:
        super().__init__("It is the webhook's only live secret; make the next one first, or end the webhook.")


class WebhookIsDisabled(Exception):
    """Nothing is sent to it."""

    def __init__(self) -> None:
        super().__init__("The webhook is disabled; enable it first.")


def free_slot(taken: Collection[int]) -> int:
    """The first of a reporter's places that no webhook of its has; raises `WebhooksAreTooMany`."""
    for slot in range(MOST_WEBHOOKS):
        if slot not in taken:
            return slot
    raise WebhooksAreTooMany


def next_attempt_at(
    attempts: int, *, chance: float, first_due_at: datetime, now: datetime
) -> datetime | None:
    """When to try again after so many failures; None when it was tried for long enough.

    `chance`, from 0 to 1, spreads those that failed together: they come back between 75 % and 125 % of the wait. The
    last attempt is at the very end of the two days.
    """
    until = first_due_at + PATIENCE
    if now >= until:
        return None
    wait = WAITS[min(attempts, len(WAITS)) - 1]
    return min(now + wait * (0.75 + chance / 2), until)


def data_of(sequence: int, entry: Entry) -> Mapping[str, Any]:
    """What is told of an entry: whom it concerns and what it is about; what it says is asked for with a token."""
    about = {
        "sequence": sequence,
        "reporter": entry.reporter,
        "partner": entry.partner,
        "submission": entry.submission,
        "version": entry.version,
    }
    return {name: value for name, value in about.items() if value is not None} | {
        name: entry.detail[name] for name in TOLD if name in entry.detail
    }
