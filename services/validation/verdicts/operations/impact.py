"""What publishing a draft would do to the submissions of open periods, before it is published."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from services.validation.domain.engine.judging import judge
from services.validation.engine.domain.findings import RETURNING
from services.validation.findings.operations import finding_lifecycle as lifecycle
from services.validation.findings.operations.finding_lifecycle import excused_report
from services.validation.findings.operations.reports import read_report
from services.validation.rulesets.operations.files import GENERAL, NAMES, file_in_force, left_out, together
from services.validation.verdicts.formats import bodies
from services.validation.verdicts.operations.bodies import located_submission
from services.validation.verdicts.store import calendar, index, record_states, submissions, verdicts
from shared.reference import PILLARS

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from datetime import date

    from services.validation.domain.references.lookups import Known, Snapshot, Wanted
    from services.validation.engine.domain.rules import Ruleset
    from shared.blobs import Blobs
    from shared.database import Transaction

AT_ONCE = 200

MOST_ROUNDS = 5
"""A need that is returned may return what refers to it, and so on: a response, support of that response. Links go no
deeper, so a round more than they are long finds nothing new."""


@dataclass(frozen=True)
class Turn:
    """A submission whose outcome would be another.

    `rules` are those that would return it, or that return it now and no longer would, each with the number of places.
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
    """What would be: of `judged` submissions, those that would be returned, and those that would be accepted.

    `left_out` are the rules, by id, that would be in force no more.
    """

    judged: int
    returned: tuple[Turn, ...]
    accepted: tuple[Turn, ...]
    left_out: tuple[str, ...]


def preview_impact(
    tx: Transaction, *, blobs: Blobs, draft: Ruleset, on: date, judged: Callable[[int, int], None]
) -> Impact:
    """Judge the submissions of open periods as the draft would, in force from a day. Nothing is written.

    It is what publishing leads to, with what follows from it: who refers to a need that is returned is judged by that.
    `judged` is told how many are judged, of how many.
    """
    closed = calendar.closed_periods(tx, today=tx.now.date())
    preview = _Preview(tx, blobs, _with_draft(tx, blobs, draft, on))
    standings = _affected(tx, draft, closed)
    for number, standing in enumerate(standings, start=1):
        preview.judge(standing)
        judged(number, len(standings))
    preview.follow(closed)
    returned, accepted = [], []
    for standing in preview.turned:
        turn = _turn(standing, preview.returning(standing))
        if standing.outcome == "accepted":
            returned.append(turn)
        else:
            accepted.append(replace(turn, rules=_returned_by(tx, blobs, standing)))
    gone = left_out(draft, file_in_force(tx, blobs=blobs, name=draft.stamp.name, on=on))
    return Impact(preview.judged, tuple(returned), tuple(accepted), gone)


def _with_draft(tx: Transaction, blobs: Blobs, draft: Ruleset, on: date) -> dict[str, Ruleset]:
    """What would judge each pillar's submissions on that day."""
    files = {
        name: draft if name == draft.stamp.name else file_in_force(tx, blobs=blobs, name=name, on=on)
        for name in NAMES
    }
    return {pillar: together(files[GENERAL], files[pillar]) for pillar in PILLARS}


def _affected(
    tx: Transaction, draft: Ruleset, closed: Collection[tuple[str, str]]
) -> list[submissions.Standing]:
    """The submissions of open periods that the draft would judge."""
    found: list[submissions.Standing] = []
    after = ""
    while page := submissions.judged_submissions(tx, closed=closed, after=after, limit=AT_ONCE):
        found += (each for each in page if draft.stamp.name in (GENERAL, _received(each)["pillar"]))
        after = page[-1].submission
    return found


def _received(standing: submissions.Standing) -> Mapping[str, Any]:
    """What can be judged again was received."""
    return standing.received or {}


def _turn(standing: submissions.Standing, rules: Mapping[str, int]) -> Turn:
    names = ("submission", "version", "reporter", "pillar", "kind", "period")
    return Turn(**{name: _received(standing)[name] for name in names}, rules=rules)


