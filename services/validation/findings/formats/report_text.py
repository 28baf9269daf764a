"""The texts of a report, shared by page and workbook: its facts, its outcome and the next steps."""

from collections.abc import Mapping, Sequence
from typing import Any

from services.validation.engine.domain.findings import RETURNING, unread_at
from services.validation.findings.domain.reports import Group, Report, ReportHeader
from shared.i18n import Text
from shared.reference import ReporterIsUnknown, reporter
from shared.reference.account_texts import describe_place, describe_read, describe_unread
from shared.reference.wording import KIND_TITLES, pluralise

STATES = {"justified": "justified by the reporter", "waived": "waived by the Secretariat"}
"""The states of exempted places."""

OURS = "ours"
EXEMPTED = "excused"
SECTIONS = {
    "blocker": ("Must be corrected first", "The submission is returned: these records cannot be read."),
    "error": ("Must be corrected", "The submission is returned until these are corrected."),
    OURS: ("Could not be judged", "One of our rules broke here. The error is ours, and we were notified."),
    "warning": (
        "Should be looked at",
        "These do not return the submission. Correct those that are mistakes.",
    ),
    "info": ("Good to know", "No action is needed."),
    EXEMPTED: (
        "Exempted",
        "The reporter justified these, or the Secretariat waived them. They do not count.",
    ),
}
"""The sections of a report, with heading and meaning, in the order in which a reporter works through them."""


def section_of(group: Group) -> str:
    """Return the section of a group of findings."""
    if group["outcome"] == "errored":
        return OURS
    return str(group["severity"]) if count_open([group]) else EXEMPTED


def sections(report: Report) -> dict[str, list[Group]]:
    """Group findings by section, without empty sections."""
    found = {name: [group for group in report["findings"] if section_of(group) == name] for name in SECTIONS}
    return {name: groups for name, groups in found.items() if groups}


def count_in_section(section: str, groups: Sequence[Group]) -> int:
    """Count the places in a section to which its heading applies."""
    return count_places(groups) if section == EXEMPTED else count_open(groups)


def count_places(groups: Sequence[Group]) -> int:
    """Count the places of the groups, listed or not."""
    return sum(group["count"] for group in groups)


def count_open(groups: Sequence[Group]) -> int:
    """Count the places that are not exempted."""
    exempted: int = sum(group.get("excused", 0) for group in groups)
    return count_places(groups) - exempted


def count_omitted(report: Report) -> int:
    """Count the places that are not listed."""
    return sum(group["left_out"] for group in report["findings"])


def headline(report: Report, header: ReportHeader) -> str:
    """Return the outcome as a headline."""
    if report["outcome"] == "returned":
        return "This would be returned" if header.is_preview else "Returned"
    return "This would be accepted" if header.is_preview else "Accepted"


def next_steps(report: Report, header: ReportHeader) -> list[str]:
    """Return the next steps, one or two sentences each, the most important first."""
    found = sections(report)
    wrong = count_open([*found.get("blocker", ()), *found.get("error", ())])
    broken = any(group["severity"] in RETURNING for group in found.get(OURS, ()))
    steps = [_correct(wrong, header)] if wrong else []
    if found.get(OURS):
        steps.append(_ours(header, alone=broken and not wrong))
    if report["outcome"] == "accepted":
        steps.append(_accepted(header))
    if warnings := count_open(found.get("warning", ())):
        it = "It is" if warnings == 1 else "They are"
        steps.append(
            f"Review the {pluralise(warnings, 'warning')}. {it} not a reason to return the submission."
        )
    return steps


def _correct(wrong: int, header: ReportHeader) -> str:
    first = f'Correct the {pluralise(wrong, "place")} under "Must be corrected".'
    if header.is_preview:
        return f"{first} Then check again, or submit."
    return f"{first} Then submit the whole submission again, as a correction of version {header.version}."


def _ours(header: ReportHeader, *, alone: bool) -> str:
    text = "One of our rules could not be judged. The error is ours; you need not change anything for it."
    if not alone:
        return text
    again = "check" if header.is_preview else "submit"
    return f"{text} Please {again} the same records again once we have corrected the rule."


