"""Tests that reporters are isolated: each requests another's data on every route of every service.

Another reporter's data is answered as if it did not exist, and no response contains another reporter's words.
"""

import base64
import io
import json
import logging
import re
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
import structlog
from sqlalchemy import select
from werkzeug.test import TestResponse

from deploy.installation import services
from services.entry.webhooks.operations.messages import enqueue_messages
from services.entry.webhooks.store.tables import webhook_messages
from shared.clock import FixedClock
from shared.http.routes import Result, Route
from shared.reference import reporter
from shared.settings import Settings
from tests.conftest import NO_LIMITS, NOW
from tests.in_process import SUPPORTS, Installation, installed
from tests.tenant_fixtures import Filling, TenantData, nonexistent, word
from tests.tenant_isolation import OWN_ALONE, TenantRequest, requests_of

OWNERS = ("AL-WBCTi", "RS-WBCTi", "UNODC", "AL-NC")
"""Reporters with data in the installation."""

ONE_OF_EACH = ("RS-WBCTi", "UNODC", "AL-NC", "RCC-ANALYST", None)
"""The callers: a structure of another partner, a member, a coordinator, the analyst, the public.

The Secretariat is not among them, because it may see all data.
"""

OTHERS = ("AL-WBCTi", "AL-WBCSCi", "RS-NC")
"""More callers, on SQLite only: there, without row-level security, the services alone isolate reporters.

test_access has a structure of another pillar on PostgreSQL too.
"""

OVERSEES = {("AL-NC", "AL-WBCTi"), ("RS-NC", "RS-WBCTi")}
"""A coordinator sees the reports of its partner's structures, because it answers for them."""

WORDS_OF_OWN_ALONE = ("host", "path", "client label")

TOLD_TO_ALL = {
    "shared title": "Everyone may see support marked TLP:CLEAR; reporters of similar support see it (GEN-33).",
    "shared ref": "Likewise: reporters of similar support can link the two by its ref.",
}
"""Words that other reporters may see, with the reason."""

SHOWN = {
    ("RCC-ANALYST", "/validation/v1/verdicts/<submission>"): "The outcome only; no reported data.",
    ("RCC-ANALYST", "/validation/v1/verdicts/<submission>/history"): "The outcomes only; no reported data.",
}
"""Requests about another's data that are answered: the caller, the path and the reason."""

ANY_WORD = r"zq\w+qz"
"""A word of any reporter."""

ROUTES = [(service.name, route) for service in services() for route in service.routes]


@dataclass
class Scene:
    """An installation in which several reporters have data, and the data of each."""

    installation: Installation
    of: dict[str, TenantData]
    lines: list[str]
    """The log messages of the services and of libraries."""

    def hidden_from(self, caller: str | None) -> set[str]:
        """Return the words, ids and secrets that the caller may not see anywhere, in lower case."""
        hidden: set[str] = set()
        for owner, has in self.of.items():
            if owner == caller:
                continue
            words, ids = has.words, {each for ids in has.ids.values() for each in ids}
            if (caller, owner) in OVERSEES:
                words = {word(owner, each) for each in WORDS_OF_OWN_ALONE}
                ids = {each for name in OWN_ALONE for each in has.ids[name]}
            hidden |= ids | has.secrets | words - {word(owner, each) for each in TOLD_TO_ALL}
        return {each.lower() for each in hidden}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def scene(request, tmp_path_factory, keys) -> Iterator[Scene]:
    home = tmp_path_factory.mktemp("strangers")
    if request.param == "sqlite":
        url = request.getfixturevalue("sqlite_files").fresh(home)
    else:
        url = request.getfixturevalue("postgres").fresh()
    nobody_listens = "amqp://127.0.0.1:1//"
    settings = Settings(home=home, database_url=url, key_folder=keys, broker_url=nobody_listens, **NO_LIMITS)
    lines: list[str] = []
    with installed(settings, FixedClock(NOW)) as installation:
        with logged(lines):
            of = {code: Filling(installation, code).fill() for code in OWNERS}
            installation.seal()
            enqueue_messages(installation.runtimes["entry"].database)
        yield Scene(installation, of, lines)


