"""Webhooks, their messages and secrets, and the waits between retries."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from services.entry.audit.domain import PUBLISHED, Entry
from shared.i18n import Text
from shared.identity.rights import list_limits
from shared.retries import RetryPolicy

State = Literal["enabled", "disabled"]
MessageState = Literal["waiting", "sent", "failed"]

EVENTS = tuple(sorted(PUBLISHED - {"submission.received"}))
"""The events of webhooks. A sender needs no message about its own submission: it has the response."""

TEST = "webhook.test"
"""The type of a test message. It is sent whatever events the webhook has."""

MAX_WEBHOOKS = 5
"""The maximum number of webhooks of a reporter."""

MAX_SECRETS = 2
"""The maximum number of live secrets of a webhook: the old and the new one, while its receiver changes over."""

OVERLAP = timedelta(hours=24)
"""The time for which the previous secret still signs after a rotation."""

LEASE = timedelta(minutes=1)
"""The time for which a sender claims a webhook: longer than any message takes. After it, another sender retries."""

MAX_REST = timedelta(minutes=1)
"""The maximum pause of a webhook after a failure: its other messages would fail as well."""

MESSAGE_TTL = timedelta(days=90)
"""The time for which a sent or failed message is stored."""

GONE = 410
"""The status by which a receiver refuses all further messages (RFC 9110, 15.5.11)."""

RETRIES = RetryPolicy(
    tuple(timedelta(seconds=wait) for wait in (5, 30, 120, 300, 900, 1_800, 3_600, 7_200, 14_400)),
    give_up_after=timedelta(days=2),
)
"""The waits before a message is retried. After two days the message has failed, and the webhook is disabled."""

PAYLOAD_DETAIL = ("pillar", "kind", "period", "verdict", "deadline", "was", "now")
"""The detail of an entry that a message may contain: no reason, text or figure. Its receiver may be operated by others."""


@dataclass(frozen=True)
class Webhook:
    """A URL of a reporter, and the events about which it gets messages."""

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
    """The reason for which the webhook was disabled."""

    @property
    def audience(self) -> tuple[str | None, str | None]:
        """Return the reporter or the partner whose entries the webhook may get; neither for all entries."""
        return list_limits(self.role, reporter=self.reporter, partner=self.partner)

    def subscribes_to(self, entry: Entry) -> bool:
        """Return whether the webhook has the entry's event, and may get this entry."""
        reporter, partner = self.audience
        concerns_everyone = entry.reporter is None and entry.partner is None
        is_visible = reporter in (None, entry.reporter) and partner in (None, entry.partner)
        return entry.action in self.events and (concerns_everyone or is_visible)


@dataclass(frozen=True)
class Secret:
    """A signing secret. Two may be live at once."""

    id: str
    webhook: str
    secret: str
    made_at: datetime
    ends_at: datetime | None = None
    """The time at which it stops signing; None for the newest."""


@dataclass(frozen=True)
class Message:
    """A message to a webhook, with its status."""

    id: str
    """The id, equal in every attempt, by which a receiver recognises duplicates."""
    webhook: str
    sequence: int | None
    """The sequence of the message's audit entry; None for a test."""
    type: str
    body: str
    state: MessageState
    attempts: int
    due_at: datetime
    first_due_at: datetime
    last_status: int | None = None
    """The status of the last response; None without a response."""
    last_error: str | None = None
    sent_at: datetime | None = None


class WebhooksAreTooMany(Exception):
    """The reporter has the maximum number of webhooks."""

    def __init__(self) -> None:
        super().__init__(Text("A reporter may have {most} webhooks; delete one first.", most=MAX_WEBHOOKS))


class WebhooksAreMadeAtOnce(Exception):
    """The reporter creates another webhook at the same moment."""

    def __init__(self) -> None:
        super().__init__(Text("Another of your requests is creating a webhook; try again."))


class SecretsAreTooMany(Exception):
    """The webhook has the maximum number of live secrets."""

    def __init__(self) -> None:
        super().__init__(
            Text(
                "The webhook has {most} live secrets; revoke the one that is no longer used.",
                most=MAX_SECRETS,
            )
        )


class SecretIsTheLast(Exception):
    """The secret is the webhook's only live one: without it, no message could be signed."""

    def __init__(self) -> None:
        super().__init__(
            Text(
                "The secret is the webhook's only live one; create the next one first, or delete the webhook."
            )
        )


class WebhookIsDisabled(Exception):
    """The webhook is disabled and gets no messages."""

    def __init__(self) -> None:
        super().__init__(Text("The webhook is disabled; enable it first."))


def free_slot(taken: Collection[int]) -> int:
    """Return the first free slot of a reporter. Raise `WebhooksAreTooMany` without one."""
    for slot in range(MAX_WEBHOOKS):
        if slot not in taken:
            return slot
    raise WebhooksAreTooMany


def payload_of(sequence: int, entry: Entry) -> Mapping[str, Any]:
    """Return the payload of a message: the reporter, partner and submission of the entry, without its contents."""
    about = {
        "sequence": sequence,
        "reporter": entry.reporter,
        "partner": entry.partner,
        "submission": entry.submission,
        "version": entry.version,
    }
    return {name: value for name, value in about.items() if value is not None} | {
        name: entry.detail[name] for name in PAYLOAD_DETAIL if name in entry.detail
    }
