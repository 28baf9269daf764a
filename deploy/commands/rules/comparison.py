"""`iisgd rules diff` and `impact`: compare a draft with a version, and preview the verdicts that it would change."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from deploy.commands.progress import counting
from deploy.commands.rules.drafts import (
    DAY,
    FILE,
    FORMAT,
    file_in_force,
    file_of_version,
    left_out,
    read_draft,
    validation,
    validation_if_any,
)
from services.validation.engine.domain.rules import Ruleset
from services.validation.rulesets.domain.differences import Change, Differences, differences
from services.validation.verdicts.operations import impact as operations_impact
from shared.reference.days import secretariat_day
from shared.reference.wording import pluralise


@click.command()
@click.argument("file", type=FILE)
@click.option(
    "--against", metavar="VERSION", help="A version of the same ruleset; default: the one in force."
)
def diff(file: Path, against: str | None) -> None:
    """Show the differences of FILE: rules added, removed and changed, part by part."""
    draft = read_draft(file)
    name = draft.stamp.name
    with validation_if_any() as runtime:
        other = file_in_force(runtime, name) if against is None else file_of_version(runtime, name, against)
    console = Console(highlight=False)
    found = differences(other, draft)
    console.print(f"{name} {other.stamp.version} -> {file.name}, {draft.stamp.version}", markup=False)
    if found.is_empty:
        console.print("There are no differences.")
        return
    for line in _shown(found):
        console.print(line, soft_wrap=True)


@click.command()
@click.argument("file", type=FILE)
@click.option(
    "--from",
    "day",
    type=DAY,
    metavar="YYYY-MM-DD",
    help="The day the draft would come into force; default: today.",
)
@FORMAT
def impact(file: Path, day: datetime | None, form: str) -> None:
    """Show whose submissions FILE would return, or accept, if it were published. Nothing is changed.

    All submissions of open periods are judged by the draft.
    """
    draft = read_draft(file)
    with validation() as runtime, runtime.database.read() as tx:
        today = secretariat_day(tx.now)
        on = max(day.date(), today) if day else today
        with counting(Console(stderr=True), "Judging the submissions of open periods") as judged:
            found = operations_impact.preview_impact(
                tx, blobs=runtime.blobs, draft=draft, on=on, judged=judged
            )
    if form == "json":
        click.echo(json.dumps(_as_json(draft, on, found), indent=2))
        return
    console = Console(highlight=False)
    judged_by = f"{draft.stamp.name} {draft.stamp.version} from {on}"
    console.print(
        f"{judged_by}: of {pluralise(found.judged, 'submission')} of open periods, "
        f"{len(found.returned):,} would be returned and {len(found.accepted):,} would be accepted.",
        soft_wrap=True,
    )
    if found.left_out:
        console.print(left_out(found.left_out, most=len(found.left_out)), soft_wrap=True)
    titles = {rule.id: rule.title for rule in draft.rules}
    if found.returned:
        console.print(_by_rule(found.returned, titles))
    for heading, turns in (
        ("Accepted now, would be returned", found.returned),
        ("Returned now, would be accepted", found.accepted),
    ):
        for line in _turns(heading, turns):
            console.print(line, soft_wrap=True)


def _as_json(draft: Ruleset, on: date, found: operations_impact.Impact) -> dict[str, Any]:
    return {
        "ruleset": vars(draft.stamp),
        "in_force_from": on.isoformat(),
        "judged": found.judged,
        "left_out": list(found.left_out),
        "returned": [asdict(turn) for turn in found.returned],
        "accepted": [asdict(turn) for turn in found.accepted],
    }


def _by_rule(turns: Sequence[operations_impact.OutcomeChange], titles: Mapping[str, str]) -> Table:
    table = Table(title="Rules that would return them", title_justify="left", title_style="bold")
    table.add_column("Rule", no_wrap=True)
    table.add_column("Title")
    for name in ("Submissions", "Reporters", "Places"):
        table.add_column(name, justify="right", no_wrap=True)
    for rule in sorted({rule for turn in turns for rule in turn.rules}):
        hit = [turn for turn in turns if rule in turn.rules]
        table.add_row(
            rule,
            titles.get(rule, ""),
            f"{len(hit):,}",
            f"{len({turn.reporter for turn in hit}):,}",
            f"{sum(turn.rules[rule] for turn in hit):,}",
        )
    return table


def _turns(heading: str, turns: Sequence[operations_impact.OutcomeChange]) -> Iterator[Text]:
    """Yield lines instead of a table: an id must not be folded on a narrow terminal."""
    if turns:
        yield Text(heading, style="bold")
    for turn in sorted(turns, key=lambda each: (each.reporter, each.submission)):
        rules = ", ".join(f"{rule} ({places:,})" for rule, places in sorted(turn.rules.items()))
        yield Text(f"  {turn.reporter}  {turn.pillar} {turn.kind} {turn.period}")
        yield Text(f"    {turn.submission}, version {turn.version}: {rules}")


def _shown(found: Differences) -> Iterator[Text]:
    if found.heading:
        yield from _changes(Text("heading", style="bold"), found.heading)
    for rule in found.added:
        yield Text(f"+ {rule['id']}  {rule['title']} ({rule['severity']})", style="green")
    for rule in found.removed:
        yield Text(f"- {rule['id']}  {rule['title']} ({rule['severity']})", style="red")
    for changed in found.changed:
        yield from _changes(Text.assemble((changed.id, "bold"), f"  {changed.title}"), changed.changes)
    if found.is_reordered:
        yield Text("The rules are in another order.")


def _changes(heading: Text, changes: tuple[Change, ...]) -> Iterator[Text]:
    yield heading
    for change in changes:
        yield Text(f"  {change.part}", style="dim")
        yield from _lines(change)


def _lines(change: Change) -> Iterator[Text]:
    old, new = _written(change.old), _written(change.new)
    if isinstance(change.old, list) and isinstance(change.new, list):
        old, new = [each for each in old if each not in new], [each for each in new if each not in old]
    yield from (Text(f"    - {line}", style="red") for line in old)
    yield from (Text(f"    + {line}", style="green") for line in new)


def _written(value: Any) -> list[str]:
    """Return the value as the file would hold it, one list entry per line."""
    if value is None:
        return []
    if isinstance(value, str):
        return value.splitlines() or ['""']
    entries = value if isinstance(value, list) else [value]
    return [each if isinstance(each, str) else json.dumps(each, ensure_ascii=False) for each in entries]
