"""Access rights: one table, with every cell tried on a whole installation.

Refused requests get the status in the table and store nothing.
"""

import base64
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from werkzeug.test import TestResponse

from shared.clock import FixedClock
from shared.identity.callers import Caller
from shared.identity.keys import ensure_keys
from shared.identity.tokens import issue_token
from shared.ids import new_id
from shared.settings import Settings
from tests.conftest import NO_LIMITS, NOW
from tests.entry.clients.portals import pem_of
from tests.in_process import COLLECTION, CONTACT, MEETING, NEEDS, SUPPORTS, Installation, installed
from tests.validation.conftest import NEED

# AL-WBCTi has submitted needs for the current collection, and they were accepted. The callers are:
CALLERS = {
    "nobody": None,  # without a token
    "refused": None,  # with a token that is forged, expired, for another system, or no token at all
    "owner": "AL-WBCTi",  # the reporter itself
    "pillar": "AL-WBCSCi",  # a structure of the same partner, for another pillar
    "foreign": "RS-WBCTi",  # a structure of another partner, for the same pillar
    "coord": "AL-NC",  # the partner's national coordinator
    "f-coord": "RS-NC",  # another partner's
    "member": "UNODC",
    "analyst": "RCC-ANALYST",
    "secr": "SECRETARIAT",
}

