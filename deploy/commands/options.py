"""Parameter types that several commands use."""

import click

PORT = click.IntRange(1, 65535)
