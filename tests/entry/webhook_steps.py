"""Steps of the tests about webhooks: make one, let something happen, tick, look at the ledger."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from services.entry import operations, tasks
from services.entry.domain.journal import SYSTEM
from shared.clock import FixedClock
from shared.resources import Runtime
from tests.conftest import Client

PATH = "/entry/v1/webhooks"
DOCS = Path(__file__).parents[2] / "docs" / "webhooks.md"
ALL = [
    "deadline.changed",
    "records.withdrawn",
    "submission.accepted",
    "submission.corrected",
    "submission.reported",
    "submission.returned",
    "submission.withdrawn",
]


def documented_check() -> Callable[..., bool]:
    """What the documentation tells receivers to check with."""
    (code,) = re.findall(r"```python\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    names: dict[str, Any] = {}
    exec(compile(code, str(DOCS), "exec"), names)
    return names["is_genuine"]


@dataclass
class Desk:
    """A reporter's portal, and what ticks in entry."""

    client: Client
    runtime: Runtime
    clock: FixedClock

    def make(self, url: str, *events: str, as_: str = "AL-WBCTi") -> dict[str, Any]:
        answer = self.client.post(PATH, json={"url": url, "events": list(events) or ALL}, as_=as_)
        assert answer.status_code == 201, answer.text
        return answer.json

    def ask(self, webhook: dict[str, Any], step: str, *, json: Any = None, as_: str = "AL-WBCTi") -> Any:
        answer = self.client.post(f"{PATH}/{webhook['id']}/{step}", json=json or {}, as_=as_)
        assert answer.status_code < 300, answer.text
        return answer.json

    def shown(self, webhook: dict[str, Any], *, as_: str = "AL-WBCTi") -> dict[str, Any]:
        return self.client.get(f"{PATH}/{webhook['id']}", as_=as_).json

    def ledger(self, webhook: dict[str, Any], *, as_: str = "AL-WBCTi") -> list[dict[str, Any]]:
        """The messages, the first first."""
        answer = self.client.get(f"{PATH}/{webhook['id']}/messages?limit=200", as_=as_)
        return answer.json["items"][::-1]

    def happen(self, *actions: str, reporter: str | None = "AL-WBCTi", **about: Any) -> None:
        """Write things down, and have them sealed."""
        partner = reporter.partition("-")[0] if reporter and "-" in reporter else None
        with self.runtime.database.begin() as tx:
            for action in actions:
                operations.note(tx, author=SYSTEM, action=action, reporter=reporter, partner=partner, **about)
        self.clock.advance(2 * tasks.SETTLED)
        tasks.seal_journal(self.runtime)

    def tick(self) -> None:
        tasks.tell_webhooks(self.runtime)