TABLE = """
route                                                     nobody refused owner pillar foreign coord f-coord member analyst secr

POST /entry/v1/submissions, a need                           401     401   202    403     202   403     403    403     403  403
POST /entry/v1/submissions, a support                        401     401   202    403     202   403     403    202     403  403
POST /entry/v1/submissions, a correction                     401     401   202    403     404   403     403    403     403  403
GET  /entry/v1/submissions                                   401     401   200    200     200   200     200    200     403  200
GET  /entry/v1/submissions/<submission>                      401     401   200    404     404   200     404    404     403  200
GET  /entry/v1/submissions/<submission>/versions             401     401   200    404     404   200     404    404     403  200
GET  /entry/v1/submissions/<submission>/diff                 401     401   200    404     404   200     404    404     403  200
GET  /entry/v1/submissions/<submission>/receipt              401     401   200    404     404   200     404    404     403  200
POST /entry/v1/submissions/<submission>/records/withdrawal   401     401   202    404     404   403     403    404     403  403
POST /entry/v1/submissions/<submission>/withdrawal           401     401   200    404     404   403     403    404     403  403
POST /entry/v1/files                                         401     401   202    403     202   403     403    403     403  403
POST /entry/v1/nothing-to-report                             401     401   202    403     202   403     403    202     403  403
GET  /entry/v1/submissions/<submission>/versions/<version>/records.json  401 401 200 404  404   200     404    404     403  200
GET  /entry/v1/submissions/<submission>/versions/<version>/records.csv   401 401 200 404  404   200     404    404     403  200
GET  /entry/v1/submissions/<submission>/versions/<version>/records.xlsx  401 401 200 404  404   200     404    404     403  200
GET  /entry/v1/submissions/<submission>/annotated.xlsx       401     401   404    404     404   404     404    404     403  404
GET  /entry/v1/templates/<pillar>/<kind>/<period>.xlsx       401     401   200    403     200   403     403    403     403  403
GET  /entry/v1/windows                                       401     401   200    200     200   200     200    200     200  200
GET  /entry/v1/exceptions                                    401     401   200    200     200   200     200    200     403  200
POST /entry/v1/exceptions                                    401     401   403    403     403   403     403    403     403  201
POST /entry/v1/exceptions/<exception>/end                    401     401   403    403     403   403     403    403     403  200
GET  /entry/v1/webhooks                                      401     401   200    200     200   200     200    200     403  200
POST /entry/v1/webhooks                                      401     401   201    201     201   201     201    201     403  201
GET  /entry/v1/webhooks/<webhook>                            401     401   200    404     404   404     404    404     403  404
POST /entry/v1/webhooks/<webhook>/enable                     401     401   200    404     404   404     404    404     403  404
POST /entry/v1/webhooks/<webhook>/test                       401     401   202    404     404   404     404    404     403  404
POST /entry/v1/webhooks/<webhook>/secrets                    401     401   201    404     404   404     404    404     403  404
POST /entry/v1/webhooks/<webhook>/secrets/<secret>/end       401     401   200    404     404   404     404    404     403  404
GET  /entry/v1/webhooks/<webhook>/messages                   401     401   200    404     404   404     404    404     403  404
POST /entry/v1/webhooks/<webhook>/messages/<message>/replay  401     401   202    404     404   404     404    404     403  404
POST /entry/v1/webhooks/<webhook>/replay                     401     401   202    404     404   404     404    404     403  404
POST /entry/v1/webhooks/<webhook>/end                        401     401   200    404     404   404     404    404     403  404
GET  /entry/v1/carry-over, of a period                       401     401   200    200     200   403     403    403     403  403
POST /entry/v1/carry-over                                    401     401   202    403     403   403     403    403     403  403
GET  /entry/v1/changes                                       401     401   200    200     200   200     200    200     403  200
GET  /entry/v1/journal                                       401     401   403    403     403   403     403    403     403  200
POST /entry/v1/clients                                       401     401   403    403     403   403     403    403     403  201
GET  /entry/v1/clients                                       401     401   200    200     200   200     200    200     200  200
POST /entry/v1/clients/<client>/end                          401     401   403    403     403   403     403    403     403  200
POST /entry/v1/clients/<client>/secrets                      401     401   201    404     404   404     404    404     404  201
POST /entry/v1/clients/<client>/secrets/<secret>/end         401     401   200    404     404   404     404    404     404  200
POST /entry/v1/clients/<client>/keys                         401     401   201    404     404   404     404    404     404  201
POST /entry/v1/clients/<client>/keys/<key>/end               401     401   200    404     404   404     404    404     404  200
POST /entry/v1/delegations                                   401     401   201    201     422   403     403    403     403  403
GET  /entry/v1/delegations                                   401     401   200    200     200   200     200    403     403  200
POST /entry/v1/delegations/<delegation>/end                  401     401   200    404     404   403     403    403     403  200
POST /entry/oauth/token                                      401     401   401    401     401   401     401    401     401  401
GET  /entry/oauth/jwks.json                                  200     401   200    200     200   200     200    200     200  200
GET  /.well-known/oauth-authorization-server                 200     401   200    200     200   200     200    200     200  200

GET  /validation/v1/rulesets                                 200     401   200    200     200   200     200    200     200  200
GET  /validation/v1/rulesets/<name>                          200     401   200    200     200   200     200    200     200  200
GET  /validation/v1/rulesets/<name>.html                     200     401   200    200     200   200     200    200     200  200
GET  /validation/v1/rules/stats                              401     401   403    403     403   403     403    403     200  200
GET  /validation/v1/verdicts/<submission>                    401     401   200    404     404   200     404    404     200  200
GET  /validation/v1/verdicts/<submission>/history            401     401   200    404     404   200     404    404     200  200
GET  /validation/v1/verdicts/<submission>/report             401     401   200    404     404   200     404    404     403  200
GET  /validation/v1/verdicts/<submission>/findings           401     401   200    404     404   200     404    404     403  200
POST /validation/v1/findings/<finding>/justification         401     401   200    404     404   403     403    404     403  403
POST /validation/v1/findings/<finding>/waiver                401     401   403    403     403   403     403    403     403  200
POST /validation/v1/check, a need                            401     401   200    403     200   403     403    403     403  403
POST /validation/v1/check, a support                         401     401   200    403     200   403     403    200     403  403

GET  /reporting/v1/aggregates                                200     401   200    200     200   200     200    200     200  200
GET  /reporting/v1/aggregates, of needs                      401     401   200    200     200   200     200    200     200  200
GET  /reporting/v1/aggregates, of responses                  401     401   200    200     200   200     200    200     200  200
GET  /reporting/v1/gaps                                      401     401   200    200     200   200     200    200     200  200
GET  /reporting/v1/completeness                              401     401   200    200     200   200     200    403     200  200

GET  /notify/v1/meetings                                     401     401   200    200     200   200     200    200     200  200
GET  /notify/v1/meetings/<meeting>                           401     401   200    200     200   200     200    200     200  200
PUT  /notify/v1/meetings/<meeting>, moved                    401     401   403    403     403   403     403    403     403  200
PUT  /notify/v1/meetings/<meeting>, a new one                401     401   403    403     403   403     403    403     403  201
GET  /notify/v1/collections/<collection>                     401     401   200    200     200   200     200    200     200  200
PUT  /notify/v1/collections/<collection>, changed            401     401   403    403     403   403     403    403     403  200
PUT  /notify/v1/collections/<collection>, a new one          401     401   403    403     403   403     403    403     403  201
GET  /notify/v1/obligations                                  401     401   200    200     200   200     200    403     200  200
GET  /notify/v1/reminders                                    401     401   200    200     200   200     200    403     200  200
GET  /notify/v1/mails                                        401     401   403    403     403   403     403    403     403  200
GET  /notify/v1/contacts/<structure>                         401     401   403    403     403   403     403    403     403  200
PUT  /notify/v1/contacts/<structure>, changed                401     401   403    403     403   403     403    403     403  200
PUT  /notify/v1/contacts/<structure>, a new one              401     401   403    403     403   403     403    403     403  201

GET  /entry/v1/openapi.json                                  200     200   200    200     200   200     200    200     200  200
GET  /validation/v1/openapi.json                             200     200   200    200     200   200     200    200     200  200
GET  /reporting/v1/openapi.json                              200     200   200    200     200   200     200    200     200  200
GET  /notify/v1/openapi.json                                 200     200   200    200     200   200     200    200     200  200
GET  /docs/                                                  200     200   200    200     200   200     200    200     200  200
GET  /docs/<path>                                            200     200   200    200     200   200     200    200     200  200
GET  /                                                       200     200   200    200     200   200     200    200     200  200
GET  /health/live                                            200     200   200    200     200   200     200    200     200  200
GET  /health/ready                                           200     200   200    200     200   200     200    200     200  200
GET  /metrics                                                200     200   200    200     200   200     200    200     200  200
"""

