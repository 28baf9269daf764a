"""Runs the drills: `python -m tests.drill [NAME ...]`."""

import sys

from tests.drill.kills import kills_on_postgresql, kills_on_sqlite
from tests.drill.reminders import reminders
from tests.figures import run

DRILLS = {
    "kills-postgresql": kills_on_postgresql,
    "kills-sqlite": kills_on_sqlite,
    "reminders": reminders,
}

if __name__ == "__main__":
    run(DRILLS, sys.argv[1:], "drill.json")
