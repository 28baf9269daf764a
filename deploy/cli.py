"""`iisgd`: the operator's one command."""

import click

from deploy.commands import groups


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def main() -> None:
    """Run and look after an IISG-D installation. Settings come from IISGD_... variables."""


for command in groups.COMMANDS:
    main.add_command(command)

if __name__ == "__main__":
    main()
