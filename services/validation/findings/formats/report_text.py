"""The texts of a report, shared by page and workbook: its facts, its outcome and the next steps."""

from collections.abc import Mapping, Sequence
from typing import Any

from services.validation.engine.domain.findings import RETURNING, unread_at
from services.validation.findings.domain.reports import Group, Report, ReportHeader
from shared.i18n import Text, translate
from shared.i18n.days import day_text
from shared.reference import ReporterIsUnknown, reporter
from shared.reference.account_texts import describe_place, describe_read, describe_unread
from shared.reference.wording import KIND_TITLES

STATES: Mapping[str, Text] = {
    "justified": Text("justified by the reporter"),
    "waived": Text("waived by the Secretariat"),
}
"""The states of exempted places."""

OURS = "ours"
EXEMPTED = "excused"
SECTIONS: Mapping[str, tuple[Text, Text]] = {
    "blocker": (
        Text("Must be corrected first"),
        Text("The submission is returned: these records cannot be read."),
    ),
    "error": (Text("Must be corrected"), Text("The submission is returned until these are corrected.")),
    OURS: (
        Text("Could not be judged"),
        Text("One of our rules broke here. The error is ours, and we were notified."),
    ),
    "warning": (
        Text("Should be looked at"),
        Text("These do not return the submission. Correct those that are mistakes."),
    ),
    "info": (Text("Good to know"), Text("No action is needed.")),
    EXEMPTED: (
        Text("Exempted"),
        Text("The reporter justified these, or the Secretariat waived them. They do not count."),
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


def places_text(count: int) -> Text:
    """Return a number of places."""
    return Text.counted("{count:,} place", "{count:,} places", count=count)


def headline(report: Report, header: ReportHeader) -> Text:
    """Return the outcome as a headline."""
    if report["outcome"] == "returned":
        return Text("This would be returned") if header.is_preview else Text("Returned")
    return Text("This would be accepted") if header.is_preview else Text("Accepted")


def next_steps(report: Report, header: ReportHeader) -> list[Text]:
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
        steps.append(
            Text.counted(
                "Review the {count:,} warning. It is not a reason to return the submission.",
                "Review the {count:,} warnings. They are not a reason to return the submission.",
                count=warnings,
            )
        )
    return steps


def _correct(wrong: int, header: ReportHeader) -> Text:
    first = Text.counted(
        'Correct the {count:,} place under "{section}".',
        'Correct the {count:,} places under "{section}".',
        count=wrong,
        section=SECTIONS["error"][0],
    )
    if header.is_preview:
        return Text("{first} Then check again, or submit.", first=first)
    return Text(
        "{first} Then submit the whole submission again, as a correction of version {version}.",
        first=first,
        version=header.version,
    )


def _ours(header: ReportHeader, *, alone: bool) -> Text:
    text = Text(
        "One of our rules could not be judged. The error is ours; you need not change anything for it."
    )
    if not alone:
        return text
    again = (
        Text("Please check the same records again once we have corrected the rule.")
        if header.is_preview
        else Text("Please submit the same records again once we have corrected the rule.")
    )
    return Text("{first} {then}", first=text, then=again)


def _accepted(header: ReportHeader) -> Text:
    if header.is_preview:
        return Text("Nothing was stored. If the records are final, submit them.")
    return Text("No action is needed: the records count.")


MAPPING = Text("Mapping")
"""The label of the fact that names the mapping, which the title of a page repeats."""


def facts(report: Report, header: ReportHeader) -> list[tuple[Text, str]]:
    """Return the facts of a report as labels and texts, without unknown ones."""
    ruleset = report["stamp"]["ruleset"]
    day = day_text(header.judged_at)
    found = (
        (Text("Reporter"), _named(header.reporter)),
        (MAPPING, _mapping(header)),
        (Text("Submission"), header.submission),
        (Text("Version"), str(header.version or "")),
        (Text("Verdict"), _verdict(header)),
        (Text("Judged"), Text("{day}, {time} {zone}", day=day, time=f"{header.judged_at:%H:%M}", zone="UTC")),
        (Text("Records"), report["records"] and f"{report['records']:,}"),
        (Text("Rules"), f"{ruleset['name']} {ruleset['version']}"),
    )
    return [(name, text) for name, text in found if text]


def _named(code: str) -> str:
    try:
        return Text("{label} ({code})", label=reporter(code).label, code=code)
    except ReporterIsUnknown:
        return code


def _mapping(header: ReportHeader) -> Text | None:
    if header.kind is None:
        return None
    kind = KIND_TITLES[header.kind]
    return Text("{kind} {period}, {pillar}", kind=kind, period=header.period, pillar=header.pillar)


def _verdict(header: ReportHeader) -> str | None:
    if header.verdict is None:
        return None
    if not header.reason:
        return str(header.verdict)
    return Text("{verdict}: {reason}", verdict=header.verdict, reason=header.reason)


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
    ref, place = part.get("ref"), describe_place(part)
    where = Text("{place}, {inner}", place=ref, inner=place) if ref and place else ref or place
    texts = {name: part[name] for name in ("message", "expected")}
    if where:
        return Text("Not read ({where}): {message} {expected}", where=where, **texts)
    return Text("Not read: {message} {expected}", **texts)


def where_text(place: Mapping[str, Any], language: str) -> str:
    """Return a place of a finding in words: "Sheet Needs, cell F5: Title" in a table, else "themes, entry 2, code"."""
    if "cell" in place or "sheet" in place or unread_at(place["pointer"]) is not None:
        where = translate(describe_place(place) or Text("the file"), language)
        heading = f": {place['heading']}" if "heading" in place else ""
        return where[0].upper() + where[1:] + heading
    return translate(place_text(place["pointer"]), language)


def place_text(pointer: str) -> str:
    """Return the place in a record that a JSON pointer leads to, in words: "themes, entry 2, code"."""
    if not pointer.startswith("/records/"):
        return Text("the whole submission")
    steps = [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[3:]]
    if not steps:
        return Text("the record")
    words: list[str] = [
        Text("entry {number}", number=int(step) + 1) if _is_index(step) else step for step in steps
    ]
    found = words[0]
    for word in words[1:]:
        found = Text("{place}, {inner}", place=found, inner=word)
    return found


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
