"""Verdicts on a version, and the progress of its judgement."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Outcome = Literal["accepted", "returned"]


@dataclass(frozen=True)
class Verdict:
    """The outcome of judging a version. It never changes: a new judgement adds the next verdict."""

    number: int
    outcome: Outcome
    reason: str
    """The change that led to the verdict."""
    judged_at: datetime
    ruleset: str
    ruleset_hash: str
    counts: Mapping[str, int]
    """Findings by severity."""
    report: str
    """The sha-256 of the findings report."""


@dataclass(frozen=True)
class Progress:
    """The number of chunks of a large version that are judged."""

    judged: int
    chunks: int
    at: datetime
