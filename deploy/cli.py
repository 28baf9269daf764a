"""`iisgd`: the operator's one command."""

from importlib import import_module
from typing import Any

import click

from deploy.mistakes import explain

COMMANDS = {
    "audit": "audit",
    "backup": "backup",
    "beat": "processes",
    "bus": "bus",
    "demo": "demo",
    "doctor": "doctor",
    "entry": "entry",
    "events": "flow",
    "healthy": "healthy",
    "keys": "keys",
    "mail-sink": "sink",
    "migrate": "database",
    "notify": "notify",
    "relay": "processes",
    "reporters": "reporters",
    "reporting": "reporting",
    "restore": "backup",
    "rules": "rules",
    "run": "run",
    "sample": "sample",
    "token": "token",
    "web": "processes",
    "worker": "processes",
}
"""Each command and the module in `deploy.commands` that holds it. One is loaded only when it is called: a mail sink has
no need of the rule engine."""


class Commands(click.Group):
    """Finds a command in the table, and says foreseeable mistakes in a sentence."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """All commands, by name."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - the same
        """The command, if there is one."""
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"deploy.commands.{COMMANDS[cmd_name]}")
        command: click.Command = getattr(module, cmd_name.replace("-", "_"))
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; what nobody foresaw keeps its traceback."""
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            sentence = explain(error)
            if sentence is None:
                raise
            raise click.ClickException(sentence) from error


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def main() -> None:
    """Run and look after an IISG-D installation. Settings come from IISGD_... variables."""


if __name__ == "__main__":
    main()
