"""The mail server, one SMTP verb at a time, so that the sender can store each state before the next verb."""

import re
import smtplib
import ssl
from collections.abc import Sequence
from typing import Protocol, Self
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

DEFAULT_TIMEOUT = 10.0
"""Maximum seconds for a verb and its reply. A worker ends a tick that takes much longer."""

_PERMANENT = 500
_OK = (250, 251)
_GO_AHEAD = 354


class ServerIsUnavailable(Exception):
    """The mail server is unreachable, or disconnected before it could accept the mail."""

    def __init__(self, why: object) -> None:
        super().__init__(f"The mail server cannot be reached: {why}")


class RejectedTemporarily(Exception):
    """The server rejected the mail and may accept it later (4xx)."""


class RejectedPermanently(Exception):
    """The server will never accept the mail (5xx)."""


class DeliveryIsUncertain(Exception):
    """The server received the whole mail and did not reply."""

    def __init__(self, why: object) -> None:
        super().__init__(f"The mail server received the whole mail and did not reply: {why}")


class MailServerUrlIsInvalid(Exception):
    """The setting is not the URL of a mail server."""

    def __init__(self, url: str) -> None:
        super().__init__(
            f"{urlsplit(url).scheme!r} is not a mail server's scheme; use smtp, smtp+starttls or smtps."
        )


class Mailer(Protocol):
    """Sends mails, one after the other."""

    def begin(self, sender: str, recipients: Sequence[str]) -> str:
        """Begin a mail: give the server the sender and the recipients in order; return the first that it accepts.

        Raise `ServerIsUnavailable`, `RejectedTemporarily` or `RejectedPermanently`. In each case the server does not
        have the mail.
        """
        ...

    def send(self, message: bytes) -> None:
        """Send the mail that was begun. Raise `DeliveryIsUncertain`, or an exception of `begin`."""
        ...

    def reset(self) -> None:
        """Cancel the mail that was begun."""
        ...

    def close(self) -> None:
        """Disconnect; never raise."""
        ...


class SmtpMailer:
    """A mail server behind `smtp://[user:password@]host:port[?timeout=seconds]`, `smtp+starttls://` or `smtps://`.

    One connection serves all mails until `close`. A lost connection is replaced.
    """

    def __init__(self, url: str) -> None:
        self._url: SplitResult = urlsplit(url)
        if self._url.scheme not in {"smtp", "smtp+starttls", "smtps"}:
            raise MailServerUrlIsInvalid(url)
        self._timeout = float(parse_qs(self._url.query).get("timeout", [str(DEFAULT_TIMEOUT)])[0])
        self._server: smtplib.SMTP | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def connect(self) -> smtplib.SMTP:
        """Return the connection, new if there is none; raise `ServerIsUnavailable`."""
        if self._server is None:
            try:
                self._server = self._log_in()
            except (smtplib.SMTPException, OSError) as error:
                raise ServerIsUnavailable(error) from error
        return self._server

    def begin(self, sender: str, recipients: Sequence[str]) -> str:
        """Begin a mail; return the first recipient that the server accepts."""
        server = self.connect()
        try:
            self._expect(server.mail(sender), _OK)
            for recipient in recipients[:-1]:
                reply = server.rcpt(recipient)
                if reply[0] < _PERMANENT:
                    self._expect(reply, _OK)
                    return recipient
            self._expect(server.rcpt(recipients[-1]), _OK)
            return recipients[-1]
        except (smtplib.SMTPServerDisconnected, OSError) as error:
            self._drop()
            raise ServerIsUnavailable(error) from error

    def send(self, message: bytes) -> None:
        """Send the mail that was begun."""
        server = self.connect()
        try:
            self._expect(server.docmd("data"), (_GO_AHEAD,))
            # If this fails, the line that ends the mail, its last, was not sent: the server cannot have the mail.
            server.send(_dot_stuffed(message))
        except (smtplib.SMTPServerDisconnected, OSError) as error:
            self._drop()
            raise ServerIsUnavailable(error) from error
        try:
            reply = server.getreply()
        except (smtplib.SMTPException, OSError) as error:
            self._drop()
            raise DeliveryIsUncertain(error) from error
        self._expect(reply, _OK)

    def reset(self) -> None:
        """Cancel the mail that was begun."""
        try:
            if self._server is not None:
                self._server.rset()
        except (smtplib.SMTPException, OSError):
            self._drop()

    def close(self) -> None:
        """Disconnect; never raise."""
        try:
            if self._server is not None:
                self._server.quit()
        except (smtplib.SMTPException, OSError):
            pass  # the server has disconnected already
        finally:
            self._drop()

    def _log_in(self) -> smtplib.SMTP:
        host, port = self._url.hostname or "localhost", self._url.port or 0
        if self._url.scheme == "smtps":
            secure = ssl.create_default_context()
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=self._timeout, context=secure)
        else:
            server = smtplib.SMTP(host, port, timeout=self._timeout)
        try:
            if self._url.scheme == "smtp+starttls":
                server.starttls(context=ssl.create_default_context())
            server.ehlo_or_helo_if_needed()
            if self._url.username:
                server.login(unquote(self._url.username), unquote(self._url.password or ""))
        except (smtplib.SMTPException, OSError):
            server.close()
            raise
        return server

    def _expect(self, reply: tuple[int, bytes], codes: tuple[int, ...]) -> None:
        code, message = reply
        if code in codes:
            return
        answer = f"{code} {message.decode('utf-8', 'replace')}"
        # 421: the server closes the connection. An unexpected reply below 400 breaks the protocol.
        if code == 421 or code < 400:  # noqa: PLR2004 - RFC 5321, 4.2
            self._drop()
        else:
            self.reset()
        raise RejectedPermanently(answer) if code >= _PERMANENT else RejectedTemporarily(answer)

    def _drop(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            server.close()


def _dot_stuffed(message: bytes) -> bytes:
    """Return a message in the form of DATA: leading dots doubled, a lone dot at the end (RFC 5321, 4.5.2)."""
    body = re.sub(rb"(?m)^\.", b"..", message)
    return body + (b"" if body.endswith(b"\r\n") else b"\r\n") + b".\r\n"
