"""Loading of the sample: the calendar as the Secretariat would, the submissions over HTTP as reporters would."""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import httpx
import yaml

from deploy.tokens import token_for
from services.notify.calendar.operations import loading
from services.notify.sending.operations import sending_hold
from shared.resources import Runtime
from shared.settings import Settings

SAMPLE = Path(__file__).parent / "sample"
VERDICT_SECONDS = 120.0


class VerdictIsLate(Exception):
    """A submission has no verdict in time."""

    def __init__(self, count: int) -> None:
        super().__init__(f"{count} submissions have no verdict after {VERDICT_SECONDS:.0f} s.")


@dataclass(frozen=True)
class Posted:
    """A sample submission that was posted."""

    reporter: str
    file: str
    id: str
    version: int


class Portal:
    """An HTTP client that uses each reporter's own token."""

    def __init__(self, settings: Settings, port: int, host: str = "127.0.0.1") -> None:
        self._settings = settings
        self._http = httpx.Client(base_url=f"http://{host}:{port}", timeout=60.0)
        self._tokens: dict[str, str] = {}

    def get(self, path: str, reporter: str, **query: str) -> Any:
        """Return the body of a response; raises httpx.HTTPStatusError unless it succeeded."""
        answer = self._http.get(path, params=query, headers=self._headers(reporter))
        answer.raise_for_status()
        return answer.json()

    def post(self, path: str, reporter: str, body: Any, *, key: str) -> Any:
        """POST a body and return the response's; raises httpx.HTTPStatusError unless it succeeded."""
        headers = self._headers(reporter) | {"Idempotency-Key": key}
        answer = self._http.post(path, json=body, headers=headers)
        answer.raise_for_status()
        return answer.json()

    def get_all(self, path: str, reporter: str, **query: str) -> list[Any]:
        """Return every item of a list, page by page."""
        items: list[Any] = []
        query["limit"] = "200"
        while True:
            page = self.get(path, reporter, **query)
            items += page["items"]
            if page["next"] is None:
                return items
            query["after"] = page["next"]

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _headers(self, reporter: str) -> dict[str, str]:
        if reporter not in self._tokens:
            self._tokens[reporter] = token_for(reporter, self._settings)
        return {"Authorization": f"Bearer {self._tokens[reporter]}"}


def load_calendar(settings: Settings) -> None:
    """Create meetings, collections and contacts. Later changes to them are kept."""
    texts = [(SAMPLE / name).read_text(encoding="utf-8") for name in ("calendar.yaml", "contacts.yaml")]
    calendar = {name: rows for text in texts for name, rows in yaml.safe_load(text).items()}
    runtime = Runtime.of("notify", settings)
    with runtime.database.begin() as tx:
        loading.load_calendar(tx, calendar=calendar, now=tx.now)
    runtime.database.dispose()


def hold_mails(settings: Settings, reason: str) -> None:
    """Hold all mails."""
    runtime = Runtime.of("notify", settings)
    with runtime.database.begin() as tx:
        sending_hold.hold_sending(tx, reason=reason)
    runtime.database.dispose()


def release_mails(settings: Settings) -> None:
    """Release held mails."""
    runtime = Runtime.of("notify", settings)
    with runtime.database.begin() as tx:
        sending_hold.release_sending(tx)
    runtime.database.dispose()


def manifest() -> list[dict[str, str]]:
    """Return the sample's submissions in posting order."""
    text = (SAMPLE / "manifest.yaml").read_text(encoding="utf-8")
    rows: list[dict[str, str]] = yaml.safe_load(text)["submissions"]
    return rows


def post_sample(portal: Portal, *, progress: Callable[[], None]) -> list[Posted]:
    """Submit every sample submission, waiting after needs, responses and support, since each refers to the previous.

    Safe to repeat: the same keys give the same submissions. Raises `VerdictIsLate`.
    """
    posted: dict[str, Posted] = {}
    for _, rows in groupby(_bodies(), key=lambda row: row[1]["kind"]):
        handed = []
        for row, body in rows:
            if corrected := posted.get(row.get("corrects", "")):
                await_verdicts(portal, [corrected])
                body["supersedes"] = {"submission": corrected.id, "version": corrected.version}
            answer = portal.post("/entry/v1/submissions", row["reporter"], body, key=f"sample:{row['file']}")
            posted[row["file"]] = Posted(row["reporter"], row["file"], answer["id"], answer["version"])
            handed.append(posted[row["file"]])
            progress()
        await_verdicts(portal, handed)
    return list(posted.values())


def await_verdicts(portal: Portal, handed: list[Posted]) -> None:
    """Wait until every one has a verdict."""
    until = time.monotonic() + VERDICT_SECONDS
    waiting = {item.id for item in handed}
    while waiting:
        if time.monotonic() > until:
            raise VerdictIsLate(len(waiting))
        received = portal.get_all("/entry/v1/submissions", "SECRETARIAT", state="received")
        waiting &= {item["id"] for item in received}
        time.sleep(0.1 if waiting else 0)


def _bodies() -> Iterator[tuple[dict[str, str], dict[str, Any]]]:
    for row in manifest():
        body: dict[str, Any] = json.loads((SAMPLE / "submissions" / row["file"]).read_text(encoding="utf-8"))
        yield row, body
