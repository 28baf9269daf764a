"""`iisgd rules check`: validate rule files and run their rules' examples."""

from pathlib import Path

import click

from deploy.commands.rules.drafts import FILE
from services.validation.engine.domain.reading import RulesetIsBroken
from services.validation.rulesets.operations import files as operations_files
from shared.reference.wording import pluralise


@click.command()
@click.argument("files", metavar="[FILE]...", nargs=-1, type=FILE)
def check(files: tuple[Path, ...]) -> None:
    """Validate rule files and run every rule's own examples. Without FILE, check all bundled files."""
    contents = [(path.name, path.read_bytes()) for path in files] or [
        (f"{name}.yaml", operations_files.bundled_file(name)) for name in operations_files.NAMES
    ]
    sound, problems = [], []
    for file, content in contents:
        try:
            ruleset = operations_files.read_valid_ruleset(content)
        except RulesetIsBroken as broken:
            problems += [f"{file}: {problem}" for problem in broken.problems]
            continue
        sound.append(ruleset)
        examples = sum(len(each) for rule in ruleset.rules for each in rule.examples.values())
        click.echo(
            f"{file}: {ruleset.stamp.name} {ruleset.stamp.version}, "
            f"{pluralise(len(ruleset.rules), 'rule')}, {pluralise(examples, 'example')}"
        )
    problems += operations_files.duplicate_ids(sound)
    if problems:
        raise click.ClickException("\n".join(problems))
    click.echo("rules: every example holds")
