"""A faulty worker of reporting: one obligation raises an error, another kills the worker during its work."""

import os
import signal
from dataclasses import replace
from typing import Any

from services.reporting.app import SERVICE
from shared.events import ObligationSet
from shared.logs import configure
from shared.runtime.celery_app import build_celery
from shared.runtime.declarations import Handler
from shared.settings import Settings

POISON = "poison"
DEADLY = "deadly"


def _faulty(sound: Handler) -> Handler:
    def record_obligation(runtime: Any, event: ObligationSet) -> Any:
        if event.obligation == POISON:
            raise ValueError("this obligation cannot be recorded")
        if event.obligation == DEADLY:
            os.kill(os.getpid(), signal.SIGKILL)
        return sound.handle(runtime, event)

    return replace(sound, handle=record_obligation)


def main() -> None:
    """Run like `iisgd worker reporting`, with the faulty handler."""
    settings = Settings.from_environ()
    configure(settings, "worker")
    handlers = [_faulty(each) if each.event is ObligationSet else each for each in SERVICE.handlers]
    app = build_celery([replace(SERVICE, handlers=handlers)], settings)
    app.worker_main(["--quiet", "worker", "--queues=reporting", "--concurrency=1", "--loglevel=WARNING"])


if __name__ == "__main__":
    main()
