"""The embedded mail sink: it accepts every mail, relays none, and stores each as a readable file."""

import asyncio
import re
import signal
from email import message_from_bytes
from email.policy import default
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

from shared.clock import SystemClock
from shared.ids import new_id

HOST = "127.0.0.1"


class Inbox:
    """A folder that stores arriving mails, sorted by arrival."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """Store the mail atomically: it is written to a hidden file and then renamed."""
        content = envelope.original_content or b""
        name = f"{SystemClock().now():%Y-%m-%dT%H%M%S}-{_recipient(content, envelope)}-{new_id()[-6:]}.eml"
        aside = self._folder / f".{name}"
        aside.write_bytes(content)
        aside.rename(self._folder / name)
        return "250 kept"


def serve(port: int, folder: Path) -> None:
    """Listen on the loopback address until SIGTERM or SIGINT."""
    folder.mkdir(parents=True, exist_ok=True)
    asyncio.run(_serve(port, folder))


async def _serve(port: int, folder: Path) -> None:
    loop = asyncio.get_running_loop()
    stopped = asyncio.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(sign, stopped.set)
    inbox = Inbox(folder)
    server = await loop.create_server(lambda: SMTP(inbox, hostname="localhost", loop=loop), HOST, port)
    async with server:
        await stopped.wait()


def _recipient(content: bytes, envelope: Envelope) -> str:
    to = message_from_bytes(content, policy=default)["To"]
    address = to.addresses[0].addr_spec if to is not None and to.addresses else envelope.rcpt_tos[0]
    return re.sub(r"[^A-Za-z0-9.@_-]", "_", address)[:100]
