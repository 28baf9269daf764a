"""Preview the impact of publishing a draft on the submissions of open periods."""

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from services.validation.engine.domain.evaluation.judging import judge
from services.validation.engine.domain.findings import RETURNING
from services.validation.engine.domain.references.lookups import LookupRequest, RecordIdentity, Snapshot
from services.validation.engine.domain.rules import Ruleset
from services.validation.findings.operations import finding_lifecycle as lifecycle
from services.validation.findings.operations.reports import read_report
from services.validation.rulesets.operations.files import (
    GENERAL,
    NAMES,
    combine,
    dropped_rules,
    file_in_force,
)
from services.validation.verdicts.domain.received import Received
from services.validation.verdicts.operations.bodies import open_records
from services.validation.verdicts.store import calendar, index, submission_states, verdicts
from services.validation.verdicts.store.record_states import LookupScope
from services.validation.verdicts.store.submission_states import SubmissionState
from shared.blobs import Blobs
from shared.database import Transaction
from shared.reference import PILLARS
from shared.reference.days import secretariat_day

PAGE_SIZE = 200

MAX_ROUNDS = 5
"""The maximum number of rounds of consequences. A returned need may return a response, and that a support; links are no
longer, so further rounds find nothing new."""


@dataclass(frozen=True)
class OutcomeChange:
    """A submission whose outcome would change.

    `rules` maps the rules that would return it, or that return it only now, to their numbers of places.
    """

    submission: str
    version: int
    reporter: str
    pillar: str
    kind: str
    period: str
    rules: Mapping[str, int]


@dataclass(frozen=True)
class Impact:
    """The submissions, of those `judged`, that would be returned and that would be accepted.

    `left_out` are the ids of the rules that would no longer be in force.
    """

    judged: int
    returned: tuple[OutcomeChange, ...]
    accepted: tuple[OutcomeChange, ...]
    left_out: tuple[str, ...]


def preview_impact(
    tx: Transaction, *, blobs: Blobs, draft: Ruleset, on: date, judged: Callable[[int, int], None]
) -> Impact:
    """Judge the submissions of open periods by the draft, as if it came into force on a day. Nothing is stored.

    Consequences are included: submissions that refer to a returned need are judged accordingly. `judged` is called with
    the number of submissions judged so far and their total.
    """
    closed = calendar.list_closed_periods(tx, today=secretariat_day(tx.now))
    preview = _Preview(tx, blobs, _with_draft(tx, blobs, draft, on))
    affected = _affected(tx, draft, closed)
    for number, (state, received) in enumerate(affected, start=1):
        preview.judge(state, received)
        judged(number, len(affected))
    preview.follow(closed)
    returned, accepted = [], []
    for each in preview.changed:
        if each.state.outcome == "accepted":
            returned.append(_change(each.received, each.returning))
        else:
            accepted.append(_change(each.received, _returned_by(tx, blobs, each.state)))
    dropped = dropped_rules(draft, file_in_force(tx, blobs=blobs, name=draft.stamp.name, on=on))
    return Impact(preview.judged, tuple(returned), tuple(accepted), dropped)


def _with_draft(tx: Transaction, blobs: Blobs, draft: Ruleset, on: date) -> dict[str, Ruleset]:
    """Return each pillar's rules on a day, with the draft in place of its predecessor."""
    files = {
        name: draft if name == draft.stamp.name else file_in_force(tx, blobs=blobs, name=name, on=on)
        for name in NAMES
    }
    return {pillar: combine(files[GENERAL], files[pillar]) for pillar in PILLARS}


def _affected(
    tx: Transaction, draft: Ruleset, closed: Collection[tuple[str, str]]
) -> list[tuple[SubmissionState, Received]]:
    """List the submissions of open periods that the draft would judge."""
    return [
        (state, state.received)
        for state in _open_submissions(tx, closed)
        if state.received is not None and draft.stamp.name in (GENERAL, state.received.pillar)
    ]


def _open_submissions(tx: Transaction, closed: Collection[tuple[str, str]]) -> Iterator[SubmissionState]:
    after = ""
    while page := submission_states.list_judged(tx, closed=closed, after=after, limit=PAGE_SIZE):
        yield from page
        after = page[-1].submission