MISSING = "00000000-0000-7000-8000-000000000000"
"""An id of no submission."""

THERE = {
    "name": "WBCTi",
    "meeting": "board-8",
    "collection": "need-2025-2026",
    "structure": "AL-WBCTi",
    "version": "1",
    "pillar": "WBCTi",
    "kind": "need",
    "period": "2025-2026",
    "path": "swagger-ui.css",
}
"""Values that exist, by path parameter; the submission is the owner's."""

NEW = {"meeting": "board-9", "collection": "response-2026", "structure": "RS-WBCTi"}
"""Values that do not exist yet, by path parameter."""

QUERIES = {
    "of needs": "kind=need",
    "of responses": "kind=response",
    "of a period": "pillar=WBCTi&from=2025-2026",
    "/entry/v1/submissions/<submission>/diff": "from=1&to=1",
    "/entry/v1/files": "pillar=WBCTi&kind=need&period=2025-2026&tlp=TLP:AMBER",
}

KEEPS_NOTHING = ("/validation/v1/check",)
"""Paths where POST changes nothing."""

WARNED = NEEDS | {"tlp": "TLP:CLEAR"}
"""Needs that are accepted with a warning, because everyone may read them."""

EXCEPTION = {
    "reporter": "AL-WBCTi",
    "kind": "need",
    "period": "2025-2026",
    "expires_on": "2027-02-01",
    "reason": "The ministry was reorganised.",
}
"""An exception that opens a mapping to one reporter; it exists already."""

CARRY_OVER = {
    "pillar": "WBCTi",
    "from": "2025-2026",
    "to": "2027-2028",
    "tlp": "TLP:AMBER",
    "dispositions": [{"ref": NEED["ref"], "disposition": "kept"}],
}
"""The dispositions of the owner's needs in the next period, which is open to the owner only."""

