"""Send the mails that are due. Each state is committed before the SMTP verb that it precedes."""

from dataclasses import replace
from datetime import timedelta

from services.notify.sending import gateway
from services.notify.sending.domain import Mail
from services.notify.sending.formats import MailCannotBeWritten, write_mail
from services.notify.sending.operations import delivery
from services.notify.sending.operations.delivery import Sender
from shared.clock import Clock
from shared.database import Database
from shared.logs import log

BUDGET = timedelta(seconds=8)
"""The time after which a sender claims no further mail: its worker would end it in the middle of one."""


def send_due_mails(*, database: Database, mailer: gateway.Mailer, clock: Clock, sender: Sender) -> int:
    """Send until no mail is due, the server is unavailable or the time is up; return the number of attempts.

    Several senders may run at once.
    """
    until = clock.now() + BUDGET
    attempts = 0
    with database.begin() as tx:
        delivery.mark_abandoned(tx, now=clock.now())
    try:
        while clock.now() <= until:
            with database.begin() as tx:
                mail = delivery.claim_mail(tx, sender=sender, now=clock.now())
            if mail is None:
                break
            attempts += 1
            _send(database, mailer, clock, sender, mail)
    except gateway.ServerIsUnavailable:
        log().warning("the mail server is unavailable")
    finally:
        mailer.close()
    return attempts


def _send(database: Database, mailer: gateway.Mailer, clock: Clock, sender: Sender, mail: Mail) -> None:
    try:
        recipient = mailer.begin(sender.address, mail.addresses)
        # Compose before the state DATA is stored: the server cannot have a mail that cannot be composed.
        message = write_mail(replace(mail, recipient=recipient), sender=sender.address, at=clock.now())
        with database.begin() as tx:
            may_send = delivery.begin_data(tx, mail=mail, sender=sender, now=clock.now())
        if not may_send:
            mailer.reset()
            return
        mailer.send(message)
    except (gateway.ServerIsUnavailable, gateway.RejectedTemporarily) as error:
        with database.begin() as tx:
            delivery.mark_not_accepted(tx, mail=mail, reason=str(error), now=clock.now())
        if isinstance(error, gateway.ServerIsUnavailable):
            raise
    except (gateway.RejectedPermanently, MailCannotBeWritten) as error:
        mailer.reset()
        with database.begin() as tx:
            delivery.mark_failed(tx, mail=mail, reason=str(error))
    except gateway.DeliveryIsUncertain as error:
        with database.begin() as tx:
            delivery.mark_uncertain(tx, mail=mail, reason=str(error))
    else:
        with database.begin() as tx:
            delivery.mark_sent(tx, mail=mail, now=clock.now())