class Keeper(logging.Handler):
    """A logging handler that collects the messages of libraries."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__()
        self._lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        self._lines.append(self.format(record))


@contextmanager
def logged(lines: list[str]) -> Iterator[None]:
    """Collect all log messages as texts until the end of the block."""
    keeper = Keeper(lines)
    logging.getLogger().addHandler(keeper)
    try:
        with structlog.testing.capture_logs([structlog.processors.format_exc_info]) as ours:
            yield
    finally:
        logging.getLogger().removeHandler(keeper)
        lines += map(str, ours)


def pairs(scene: Scene, caller: str | None, owner: str) -> Iterator[tuple[TenantRequest, TenantRequest]]:
    """Yield all requests with the owner's ids and words, each with the same request for data that does not exist."""
    theirs, own = scene.of[owner], scene.of.get(caller or "")
    for service, route in ROUTES:
        asked = requests_of(service, route, theirs, own)
        yield from zip(asked, requests_of(service, route, nonexistent(theirs), own), strict=True)


def is_strange(asked: TenantRequest, caller: str | None, owner: str) -> bool:
    """Return whether the response may reveal nothing, not even that the data exists."""
    places = set(re.findall(r"<(\w+)>", asked.route.address("")))
    if (caller, owner) in OVERSEES:
        return not places.isdisjoint(OWN_ALONE)
    return (caller, asked.address) not in SHOWN


def text_of(answer: TestResponse) -> str:
    """Return the whole text of a response, including packed and signed content."""
    content = [str(answer.headers).encode(), answer.data]
    if answer.data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(answer.data)) as book:
            content += [part.encode() for part in book.namelist()] + [
                book.read(part) for part in book.namelist()
            ]
    signed = re.findall(rb"eyJ[\w-]+\.([\w-]+)\.", answer.data)
    content += [base64.urlsafe_b64decode(each + b"===") for each in signed]
    return b" ".join(content).decode(errors="replace").lower()


def comparable(answer: TestResponse, stand_ins: Mapping[bytes, bytes]) -> tuple[int, Any, bytes]:
    """Return a response without trace and remaining quota, and with the caller's input replaced."""
    data = replaced(answer.data.replace(answer.headers["Trace-Id"].encode(), b""), stand_ins)
    headers = [
        each for each in answer.headers if each[0] not in ("Trace-Id", "RateLimit", "Content-Length", "Date")
    ]
    return answer.status_code, headers, data


def replaced(data: bytes, stand_ins: Mapping[bytes, bytes]) -> bytes:
    """Return data with names in the place of a reporter's ids and words."""
    for said, instead in stand_ins.items():
        data = data.replace(said, instead)
    return data


@pytest.mark.parametrize("caller", ONE_OF_EACH, ids=str)
def test_what_is_anothers_is_answered_as_what_is_not_there_and_nothing_is_told_of_it(scene, caller):
    request_all(scene, caller)


@pytest.mark.parametrize("scene", ["sqlite"], indirect=True)
@pytest.mark.parametrize("caller", OTHERS)
def test_services_alone_keep_every_structure_and_coordinator_apart(scene, caller):
    request_all(scene, caller)


def request_all(scene: Scene, caller: str | None) -> None:
    """Request every owner's data as the caller.

    Fail if a response differs from the one for nonexistent data, or if data reaches the response or the logs.
    """
    hidden, before = scene.hidden_from(caller), scene.installation.stored()
    role = reporter(caller).role if caller else None
    lines: list[str] = []
    tried = set()
    for owner in (each for each in OWNERS if each != caller):
        theirs = scene.of[owner]
        stand_ins = theirs.stand_ins() | nonexistent(theirs).stand_ins()
        to_missing: dict[tuple[Route, str], Any] = {}
        for asked, missing in pairs(scene, caller, owner):
            if (asked.route, asked.sent) in tried:
                continue
            tried.add((asked.route, asked.sent))
            with logged(lines):
                answer = asked.send(scene.installation, caller)
            assert not found_in(answer, hidden, asked.sent), str(asked)
            if asked.sent == missing.sent or not is_strange(asked, caller, owner):
                continue
            # A refusal is the same for every id that does not exist, and is requested once.
            alike = (asked.route, replaced(asked.sent.encode(), stand_ins).decode())
            if alike not in to_missing or to_missing[alike][0] < 400:
                nothing = missing.send(scene.installation, caller)
                to_missing[alike] = comparable(nothing, stand_ins)
            assert comparable(answer, stand_ins) == to_missing[alike], str(asked)
            if asked.path != missing.path:
                expected = 404 if role in asked.route.allow else 403 if role else 401
                assert answer.status_code == expected, str(asked)
            elif asked.corrects:
                assert answer.status_code in (401, 403, 404), str(asked)
    assert not [line for line in lines if re.search(ANY_WORD, line)]
    after = {name: set(map(str, rows)) for name, rows in scene.installation.stored().items()}
    touched = {row for name, rows in before.items() for row in set(map(str, rows)) - after[name]}
    assert not [row for row in touched for each in hidden if each in row.lower()]


