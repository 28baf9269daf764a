"""Answer for the rules in force, and for the verdicts that were given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services.validation import formats, store
from services.validation.domain.structure import STRUCTURAL
from services.validation.operations.rulesets import (
    GENERAL,
    NAMES,
    RulesetIsUnknown,
    ruleset_file,
    ruleset_for,
)
from shared.clock import iso

if TYPE_CHECKING:
    from services.validation.domain.rules import Ruleset
    from shared.blobs import Blobs
    from shared.database import Transaction


class VerdictIsUnknown(LookupError):
    """No verdict was given on that submission, or it is none of the caller's business: both look the same."""

    def __init__(self, submission: str) -> None:
        super().__init__("There is no such verdict.")
        self.submission = submission


def list_rulesets() -> list[dict[str, Any]]:
    """The rulesets by name; a pillar's holds the general rules too, as its verdicts are stamped."""
    return [_summary(_in_force(name)) for name in NAMES]


def get_ruleset(name: str) -> dict[str, Any]:
    """A ruleset with its rules, their examples, and the fields; raises RulesetIsUnknown."""
    if name not in NAMES:
        raise RulesetIsUnknown(name)
    ruleset = _in_force(name)
    return {
        **_summary(ruleset),
        "rules": [rule.written for rule in ruleset.rules],
        "structure": [
            {"id": each, "title": rule.title, "severity": rule.severity, "why": rule.why}
            for each, rule in STRUCTURAL.items()
        ],
        "fields": ruleset.shapes.written["kinds"],
    }


def get_verdict(
    tx: Transaction, *, blobs: Blobs, submission: str, reporter: str, role: str
) -> dict[str, Any]:
    """The verdict that stands, as far as the caller may see it; raises VerdictIsUnknown.

    Findings are for the reporter and the Secretariat; RCC's analyst sees the outcome and the counts.
    """
    row = store.find_verdict(tx, submission)
    if row is None or not (row.reporter == reporter or role in ("analyst", "secretariat")):
        raise VerdictIsUnknown(submission)
    verdict = {
        **formats.read_json(blobs.get(row.report)),
        "verdict": row.verdict,
        "judged_at": iso(row.judged_at),
    }
    if role == "analyst":
        del verdict["findings"]
    return verdict


def _in_force(name: str) -> Ruleset:
    return ruleset_file(name) if name == GENERAL else ruleset_for(name)


def _summary(ruleset: Ruleset) -> dict[str, Any]:
    return {
        "name": ruleset.stamp.name,
        "title": ruleset.title,
        "version": ruleset.stamp.version,
        "hash": ruleset.stamp.hash,
        "rule_count": len(ruleset.rules),
    }
