"""A sender that kills itself (SIGKILL) at a given point of its first mail. Run it in its own process."""

import os
import signal
import sys
from collections.abc import Sequence
from datetime import datetime

from services.notify.sending.gateway import SmtpMailer
from services.notify.sending.operations.sending import Sender, send_due_mails
from shared.clock import FixedClock
from shared.database import Database

SENDER = Sender("IISG Secretariat <iisg@rcc.example>", "https://iisgd.example")


class DyingMailer(SmtpMailer):
    def __init__(self, url: str, point: str) -> None:
        super().__init__(url)
        self._point = point

    def begin(self, sender: str, recipients: Sequence[str]) -> str:
        self._die("claimed")
        recipient = super().begin(sender, recipients)
        self._die("addressed")
        return recipient

    def send(self, message: bytes) -> None:
        self._die("data")
        super().send(message)
        self._die("delivered")

    def _die(self, point: str) -> None:
        if point == self._point:
            os.kill(os.getpid(), signal.SIGKILL)


def main(database_url: str, smtp_url: str, now: str, point: str) -> None:
    clock = FixedClock(datetime.fromisoformat(now))
    database = Database(database_url, "notify", clock=clock)
    send_due_mails(database=database, mailer=DyingMailer(smtp_url, point), clock=clock, sender=SENDER)


if __name__ == "__main__":
    main(*sys.argv[1:])