STATEMENT = {
    "pillar": "WBCTi",
    "kind": "support",
    "period": "2021",
    "tlp": "TLP:CLEAR",
    "statement": {"signed_by": "Arta Hoxha", "function": "Head of the unit"},
}
"""A nil return."""

WEBHOOK = {"url": "https://portal.example/hooks", "events": ["submission.accepted"]}

WHY = {"reason": "It leaked."}
CLIENT = {"reporter": "AL-WBCTi", "label": "Portal"}
DELEGATION = {"to": "AL-NC", "expires_on": "2027-06-30", "reason": "Leave of the desk officer."}

FORMS = ("/entry/oauth/token",)
"""Paths that take a form."""

FILES = ("/entry/v1/files",)
"""Paths that take a file."""

Bring = Callable[[str], dict[str, Any]]
BRINGS: dict[str, Bring] = {
    "POST /entry/v1/submissions, a need": lambda _: NEEDS,
    "POST /entry/v1/submissions, a support": lambda _: SUPPORTS,
    "POST /entry/v1/submissions, a correction": lambda submission: (
        NEEDS
        | {
            "records": [NEED | {"description": f"Corrected {submission}"}],
            "supersedes": {"submission": submission, "version": 1},
        }
    ),
    "POST /entry/v1/submissions/<submission>/withdrawal": lambda _: {"version": 1, "reason": "Sent twice"},
    "POST /entry/v1/submissions/<submission>/records/withdrawal": lambda _: {
        "version": 1,
        "refs": [NEED["ref"]],
        "reason": "Sent twice",
    },
    "POST /entry/v1/files": lambda _: f"{json.dumps(NEED | {'description': new_id()})}\n",
    "POST /entry/v1/nothing-to-report": lambda _: STATEMENT | {"reference": new_id()},
    "POST /entry/v1/carry-over": lambda _: CARRY_OVER,
    "POST /entry/v1/exceptions": lambda _: EXCEPTION,
    "POST /entry/v1/exceptions/<exception>/end": lambda _: {"reason": "It came in after all."},
    "POST /entry/v1/webhooks": lambda _: WEBHOOK,
    **{
        f"POST /entry/v1/webhooks/<webhook>/{step}": lambda _: {}
        for step in (
            *("enable", "test", "secrets", "end"),
            *("secrets/<secret>/end", "messages/<message>/replay"),
        )
    },
    "POST /entry/v1/webhooks/<webhook>/replay": lambda _: {"after": 0},
    "POST /entry/v1/clients": lambda _: CLIENT,
    "POST /entry/v1/clients/<client>/end": lambda _: WHY,
    "POST /entry/v1/clients/<client>/secrets": lambda _: {},
    "POST /entry/v1/clients/<client>/secrets/<secret>/end": lambda _: WHY,
    "POST /entry/v1/clients/<client>/keys": lambda _: {"pem": pem_of(Ed25519PrivateKey.generate())},
    "POST /entry/v1/clients/<client>/keys/<key>/end": lambda _: WHY,
    "POST /entry/v1/delegations": lambda _: DELEGATION,
    "POST /entry/v1/delegations/<delegation>/end": lambda _: WHY,
    "POST /entry/oauth/token": lambda _: {"grant_type": "client_credentials"},
    "POST /validation/v1/findings/<finding>/justification": lambda _: {"text": "The partner wants it known."},
    "POST /validation/v1/findings/<finding>/waiver": lambda _: {
        "reason": "Agreed at the Support Group.",
        "expires_on": "2027-06-30",
    },
    "POST /validation/v1/check, a need": lambda _: NEEDS,
    "POST /validation/v1/check, a support": lambda _: SUPPORTS,
    "PUT /notify/v1/meetings/<meeting>, moved": lambda _: MEETING | {"held_on": "2027-01-20"},
    "PUT /notify/v1/meetings/<meeting>, a new one": lambda _: MEETING | {"held_on": "2027-06-15"},
    "PUT /notify/v1/collections/<collection>, changed": lambda _: COLLECTION | {"due_days_before": 10},
    "PUT /notify/v1/collections/<collection>, a new one": lambda _: (
        COLLECTION | {"kind": "response", "period": "2026"}
    ),
    "PUT /notify/v1/contacts/<structure>, changed": lambda _: CONTACT | {"label": "Another desk"},
    "PUT /notify/v1/contacts/<structure>, a new one": lambda _: CONTACT,
}
"""The body of each request that has one, given the owner's submission."""


