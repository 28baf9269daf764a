"""Preview the outcomes of a ruleset, perhaps a draft, on records; nothing is stored."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from services.validation.engine.domain.evaluation.judging import (
    check_records,
    judge_records,
    outcomes_by_record,
)
from services.validation.engine.domain.evaluation.merging import merge
from services.validation.engine.domain.evaluation.submissions import Submission
from services.validation.engine.domain.findings import Judgement
from services.validation.engine.domain.references.lookups import Snapshot
from services.validation.engine.domain.rules import Ruleset
from services.validation.verdicts.store import index
from services.validation.verdicts.store.record_states import LookupScope
from shared.database import Transaction


@dataclass(frozen=True)
class RecordPreview:
    """The judgement on some records, and the outcome of each rule at each place of each record.

    An outcome is (rule, index of the record, outcome, why it was skipped or what broke). Rules over all records
    together appear in the judgement only.
    """

    judgement: Judgement
    outcomes: Sequence[tuple[str, int, str, str | None]]


def preview_records(
    tx: Transaction | None, ruleset: Ruleset, submission: Submission, records: Sequence[Any]
) -> RecordPreview:
    """Judge records together with those reported so far, or alone if there is no transaction."""
    checked = check_records(ruleset, submission, records)
    scope = LookupScope(reporter=submission.reporter, kind=submission.kind, period=submission.period)
    snapshot = Snapshot() if tx is None else index.look_up(tx, checked.lookups, scope)
    former = () if tx is None else index.list_previous_needs(tx, scope)
    part = judge_records(ruleset, checked, snapshot)
    return RecordPreview(
        merge(ruleset, submission, [part], former=former),
        tuple(outcomes_by_record(ruleset, checked, snapshot)),
    )
