"""Try rules on records: nothing is kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from services.validation.domain.engine.judging import check_records, judge_records, merge, outcomes_by_record
from services.validation.domain.references.lookups import Snapshot
from services.validation.verdicts.store import index, record_states

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.validation.domain.engine.submissions import Submission
    from services.validation.engine.domain.findings import Judgement
    from services.validation.engine.domain.rules import Ruleset
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
    asker = record_states.Asker(reporter=submission.reporter, kind=submission.kind, period=submission.period)
    snapshot = Snapshot() if tx is None else index.look_up(tx, checked.wanted, asker)
    former = () if tx is None else index.former_needs(tx, asker)
    part = judge_records(ruleset, checked, snapshot)
    return Trial(
        merge(ruleset, submission, [part], former=former),
        tuple(outcomes_by_record(ruleset, checked, snapshot)),
    )
