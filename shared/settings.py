"""Every setting, with its default. Only this module reads the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

PREFIX = "IISGD_"

ON_THIS_MACHINE = {("http", "127.0.0.1"), ("http", "::1"), ("http", "localhost")}

WORDS = {"true": True, "false": False}
"""The values of a setting that is on or off."""


class SettingIsInvalid(Exception):
    """A setting has an invalid value."""

    def __init__(self, name: str, value: str, expected: str) -> None:
        super().__init__(f"{PREFIX}{name.upper()} is {value!r}; it must be {expected}.")


@dataclass(frozen=True)
class Settings:
    """The installation's settings; each field is the environment variable `IISGD_<FIELD>`."""

    home: Path = Path("var")
    """The folder of an embedded installation's data."""

    database_url: str = ""
    """A SQLAlchemy URL, `sqlite:///...` or `postgresql+psycopg://...`; empty: a SQLite file in `home`."""

    broker_url: str = "redis://127.0.0.1:6379/0"
    """The broker of Celery's messages. Losing all of them loses no event."""

    broker_prefix: str = "iisgd:"
    """The prefix of this installation's keys on a shared Redis."""

    blob_folder: Path | None = None
    """The folder of bodies over `blob_inline_bytes`; default: `home/blobs`."""

    blob_inline_bytes: int = 64 * 1024
    """The maximum size of a body in a table row, so that a small POST is one commit."""

    key_folder: Path | None = None
    """The folder of token keys: `*.public.pem` to verify, `*.private.pem` to issue; default: `home/keys`."""

    token_audience: str = "iisgd"  # noqa: S105 - a name, not a secret
    """The audience of tokens. Tokens for another audience are refused."""

    token_minutes: float = 15.0
    """The lifetime of clients' tokens, in minutes. A revoked client's token remains valid this long."""

    token_issuer: str = ""
    """The `iss` of tokens that another issuer creates for this installation. Needs `token_jwks_url`."""

    token_jwks_url: str = ""
    """The URL of that issuer's keys: https, or this machine. Needs `token_issuer`."""

    smtp_url: str = "smtp://127.0.0.1:2525"
    """The mail server: `smtp://[user:password@]host:port`."""

    mail_from: str = "IISG Secretariat <iisg@rcc.example>"
    """The sender of every mail."""

    public_url: str = "http://127.0.0.1:8000"
    """The public URL of this installation, with which links in mails begin."""

    services: str = "entry,validation,reporting,notify"
    """The services of a web process, separated by commas; `iisgd web` sets them from its arguments."""

    web_threads: int = 8
    """The threads of each web process. Requests that end at the same time share a commit. At most half of the threads
    wait for verdicts (`Prefer: wait`)."""

    limit_requests_per_minute: int = 600
    """The maximum number of requests per reporter, across processes; more are answered 429. Polling needs far fewer."""

    limit_megabytes_per_hour: int = 500
    """The maximum volume that a reporter may send: ten of the largest files."""

    limit_records_per_hour: int = 500_000
    """The maximum number of records that a reporter may submit or check as JSON. Records in files count by their bytes."""

    proxies: int = 0
    """The number of reverse proxies in front of a web process, which are trusted to report a client's address."""

    max_body_bytes: int = 5 * 1024 * 1024
    """The maximum size of a request body; a larger one is answered 413."""

    max_file_bytes: int = 50 * 1024 * 1024
    """The maximum size of an uploaded file; a larger one is answered 413. Files stream to disk, never into memory."""

    lease_seconds: float = 30.0
    """The seconds that a rung delivery may stay unfinished before it is rung again. Task time limits are shorter."""

    bulk_lease_seconds: float = 600.0
    """The lease in the bulk lanes, in seconds: a hundred thousand records can take minutes on a slow processor."""

    window: int = 400
    """The maximum deliveries of one lane in flight: a backlog stays in the database, not in the broker."""

    bulk_window: int = 40
    """The window of the bulk lanes. Each of their deliveries is a message, and many of them delay small ones."""

    ring_batch: int = 40
    """The maximum deliveries per message; in the bulk lanes it is one."""

    max_attempts: int = 8
    """The attempts, failed or unfinished, after which a delivery is dead-lettered."""

    retry_seconds: float = 1.0
    """The wait after a handler's first failure; it doubles up to `retry_cap_seconds`."""

    retry_cap_seconds: float = 300.0
    """The maximum wait: repaired faults are retried within minutes."""

    poll_seconds: float = 0.015
    """The seconds between two polls of an idle relay."""

    keep_done_hours: float = 72.0
    """The hours after which done deliveries are deleted."""

    canary_seconds: float = 10.0
    """The interval of each lane's heartbeat."""

    webhooks_may_be_local: bool = False
    """Whether webhooks may call this machine, without TLS; for tests and demonstrations only."""

    log_level: str = "INFO"
    """The minimum level of logged lines: `DEBUG`, `INFO`, `WARNING` or `ERROR`."""

    log_format: str = "json"
    """`json`, or `text` for a terminal."""

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] | None = None) -> Self:
        """Read the settings; raise `SettingIsInvalid` with the invalid one."""
        given = os.environ if environ is None else environ
        known = {field.name: str(field.type) for field in fields(cls)}
        values: dict[str, object] = {}
        for key, text in given.items():
            name = key.removeprefix(PREFIX).lower()
            # An empty variable counts as unset: compose files and shells pass on unset variables as empty ones.
            if not key.startswith(PREFIX) or not text:
                continue
            if name not in known:
                raise SettingIsInvalid(name, text, f"one of the known settings: {', '.join(sorted(known))}")
            values[name] = _parsed(name, known[name], text)
        settings = cls(**values)  # type: ignore[arg-type]
        _check_issuer(settings)
        return settings

    @property
    def database(self) -> str:
        """The URL of the database."""
        return self.database_url or f"sqlite:///{self.home.resolve() / 'iisgd.sqlite'}"

    @property
    def blobs(self) -> Path:
        """The folder of large blobs."""
        return self.blob_folder or self.home / "blobs"

    @property
    def keys(self) -> Path:
        """The folder of token keys."""
        return self.key_folder or self.home / "keys"

    def as_environ(self) -> dict[str, str]:
        """Return this process's environment, extended so that another process reads the same settings."""
        return dict(os.environ) | {
            f"{PREFIX}{field.name.upper()}": str(value)
            for field in fields(self)
            if (value := getattr(self, field.name)) is not None
        }


def _check_issuer(settings: Settings) -> None:
    """Check the other issuer: its keys grant access, so they must come over a trusted connection."""
    issuer, url = settings.token_issuer, settings.token_jwks_url
    if bool(issuer) != bool(url):
        missing, other = ("token_jwks_url", "ISSUER") if issuer else ("token_issuer", "JWKS_URL")
        raise SettingIsInvalid(missing, "", f"set, since {PREFIX}TOKEN_{other} is")
    parts = urlsplit(url)
    if url and parts.scheme != "https" and (parts.scheme, parts.hostname) not in ON_THIS_MACHINE:
        raise SettingIsInvalid("token_jwks_url", url, "an https address, or one of this machine")


def _parsed(name: str, kind: str, text: str) -> object:
    if "Path" in kind:
        return Path(text)
    if kind in ("<class 'int'>", "int", "<class 'float'>", "float"):
        number = int if "int" in kind else float
        try:
            return number(text)
        except ValueError:
            raise SettingIsInvalid(name, text, "a number") from None
    if "bool" in kind:
        if text.lower() not in WORDS:
            raise SettingIsInvalid(name, text, "true or false")
        return WORDS[text.lower()]
    return text
