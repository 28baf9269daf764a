"""`iisgd rules stats`: statistics on the rules in force."""

import json
from collections.abc import Iterable, Mapping
from time import perf_counter
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from deploy.commands.rules.drafts import FORMAT, validation
from services.validation.verdicts.operations import rule_statistics


@click.command()
@FORMAT
def stats(form: str) -> None:
    """Show how often each rule in force fails, for how many reporters, its justifications and waivers, and its cost."""
    with validation() as runtime, runtime.database.read() as tx:
        found = rule_statistics.list_rule_statistics(tx, blobs=runtime.blobs, timer=perf_counter)
    if form == "json":
        click.echo(json.dumps({"items": found}, indent=2))
        return
    console = Console(highlight=False)
    console.print(_table(found))
    for rule in found:
        if rule["fails_everybody"]:
            console.print(
                f"{rule['id']} fails nearly every record of nearly every reporter: review the rule.",
                style="bold red",
                soft_wrap=True,
            )


def _table(found: Iterable[Mapping[str, Any]]) -> Table:
    table = Table(
        box=None,
        padding=(0, 1, 0, 0),
        pad_edge=False,
        caption="Counts cover current verdicts; a rule may judge several places of a record.",
    )
    for name in ("Rule", "Severity"):
        table.add_column(name, no_wrap=True)
    for name in ("Judged", "Failed", "Share", "Reporters", "Justified", "Waived", "µs"):
        table.add_column(name, justify="right", no_wrap=name not in ("Failed", "Reporters"))
    for rule in sorted(found, key=lambda each: -each["share"]):
        table.add_row(
            rule["id"],
            rule["severity"],
            f"{rule['judged']:,}",
            f"{rule['failed']:,}" + (f" + {rule['errored']:,} errored" if rule["errored"] else ""),
            f"{rule['share']:.1%}",
            f"{rule['reporters']} of {rule['of_reporters']}",
            str(rule["justified"]),
            str(rule["waived"]),
            f"{rule['microseconds']:.1f}",
            style="bold red" if rule["fails_everybody"] else None,
        )
    return table