def _change(received: Received, rules: Mapping[str, int]) -> OutcomeChange:
    return OutcomeChange(
        submission=received.submission,
        version=received.version,
        reporter=received.reporter,
        pillar=received.pillar,
        kind=received.kind,
        period=received.period,
        rules=rules,
    )


@dataclass(frozen=True)
class _Outcome:
    """A submission's previewed outcome; `record_states` are the states in which others would find its records."""

    state: SubmissionState
    received: Received
    is_changed: bool
    returning: Mapping[str, int]
    record_states: Mapping[RecordIdentity, str]


class _Preview:
    """Submissions judged by a draft, and the consequences for those that refer to them."""

    def __init__(self, tx: Transaction, blobs: Blobs, rulesets: Mapping[str, Ruleset]) -> None:
        self._tx = tx
        self._blobs = blobs
        self._rulesets = rulesets
        self._outcomes: dict[str, _Outcome] = {}
        self._record_states: dict[RecordIdentity, str] = {}

    @property
    def judged(self) -> int:
        """The number of submissions judged."""
        return len(self._outcomes)

    @property
    def changed(self) -> list[_Outcome]:
        """The outcomes that would change."""
        return [each for each in self._outcomes.values() if each.is_changed]

    def judge(self, state: SubmissionState, received: Received) -> None:
        """Judge one submission, given the outcomes changed so far."""
        scope = LookupScope.of(received)
        refs: list[str] = []

        def look_up(lookups: LookupRequest) -> Snapshot:
            refs.extend(lookups.refs)
            snapshot = index.look_up(self._tx, lookups, scope)
            changed = {
                each: self._record_states[each] for each in lookups.known if each in self._record_states
            }
            return replace(snapshot, known={**snapshot.known, **changed})

        with open_records(received, blobs=self._blobs) as (submission, records):
            judgement = judge(
                self._rulesets[received.pillar],
                submission,
                records,
                look_up,
                former=index.list_previous_needs(self._tx, scope),
            )
        previous = lifecycle.list_tracked(self._tx, state.submission)
        written = judgement.report()
        marked = lifecycle.mark_exemptions(written, submission=state.submission, previous=previous)
        report = json.loads(marked or written)
        is_changed = report["outcome"] != state.outcome
        record_state = "in_force" if report["outcome"] == "accepted" else "returned"
        collection = (received.kind, received.reporter, received.period)
        self._outcomes[state.submission] = _Outcome(
            state=state,
            received=received,
            is_changed=is_changed,
            returning=_returning(report),
            record_states={(*collection, ref): record_state for ref in refs} if is_changed else {},
        )

    def follow(self, closed: Collection[tuple[str, str]]) -> None:
        """Judge again the submissions of all pillars that refer to changed ones, until nothing changes."""
        for _ in range(MAX_ROUNDS):
            before = self._record_states
            self._record_states = {
                known: state
                for each in self._outcomes.values()
                for known, state in each.record_states.items()
            }
            changed = {known for known, _ in before.items() ^ self._record_states.items()}
            for submission in sorted(index.list_referring(self._tx, changed)):
                state = submission_states.find_state(self._tx, submission)
                if state is not None and state.received is not None and _can_be_judged(state, closed):
                    self.judge(state, state.received)


def _can_be_judged(state: SubmissionState, closed: Collection[tuple[str, str]]) -> bool:
    return (
        state.received is not None
        and state.is_judged
        and not state.is_withdrawn
        and state.received.collection not in closed
    )


def _returned_by(tx: Transaction, blobs: Blobs, state: SubmissionState) -> dict[str, int]:
    """Return the rules by which a submission is returned now, with their numbers of places."""
    verdict = verdicts.find_verdict(tx, state.submission)
    return {} if verdict is None else _returning(read_report(blobs.get(verdict.report)))


def _returning(report: Mapping[str, Any]) -> dict[str, int]:
    places = {
        finding["rule"]: finding["count"] - finding.get("excused", 0)
        for finding in report["findings"]
        if finding["severity"] in RETURNING
    }
    return {rule: count for rule, count in places.items() if count}
