"""The mail server, one SMTP verb at a time: whoever sends writes down what it is about to do before each of them."""

import re
import smtplib
import ssl
from collections.abc import Sequence
from typing import Protocol, Self
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

DEFAULT_TIMEOUT = 10.0
"""Seconds that a verb and its reply may take; a worker ends a tick that takes much longer."""

_FOR_GOOD = 500
_OK = (250, 251)
_GO_AHEAD = 354


class ServerIsAway(Exception):
    """The mail server cannot be reached, or went before it could have accepted the mail."""

    def __init__(self, why: object) -> None:
        super().__init__(f"The mail server cannot be reached: {why}")


class RefusedForNow(Exception):
    """The server did not take the mail and may take it later (4xx)."""


class RefusedForGood(Exception):
    """The server will never take the mail (5xx)."""


class FateIsUnknown(Exception):
    """The server was given the whole mail and did not say what it did with it."""

    def __init__(self, why: object) -> None:
        super().__init__(f"The mail server had the whole mail when it fell silent: {why}")


class UrlIsNoMailServer(Exception):
    """The setting does not name a mail server."""

    def __init__(self, url: str) -> None:
        super().__init__(
            f"{urlsplit(url).scheme!r} is no mail server's scheme; use smtp, smtp+starttls or smtps."
        )


class Mailer(Protocol):
    """Sends mails, one after the other."""

    def address(self, sender: str, recipients: Sequence[str]) -> str:
        """Name the sender and the first of the recipients that is taken; gives that one back.

        Raises `ServerIsAway`, `RefusedForNow`, `RefusedForGood`; in none of these has the server the mail.
        """
        ...

    def deliver(self, message: bytes) -> None:
        """Hand over the addressed mail. Raises as `address` does, and `FateIsUnknown`."""
        ...

    def forget(self) -> None:
        """Leave the addressed mail undelivered."""
        ...

    def close(self) -> None:
        """Say goodbye; never raises."""
        ...


class SmtpMailer:
    """A mail server behind `smtp://[user:password@]host:port[?timeout=seconds]`, `smtp+starttls://` or `smtps://`.

    One connection serves as many mails as are sent until `close`; it is made anew when it is lost.
    """

    def __init__(self, url: str) -> None:
        self._url: SplitResult = urlsplit(url)
        if self._url.scheme not in {"smtp", "smtp+starttls", "smtps"}:
            raise UrlIsNoMailServer(url)
        self._timeout = float(parse_qs(self._url.query).get("timeout", [str(DEFAULT_TIMEOUT)])[0])
        self._server: smtplib.SMTP | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def greet(self) -> None:
        """Connect and log in, and no more; raises `ServerIsAway`."""
        self._connected()

    def address(self, sender: str, recipients: Sequence[str]) -> str:
        """Name the sender and the first of the recipients that is taken; gives that one back."""
        server = self._connected()
        try:
            self._expect(server.mail(sender), _OK)
            for recipient in recipients[:-1]:
                reply = server.rcpt(recipient)
                if reply[0] < _FOR_GOOD:
                    self._expect(reply, _OK)
                    return recipient
            self._expect(server.rcpt(recipients[-1]), _OK)
            return recipients[-1]
        except (smtplib.SMTPServerDisconnected, OSError) as error:
            self._drop()
            raise ServerIsAway(error) from error

    def deliver(self, message: bytes) -> None:
        """Hand over the addressed mail."""
        server = self._connected()
        try:
            self._expect(server.docmd("data"), (_GO_AHEAD,))
            # Had this failed, the line that ends the mail, its last, would not have left: the server cannot have it.
            server.send(_stuffed(message))
        except (smtplib.SMTPServerDisconnected, OSError) as error:
            self._drop()
            raise ServerIsAway(error) from error
        try:
            reply = server.getreply()
        except (smtplib.SMTPException, OSError) as error:
            self._drop()
            raise FateIsUnknown(error) from error
        self._expect(reply, _OK)

    def forget(self) -> None:
        """Leave the addressed mail undelivered."""
        try:
            if self._server is not None:
                self._server.rset()
        except (smtplib.SMTPException, OSError):
            self._drop()

    def close(self) -> None:
        """Say goodbye; never raises."""
        try:
            if self._server is not None:
                self._server.quit()
        except (smtplib.SMTPException, OSError):
            pass  # whoever is gone already needs no goodbye
        finally:
            self._drop()

    def _connected(self) -> smtplib.SMTP:
        if self._server is None:
            try:
                self._server = self._connect()
            except (smtplib.SMTPException, OSError) as error:
                raise ServerIsAway(error) from error
        return self._server

    def _connect(self) -> smtplib.SMTP:
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
        code, words = reply
        if code in codes:
            return
        said = f"{code} {words.decode('utf-8', 'replace')}"
        # 421: the server closes the connection. A reply below 400 that nobody asked for means one that cannot be followed.
        if code == 421 or code < 400:  # noqa: PLR2004 - RFC 5321, 4.2
            self._drop()
        else:
            self.forget()
        raise RefusedForGood(said) if code >= _FOR_GOOD else RefusedForNow(said)

    def _drop(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            server.close()


def _stuffed(message: bytes) -> bytes:
    """The message as DATA takes it: a leading dot doubled, a lone dot at the end (RFC 5321, 4.5.2)."""
    body = re.sub(rb"(?m)^\.", b"..", message)
    return body + (b"" if body.endswith(b"\r\n") else b"\r\n") + b".\r\n"
