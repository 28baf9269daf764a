"""The command to submit, its checks, and its content."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from services.entry.audit.domain import Actor
from services.entry.submissions.domain.counting import WorkbookUse
from services.entry.submissions.domain.submissions import Mode, OnError, UploadedFile, check_permission
from services.entry.windows import operations as windows
from shared.database import Database
from shared.identity.callers import Caller
from shared.records.bodies import record_line, write_body
from shared.records.canonical import canonical_json
from shared.reference.markings import check_unclassified


@dataclass(frozen=True)
class SubmitCommand:
    """The content, sender and options of a submission. The content is records, an unread file or a statement."""

    caller: Caller
    actor: Actor
    pillar: str
    kind: str
    period: str
    tlp: str
    records: Sequence[dict[str, Any]] = ()
    file: UploadedFile | None = None
    statement: Mapping[str, str] | None = None
    """The signature of a nil return."""
    mode: Mode = "upsert"
    on_error: OnError = "return"
    reference: str | None = None
    workbook: WorkbookUse | None = None
    """The version that the file was made from, by its own statement, and the use that was made of it."""

    @property
    def facts(self) -> dict[str, Any]:
        """Return the fields of the canonical body besides its records."""
        facts = {
            "pillar": self.pillar,
            "kind": self.kind,
            "period": self.period,
            "tlp": self.tlp,
            "reporter": self.caller.reporter,
            "partner": self.caller.partner,
        }
        return facts | ({"statement": dict(self.statement)} if self.statement else {})

    @cached_property
    def lines(self) -> list[bytes]:
        """The records as lines of a canonical body."""
        return [record_line(record) for record in self.records]

    @property
    def refs(self) -> list[str | None]:
        """The refs of the records."""
        return [ref if isinstance(ref := record.get("ref"), str) else None for record in self.records]


@dataclass(frozen=True)
class Content:
    """The submitted content: its bytes unless it is a file, its hash, and the key that recognises duplicates.

    `sha256` is in the receipt: the sender of a file can compute it. `key` is unique for each reporter and mapping.
    """

    body: bytes | None
    sha256: str
    key: str

    @classmethod
    def of(cls, command: SubmitCommand) -> "Content":
        """Hash the content of a command."""
        if command.file is None:
            body = b"".join(write_body(command.facts, command.lines))
            sha256 = hashlib.sha256(body).hexdigest()
            return cls(body, sha256, sha256)
        named = canonical_json(command.facts | {"file": command.file.sha256})
        return cls(None, command.file.sha256, hashlib.sha256(named).hexdigest())


def check_command(database: Database, command: SubmitCommand, *, now: datetime) -> bool:
    """Raise unless the caller may submit this content now. Return whether it is late.

    Raise `WindowIsClosed`, `KindIsNotYours`, `PillarIsNotYours` or `TextIsClassified`. The text of an unread file is
    checked when a worker reads it.
    """
    caller = command.caller
    is_late = windows.check_window(
        database, reporter=caller.reporter, kind=command.kind, period=command.period, now=now
    )
    check_permission(role=caller.role, pillars=caller.pillars, kind=command.kind, pillar=command.pillar)
    check_unclassified(command.records, at="/records")
    for name in ("reference", "statement"):
        if (value := getattr(command, name)) is not None:
            check_unclassified(value, at=f"/{name}")
    if command.file is not None and command.file.name is not None:
        check_unclassified(command.file.name, at="/query/file_name")
    return is_late
