"""The reasons of verdicts in words."""

from shared.i18n import Text
from shared.reference.wording import VERDICT_REASONS


def reason_text(reason: str, *, version: int, verdict: int) -> str:
    """Return a verdict's reason as its reporter reads it; the first verdict has none."""
    return Text("the first verdict") if (version, verdict) == (1, 1) else VERDICT_REASONS.get(reason, reason)
