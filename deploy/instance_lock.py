"""The instance lock: one launcher at a time per home, with the addresses of its broker and mail server.

The kernel holds the lock and releases it when the process ends. The file stays, and means nothing without the lock.
"""

import fcntl
import json
import os
import shutil
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from shared.settings import Settings

LOCK_FILE = "running.json"


class InstanceIsLocked(Exception):
    """Another launcher runs in this home."""

    def __init__(self, holder: "Holder | None") -> None:
        who = f", as process {holder.pid}" if holder else ""
        super().__init__(
            f"This installation is already running{who}. Stop it first, or set another home (IISGD_HOME)."
        )


@dataclass(frozen=True)
class Holder:
    """The process that holds the lock, and its addresses. Each start chooses new addresses."""

    pid: int
    broker_url: str
    smtp_url: str
    public_url: str


def acquire(home: Path) -> int:
    """Lock the home until the returned file descriptor is closed; raise `InstanceIsLocked` if it is locked."""
    home.mkdir(parents=True, exist_ok=True)
    lock = os.open(home / LOCK_FILE, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        raise InstanceIsLocked(_read(home)) from None
    os.ftruncate(lock, 0)
    return lock


def publish(lock: int, settings: Settings) -> None:
    """Write the holder and its addresses into the lock file."""
    holder = Holder(os.getpid(), settings.broker_url, settings.smtp_url, settings.public_url)
    os.pwrite(lock, json.dumps(asdict(holder)).encode(), 0)


def wipe(home: Path) -> None:
    """Delete everything in a home except the lock file: a second process could lock a new one."""
    for path in home.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        elif path.name != LOCK_FILE:
            path.unlink()


def find_holder(home: Path) -> Holder | None:
    """Return the process that holds the lock; None if there is none."""
    try:
        lock = os.open(home / LOCK_FILE, os.O_RDONLY)
    except OSError:
        return None
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _read(home)
    finally:
        os.close(lock)
    return None


def current_settings() -> Settings:
    """Return the environment's settings. Addresses that they leave open are those of the running launcher in this home."""
    settings = Settings.from_environ()
    holder = find_holder(settings.home)
    if holder is None:
        return settings
    addresses = asdict(holder)
    left_open = [
        name
        for name in ("broker_url", "smtp_url", "public_url")
        if getattr(settings, name) == getattr(Settings, name)
    ]
    return replace(settings, **{name: addresses[name] for name in left_open})


def _read(home: Path) -> Holder | None:
    """Return the holder; None in the moment between locking and writing."""
    text = (home / LOCK_FILE).read_text(encoding="utf-8")
    return Holder(**json.loads(text)) if text else None
