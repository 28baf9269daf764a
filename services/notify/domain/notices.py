"""What is told once, by a mail of its own: no reminder, and nothing that a later mail could say instead."""

from dataclasses import dataclass
from datetime import date

from services.notify.domain.letters import in_words
from shared.reference import ReporterIsUnknown, reporter
from shared.reference.reporters import SECRETARIAT, STRUCTURES


@dataclass(frozen=True, slots=True)
class WebhookNotice:
    """Nothing is sent to a reporter's webhook any more."""

    webhook: str
    reporter: str
    host: str
    reason: str
    day: date
    is_for_secretariat: bool = False
    """Whether the Secretariat is told, since nobody knows the reporter's mailbox."""

    @property
    def owner(self) -> str:
        """Whose webhook it is, in words."""
        if self.reporter in STRUCTURES:
            return in_words(self.reporter)
        try:
            return reporter(self.reporter).label
        except ReporterIsUnknown:
            # Where tokens come from another issuer, reporters may be others than ours.
            return self.reporter

    @property
    def addressees(self) -> tuple[str, ...]:
        """Who is spoken to."""
        is_secretariat = self.is_for_secretariat or self.reporter == SECRETARIAT
        return ("the IISG Secretariat",) if is_secretariat else (self.owner,)

    @property
    def subject(self) -> str:
        """What it is about."""
        return f"Webhook disabled: {self.host}"
