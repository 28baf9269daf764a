"""`iisgd rules publish` and `list`: publish a draft, and list versions."""

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from deploy.commands.rules.drafts import DAY, FILE, left_out, refused, validation
from services.validation.engine.domain.reading import RulesetIsBroken
from services.validation.rulesets.operations import publishing
from services.validation.rulesets.operations import versions as operations_versions
from services.validation.verdicts.operations import publication_rollout
from shared.reference import SECRETARIAT
from shared.reference.days import secretariat_day
from shared.reference.wording import pluralise

MOST_LEFT_OUT = 10
STATES = {"coming": "published", "in_force": "in force", "retired": "retired"}


@click.command()
@click.argument("file", type=FILE)
@click.option(
    "--from",
    "day",
    type=DAY,
    metavar="YYYY-MM-DD",
    help="The first day in force; default: today.",
)
def publish(file: Path, day: datetime | None) -> None:
    """Publish FILE from a date. Submissions of open periods are judged again.

    Rejects a file whose examples fail, and a version that exists with other content.
    """
    with validation() as runtime:
        with runtime.database.begin() as tx:
            on = day.date() if day else secretariat_day(tx.now)
            try:
                publication = publishing.publish_ruleset(
                    tx, blobs=runtime.blobs, content=file.read_bytes(), in_force_from=on, by=SECRETARIAT
                )
            except RulesetIsBroken as broken:
                raise refused(file, broken.problems) from None
        with runtime.database.read() as tx:
            today = secretariat_day(tx.now)
            waiting = publication_rollout.count_waiting(
                tx, blobs=runtime.blobs, on=publication.row.in_force_from
            )
    for line in _said(publication, waiting, today):
        click.echo(line)


def _said(publication: publishing.Publication, waiting: int, today: date) -> Iterator[str]:
    """Return what was done and what happens next."""
    row = publication.row
    name = f"{row.name} {row.version}"
    if not publication.is_new:
        yield f"{name} is already published, in force from {row.in_force_from}; nothing was changed."
        return
    yield f"{name} is published, in force from {row.in_force_from} ({row.hash[:8]})."
    if publication.left_out:
        yield left_out(publication.left_out, most=MOST_LEFT_OUT)
    then = "Within seconds" if row.in_force_from <= today else f"At the start of {row.in_force_from},"
    if waiting:
        yield f"{then} {pluralise(waiting, 'submission')} of open periods will be queued for judging."
    else:
        yield "No submission of an open period needs to be judged again."
    yield "'iisgd rules list' shows the progress. Adopted reports keep their rules."


@click.command("list")
def list_versions() -> None:
    """List every version of every ruleset, with the dates it was in force."""
    with validation() as runtime, runtime.database.read() as tx:
        versions = operations_versions.list_versions(tx, on=secretariat_day(tx.now))
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False)
    for name in ("Ruleset", "Version", "State", "From", "Until", "Applied", "Hash"):
        table.add_column(name, no_wrap=name != "Applied")
    for each in versions:
        table.add_row(
            each["name"],
            each["version"],
            STATES[each["state"]],
            each["in_force_from"] or "ships",
            each["until"] or "",
            _minute(each["applied_at"]),
            each["hash"][:8],
            style="dim" if each["state"] == "retired" else None,
        )
    Console(highlight=False).print(table)


def _minute(moment: str | None) -> str:
    return "" if moment is None else moment[:16].replace("T", " ")