def found_in(answer: TestResponse, hidden: set[str], sent: str) -> list[str]:
    """Return the forbidden words in a response. The caller's own input is not counted."""
    text = text_of(answer)
    return [each for each in hidden if each in text and each not in sent]


def test_what_no_token_is_asked_for_says_nothing_of_anybody(scene):
    hidden = scene.hidden_from(None)
    known = {route.address(service) for service, route in ROUTES}
    rules = scene.installation.client.http.application.url_map.iter_rules()
    plain = [rule.rule for rule in rules if rule.rule not in known and not rule.arguments]
    assert {"/metrics", "/health/ready", "/entry/v1/openapi.json"} <= set(plain)
    for path in plain:
        assert not found_in(scene.installation.client.get(path, as_=None), hidden, ""), path


def test_no_line_of_the_logs_holds_what_was_handed_in(scene):
    assert len(scene.lines) > len(scene.of["AL-WBCTi"].ids["submission"])
    assert not [line for line in scene.lines if re.search(ANY_WORD, line)]


def test_webhooks_are_told_of_their_reporter_and_of_nothing_that_anybody_wrote(scene):
    told_to: dict[str, set[str]] = {owner: set() for owner in OWNERS}
    of_webhook = {each: owner for owner, has in scene.of.items() for each in has.ids["webhook"]}
    with scene.installation.engine.connect() as connection:
        for row in connection.execute(select(webhook_messages)):
            assert not re.search(ANY_WORD, str(row))
            owner = of_webhook[row.webhook]
            told_to[owner].add(json.loads(row.body)["data"]["reporter"])
            assert not [each for each in scene.hidden_from(owner) if each in row.body]
    assert told_to == {
        "AL-WBCTi": {"AL-WBCTi"},
        "RS-WBCTi": {"RS-WBCTi"},
        "UNODC": {"UNODC"},
        "AL-NC": {"AL-NC", "AL-WBCTi"},
    }


def test_mails_hold_nothing_that_anybody_wrote(scene):
    mails = scene.installation.stored()["notify.mails"]
    assert not [row for row in mails if re.search(ANY_WORD, str(row))]


@pytest.mark.parametrize("place", list(TOLD_TO_ALL))
def test_who_reports_the_like_is_told_of_what_is_for_everybody(scene, place):
    reports = [
        scene.installation.client.get(f"/validation/v1/verdicts/{each}/report", as_="RS-WBCTi").text
        for each in scene.of["RS-WBCTi"].ids["submission"]
    ]
    assert [each for each in reports if word("AL-WBCTi", place) in each]


def test_who_links_to_anothers_need_is_told_whether_it_is_there_and_no_more(scene):
    theirs = word("AL-WBCTi", "need ref")
    for ref, is_known in ((theirs, True), (theirs[:-1], False)):
        link = {"ref": ref, "reporter": "AL-WBCTi", "period": "2025-2026", "coverage": "partial"}
        record = SUPPORTS["records"][0] | {"needs": [link], "title": f"A link to {ref}"}
        body = SUPPORTS | {"records": [record]}
        answer = scene.installation.client.post("/validation/v1/check", json=body, as_="RS-WBCTi")
        assert ("GEN-28" not in {each["rule"] for each in answer.json["findings"]}) == is_known
        assert not found_in(answer, scene.hidden_from("RS-WBCTi"), json.dumps(body))


@pytest.mark.parametrize(
    ("path", "method", "sentence"),
    [
        ("/dossiers/<dossier>", "GET", r"Say in PLACES.*'dossier'"),
        ("/dossiers", "POST", "Say in BODIES what POST /entry/v1/dossiers is brought"),
    ],
)
def test_a_route_that_nobody_said_how_to_ask_for_is_not_passed_over(path, method, sentence):
    route = Route(method, path, lambda _: Result(), allow=frozenset(("structure",)))
    with pytest.raises(AssertionError, match=sentence):
        list(requests_of("entry", route, TenantData("AL-WBCTi", "AL-WBCTi"), None))
