"""`iisgd rules`: the life of a ruleset, from a draft to statistics on its rules."""

import click

from deploy.commands.rules.checking import check
from deploy.commands.rules.comparison import diff, impact
from deploy.commands.rules.importing import import_iati
from deploy.commands.rules.publishing import list_versions, publish
from deploy.commands.rules.showing import show
from deploy.commands.rules.statistics import stats
from deploy.commands.rules.trials import try_records


@click.group()
def rules() -> None:
    """Check, compare, publish and measure rulesets."""


for command in (check, diff, impact, import_iati, list_versions, publish, show, stats, try_records):
    rules.add_command(command)
