"""What becomes of findings: open until a later version passes, or until somebody says why they may stand.

A finding is followed by its place in a record and by the value there, so one that was justified does not come back
unless the value changes. Only the first places that a report tells are followed; of the others it says how many there are.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from services.validation.domain.shapes.structure import STRUCTURAL
from services.validation.engine.domain.findings import (
    MOST_PLACES,
    RETURNING,
    canonical,
    record_at,
    stands_as_such,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date

STATES = ("open", "fixed", "justified", "waived")
EXCUSED = ("justified", "waived")
"""So a finding stands for which the reporter gave a reason, or which the Secretariat lets pass: it counts no more."""

JUSTIFIABLE = ("warning", "info")
"""What a reporter may answer with a reason; an error has to be mended."""

WAIVABLE = ("error", "warning", "info")
"""What the Secretariat may let pass. Of a blocker nothing can be kept."""

_EXCUSABLE = {"justified": JUSTIFIABLE, "waived": WAIVABLE}


@dataclass(frozen=True)
class Followed:
    """A finding at one place. `note` is why it may stand, until `expires_on` if that is given."""

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
        """Whether the record is not what it should be: whoever reads it later could not."""
        return self.rule in STRUCTURAL and self.severity in RETURNING

    @property
    def excuse(self) -> str | None:
        """Justified or waived, if it may stand. What was justified once is so again when it comes back as it was."""
        if self.state == "fixed" and self.decided_by is not None and self.expires_on is None:
            return "justified"
        return self.state if self.state in EXCUSED else None


class FindingCannotBeExcused(Exception):
    """A finding is not one that can be justified, or waived."""

    def __init__(self, found: Followed, allowed: tuple[str, ...], *, deed: str) -> None:
        if found.breaks_shape:
            what = "is about the shape of a record, which has to be mended"
        else:
            what = "is closed" if found.state == "fixed" else f"is {_article(found.severity)}"
        super().__init__(
            f"The finding {what}; {deed} can be an open finding of severity {' or '.join(allowed)}."
        )
        self.found = found


def _article(severity: str) -> str:
    return f"{'an' if severity in ('error', 'info') else 'a'} {severity}"


def justified(found: Followed, *, text: str, by: str) -> Followed:
    """The finding once its reporter has said why it is so; raises FindingCannotBeExcused."""
    if found.severity not in JUSTIFIABLE or found.state == "fixed":
        raise FindingCannotBeExcused(found, JUSTIFIABLE, deed="justified")
    return replace(found, state="justified", note=text, decided_by=by, expires_on=None)


def waived(found: Followed, *, reason: str, by: str, expires_on: date) -> Followed:
    """The finding once the Secretariat lets it pass until a day; raises FindingCannotBeExcused."""
    if found.severity not in WAIVABLE or found.state == "fixed" or found.breaks_shape:
        raise FindingCannotBeExcused(found, WAIVABLE, deed="waived")
    return replace(found, state="waived", note=reason, decided_by=by, expires_on=expires_on)


def name_of(submission: str, rule: str, place: Mapping[str, Any]) -> str:
    """The name of a finding: the same for the same rule, record, place within it and value."""
    named = (submission, rule, place["ref"], within_record(place["pointer"]), place["fingerprint"])
    return hashlib.sha256(canonical(named)).hexdigest()


def within_record(pointer: str) -> str:
    """A pointer from the record on, since records move about between versions: /records/3/end is /end."""
    _, _, after = pointer.partition("/records/")
    _, slash, path = after.partition("/")
    return f"{slash}{path}"


def excused(
    report: Mapping[str, Any], submission: str, followed: Iterable[Followed]
) -> dict[str, Any] | None:
    """The report with what may stand marked so and counted no more; None where nothing of it is excused."""
    states = {each.finding: each.excuse for each in followed if each.excuse is not None}
    findings = [_excused(finding, submission, states) for finding in report["findings"]] if states else []
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
        "whole": stands_as_such(findings),
    }


def _still_faulty(report: Mapping[str, Any], findings: Iterable[Mapping[str, Any]]) -> dict[str, list[int]]:
    """The records in which something is left that returns the submission, and how many places that are."""
    places = dict(zip(report["faulty"], report["faulty_places"], strict=True))
    for finding in findings:
        if finding["severity"] in RETURNING and finding.get("excused"):
            for place in finding["places"]:
                index = record_at(place["pointer"])
                if "state" in place and index is not None:
                    places[index] -= 1
    left = {index: count for index, count in places.items() if count}
    return {"faulty": list(left), "faulty_places": list(left.values())}


def _excused(finding: Mapping[str, Any], submission: str, states: Mapping[str, str]) -> dict[str, Any]:
    """A finding with the state of each place that is excused, and how many there are.

    A rule may have become severer since: what could not be excused today is not excused by what was said before.
    """
    places = []
    for place in finding["places"]:
        state = states.get(name_of(submission, finding["rule"], place))
        is_excused = state is not None and finding["severity"] in _EXCUSABLE[state]
        places.append({**place, "state": state} if is_excused else place)
    count = sum("state" in place for place in places)
    return {**finding, "places": places, "excused": count} if count else dict(finding)


@dataclass(frozen=True)
class Following:
    """What a verdict changes: findings that are new, the names of those that stand, and of those that are fixed."""

    new: tuple[Followed, ...]
    standing: tuple[str, ...]
    fixed: tuple[str, ...]
    retold: tuple[Followed, ...] = ()
    """Those of the standing whose rule speaks of them in other words now, or more severely."""


def follow(
    before: Iterable[Followed], report: Mapping[str, Any], *, submission: str, reporter: str, version: int
) -> Following:
    """Compare what was found before with a new report.

    A place that is not told any more is fixed, unless the report leaves places of its rule out.
    """
    known = {each.finding: each for each in before}
    found: dict[str, Followed] = {}
    first: set[str] = set()
    for number, each in _found(report, submission, reporter, version):
        found[each.finding] = each
        if number < MOST_PLACES:
            first.add(each.finding)
    untold = {finding["rule"] for finding in report["findings"] if finding["left_out"]}
    return Following(
        new=tuple(each for name, each in found.items() if name in first and name not in known),
        standing=tuple(name for name in known if name in found),
        fixed=tuple(
            name
            for name, each in known.items()
            if name not in found and each.state != "fixed" and each.rule not in untold
        ),
        retold=tuple(
            each for name, each in found.items() if name in known and _told(each) != _told(known[name])
        ),
    )


def _told(found: Followed) -> tuple[str, str]:
    return found.severity, found.message


def _found(
    report: Mapping[str, Any], submission: str, reporter: str, version: int
) -> Iterator[tuple[int, Followed]]:
    """All that is told, each with its number among the places of its rule."""
    for finding in report["findings"]:
        for number, place in enumerate(finding["places"]):
            found = Followed(
                finding=name_of(submission, finding["rule"], place),
                submission=submission,
                reporter=reporter,
                rule=finding["rule"],
                severity=finding["severity"],
                ref=place["ref"],
                place=within_record(place["pointer"]),
                value=place["value"],
                message=place["message"],
                state="open",
                first_version=version,
                last_version=version,
            )
            yield number, found
