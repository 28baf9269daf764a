"""Try rules on records: nothing is kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from services.validation import store
from services.validation.domain.engine.judging import check_records, judge_records, merge, outcomes_by_record
from services.validation.domain.references.lookups import Snapshot

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.validation.domain.engine.submissions import Submission
    from services.validation.domain.findings.findings import Judgement
    from services.validation.domain.rulesets.rule import Ruleset
    from shared.database import Transaction


@dataclass(frozen=True)
class Trial:
    """What a submission's verdict would be, and how each rule fared at each place of each record.

    An outcome is (rule, index of the record, outcome, why it was skipped or what broke); the rules over all records
    together are in the judgement alone.
    """

    judgement: Judgement
    outcomes: Sequence[tuple[str, int, str, str | None]]


def try_records(
    tx: Transaction | None, ruleset: Ruleset, submission: Submission, records: Sequence[Any]
) -> Trial:
    """Judge records as a submission's would be, with what was reported so far; without a transaction, with nothing."""
    checked = check_records(ruleset, submission, records)
    asker = store.Asker(reporter=submission.reporter, kind=submission.kind, period=submission.period)
    snapshot = Snapshot() if tx is None else store.look_up(tx, checked.wanted, asker)
    former = () if tx is None else store.former_needs(tx, asker)
    part = judge_records(ruleset, checked, snapshot)
    return Trial(
        merge(ruleset, submission, [part], former=former),
        tuple(outcomes_by_record(ruleset, checked, snapshot)),
    )