def _accepted(header: ReportHeader) -> str:
    if header.is_preview:
        return "Nothing was stored. If the records are final, submit them."
    return "No action is needed: the records count."


def facts(report: Report, header: ReportHeader) -> list[tuple[str, str]]:
    """Return the facts of a report as labels and texts, without unknown ones."""
    ruleset = report["stamp"]["ruleset"]
    found = (
        ("Reporter", _named(header.reporter)),
        ("Mapping", _mapping(header)),
        ("Submission", header.submission),
        ("Version", header.version and str(header.version)),
        ("Verdict", _verdict(header)),
        ("Judged", f"{header.judged_at.day} {header.judged_at:%B %Y, %H:%M} UTC"),
        ("Records", report["records"] and f"{report['records']:,}"),
        ("Rules", f"{ruleset['name']} {ruleset['version']}"),
    )
    return [(name, text) for name, text in found if text]


def _named(code: str) -> str:
    try:
        return f"{reporter(code).label} ({code})"
    except ReporterIsUnknown:
        return code


def _mapping(header: ReportHeader) -> str | None:
    if header.kind is None:
        return None
    return f"{KIND_TITLES[header.kind]} {header.period}, {header.pillar}"


def _verdict(header: ReportHeader) -> str | None:
    if header.verdict is None:
        return None
    return f"{header.verdict}: {header.reason}" if header.reason else str(header.verdict)


def reading_facts(report: Report) -> Sequence[tuple[str, str]]:
    """Return what was read of the submitted file, and how much was not, as labels and texts; none without a file."""
    reading = report.get("reading")
    if reading is None:
        return []
    return [*describe_read(reading["read"]), (Text("Not read"), describe_unread(reading))]


def unread_lines(report: Report) -> list[str]:
    """Return a line for each listed part of the submitted file that was not read, and for the number not listed."""
    reading = report.get("reading") or {"unread": (), "left_out": 0}
    lines: list[str] = [_unread_line(part) for part in reading["unread"]]
    if reading["left_out"]:
        more = reading["left_out"]
        lines.append(
            Text.counted("Not read: {count:,} more part.", "Not read: {count:,} more parts.", count=more)
        )
    return lines


def _unread_line(part: Mapping[str, Any]) -> Text:
    where = ", ".join(filter(None, (part.get("ref"), describe_place(part))))
    texts = {name: part[name] for name in ("message", "expected")}
    if where:
        return Text("Not read ({where}): {message} {expected}", where=where, **texts)
    return Text("Not read: {message} {expected}", **texts)


def where_text(place: Mapping[str, Any]) -> str:
    """Return a place of a finding in words: "Sheet Needs, cell F5: Title" in a table, else "themes, entry 2, code"."""
    if "cell" in place or "sheet" in place or unread_at(place["pointer"]) is not None:
        where = describe_place(place) or "the file"
        heading = f": {place['heading']}" if "heading" in place else ""
        return where[0].upper() + where[1:] + heading
    return place_text(place["pointer"])


def place_text(pointer: str) -> str:
    """Return the place in a record that a JSON pointer leads to, in words: "themes, entry 2, code"."""
    if not pointer.startswith("/records/"):
        return "the whole submission"
    steps = [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[3:]]
    return ", ".join(f"entry {int(step) + 1}" if _is_index(step) else step for step in steps) or "the record"


def record_number(pointer: str) -> str:
    """Return the number of the record, from 1, that a JSON pointer leads into; empty for none."""
    step = pointer.split("/")[2] if pointer.startswith("/records/") else ""
    return str(int(step) + 1) if _is_index(step) else ""


def _is_index(step: str) -> bool:
    return step.isascii() and step.isdigit() and len(step) <= 9  # noqa: PLR2004 - no list has a thousand million entries


def value_text(value: Any) -> str:
    """Return a value as text: a text unchanged, any other value as JSON."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
