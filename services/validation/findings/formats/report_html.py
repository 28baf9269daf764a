"""A report as a page: the outcome and the next steps, then each finding with its places."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from services.validation.findings.domain.reports import Group, Report, ReportHeader
from services.validation.findings.formats.report_text import (
    MAPPING,
    SECTIONS,
    STATES,
    count_in_section,
    facts,
    headline,
    next_steps,
    reading_facts,
    record_number,
    sections,
    value_text,
    where_text,
)
from shared.documents.html import Templates
from shared.i18n import Text, translate
from shared.reference.account_texts import describe_place

# The page's layout is that of rulesets, so templates are named from the service's folder.
_TEMPLATES = Templates(
    Path(__file__).parents[2], filters={"record_number": record_number, "value_text": value_text}
)


def report_as_html(report: Report, heading: ReportHeader, *, rules_page: str) -> str:
    """Render the page; `rules_page` is the URL of the rules."""
    say = partial(translate, language=heading.language)
    return _TEMPLATES.render(
        "findings/templates/report.html.j2",
        report=report,
        heading=heading,
        headline=say(headline(report, heading)),
        steps=[say(step) for step in next_steps(report, heading)],
        facts=[(say(name), say(text), name == MAPPING) for name, text in facts(report, heading)],
        sections=[_section(name, groups, say) for name, groups in sections(report).items()],
        states={name: say(text) for name, text in STATES.items()},
        read=[(say(name), say(text)) for name, text in reading_facts(report)],
        rules_page=rules_page,
        language=heading.language,
        say=say,
        counted=lambda one, many, count: say(Text.counted(one, many, count=count)),
        filled=lambda template, **values: say(Text(template, **values)),
        where=lambda place: where_text(place, heading.language),
        unread_place=lambda part: say(describe_place(part) or ""),
    )


def _section(name: str, groups: list[Group], say: Callable[[str], str]) -> dict[str, Any]:
    title, meaning = SECTIONS[name]
    return {
        "name": name,
        "title": say(title),
        "meaning": say(meaning),
        "count": count_in_section(name, groups),
        "groups": [_group(group) for group in groups],
    }


def _group(group: Group) -> dict[str, Any]:
    """Return a group for the template. A text that is the same in all places is given once."""
    return {
        "cause": None,
        "excused": 0,
        **group,
        "of_all": {name: _common(group, name) for name in ("message", "expected")},
        "in_file": any("cell" in place for place in group["places"]),
        "with_values": any(place["value"] is not None for place in group["places"]),
    }


def _common(group: Group, name: str) -> str | None:
    """Return a text that is the same in all listed places, if it is."""
    said = {place[name] for place in group["places"]}
    return said.pop() if len(said) == 1 else None
