"""Parameter types and arguments that several commands use."""

import click

from deploy.service_names import NAMES

PORT = click.IntRange(1, 65535)
SERVICES = click.argument("names", metavar="[SERVICE]...", nargs=-1, type=click.Choice(NAMES))
