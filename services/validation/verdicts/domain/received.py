"""A received version of a submission."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from shared.reference.days import reporter_day


@dataclass(frozen=True, kw_only=True)
class Received:
    """A version of a submission as entry received it; `body` is the sha-256 of its canonical body."""

    submission: str
    version: int
    reporter: str
    partner: str | None
    """None where the reporter is a member."""
    pillar: str
    kind: str
    period: str
    tlp: str
    body: str
    records: int
    received_at: str

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> Received:
        """Return the version that an event's payload, or a stored row, describes."""
        return cls(**{name: facts[name] for name in _NAMES})

    @property
    def facts(self) -> dict[str, Any]:
        """The fields by name, as events carry them and as they are stored."""
        return dict(vars(self))

    @property
    def collection(self) -> tuple[str, str]:
        """The kind of record and the period that the submission reports."""
        return self.kind, self.period

    @property
    def received_on(self) -> str:
        """The day on which the version was received, in its reporter's time zone."""
        return reporter_day(self.reporter, datetime.fromisoformat(self.received_at)).isoformat()


_NAMES = tuple(each.name for each in fields(Received))
