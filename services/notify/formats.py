"""Letters as text: the templates rendered, and the message that goes over the wire."""

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from services.notify.domain.letters import Letter, day_in_words, days_left, plain_day
from services.notify.domain.mails import Mail
from services.notify.domain.notices import WebhookNotice
from shared.reference.partners import FOOTNOTE, needs_footnote

WIDTH = 76
"""Columns of a plain text mail."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A letter as it is read."""

    subject: str
    text: str
    html: str


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        # By the file's ending: the plain text must show an ampersand as it is.
        autoescape=select_autoescape(enabled_extensions=("html.j2",)),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )
    environment.filters |= {"in_words": day_in_words, "plain": plain_day}
    environment.globals |= {"days_left": days_left}
    return environment


_TEMPLATES = _environment()


def render(letter: Letter | WebhookNotice, *, public_url: str) -> Rendered:
    """Write the letter out, with the footnote wherever the starred label is printed."""
    name = "mail" if isinstance(letter, Letter) else "webhook_disabled"
    shown = {"letter": letter, "link": public_url, "footnote": "", "width": WIDTH}
    text = _TEMPLATES.get_template(f"{name}.txt.j2").render(shown)
    if needs_footnote(text + letter.subject):
        shown["footnote"] = FOOTNOTE
        text = _TEMPLATES.get_template(f"{name}.txt.j2").render(shown)
    html = _TEMPLATES.get_template(f"{name}.html.j2").render(shown)
    return Rendered(subject=letter.subject, text=text, html=html)


def message_id(mail: str, sender: str) -> str:
    """The same for one mail for ever, so that a mail server's log can be searched for it."""
    domain = parseaddr(sender)[1].rpartition("@")[2] or "localhost"
    return f"<{mail}@{domain}>"


class MailCannotBeWritten(Exception):
    """A header would hold what no header can."""

    def __init__(self, why: object) -> None:
        super().__init__(f"The mail cannot be written: {why}")


def message_of(mail: Mail, *, sender: str, at: datetime) -> bytes:
    """The claimed mail as it goes over the wire; equal input gives equal bytes. Raises `MailCannotBeWritten`."""
    try:
        return _composed(mail, sender=sender, at=at)
    except (ValueError, MessageError) as error:
        raise MailCannotBeWritten(error) from error


def _composed(mail: Mail, *, sender: str, at: datetime) -> bytes:
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    message["To"] = Address(display_name=mail.label, addr_spec=mail.recipient)
    message["Subject"] = mail.subject or ""
    message["Date"] = format_datetime(at)
    message["Message-ID"] = mail.message_id or message_id(mail.id, sender)
    # Nobody's absence note should answer a reminder (RFC 3834).
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text or "")
    message.add_alternative(mail.html or "", subtype="html")
    message.set_boundary(_boundary(mail.id))
    return message.as_bytes()


def _boundary(mail: str) -> str:
    digest = hashlib.sha256(mail.encode()).digest()[:18]
    return "=_" + base64.urlsafe_b64encode(digest).decode()
