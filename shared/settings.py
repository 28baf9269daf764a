"""Every setting, with its default and its reason. The environment is read here and nowhere else."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

PREFIX = "IISGD_"

ON_THIS_MACHINE = {("http", "127.0.0.1"), ("http", "::1"), ("http", "localhost")}

WORDS = {"true": True, "false": False}
"""How a setting that is on or off is written."""


class SettingIsWrong(Exception):
    """A setting holds a value that cannot be used."""

    def __init__(self, name: str, value: str, expected: str) -> None:
        super().__init__(f"{PREFIX}{name.upper()} is {value!r}; it must be {expected}.")


@dataclass(frozen=True)
class Settings:
    """The installation's settings; each field is the environment variable `IISGD_<FIELD>`."""

    home: Path = Path("var")
    """The folder for everything that an embedded installation keeps."""

    database_url: str = ""
    """A SQLAlchemy URL, `sqlite:///...` or `postgresql+psycopg://...`; empty: a SQLite file in `home`."""

    broker_url: str = "redis://127.0.0.1:6379/0"
    """Where Celery's messages travel. Losing all of them loses no event."""

    broker_prefix: str = "iisgd:"
    """Keeps our keys apart from others' on a shared Redis."""

    blob_folder: Path | None = None
    """Where bodies over `blob_inline_bytes` lie; default: `home/blobs`."""

    blob_inline_bytes: int = 64 * 1024
    """Bodies up to this size live in a table row, so that a small POST is one commit."""

    key_folder: Path | None = None
    """The installation's token keys: `*.public.pem` to check, `*.private.pem` to issue; default: `home/keys`."""

    token_audience: str = "iisgd"  # noqa: S105 - a name, not a secret
    """Tokens for anybody else are refused."""

    token_minutes: float = 15.0
    """How long the tokens are good that clients get: so long may one whose client was ended still be used."""

    token_issuer: str = ""
    """Who else issues tokens for this installation: the `iss` in them. Needs `token_jwks_url`."""

    token_jwks_url: str = ""
    """Where that issuer's keys are: https, or this machine. Needs `token_issuer`."""

    smtp_url: str = "smtp://127.0.0.1:2525"
    """The mail server: `smtp://[user:password@]host:port`."""

    mail_from: str = "IISG Secretariat <iisg@rcc.example>"
    """The sender of every mail."""

    public_url: str = "http://127.0.0.1:8000"
    """How this installation is reached from outside; links in mails begin with it."""

    services: str = "entry,validation,reporting,notify"
    """The services that a web process serves, by comma; `iisgd web` sets it from its arguments."""

    web_threads: int = 8
    """Threads that answer, in each web process: what ends in several at once shares a commit. At most half of them
    wait for verdicts (`Prefer: wait`)."""

    limit_requests_per_minute: int = 600
    """What one reporter may ask, in all processes together; more is answered 429. Who polls needs far less."""

    limit_megabytes_per_hour: int = 500
    """What one reporter may send: ten of the largest files."""

    limit_records_per_hour: int = 500_000
    """Records that one reporter may hand in, or have checked, as JSON; those in files are counted by their bytes."""

    proxies: int = 0
    """How many reverse proxies stand before a web process: so many are believed about where a request came from."""

    max_body_bytes: int = 5 * 1024 * 1024
    """The largest request body; more is answered 413."""

    max_file_bytes: int = 50 * 1024 * 1024
    """The largest file that is handed in; more is answered 413. It goes to disk as it comes, never into memory."""

    lease_seconds: float = 30.0
    """How long a rung delivery may stay unfinished before it is rung again. Task time limits lie under it."""

    bulk_lease_seconds: float = 600.0
    """The same for the bulk lanes: a hundred thousand records take minutes where the processor is short."""

    window: int = 400
    """Deliveries of one lane that may be in flight at once: keeps a backlog in the database, not in the broker."""

    bulk_window: int = 40
    """The same for the bulk lanes. Each of theirs is a message, and while many are sent no small one is."""

    ring_batch: int = 40
    """Deliveries that one message may carry; in the bulk lanes each travels alone."""

    max_attempts: int = 8
    """After so many handlers that raised or never ended, a delivery is dead."""

    retry_seconds: float = 1.0
    """The first wait after a handler raised; it doubles up to `retry_cap_seconds`."""

    retry_cap_seconds: float = 300.0
    """The longest wait: what was mended is tried again within minutes."""

    poll_seconds: float = 0.015
    """How long an idle relay sleeps before it looks again."""

    keep_done_hours: float = 72.0
    """Done deliveries are pruned after this."""

    canary_seconds: float = 10.0
    """How often each lane proves that it still finishes work."""

    webhooks_may_be_local: bool = False
    """Whether webhooks may lead to this machine, and there in the clear: for tests and demonstrations, never else."""

    log_level: str = "INFO"
    """The least that is logged: `DEBUG`, `INFO`, `WARNING` or `ERROR`."""

    log_format: str = "json"
    """`json`, or `text` for a person's terminal."""

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] | None = None) -> Self:
        """Read the settings; `SettingIsWrong` names the one that cannot be used."""
        given = os.environ if environ is None else environ
        known = {field.name: str(field.type) for field in fields(cls)}
        values: dict[str, object] = {}
        for key, text in given.items():
            name = key.removeprefix(PREFIX).lower()
            # One that is empty is not set: that is how compose files and shells hand on what nobody gave.
            if not key.startswith(PREFIX) or not text:
                continue
            if name not in known:
                raise SettingIsWrong(name, text, f"one of the known settings: {', '.join(sorted(known))}")
            values[name] = _parsed(name, known[name], text)
        settings = cls(**values)  # type: ignore[arg-type]
        _check_issuer(settings)
        return settings

    @property
    def database(self) -> str:
        """The database's URL."""
        return self.database_url or f"sqlite:///{self.home.resolve() / 'iisgd.sqlite'}"

    @property
    def blobs(self) -> Path:
        """The folder of large bodies."""
        return self.blob_folder or self.home / "blobs"

    @property
    def keys(self) -> Path:
        """The folder of token keys."""
        return self.key_folder or self.home / "keys"

    def as_environ(self) -> dict[str, str]:
        """The environment that makes another process read these same settings, within this process's own."""
        return dict(os.environ) | {
            f"{PREFIX}{field.name.upper()}": str(value)
            for field in fields(self)
            if (value := getattr(self, field.name)) is not None
        }


def _check_issuer(settings: Settings) -> None:
    """Its keys decide who is let in: nobody on the way may put others in their place."""
    issuer, url = settings.token_issuer, settings.token_jwks_url
    if bool(issuer) != bool(url):
        missing, other = ("token_jwks_url", "ISSUER") if issuer else ("token_issuer", "JWKS_URL")
        raise SettingIsWrong(missing, "", f"set, since {PREFIX}TOKEN_{other} is")
    parts = urlsplit(url)
    if url and parts.scheme != "https" and (parts.scheme, parts.hostname) not in ON_THIS_MACHINE:
        raise SettingIsWrong("token_jwks_url", url, "an https address, or one of this machine")


def _parsed(name: str, kind: str, text: str) -> object:
    if "Path" in kind:
        return Path(text)
    if kind in ("<class 'int'>", "int", "<class 'float'>", "float"):
        number = int if "int" in kind else float
        try:
            return number(text)
        except ValueError:
            raise SettingIsWrong(name, text, "a number") from None
    if "bool" in kind:
        if text.lower() not in WORDS:
            raise SettingIsWrong(name, text, "true or false")
        return WORDS[text.lower()]
    return text
