"""The engine: a submission's records through its ruleset, to a verdict. The same input gives the same bytes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from services.validation.domain.findings import (
    OUTCOMES,
    RETURNING,
    SEVERITIES,
    Finding,
    Verdict,
    bounded,
)
from services.validation.domain.functions import Context
from services.validation.domain.links import referred_to
from services.validation.domain.shape_checks import Sound, check_shape
from services.validation.domain.structure import finding_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from services.validation.domain.functions import Known
    from services.validation.domain.rules import Rule, Ruleset

_OURS = "This rule could not be judged. The fault is ours, not yours: nothing needs to be changed for it, and we are told."
_OURS_EXPECTED = "Send the same submission again once we have mended the rule."


@dataclass(frozen=True)
class Submission:
    """What is judged: who reports what, on which day it was received, and the records as they came."""

    pillar: str
    kind: str
    period: str
    tlp: str
    reporter: str
    partner: str | None
    received_on: str
    records: Sequence[Any]

    @cached_property
    def facts(self) -> Mapping[str, Any]:
        """What rules may know of the submission."""
        return {
            "pillar": self.pillar,
            "kind": self.kind,
            "period": self.period,
            "tlp": self.tlp,
            "reporter": self.reporter,
            "partner": self.partner,
            "received_on": self.received_on,
        }


@dataclass(frozen=True)
class Checked:
    """A submission whose shape has been checked; `refers_to` is what the caller should look up."""

    submission: Submission
    sounds: tuple[Sound, ...]

    @property
    def refers_to(self) -> frozenset[Known]:
        """The records of others, and of former periods, that the rules will ask for."""
        return referred_to(
            (sound.record for sound in self.sounds),
            kind=self.submission.kind,
            reporter=self.submission.reporter,
            period=self.submission.period,
        )


def check_records(ruleset: Ruleset, submission: Submission) -> Checked:
    """Check the shape of every record: what must come before the rules."""
    fields = ruleset.shapes.kinds[submission.kind]
    return Checked(submission, tuple(check_shape(record, fields) for record in submission.records))


def judge(ruleset: Ruleset, checked: Checked, known: Collection[Known]) -> Verdict:
    """Judge all records by all rules. `known` is what is in force of what the records refer to."""
    submission = checked.submission
    context = Context(tuple(sound.record for sound in checked.sounds), known)
    rules = ruleset.rules_for(kind=submission.kind, period=submission.period)
    tally = _Tally()
    facts = submission.facts
    of_records = tuple(rule for rule in rules if rule.level != "submission")
    for index, sound in enumerate(checked.sounds):
        tally.add_shape(sound, index)
        for rule in of_records:
            if sound.broken and not rule.reads.isdisjoint(sound.broken):
                tally.outcomes["skipped"] += 1
            else:
                tally.add_rule(rule, sound.record, facts, context, index)
    together = {"records": list(context.records)}
    for rule in rules:
        if rule.level == "submission":
            tally.add_rule(rule, together, facts, context, None)
    return tally.verdict(ruleset)


class _Tally:
    """Counts outcomes and keeps findings, in the order of the records and of the rules."""

    def __init__(self) -> None:
        self.outcomes = dict.fromkeys(OUTCOMES, 0)
        self._findings: list[Finding] = []

    def verdict(self, ruleset: Ruleset) -> Verdict:
        counts = dict.fromkeys(SEVERITIES, 0)
        for finding in self._findings:
            counts[finding.severity] += 1
        outcome = "returned" if any(counts[each] for each in RETURNING) else "accepted"
        return Verdict(outcome, ruleset.stamp, counts, self.outcomes, tuple(self._findings))

    def add_shape(self, sound: Sound, index: int) -> None:
        if not sound.faults:
            self.outcomes["passed"] += 1
            return
        ref = sound.record.get("ref")
        self.outcomes["failed"] += len(sound.faults)
        self._findings.extend(finding_of(fault, ref=ref, index=index) for fault in sound.faults)

    def add_rule(
        self,
        rule: Rule,
        record: Mapping[str, Any],
        facts: Mapping[str, Any],
        context: Context,
        index: int | None,
    ) -> None:
        places = places_of(rule, record)
        if not places:
            self.outcomes["skipped"] += 1
        for where, item in places:
            outcome = outcome_of(rule, record, facts, item, context)
            self.outcomes[outcome] += 1
            if outcome in ("failed", "errored"):
                place = record if rule.for_each is None else item
                base = "" if index is None else f"/records/{index}"
                self._findings.append(
                    _finding(
                        rule=rule,
                        outcome=outcome,
                        record=record,
                        facts=facts,
                        place=place,
                        context=context,
                        base=f"{base}{where}",
                    )
                )


_ITSELF: tuple[tuple[str, Any], ...] = (("", None),)


def places_of(rule: Rule, record: Mapping[str, Any]) -> Sequence[tuple[str, Any]]:
    """Where a rule judges a record: once as a whole, or each entry of a list, with the pointer to it."""
    if rule.for_each is None:
        return _ITSELF
    return [(f"/{rule.for_each}/{at}", item) for at, item in enumerate(record.get(rule.for_each, ()))]


def outcome_of(
    rule: Rule, record: Mapping[str, Any], facts: Mapping[str, Any], item: Any, context: Context
) -> str:
    """Judge one place by one rule: passed, failed, skipped, or errored when the rule itself breaks."""
    try:
        passed = rule.test(record, facts, item, context)
    except Exception:  # noqa: BLE001 - whatever breaks in a rule becomes a finding, never a lost submission
        return "errored"
    if passed is None:
        return "skipped"
    return "passed" if passed else "failed"


def _finding(
    *,
    rule: Rule,
    outcome: str,
    record: Mapping[str, Any],
    facts: Mapping[str, Any],
    place: Any,
    context: Context,
    base: str,
) -> Finding:
    is_ours = outcome == "errored"
    item = place if rule.for_each else None
    of_record = place if rule.level == "submission" else record
    return Finding(
        rule=rule.id,
        title=rule.title,
        severity=rule.severity,
        outcome=outcome,
        ref=of_record.get("ref") if isinstance(of_record, dict) else None,
        pointer=f"{base}/{rule.place.replace('.', '/')}" if rule.place else base,
        value=bounded(_at(place, rule.place)),
        message=_OURS if is_ours else rule.message.filled(record, facts, item, context),
        expected=_OURS_EXPECTED if is_ours else rule.expected.filled(record, facts, item, context),
        why=rule.why,
        reference=rule.reference,
    )


def _at(place: Any, path: str) -> Any:
    for part in path.split(".") if path else ():
        place = place.get(part) if isinstance(place, dict) else None
    return place
