"""Kinds of values that several commands take."""

import click

PORT = click.IntRange(1, 65535)
