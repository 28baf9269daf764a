"""Published versions of rulesets."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True)
class RulesetVersion:
    """A published version. `content` is its file's sha-256; from `applied_at` on, it has judged all open periods."""

    name: str
    version: str
    hash: str
    title: str
    content: str
    in_force_from: date
    published_at: datetime
    published_by: str
    applied_at: datetime | None = None