class _Preview:
    """Submissions judged as they would be, and what follows for those that refer to them."""

    def __init__(self, tx: Transaction, blobs: Blobs, rulesets: Mapping[str, Ruleset]) -> None:
        self._tx = tx
        self._blobs = blobs
        self._rulesets = rulesets
        self._judged: dict[str, _Judged] = {}
        self._turned: dict[Known, str] = {}

    @property
    def judged(self) -> int:
        """How many."""
        return len(self._judged)

    @property
    def turned(self) -> list[submissions.Standing]:
        """Those that would come to another outcome."""
        return [each.standing for each in self._judged.values() if each.is_turned]

    def returning(self, standing: submissions.Standing) -> Mapping[str, int]:
        """The rules that would return it, and in how many places."""
        return self._judged[standing.submission].returning

    def judge(self, standing: submissions.Standing) -> None:
        """Judge one, by what is turned so far."""
        received = _received(standing)
        asker = record_states.Asker.of(received)
        refs: list[str] = []

        def look_up(wanted: Wanted) -> Snapshot:
            refs.extend(wanted.refs)
            snapshot = index.look_up(self._tx, wanted, asker)
            turned = {each: self._turned[each] for each in wanted.known if each in self._turned}
            return replace(snapshot, known={**snapshot.known, **turned})

        with self._blobs.open(received["body"]) as body:
            judgement = judge(
                self._rulesets[received["pillar"]],
                located_submission(received, blobs=self._blobs, body=body),
                bodies.read_body(body),
                look_up,
                former=index.former_needs(self._tx, asker),
            )
        before = lifecycle.list_tracked(self._tx, standing.submission)
        report = judgement.report()
        report = json.loads(excused_report(report, received, before) or report)
        is_turned = report["outcome"] != standing.outcome
        state = "in_force" if report["outcome"] == "accepted" else "returned"
        about = (received["kind"], received["reporter"], received["period"])
        self._judged[standing.submission] = _Judged(
            standing=standing,
            is_turned=is_turned,
            returning=_returning(report),
            turned={(*about, ref): state for ref in refs} if is_turned else {},
        )

    def follow(self, closed: Collection[tuple[str, str]]) -> None:
        """Judge those again that refer to what is turned, of whatever pillar, until nothing new follows."""
        for _ in range(MOST_ROUNDS):
            before = self._turned
            self._turned = {
                known: state for each in self._judged.values() for known, state in each.turned.items()
            }
            news = {known for known, _ in before.items() ^ self._turned.items()}
            for submission in sorted(index.referring_to(self._tx, news)):
                standing = submissions.find_submission(self._tx, submission)
                if standing is not None and _is_judged_again(standing, closed):
                    self.judge(standing)


def _is_judged_again(standing: submissions.Standing, closed: Collection[tuple[str, str]]) -> bool:
    received = standing.received
    return (
        received is not None
        and standing.is_judged
        and not standing.is_withdrawn
        and (received["kind"], received["period"]) not in closed
    )


@dataclass(frozen=True)
class _Judged:
    """How a submission would come out; `turned` is what others would find of its records."""

    standing: submissions.Standing
    is_turned: bool
    returning: Mapping[str, int]
    turned: Mapping[Known, str]


def _returned_by(tx: Transaction, blobs: Blobs, standing: submissions.Standing) -> dict[str, int]:
    """The rules by which it stands returned, and in how many places."""
    verdict = verdicts.find_verdict(tx, standing.submission)
    return {} if verdict is None else _returning(read_report(blobs.get(verdict.report)))


def _returning(report: Mapping[str, Any]) -> dict[str, int]:
    places = {
        finding["rule"]: finding["count"] - finding.get("excused", 0)
        for finding in report["findings"]
        if finding["severity"] in RETURNING
    }
    return {rule: count for rule, count in places.items() if count}
