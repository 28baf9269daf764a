"""Events of webhooks."""

from dataclasses import dataclass
from typing import ClassVar

from shared.events.event import Event


@dataclass(frozen=True, kw_only=True)
class WebhookDisabled(Event):
    """A reporter's webhook was disabled: its receiver accepted nothing for two days, or asked for no more."""

    name: ClassVar[str] = "webhook.disabled.v1"

    webhook: str
    reporter: str
    partner: str | None
    """None where the reporter is a member or the Secretariat."""
    host: str
    """The host of its URL. The whole URL may contain secrets of the receiver."""
    reason: str
    disabled_at: str
