"""A real SMTP server that stores accepted mails and gives the replies that a test sets."""

import socket
from collections import deque
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from types import TracebackType
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session, syntax

DROP = "drop"
"""Close the connection in place of a reply."""


class MailServer:
    """A server on a free port. It gives the `replies[verb]` in order, then accepts everything."""

    def __init__(self) -> None:
        self.replies: dict[str, deque[str]] = {
            verb: deque() for verb in ("MAIL", "RCPT", "DATA", "BODY", "TAKEN")
        }
        self.taken: list[tuple[str, EmailMessage]] = []
        self.connections = 0
        self._controller = _Controller(self)

    def __enter__(self) -> Self:
        self._controller.start()
        self.connections = 0  # without the controller's own
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._controller.stop()

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self._controller.port}?timeout=30"

    def next_reply(self, verb: str) -> str | None:
        waiting = self.replies[verb]
        return waiting.popleft() if waiting else None

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        envelope.mail_from = address
        return self.next_reply("MAIL") or "250 OK"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        reply = self.next_reply("RCPT")
        if reply is None:
            envelope.rcpt_tos.append(address)
        return reply or "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        reply = self.next_reply("BODY")
        if reply == DROP:
            server.transport.abort()
            return "250 lost with the connection"
        if reply is None:
            content = message_from_bytes(envelope.original_content or b"", policy=default)
            assert isinstance(content, EmailMessage)
            self.taken.append((envelope.rcpt_tos[0], content))
            if self.next_reply("TAKEN") == DROP:
                server.transport.abort()
        return reply or "250 OK"


class _Protocol(SMTP):
    @syntax("DATA")
    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802 - aiosmtpd's name
        reply = self.event_handler.next_reply("DATA")
        if reply == DROP:
            self.transport.abort()
        elif reply is not None:
            await self.push(reply)
        else:
            await super().smtp_DATA(arg)

    def connection_made(self, transport: Any) -> None:
        self.event_handler.connections += 1
        super().connection_made(transport)


class _Controller(Controller):
    def __init__(self, server: MailServer) -> None:
        super().__init__(server, hostname="127.0.0.1", port=free_port())

    def factory(self) -> SMTP:
        return _Protocol(self.handler, hostname="localhost", loop=self.loop)


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port
