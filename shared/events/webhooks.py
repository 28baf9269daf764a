"""What happens to webhooks."""

from dataclasses import dataclass
from typing import ClassVar

from shared.events.event import Event


@dataclass(frozen=True, kw_only=True)
class WebhookDisabled(Event):
    """Nothing is sent to a reporter's webhook any more: its receiver took nothing for two days, or wants no more."""

    name: ClassVar[str] = "webhook.disabled.v1"

    webhook: str
    reporter: str
    partner: str | None
    """None where the reporter is a member or the Secretariat."""
    host: str
    """Where it led; not its whole URL, which may hold what only its receiver should know."""
    reason: str
    disabled_at: str