@dataclass(frozen=True)
class Row:
    """A line of the table."""

    method: str
    path: str
    case: str
    statuses: dict[str, int]

    @property
    def route(self) -> tuple[str, str]:
        return self.method, self.path

    def __str__(self) -> str:
        return f"{self.method} {self.path}" + (f", {self.case}" if self.case else "")


def row_of(line: str) -> Row:
    method, path, case, statuses = re.fullmatch(r"(\w+) +([^ ,]+)(?:, (.+?))?((?: +\d{3})+)", line).groups()
    return Row(method, path, case or "", dict(zip(CALLERS, map(int, statuses.split()), strict=True)))


ROWS = [row_of(line) for line in TABLE.splitlines()[2:] if line]
SERVED = [row for row in ROWS if row.path.startswith(("/entry", "/validation", "/reporting", "/notify"))]
ABOUT_ONE = [
    row
    for row in ROWS
    if re.search("<(submission|finding|webhook|client|delegation)>", row.path) or row.case == "a correction"
]


@pytest.fixture(scope="module")
def installation(postgres, tmp_path_factory, keys) -> Iterator[Installation]:
    """One installation for all rows."""
    home, url = tmp_path_factory.mktemp("access"), postgres.fresh()
    nobody_listens = "amqp://127.0.0.1:1//"
    settings = Settings(home=home, database_url=url, key_folder=keys, broker_url=nobody_listens, **NO_LIMITS)
    with installed(settings, FixedClock(NOW)) as made:
        for period in ("2025-2026", "2027-2028"):
            made.client.post("/entry/v1/exceptions", json=EXCEPTION | {"period": period}, as_="SECRETARIAT")
        yield made


@pytest.fixture
def untouched(settings, clock) -> Iterator[Installation]:
    """An installation without submissions."""
    with installed(settings, clock) as made:
        yield made


@pytest.fixture(scope="module")
def unchanged_submission(installation) -> Iterator[str]:
    """An accepted submission of the owner, for requests that do not change it."""
    submission = submit(installation)
    yield submission
    shown = installation.client.get(f"/entry/v1/submissions/{submission}", as_="AL-WBCTi").json
    assert (shown["state"], shown["version"]) == ("accepted", 1)


@pytest.fixture
def submission(installation, unchanged_submission, row) -> str:
    """The owner's accepted needs. Requests that may change them have their own."""
    is_read = row.method == "GET" or row not in ABOUT_ONE
    return unchanged_submission if is_read else submit(installation)


def submit(installation: Installation) -> str:
    """Submit needs of the owner. A unique word in each keeps them from being duplicate content."""
    return installation.hand_in(WARNED | {"records": [NEED | {"description": f"Row {new_id()}"}]})


def ask(
    installation: Installation, row: Row, *, token: str | None, submission: str, **headers: str
) -> TestResponse:
    """Send the row's request, with all that an authorised caller would include."""
    names = THERE | {"submission": submission} | (NEW if row.case == "a new one" else {})
    if "<finding>" in row.path:
        names["finding"] = finding_of(installation, submission)
    if "<webhook>" in row.path:
        names |= webhook_of(installation, submission)
    if re.search("<(client|delegation)>", row.path):
        names |= client_of(installation, submission)
    if "<exception>" in row.path:
        made = installation.client.get("/entry/v1/exceptions", as_="SECRETARIAT").json["items"]
        names["exception"] = made[-1]["id"]
    path = re.sub(r"<(\w+)>", lambda place: names[place[1]], row.path)
    headers |= {"Idempotency-Key": new_id()} | ({"Authorization": f"Bearer {token}"} if token else {})
    if row.case in ("moved", "changed"):
        headers["If-Match"] = installation.client.get(path, as_="SECRETARIAT").headers["ETag"]
    body = BRINGS[str(row)](submission) if str(row) in BRINGS else None
    query = QUERIES.get(row.case) or QUERIES.get(row.path)
    brought = {"data" if row.path in (*FORMS, *FILES) else "json": body}
    if row.path in FILES:
        brought["content_type"] = "application/x-ndjson"
    return installation.client.http.open(
        path, method=row.method, query_string=query, headers=headers, buffered=True, **brought
    )


