"""Runs the drills: `python -m tests.drill [NAME ...]`."""

import sys

from tests.drill.bulk import bulk
from tests.drill.description import description
from tests.drill.formats import formats
from tests.drill.intake import intake
from tests.drill.kills import kills_on_postgresql, kills_on_sqlite
from tests.drill.limits import limits
from tests.drill.outages import broker_down
from tests.drill.reminders import reminders
from tests.drill.restoring import restoring
from tests.figures import run

DRILLS = {
    "kills-postgresql": kills_on_postgresql,
    "kills-sqlite": kills_on_sqlite,
    "broker-down": broker_down,
    "reminders": reminders,
    "restoring": restoring,
    "bulk": bulk,
    "limits": limits,
    "intake": intake,
    "description": description,
    "formats": formats,
}

if __name__ == "__main__":
    run(DRILLS, sys.argv[1:], "drill.json")
