"""One launcher at a time in a home: a locked file that says who holds it, and where broker and mail server are.

The lock is the kernel's and ends with its holder, however that ends; the file stays, and alone says nothing.
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
    """Another launcher works in this home."""

    def __init__(self, holder: "Holder | None") -> None:
        who = f", as process {holder.pid}" if holder else ""
        super().__init__(
            f"This installation is running already{who}; stop it first, or name another home (IISGD_HOME)."
        )


@dataclass(frozen=True)
class Holder:
    """Who holds a home, and its addresses: they are chosen anew at each start."""

    pid: int
    broker_url: str
    smtp_url: str
    public_url: str


def acquire(home: Path) -> int:
    """Lock the home until the file descriptor that this gives is closed; `HomeIsTaken` if somebody has."""
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
    """Write into the locked file who holds it, where."""
    holder = Holder(os.getpid(), settings.broker_url, settings.smtp_url, settings.public_url)
    os.pwrite(lock, json.dumps(asdict(holder)).encode(), 0)


def wipe(home: Path) -> None:
    """Delete all that lies in a home of one's own, but the locked file: another's lock on a new one would hold too."""
    for path in home.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        elif path.name != LOCK_FILE:
            path.unlink()


def find_holder(home: Path) -> Holder | None:
    """Who holds the home just now; None when nobody does."""
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
    """The environment's settings; addresses that they leave open are those of the launcher at work in this home."""
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
    """None in the moment between locking and writing."""
    text = (home / LOCK_FILE).read_text(encoding="utf-8")
    return Holder(**json.loads(text)) if text else None
