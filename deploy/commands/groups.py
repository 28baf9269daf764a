"""Which commands there are."""

from deploy.commands.database import migrate

COMMANDS = (migrate,)
