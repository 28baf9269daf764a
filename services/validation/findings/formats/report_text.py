"""A report in words: what it is about, how it came out, what to do next. The page and the workbook say the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services.validation.engine.domain.findings import RETURNING
from shared.reference import ReporterIsUnknown, reporter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.validation.findings.domain.reports import Group, Heading, Report

KINDS = {"need": "Needs", "response": "Responses", "support": "Support"}

STATES = {"justified": "justified by the reporter", "waived": "waived by the Secretariat"}
"""Why a place may stand though a rule was not content with it."""

OURS = "ours"
EXCUSED = "excused"
SECTIONS = {
    "blocker": ("Must be corrected first", "The submission is returned: nothing can be read from these."),
    "error": ("Must be corrected", "The submission is returned until these are corrected."),
    OURS: ("Could not be judged", "A rule of ours broke here. The fault is ours, and we are told of it."),
    "warning": ("Should be looked at", "These do not stand in the way. Correct what is not meant so."),
    "info": ("Good to know", "Nothing has to be done about these."),
    EXCUSED: (
        "May stand",
        "A reason was given for these, or the Secretariat lets them pass: they do not count.",
    ),
}
"""The parts of a report in the order in which a reporter works through them: heading and meaning."""


def counted(number: int, one: str, many: str | None = None) -> str:
    """A number with its word: "1 place", "2,500 places"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def section_of(group: Group) -> str:
    """The part of the report that a group of findings stands in."""
    if group["outcome"] == "errored":
        return OURS
    return str(group["severity"]) if open_in([group]) else EXCUSED


def sections(report: Report) -> dict[str, list[Group]]:
    """The groups by the part that they stand in; parts that are empty are left out."""
    found = {name: [group for group in report["findings"] if section_of(group) == name] for name in SECTIONS}
    return {name: groups for name, groups in found.items() if groups}


def count_of(section: str, groups: Sequence[Group]) -> int:
    """How many places stand in a part of the report for what its heading says."""
    return places_in(groups) if section == EXCUSED else open_in(groups)


def places_in(groups: Sequence[Group]) -> int:
    """How many places the groups count, listed or not."""
    return sum(group["count"] for group in groups)


def open_in(groups: Sequence[Group]) -> int:
    """How many of them count against the submission: those that may stand do not."""
    may_stand: int = sum(group.get("excused", 0) for group in groups)
    return places_in(groups) - may_stand


def left_out(report: Report) -> int:
    """How many places are counted and not listed."""
    return sum(group["left_out"] for group in report["findings"])


def headline(report: Report, heading: Heading) -> str:
    """The outcome in a few words."""
    if report["outcome"] == "returned":
        return "This would be returned" if heading.is_check else "Returned"
    return "This would be accepted" if heading.is_check else "Accepted"


def next_steps(report: Report, heading: Heading) -> list[str]:
    """What to do now, a sentence or two each, the most important first."""
    found = sections(report)
    wrong = open_in([*found.get("blocker", ()), *found.get("error", ())])
    broken = any(group["severity"] in RETURNING for group in found.get(OURS, ()))
    steps = [_correct(wrong, heading)] if wrong else []
    if found.get(OURS):
        steps.append(_ours(heading, alone=broken and not wrong))
    if report["outcome"] == "accepted":
        steps.append(_accepted(heading))
    if warnings := open_in(found.get("warning", ())):
        it = "it does" if warnings == 1 else "they do"
        steps.append(f"Look at the {counted(warnings, 'warning')}: {it} not stand in the way.")
    return steps


def _correct(wrong: int, heading: Heading) -> str:
    asked = f"Correct the {counted(wrong, 'place')} below that must be corrected."
    if heading.is_check:
        return f"{asked} Then check again, or hand it in."
    return f"{asked} Then hand in the whole submission again, as a correction of version {heading.version}."


def _ours(heading: Heading, *, alone: bool) -> str:
    told = "A rule of ours could not be judged. The fault is ours; nothing needs to be changed for it."
    if not alone:
        return told
    again = "check" if heading.is_check else "hand in"
    return f"{told} Please {again} the same again once we have mended the rule."


def _accepted(heading: Heading) -> str:
    if heading.is_check:
        return "Nothing was kept. If it is as you mean it, hand it in."
    return "Nothing has to be done: the records count."


def facts(report: Report, heading: Heading) -> list[tuple[str, str]]:
    """What a report is about, as labels and texts; what is not known is left out."""
    ruleset = report["stamp"]["ruleset"]
    found = (
        ("Reporter", _named(heading.reporter)),
        ("Mapping", _mapping(heading)),
        ("Submission", heading.submission),
        ("Version", heading.version and str(heading.version)),
        ("Verdict", _verdict(heading)),
        ("Judged", f"{heading.judged_at.day} {heading.judged_at:%B %Y, %H:%M} UTC"),
        ("Records", report["records"] and f"{report['records']:,}"),
        ("Rules", f"{ruleset['name']} {ruleset['version']}"),
    )
    return [(name, text) for name, text in found if text]


def _named(code: str) -> str:
    try:
        return f"{reporter(code).label} ({code})"
    except ReporterIsUnknown:
        return code


def _mapping(heading: Heading) -> str | None:
    if heading.kind is None:
        return None
    return f"{KINDS[heading.kind]} {heading.period}, {heading.pillar}"


def _verdict(heading: Heading) -> str | None:
    if heading.verdict is None:
        return None
    return f"{heading.verdict}: {heading.reason}" if heading.reason else str(heading.verdict)


def where(pointer: str) -> str:
    """The place in a record that a JSON pointer leads to, in words: "themes, entry 2, code"."""
    if not pointer.startswith("/records/"):
        return "the whole submission"
    steps = [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[3:]]
    return ", ".join(f"entry {int(step) + 1}" if _is_index(step) else step for step in steps) or "the record"


def record_number(pointer: str) -> str:
    """Which record of the submission a JSON pointer leads into, counted from 1; empty for none."""
    step = pointer.split("/")[2] if pointer.startswith("/records/") else ""
    return str(int(step) + 1) if _is_index(step) else ""


def _is_index(step: str) -> bool:
    return step.isascii() and step.isdigit() and len(step) <= 9  # noqa: PLR2004 - no list has a thousand million entries


def value_text(value: Any) -> str:
    """A value as it stood in the record: a text as it is, anything else as JSON would write it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
