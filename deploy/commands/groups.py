"""Which commands there are."""

from deploy.commands.database import migrate
from deploy.commands.flow import events
from deploy.commands.processes import beat, mail_sink, relay, web, worker
from deploy.commands.rules import rules

COMMANDS = (migrate, events, rules, web, worker, relay, beat, mail_sink)
