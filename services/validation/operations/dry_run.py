"""Say what the verdict on a body would be, and keep nothing of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from services.validation.domain.engine.judging import Submission, check_records, outcomes_by_record
from services.validation.formats.report_reading import read_report
from services.validation.formats.report_words import Heading
from services.validation.operations.trials import DryRun
from shared.errors import FieldError, Unprocessable
from shared.reference.markings import find_marking

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date, datetime

    from services.validation.formats.report_words import Report
    from shared.blobs import Blobs
    from shared.database import Database
    from shared.identity.callers import Caller

MOST_CHECKED = 2_000
"""So many records are judged while somebody waits."""

KINDS_OF_ROLE = {"structure": ("need", "response", "support"), "member": ("response", "support")}
"""What a role reports: the same as is taken at the door."""


class MappingIsNotYours(Exception):
    """The caller's credential does not cover the mapping, so it could not be handed in either."""

    def __init__(self, what: str, covered: Sequence[str]) -> None:
        super().__init__(f"You cannot submit {what}; your credential is for {' and '.join(covered)}.")


class TextIsClassified(Exception):
    """The body carries a national or EU classification marking; it was not kept."""

    def __init__(self, marking: str, pointer: str) -> None:
        super().__init__(
            f"The text at {pointer} carries the marking {marking!r}. This system takes no classified information; "
            "nothing of the body was kept. Take the classified text out, or send it through the channel meant for it."
        )


@dataclass(frozen=True)
class Handed:
    """What would be handed in, and by whom."""

    caller: Caller
    pillar: str
    kind: str
    period: str
    tlp: str
    records: Sequence[Any]
    supersedes: str | None = None
    """The submission that it would correct."""


def check_body(
    *, database: Database, blobs: Blobs, handed: Handed, now: datetime, with_outcomes: bool
) -> tuple[Report, Heading]:
    """The report as it would be now, and what it is about.

    With outcomes, its `by_record` says how each rule came out for which records. Raises Unprocessable for too many
    records, MappingIsNotYours, TextIsClassified.
    """
    _refuse(handed)
    submission = _submission(handed, now.date())
    run = DryRun(database=database, blobs=blobs, submission=submission, supersedes=handed.supersedes)
    report = dict(read_report(run.report(handed.records)))
    if with_outcomes:
        # No more is checked than the engine judges at once: what was looked up last was for all of it.
        checked = check_records(run.ruleset, submission, handed.records)
        report["by_record"] = _by_rule(outcomes_by_record(run.ruleset, checked, run.snapshot))
    return report, _heading(submission, now)


def _submission(handed: Handed, today: date) -> Submission:
    return Submission(
        pillar=handed.pillar,
        kind=handed.kind,
        period=handed.period,
        tlp=handed.tlp,
        reporter=handed.caller.reporter,
        partner=handed.caller.partner,
        received_on=today.isoformat(),
    )


def _heading(submission: Submission, now: datetime) -> Heading:
    return Heading(
        reporter=submission.reporter,
        judged_at=now,
        pillar=submission.pillar,
        kind=submission.kind,
        period=submission.period,
        tlp=submission.tlp,
    )


def _refuse(handed: Handed) -> None:
    found = len(handed.records)
    if not 1 <= found <= MOST_CHECKED:
        message = f"A check takes 1 to {MOST_CHECKED:,} records; here are {found:,}."
        expected = f"Some of the records, {MOST_CHECKED:,} at the most; or hand in all of them: they are judged however many."
        raise Unprocessable([FieldError("/records", message, expected)])
    kinds = KINDS_OF_ROLE[handed.caller.role]
    if handed.kind not in kinds:
        raise MappingIsNotYours(f"a {handed.kind}", kinds)
    if handed.pillar not in handed.caller.pillars:
        raise MappingIsNotYours(f"for {handed.pillar}", handed.caller.pillars)
    _refuse_classified(handed.records)


def _refuse_classified(records: Sequence[Any]) -> None:
    texts = list(_texts_in(records, "/records"))
    # One search over everything is the usual case; only a find is looked up text by text.
    if find_marking("\n".join(text for _, text in texts)) is None:
        return
    for pointer, text in texts:
        if (marking := find_marking(text)) is not None:
            raise TextIsClassified(marking, pointer)


def _texts_in(value: Any, pointer: str) -> Iterator[tuple[str, str]]:
    """Every text in a JSON value, names of fields among them, with its pointer."""
    waiting = [(pointer, value)]
    while waiting:
        at, inner = waiting.pop()
        if isinstance(inner, str):
            yield at, inner
        elif isinstance(inner, list):
            waiting += [(f"{at}/{index}", item) for index, item in enumerate(inner)]
        elif isinstance(inner, dict):
            for name, item in inner.items():
                step = f"{at}/{name.replace('~', '~0').replace('/', '~1')}"
                yield step, name
                waiting.append((step, item))


def _by_rule(outcomes: Iterable[tuple[str, int, str, str | None]]) -> dict[str, dict[str, Any]]:
    """Rule -> outcome -> the indexes of the records, once for each place that was judged."""
    found: dict[str, dict[str, Any]] = {}
    for rule, index, outcome, why in outcomes:
        of_rule = found.setdefault(rule, {"passed": [], "failed": [], "skipped": {}, "errored": []})
        where = of_rule["skipped"].setdefault(why, []) if outcome == "skipped" else of_rule[outcome]
        where.append(index)
    return found