def make_webhook(installation: Installation, row: Row) -> None:
    """Create an unused webhook of the owner, with its secret or message, if the row needs one."""
    client = installation.client
    for old in client.get("/entry/v1/webhooks", as_="AL-WBCTi").json["items"]:
        client.post(f"/entry/v1/webhooks/{old['id']}/end", json={}, as_="AL-WBCTi")
    if "<webhook>" in row.path:
        made = client.post("/entry/v1/webhooks", json=WEBHOOK, as_="AL-WBCTi").json
        step = "secrets" if "<secret>" in row.path else "test"
        client.post(f"/entry/v1/webhooks/{made['id']}/{step}", json={}, as_="AL-WBCTi")


def make_client(installation: Installation, row: Row) -> None:
    """Create two live objects of the kind that the row needs, so that two callers can each revoke one."""
    client = installation.client
    for _ in range(2 if "<delegation>" in row.path else 0):
        client.post("/entry/v1/delegations", json=DELEGATION, as_="AL-WBCTi")
    if "<client>" in row.path:
        made = client.post("/entry/v1/clients", json=CLIENT, as_="SECRETARIAT").json["id"]
        for what in re.findall("<(secret|key)>", row.path) * 2:
            path = f"/entry/v1/clients/<client>/{what}s"
            body = BRINGS[f"POST {path}"]("")
            client.post(path.replace("<client>", made), json=body, as_="SECRETARIAT")


def client_of(installation: Installation, submission: str) -> dict[str, str]:
    """Return ids of the owner's latest client, a live secret and key, and a delegation, or ids that do not exist."""
    names = dict.fromkeys(("client", "secret", "key", "delegation"), MISSING)
    if submission == MISSING:
        return names
    found = {
        what: installation.client.get(f"/entry/v1/{what}s", as_="AL-WBCTi").json["items"]
        for what in ("client", "delegation")
    }
    for last in found["client"][:1]:
        found |= {"secret": last["secrets"], "key": last["keys"]}
        names["client"] = last["id"]
    for what in ("secret", "key", "delegation"):
        live = (each for each in found.get(what, ()) if each["ended_at"] is None)
        if first := next(live, None):
            names[what] = first["kid" if what == "key" else "id"]
    return names


def webhook_of(installation: Installation, submission: str) -> dict[str, str]:
    """Return ids of the owner's webhook, a secret and a message, or ids that do not exist for a missing submission."""
    found = installation.client.get("/entry/v1/webhooks", as_="AL-WBCTi").json["items"]
    if submission == MISSING or not found:
        return dict.fromkeys(("webhook", "secret", "message"), MISSING)
    path = f"/entry/v1/webhooks/{found[0]['id']}/messages"
    messages = installation.client.get(path, as_="AL-WBCTi").json["items"]
    return {
        "webhook": found[0]["id"],
        "secret": found[0]["secrets"][0]["id"],
        "message": messages[0]["id"] if messages else MISSING,
    }


def finding_of(installation: Installation, submission: str) -> str:
    """Return the first finding on a submission, or an id that does not exist if there is no submission."""
    path = f"/validation/v1/verdicts/{submission}/findings"
    answer = installation.client.get(path, as_="SECRETARIAT")
    return str(answer.json["items"][0]["finding"]) if answer.status_code == 200 else "0" * 64


def tokens_of(client, caller: str, folder: Path) -> dict[str, str | None]:
    """Return the tokens to try for a column of the table, by description."""
    if caller == "nobody":
        return {"none": None}
    if caller == "refused":
        return refused_tokens(client, folder)
    return {CALLERS[caller]: client.token(CALLERS[caller])}


