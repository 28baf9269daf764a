"""Findings reports as values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.i18n import ENGLISH

Report = Mapping[str, Any]
"""A findings report in its JSON form."""
Group = Mapping[str, Any]
"""The findings of one rule with one outcome, with their places."""


@dataclass(frozen=True, kw_only=True)
class ReportHeader:
    """The header of a report. A preview has no submission, version or verdict. `reason` is a text."""

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
    language: str = ENGLISH
    """The language of the reader."""

    @property
    def is_preview(self) -> bool:
        """Whether the report is a preview: nothing was submitted."""
        return self.submission is None
