"""Published versions of rulesets."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True)
class RulesetVersion:
    """A version as it was published. `content` is its file's sha-256; once `applied_at`, open periods are judged by it."""

    name: str
    version: str
    hash: str
    title: str
    content: str
    in_force_from: date
    published_at: datetime
    published_by: str
    applied_at: datetime | None = None