def refused_tokens(client, folder: Path) -> dict[str, str | None]:
    """Return invalid tokens of the Secretariat, by their defect."""
    ensure_keys(folder, name="test")
    forger = Caller("SECRETARIAT", "secretariat", None, ("WBCTi",))
    head, claims, signature = client.token("SECRETARIAT").split(".")
    others_claims = client.token("AL-NC").split(".")[1]
    no_algorithm = base64.urlsafe_b64encode(json.dumps({"alg": "none", "kid": "test"}).encode()).decode()
    return {
        "forged with another key": issue_token(folder, forger, audience="iisgd", now=NOW),
        "with claims that were not signed": f"{head}.{others_claims}.{signature}",
        "without a signature": f"{no_algorithm.rstrip('=')}.{claims}.",
        "expired": client.token("SECRETARIAT", lifetime=timedelta(0)),
        "for another system": client.token("SECRETARIAT", audience="another"),
        "garbage": "garbage",
    }


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_everybody_is_answered_as_the_table_says_and_what_is_refused_stores_nothing(
    installation, submission, row, tmp_path
):
    make_webhook(installation, row)
    make_client(installation, row)
    before = installation.stored()
    answered, unstored = {}, []
    for caller in CALLERS:
        for token, bearer in tokens_of(installation.client, caller, tmp_path / "forger").items():
            if stores(row, row.statuses[caller]):
                # Compare only before a request that stores something: comparing costs more than a request.
                assert installation.stored() == before, f"one of {unstored} stored something"
            answer = ask(installation, row, token=bearer, submission=submission)
            if stores(row, answer.status_code):
                before, unstored = installation.stored(), []
            else:
                unstored.append((caller, token))
            answered.setdefault(caller, set()).add(answer.status_code)
    assert answered == {caller: {status} for caller, status in row.statuses.items()}
    assert installation.stored() == before, f"one of {unstored} stored something"


def stores(row: Row, status: int) -> bool:
    """Return whether a request with this status changes stored data."""
    return row.method != "GET" and row.path not in KEEPS_NOTHING and status < 400


