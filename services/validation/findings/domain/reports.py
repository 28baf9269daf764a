"""Findings reports as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

Report = Mapping[str, Any]
"""The findings report as its JSON says it."""
Group = Mapping[str, Any]
"""What one rule found in one way, with its places."""


@dataclass(frozen=True, kw_only=True)
class Heading:
    """What a report is about. In a check, which keeps nothing, there is no submission, version or verdict."""

    reporter: str
    judged_at: datetime
    pillar: str | None = None
    kind: str | None = None
    period: str | None = None
    tlp: str | None = None
    submission: str | None = None
    version: int | None = None
    verdict: int | None = None
    reason: str | None = None

    @property
    def is_check(self) -> bool:
        """Whether nothing was handed in."""
        return self.submission is None
