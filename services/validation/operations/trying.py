"""Try rules on records in a file: nothing is kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from services.validation import store
from services.validation.domain.engine.judging import check_records, judge_records, merge, outcomes_by_record
from services.validation.domain.references.lookups import Snapshot
from services.validation.formats.records import Given, RecordsAreUnreadable, read_records
from services.validation.formats.tables import read_table
from services.validation.operations.rulesets import shapes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.validation.domain.engine.submissions import Submission
    from services.validation.domain.findings.findings import Judgement
    from services.validation.domain.rulesets.rule import Ruleset
    from shared.database import Transaction

__all__ = ["Given", "RecordsAreUnreadable", "Trial", "read_given", "try_records"]

TABLE = ".csv"


@dataclass(frozen=True)
class Trial:
    """What a submission's verdict would be, and how each rule fared at each place of each record.

    An outcome is (rule, index of the record, outcome, why it was skipped or what broke); the rules over all records
    together are in the judgement alone.
    """

    judgement: Judgement
    outcomes: Sequence[tuple[str, int, str, str | None]]


def read_given(content: bytes, *, name: str, kind: str | None) -> Given:
    """The records in a file called `name`: a flat table, or JSON of any form; raises RecordsAreUnreadable.

    In a table all is text; what is a number is known of each `kind` of record.
    """
    if name.lower().endswith(TABLE):
        return read_table(content, shapes().kinds.get(kind or "", {}), name=name)
    return read_records(content)


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