def test_the_table_has_every_route_and_no_other(installation):
    rules = installation.client.http.application.url_map.iter_rules()
    served = {
        (method, rule.rule.replace("<path:", "<"))
        for rule in rules
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    assert {row.route for row in ROWS} == served


def test_every_request_that_may_bring_something_brings_it():
    assert set(BRINGS) == {str(row) for row in ROWS if row.method != "GET"}


def test_a_method_that_the_table_does_not_have_is_405_even_for_the_secretariat(
    installation, unchanged_submission
):
    headers = {
        "Authorization": f"Bearer {installation.client.token('SECRETARIAT')}",
        "Idempotency-Key": "one",
    }
    before = installation.stored()
    for path in {row.path for row in SERVED}:
        known = {row.method for row in SERVED if row.path == path}
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE"} - known:
            named = path.replace("<submission>", unchanged_submission).replace("<finding>", "0" * 64)
            answer = installation.client.http.open(named, method=method, json={}, headers=headers)
            assert (answer.status_code, answer.mimetype) == (405, "application/problem+json"), (method, path)
            assert known <= set(answer.headers["Allow"].split(", "))
    assert installation.stored() == before


@pytest.mark.parametrize("row", ABOUT_ONE, ids=str)
def test_a_foreign_submission_is_answered_exactly_like_one_that_does_not_exist(installation, submission, row):
    make_webhook(installation, row)
    make_client(installation, row)
    outsiders = [code for caller, code in CALLERS.items() if code and row.statuses[caller] >= 400]
    for code in outsiders:
        token = installation.client.token(code)
        foreign = ask(installation, row, token=token, submission=submission)
        missing = ask(installation, row, token=token, submission=MISSING)
        assert seen(foreign) == seen(missing), code


def seen(answer: TestResponse) -> tuple[int, dict[str, str], bytes]:
    """Return all that a client receives except the trace and the remaining limits, which always differ."""
    trace = answer.headers["Trace-Id"]
    headers = {name: value for name, value in answer.headers if name not in ("Trace-Id", "RateLimit")}
    return answer.status_code, headers, answer.data.replace(trace.encode(), b"")


def test_head_is_answered_as_get_is(installation, unchanged_submission):
    for code, status in (("AL-WBCTi", 200), ("RS-WBCTi", 404), ("RCC-ANALYST", 403)):
        headers = {"Authorization": f"Bearer {installation.client.token(code)}"}
        answer = installation.client.http.head(
            f"/entry/v1/submissions/{unchanged_submission}", headers=headers
        )
        assert (answer.status_code, answer.data) == (status, b"")


def test_a_member_sees_of_needs_how_many_there_are_and_nothing_of_what_they_say(untouched):
    client = untouched.client
    secret = NEED | {"ref": "CT-RED", "title": "A gap nobody else should know", "tlp": "TLP:RED"}
    untouched.hand_in(NEEDS | {"records": [NEED, secret]})
    figures = client.get("/reporting/v1/aggregates?kind=need&group_by=partner", as_="UNODC")
    gaps = client.get("/reporting/v1/gaps", as_="UNODC")
    assert [(row["partner"], row["records"]) for row in figures.json["rows"]] == [("AL", 1)]
    assert gaps.json["totals"]["all"]["needs"] == 1
    for word in ("CT-001", "CT-RED", NEED["title"], "nobody else", "RED"):
        assert word not in figures.text + gaps.text
    own = client.get("/reporting/v1/aggregates?kind=need&partner=AL", as_="AL-NC")
    assert own.json["total"]["records"] == 2


def test_the_public_sees_of_support_what_is_marked_clear(untouched):
    for tlp in ("TLP:CLEAR", "TLP:GREEN", "TLP:AMBER", "TLP:RED"):
        records = [{**SUPPORTS["records"][0], "ref": tlp.removeprefix("TLP:")}]
        untouched.hand_in(SUPPORTS | {"tlp": tlp, "records": records}, as_="UNODC")
    untouched.hand_in()
    public, member, analyst = (
        untouched.client.get("/reporting/v1/aggregates?group_by=kind", as_=reader).json["rows"]
        for reader in (None, "EC", "RCC-ANALYST")
    )
    assert {row["kind"]: row["records"] for row in public} == {"support": 1}
    assert {row["kind"]: row["records"] for row in member} == {"support": 3, "need": 1}
    assert {row["kind"]: row["records"] for row in analyst} == {"support": 4, "need": 1}


def test_the_analyst_sees_of_a_verdict_how_it_came_out_and_nothing_of_what_was_reported(untouched):
    secret = NEED | {"ref": "CT-RED", "title": "n/a", "description": "A gap nobody else should know"}
    submission = untouched.hand_in(NEEDS | {"records": [secret]})
    path = f"/validation/v1/verdicts/{submission}"
    own, analyst, history = (
        untouched.client.get(f"{path}{more}", as_=reader)
        for reader, more in (("AL-WBCTi", ""), ("RCC-ANALYST", ""), ("RCC-ANALYST", "/history"))
    )
    assert analyst.json["counts"] == own.json["counts"]
    assert "CT-RED" in own.text
    for word in ("CT-RED", "n/a", "nobody else"):
        assert word not in analyst.text + history.text


def test_a_coordinator_sees_the_findings_of_all_pillars_of_its_partner_and_of_no_other(untouched):
    handed_in = {
        code: untouched.hand_in(NEEDS | {"pillar": code.partition("-")[2]}, as_=code)
        for code in ("AL-WBCTi", "AL-WBBSi", "RS-WBCTi")
    }
    for code, submission in handed_in.items():
        for path in ("", "/history", "/report", "/report?format=html"):
            answer = untouched.client.get(f"/validation/v1/verdicts/{submission}{path}", as_="AL-NC")
            assert answer.status_code == (200 if code.startswith("AL-") else 404), (code, path)
