"""Mails as bytes for the mail server, and the reasons in the ledger."""

import base64
import hashlib
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

from services.notify.sending.domain import Mail

REPLACED = "Replaced by a later mail to the same mailbox."
OUTDATED = "Nothing in the mail was current any more."
ABANDONED = (
    "The sender stopped responding after it began to transmit the mail. "
    "The mail server's log shows whether the mail was accepted."
)
NO_REASON = "no reason was given"


def given_up(attempts: int, reason: str) -> str:
    """Return the reason of a mail that has failed after its last attempt."""
    return f"Given up after {attempts} attempts. The last error: {reason}"


class MailCannotBeWritten(Exception):
    """A header of the mail would be invalid."""

    def __init__(self, why: object) -> None:
        super().__init__(f"The mail cannot be written: {why}")


def write_mail(mail: Mail, *, sender: str, at: datetime) -> bytes:
    """Return a claimed mail as bytes. Equal input gives equal bytes. Raise `MailCannotBeWritten`."""
    try:
        return _compose(mail, sender=sender, at=at)
    except (ValueError, MessageError) as error:
        raise MailCannotBeWritten(error) from error


def message_id(mail: str, sender: str) -> str:
    """Return the Message-ID of a mail. It never changes, so that a mail server's log can be searched for it."""
    domain = parseaddr(sender)[1].rpartition("@")[2] or "localhost"
    return f"<{mail}@{domain}>"


def parse_sender(sender: str) -> tuple[str, str]:
    """Return the label and the address in a From line."""
    label, address = parseaddr(sender)
    return label or "IISG Secretariat", address


def _compose(mail: Mail, *, sender: str, at: datetime) -> bytes:
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    message["To"] = Address(display_name=mail.label, addr_spec=mail.recipient)
    message["Subject"] = mail.subject or ""
    message["Date"] = format_datetime(at)
    message["Message-ID"] = mail.message_id or message_id(mail.id, sender)
    # Prevent absence notes in reply (RFC 3834).
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text or "")
    message.add_alternative(mail.html or "", subtype="html")
    message.set_boundary(_boundary(mail.id))
    return message.as_bytes()


def _boundary(mail: str) -> str:
    digest = hashlib.sha256(mail.encode()).digest()[:18]
    return "=_" + base64.urlsafe_b64encode(digest).decode()
