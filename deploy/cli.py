"""`iisgd`: the operator's command."""

from typing import Any

import click

from deploy.error_messages import explain
from deploy.imports import import_permanently

MODULES = {
    "audit": "audit",
    "backup": "backup",
    "beat": "processes",
    "bus": "bus",
    "demo": "demo",
    "doctor": "doctor",
    "entry": "entry",
    "events": "events",
    "healthy": "healthy",
    "keys": "keys",
    "mail-sink": "mail_sink",
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
    "web": "web",
    "worker": "processes",
}
"""Each command and the module in `deploy.commands` that holds it. A module is imported when its command is called: a mail
sink does not need the rule engine."""

SECTIONS = {
    "Try it": {
        "demo": "Run the main job on sample data, show it, and stop",
        "run": "Run the whole system on this machine, with sample data",
        "sample": "Load the sample data into an installation",
    },
    "Reporters and mappings": {
        "reporters": "Manage clients, secrets, keys and delegations",
        "token": "Print a bearer token for a reporter",
        "entry": "Grant exceptions from windows, and verify receipts",
        "rules": "Check, compare, publish and measure rulesets",
        "notify": "Preview, hold and release mails, and move a meeting",
        "reporting": "Rebuild the figures",
    },
    "Operation": {
        "doctor": "Check the installation, and say what to do",
        "audit": "Read and verify the audit log",
        "bus": "Inspect and replay deliveries",
        "events": "Print or check the flow of events",
        "keys": "List and rotate signing keys",
        "migrate": "Create or upgrade tables and roles",
        "backup": "Write the installation into one file",
        "restore": "Restore an empty installation from a backup",
    },
    "Processes": {
        "web": "Serve HTTP",
        "worker": "Handle events",
        "relay": "Run the relay",
        "beat": "Run the scheduler",
        "mail-sink": "Run a mail server that stores mails as files",
        "healthy": "Check one process, for health checks",
    },
}
"""The sections of `iisgd --help`. The summaries are kept here so that help imports no command."""


class Commands(click.Group):
    """Import commands on demand, and report expected errors in one sentence."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """List all commands by name."""
        return sorted(MODULES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """Return a command; None where there is none of this name."""
        if cmd_name not in MODULES:
            return None
        module = import_permanently(f"deploy.commands.{MODULES[cmd_name]}")
        command: click.Command = getattr(module, cmd_name.replace("-", "_"))
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        """List the commands by section, each with its whole summary."""
        for section, commands in SECTIONS.items():
            with formatter.section(section):
                formatter.write_dl(list(commands.items()))

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command. An unexpected error keeps its traceback."""
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
@click.version_option(package_name="iisgd", prog_name="iisgd")
def main() -> None:
    """Run and manage an IISG-D installation. Settings come from IISGD_... environment variables."""


if __name__ == "__main__":
    main()
