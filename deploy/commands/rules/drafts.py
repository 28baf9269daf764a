"""What the commands about rules share: the draft in a file, and the installation that it is meant for."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click

from deploy.commands.words import how_many
from deploy.homes import settings_here
from services.validation import operations
from services.validation.domain.rulesets.reading import RulesetIsBroken
from services.validation.domain.rulesets.rule import Ruleset
from shared.resources import Runtime

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
FORMAT = click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="For people, or for programs.",
)
DAY = click.DateTime(formats=["%Y-%m-%d"])


def read_draft(path: Path) -> Ruleset:
    """The ruleset in a file; all that is wrong with it ends the command."""
    try:
        return operations.read_ruleset(path.read_bytes())
    except RulesetIsBroken as broken:
        raise refused(path, broken.problems) from None


def refused(path: Path, problems: Sequence[str]) -> click.ClickException:
    """What ends a command whose draft cannot be used."""
    return click.ClickException("\n".join(f"{path.name}: {problem}" for problem in problems))


def left_out(ids: Sequence[str], *, most: int) -> str:
    """That a draft leaves out rules in force, and the first of them."""
    more = f" and {len(ids) - most:,} more" if len(ids) > most else ""
    verb = "is" if len(ids) == 1 else "are"
    return f"{how_many(len(ids), 'rule')} in force {verb} not in this file: {', '.join(ids[:most])}{more}."


@contextmanager
def validation() -> Iterator[Runtime]:
    """Validation as it runs in the installation that the settings name."""
    runtime = Runtime.of("validation", settings_here())
    try:
        yield runtime
    finally:
        runtime.database.dispose()


@contextmanager
def validation_if_any() -> Iterator[Runtime | None]:
    """The same, or None where nobody has set one up yet: who writes rules needs no more than the files that ship."""
    with validation() as runtime:
        database = runtime.database
        is_there = not database.is_sqlite or Path(str(database.url.database)).exists()
        yield runtime if is_there else None


def file_in_force(runtime: Runtime | None, name: str) -> Ruleset:
    """The rules of one file that are in force today; without an installation, those that ship."""
    if runtime is None:
        return operations.ruleset_file(name)
    with runtime.database.read() as tx:
        return operations.file_in_force(tx, blobs=runtime.blobs, name=name, on=tx.now.date())


def file_of_version(runtime: Runtime | None, name: str, version: str) -> Ruleset:
    """A version that was published or ships; raises RulesetIsUnknown."""
    if runtime is None:
        shipped = operations.ruleset_file(name)
        if shipped.stamp.version != version:
            raise operations.RulesetIsUnknown(name, version)
        return shipped
    with runtime.database.read() as tx:
        return operations.file_of_version(tx, blobs=runtime.blobs, name=name, version=version)
