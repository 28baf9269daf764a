"""Which commands there are."""

from deploy.commands.database import migrate
from deploy.commands.flow import events
from deploy.commands.rules import rules

COMMANDS = (migrate, events, rules)
