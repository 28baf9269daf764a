"""The lifecycle of findings: open until a later version passes, or until a justification or waiver exempts them.

A finding is identified by its place in a record and the value there: a justified finding returns only if the value
changes. Only the first places of a report are tracked; of the others, the report gives the number.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from services.validation.engine.domain.findings import (
    MAX_PLACES,
    RETURNING,
    canonical,
    record_at,
    returns_submission,
)
from services.validation.engine.domain.shapes.structural_rules import STRUCTURAL_RULES
from shared.i18n import Text
from shared.i18n.lists import listed_or

STATES = ("open", "fixed", "justified", "waived")
EXEMPTED = ("justified", "waived")
"""The states of findings that no longer count: the reporter justified them, or the Secretariat waived them."""

JUSTIFIABLE = ("warning", "info")
"""The severities that a reporter may justify; errors must be corrected."""

WAIVABLE = ("error", "warning", "info")
"""The severities that the Secretariat may waive. A record with a blocker cannot be read."""

_EXEMPTIBLE = {"justified": JUSTIFIABLE, "waived": WAIVABLE}


@dataclass(frozen=True)
class TrackedFinding:
    """A finding at one place. `note` is the reason for its exemption, which ends on `expires_on` if that is given."""

    finding: str
    submission: str
    reporter: str
    rule: str
    severity: str
    ref: str | None
    place: str
    value: Any
    message: str
    state: str
    first_version: int
    last_version: int
    note: str | None = None
    decided_by: str | None = None
    expires_on: date | None = None

    @property
    def breaks_shape(self) -> bool:
        """Whether the finding is about the shape of a record, which later readers rely on."""
        return self.rule in STRUCTURAL_RULES and self.severity in RETURNING

    @property
    def exemption(self) -> str | None:
        """`justified` or `waived`, if the finding is exempted. A fixed finding that returns is justified again."""
        if self.state == "fixed" and self.decided_by is not None and self.expires_on is None:
            return "justified"
        return self.state if self.state in EXEMPTED else None


class FindingCannotBeExempted(Exception):
    """A finding cannot be justified, or cannot be waived."""

    def __init__(self, found: TrackedFinding, allowed: tuple[str, ...], *, act: str) -> None:
        if found.breaks_shape:
            what = Text("The finding is about the shape of a record, which must be corrected")
        elif found.state == "fixed":
            what = Text("The finding is fixed")
        else:
            what = Text("The finding is {severity}", severity=_article(found.severity))
        only = (
            Text("only an open finding of severity {allowed} can be waived", allowed=listed_or(allowed))
            if act == "waived"
            else Text(
                "only an open finding of severity {allowed} can be justified", allowed=listed_or(allowed)
            )
        )
        super().__init__(Text("{what}; {only}.", what=what, only=only))
        self.found = found


def _article(severity: str) -> str:
    return f"{'an' if severity in ('error', 'info') else 'a'} {severity}"


def justify(found: TrackedFinding, *, text: str, by: str) -> TrackedFinding:
    """Return the finding as its reporter justified it. Raise FindingCannotBeExempted."""
    if found.severity not in JUSTIFIABLE or found.state == "fixed":
        raise FindingCannotBeExempted(found, JUSTIFIABLE, act="justified")
    return replace(found, state="justified", note=text, decided_by=by, expires_on=None)


def waive(found: TrackedFinding, *, reason: str, by: str, expires_on: date) -> TrackedFinding:
    """Return the finding as the Secretariat waived it until a date. Raise FindingCannotBeExempted."""
    if found.severity not in WAIVABLE or found.state == "fixed" or found.breaks_shape:
        raise FindingCannotBeExempted(found, WAIVABLE, act="waived")
    return replace(found, state="waived", note=reason, decided_by=by, expires_on=expires_on)


def finding_name(submission: str, rule: str, place: Mapping[str, Any]) -> str:
    """Name a finding: equal for the same rule, record, place within the record and value."""
    named = (submission, rule, place["ref"], pointer_in_record(place["pointer"]), place["fingerprint"])
    return hashlib.sha256(canonical(named)).hexdigest()


def pointer_in_record(pointer: str) -> str:
    """Return a pointer relative to the record, whose index may change: /records/3/end becomes /end."""
    _, _, after = pointer.partition("/records/")
    _, slash, path = after.partition("/")
    return f"{slash}{path}"


def apply_exemptions(
    report: Mapping[str, Any], submission: str, tracked: Iterable[TrackedFinding]
) -> dict[str, Any] | None:
    """Mark exempted places in a report and count them no more. Return None if no place is exempted."""
    states = {each.finding: each.exemption for each in tracked if each.exemption is not None}
    findings = [_marked(finding, submission, states) for finding in report["findings"]] if states else []
    if not any(finding.get("excused") for finding in findings):
        return None
    counts = dict.fromkeys(report["counts"], 0)
    for finding in findings:
        counts[finding["severity"]] += finding["count"] - finding.get("excused", 0)
    outcome = "returned" if any(counts[each] for each in RETURNING) else "accepted"
    return {
        **report,
        "outcome": outcome,
        "counts": counts,
        "findings": findings,
        **_still_faulty(report, findings),
        "whole": returns_submission(findings),
    }


def _still_faulty(report: Mapping[str, Any], findings: Iterable[Mapping[str, Any]]) -> dict[str, list[int]]:
    """List the records with a place that still returns the submission, and their numbers of such places."""
    places = dict(zip(report["faulty"], report["faulty_places"], strict=True))
    for finding in findings:
        if finding["severity"] in RETURNING and finding.get("excused"):
            for place in finding["places"]:
                index = record_at(place["pointer"])
                if "state" in place and index is not None:
                    places[index] -= 1
    remaining = {index: count for index, count in places.items() if count}
    return {"faulty": list(remaining), "faulty_places": list(remaining.values())}


def _marked(finding: Mapping[str, Any], submission: str, states: Mapping[str, str]) -> dict[str, Any]:
    """Mark the exempted places of a finding and count them.

    An earlier exemption does not hold if the rule has since become more severe than the exemption allows.
    """
    places = []
    for place in finding["places"]:
        state = states.get(finding_name(submission, finding["rule"], place))
        is_exempted = state is not None and finding["severity"] in _EXEMPTIBLE[state]
        places.append({**place, "state": state} if is_exempted else place)
    count = sum("state" in place for place in places)
    return {**finding, "places": places, "excused": count} if count else dict(finding)


@dataclass(frozen=True)
class FindingChanges:
    """The changes that a verdict makes: new findings, and the names of those found again and of those fixed."""

    new: tuple[TrackedFinding, ...]
    found_again: tuple[str, ...]
    fixed: tuple[str, ...]
    reworded: tuple[TrackedFinding, ...] = ()
    """The findings found again whose rule changed its message or severity."""


def find_changes(
    previous: Iterable[TrackedFinding],
    report: Mapping[str, Any],
    *,
    submission: str,
    reporter: str,
    version: int,
) -> FindingChanges:
    """Compare tracked findings with a new report.

    A place that the report no longer lists is fixed, unless the report omits places of its rule.
    """
    known = {each.finding: each for each in previous}
    found: dict[str, TrackedFinding] = {}
    first: set[str] = set()
    for number, each in _listed(report, submission, reporter, version):
        found[each.finding] = each
        if number < MAX_PLACES:
            first.add(each.finding)
    incomplete = {finding["rule"] for finding in report["findings"] if finding["left_out"]}
    return FindingChanges(
        new=tuple(each for name, each in found.items() if name in first and name not in known),
        found_again=tuple(name for name in known if name in found),
        fixed=tuple(
            name
            for name, each in known.items()
            if name not in found and each.state != "fixed" and each.rule not in incomplete
        ),
        reworded=tuple(
            each for name, each in found.items() if name in known and _wording(each) != _wording(known[name])
        ),
    )


def _wording(found: TrackedFinding) -> tuple[str, str]:
    return found.severity, found.message


def _listed(
    report: Mapping[str, Any], submission: str, reporter: str, version: int
) -> Iterator[tuple[int, TrackedFinding]]:
    """Yield each listed place with its number among the places of its rule."""
    for finding in report["findings"]:
        for number, place in enumerate(finding["places"]):
            found = TrackedFinding(
                finding=finding_name(submission, finding["rule"], place),
                submission=submission,
                reporter=reporter,
                rule=finding["rule"],
                severity=finding["severity"],
                ref=place["ref"],
                place=pointer_in_record(place["pointer"]),
                value=place["value"],
                message=place["message"],
                state="open",
                first_version=version,
                last_version=version,
            )
            yield number, found
