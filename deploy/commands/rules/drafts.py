"""Code shared by the commands about rules: the draft in a file, and its installation."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click

from deploy.instance_lock import current_settings
from services.validation.engine.domain.reading import RulesetIsBroken
from services.validation.engine.domain.rules import Ruleset
from services.validation.rulesets.operations import files
from shared.reference.days import secretariat_day
from shared.reference.wording import pluralise
from shared.resources import Runtime

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
FORMAT = click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="The output format.",
)
DAY = click.DateTime(formats=["%Y-%m-%d"])


def read_draft(path: Path) -> Ruleset:
    """Read a ruleset from a file. Errors in it end the command."""
    try:
        return files.read_ruleset(path.read_bytes())
    except RulesetIsBroken as broken:
        raise refused(path, broken.problems) from None


def refused(path: Path, problems: Sequence[str]) -> click.ClickException:
    """Return the error that ends a command whose draft is invalid."""
    return click.ClickException("\n".join(f"{path.name}: {problem}" for problem in problems))


def left_out(ids: Sequence[str], *, most: int) -> str:
    """State the rules in force that a draft leaves out, naming the first."""
    more = f" and {len(ids) - most:,} more" if len(ids) > most else ""
    verb = "is" if len(ids) == 1 else "are"
    return f"{pluralise(len(ids), 'rule')} in force {verb} not in this file: {', '.join(ids[:most])}{more}."


@contextmanager
def validation() -> Iterator[Runtime]:
    """Open validation's runtime on the current installation."""
    runtime = Runtime.of("validation", current_settings())
    try:
        yield runtime
    finally:
        runtime.database.dispose()


@contextmanager
def validation_if_any() -> Iterator[Runtime | None]:
    """Open validation's runtime; yield None if there is no installation. Authors of rules need only the bundled files."""
    with validation() as runtime:
        database = runtime.database
        is_there = not database.is_sqlite or Path(str(database.url.database)).exists()
        yield runtime if is_there else None


def file_in_force(runtime: Runtime | None, name: str) -> Ruleset:
    """Return the version of one file that is in force today; without an installation, the bundled one."""
    if runtime is None:
        return files.bundled_ruleset(name)
    with runtime.database.read() as tx:
        return files.file_in_force(tx, blobs=runtime.blobs, name=name, on=secretariat_day(tx.now))


def file_of_version(runtime: Runtime | None, name: str, version: str) -> Ruleset:
    """Return a published or bundled version; raises RulesetIsUnknown."""
    if runtime is None:
        shipped = files.bundled_ruleset(name)
        if shipped.stamp.version != version:
            raise files.RulesetIsUnknown(name, version)
        return shipped
    with runtime.database.read() as tx:
        return files.file_of_version(tx, blobs=runtime.blobs, name=name, version=version)
