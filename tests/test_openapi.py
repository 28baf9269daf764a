"""Tests that each OpenAPI description is valid, and that real responses match it."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from werkzeug.test import TestResponse

from deploy.installation import services
from deploy.service_names import NAMES
from tests.conftest import Client
from tests.entry.clients.portals import CLIENTS, TOKEN, asked, pem_of, portal_of
from tests.in_process import COLLECTION, CONTACT, MEETING, NEEDS, SUPPORTS, Installation, installed
from tests.notify.mail_server import MailServer
from tests.notify.steps import plan_and_send, with_server
from tests.validation.conftest import NEED

SUBMISSIONS = "/entry/v1/submissions"
DELEGATIONS = "/entry/v1/delegations"
METADATA = "/.well-known/oauth-authorization-server"
WHY = {"reason": "It leaked."}
CORRECTED = NEEDS | {"records": [NEED | {"ref": "CT-002"}, NEED | {"ref": "CT-003"}]}
NOTHING = {
    "pillar": "WBCTi",
    "kind": "support",
    "period": "2024",
    "tlp": "TLP:CLEAR",
    "statement": {"signed_by": "Arta Hoxha", "function": "Head of the unit"},
}
WRONG = NEEDS | {"records": [NEED | {"ref": "CT-002", "title": "Not Applicable"}]}
"""Needs that break a rule, so that there is a finding to show."""


@pytest.fixture
def installation(settings, clock) -> Iterator[Installation]:
    with installed(settings, clock) as made:
        yield made


@pytest.fixture
def submission(installation) -> str:
    """The last of several submissions, of which one was withdrawn; it has a finding. Mails were sent."""
    first = installation.hand_in()
    withdrawal = {"version": 1, "reason": "Sent twice"}
    installation.client.post(f"{SUBMISSIONS}/{first}/withdrawal", json=withdrawal, as_="AL-WBCTi")
    installation.hand_in(NEEDS, as_="XK-WBCTi")
    installation.hand_in(SUPPORTS, as_="UNODC")
    returned = installation.hand_in(WRONG)
    installation.seal()
    with MailServer() as server:
        plan_and_send(with_server(installation.runtimes["notify"], server.url))
    return returned


def answers(installation: Installation, submission: str) -> Iterator[tuple[str, str, TestResponse]]:
    """Yield a response of each operation, with the method and the path."""
    reads = (
        ("AL-WBCTi", SUBMISSIONS),
        ("AL-WBCTi", f"{SUBMISSIONS}/{submission}"),
        ("AL-WBCTi", f"{SUBMISSIONS}/{submission}/versions"),
        ("AL-WBCTi", f"{SUBMISSIONS}/{submission}/diff?from=1&to=1"),
        ("AL-WBCTi", f"{SUBMISSIONS}/{submission}/receipt"),
        ("AL-WBCTi", "/entry/v1/changes"),
        ("SECRETARIAT", "/entry/v1/journal?action=submission."),
        ("AL-WBCTi", "/validation/v1/rulesets"),
        ("AL-WBCTi", "/validation/v1/rulesets/WBCTi"),
        ("AL-WBCTi", "/validation/v1/rulesets/WBCTi.html"),
        ("SECRETARIAT", "/validation/v1/rules/stats"),
        ("AL-WBCTi", f"/validation/v1/verdicts/{submission}"),
        ("AL-WBCTi", f"/validation/v1/verdicts/{submission}/history"),
        *(
            ("AL-WBCTi", f"/validation/v1/verdicts/{submission}/report?format={form}")
            for form in ("json", "csv", "html", "xlsx")
        ),
        ("RCC-ANALYST", f"/validation/v1/verdicts/{submission}"),
        ("SECRETARIAT", "/reporting/v1/aggregates?group_by=pillar,partner,kind,theme,category,period,status"),
        ("SECRETARIAT", "/reporting/v1/aggregates?group_by=partner&format=csv"),
        ("SECRETARIAT", "/reporting/v1/gaps"),
        ("AL-WBCTi", "/reporting/v1/gaps?format=csv"),
        ("SECRETARIAT", "/reporting/v1/completeness"),
        ("SECRETARIAT", "/notify/v1/meetings"),
        ("SECRETARIAT", "/notify/v1/meetings/board-8"),
        ("SECRETARIAT", "/notify/v1/collections/need-2025-2026"),
        ("SECRETARIAT", "/notify/v1/obligations"),
        ("SECRETARIAT", "/notify/v1/reminders"),
        ("SECRETARIAT", "/notify/v1/mails"),
        ("SECRETARIAT", "/notify/v1/contacts/AL-WBCTi"),
    )
    for code, path in reads:
        yield "GET", path, installation.client.get(path, as_=code)
    yield from answers_about_workbooks(installation, submission)
    writes = (
        ("POST", SUBMISSIONS, NEEDS),
        ("POST", SUBMISSIONS, CORRECTED | {"supersedes": {"submission": submission, "version": 1}}),
        (
            "POST",
            f"{SUBMISSIONS}/{submission}/records/withdrawal",
            {"version": 2, "refs": ["CT-003"], "reason": "Entered twice"},
        ),
        ("POST", "/entry/v1/nothing-to-report", NOTHING),
        ("POST", f"{SUBMISSIONS}/{submission}/withdrawal", {"version": 3, "reason": "Entered twice"}),
        ("POST", "/validation/v1/check", WRONG),
        ("POST", "/validation/v1/check?outcomes=all", WRONG),
        *(("POST", f"/validation/v1/check?format={form}", WRONG) for form in ("csv", "html", "xlsx")),
    )
    for method, path, body in writes:
        yield method, path, installation.client.post(path, json=body, as_="AL-WBCTi")
    yield from answers_about_clients(installation.client)
    yield from answers_about_webhooks(installation.client)
    yield from answers_about_windows(installation.client)
    warned = installation.hand_in(NEEDS | {"tlp": "TLP:CLEAR"}, as_="ME-WBCTi")
    findings = f"/validation/v1/verdicts/{warned}/findings"
    listed = installation.client.get(findings, as_="ME-WBCTi")
    yield "GET", findings, listed
    (finding,) = (each["finding"] for each in listed.json["items"])
    for what, code, body in (
        ("justification", "ME-WBCTi", {"text": "The partner wants it known."}),
        ("waiver", "SECRETARIAT", {"reason": "Agreed with the partner.", "expires_on": "2026-12-31"}),
    ):
        path = f"/validation/v1/findings/{finding}/{what}"
        yield "POST", path, installation.client.post(path, json=body, as_=code)
    sets = (
        ("/notify/v1/meetings/board-9", MEETING),
        ("/notify/v1/collections/response-2026", COLLECTION | {"kind": "response", "period": "2026"}),
        ("/notify/v1/contacts/RS-WBCTi", CONTACT),
    )
    for path, body in sets:
        yield "PUT", path, installation.client.put(path, json=body, as_="SECRETARIAT")


def answers_about_workbooks(
    installation: Installation, submission: str
) -> Iterator[tuple[str, str, TestResponse]]:
    """Yield the responses for a template, records in each format, and an annotated workbook."""
    template = "/entry/v1/templates/WBCTi/need/2025-2026.xlsx?language=sq"
    yield "GET", template, installation.client.get(template, as_="AL-WBCTi")
    for form in ("json", "csv", "xlsx"):
        path = f"{SUBMISSIONS}/{submission}/versions/1/records.{form}"
        yield "GET", path, (records := installation.client.get(path, as_="AL-WBCTi"))
    path = "/entry/v1/files?pillar=WBCTi&kind=need&period=2025-2026&tlp=TLP:AMBER"
    bearer = {"Authorization": f"Bearer {installation.client.token('BA-WBCTi')}", "Idempotency-Key": "file"}
    handed_in = installation.client.http.post(
        path, data=records.data, headers=bearer, content_type=records.mimetype
    )
    yield "POST", path, handed_in
    installation.settle()
    path = f"{SUBMISSIONS}/{handed_in.json['id']}/annotated.xlsx"
    yield "GET", path, installation.client.get(path, as_="BA-WBCTi")


def answers_about_webhooks(client: Client) -> Iterator[tuple[str, str, TestResponse]]:
    """Yield the responses over a webhook's whole life."""
    path = "/entry/v1/webhooks"
    body = {"url": "https://portal.example/hooks", "events": ["submission.accepted"]}
    made = client.post(path, json=body, as_="AL-WBCTi")
    yield "POST", path, made
    yield "GET", path, client.get(path, as_="AL-WBCTi")
    path = f"{path}/{made.json['id']}"
    message = client.post(f"{path}/test", json={}, as_="AL-WBCTi")
    yield "POST", f"{path}/test", message
    for step in ("", "/messages"):
        yield "GET", path + step, client.get(path + step, as_="AL-WBCTi")
    for step, asked_for in (
        ("secrets", {}),
        (f"secrets/{made.json['secrets'][0]['id']}/end", {}),
        (f"messages/{message.json['id']}/replay", {}),
        ("replay", {"after": 0}),
        ("enable", {}),
        ("end", {}),
    ):
        yield "POST", f"{path}/{step}", client.post(f"{path}/{step}", json=asked_for, as_="AL-WBCTi")


def answers_about_windows(client: Client) -> Iterator[tuple[str, str, TestResponse]]:
    """Yield the responses over an exception's whole life, and for the needs that it allows to be carried over."""
    yield "GET", "/entry/v1/windows", client.get("/entry/v1/windows", as_="XK-WBCTi")
    path = "/entry/v1/exceptions"
    asked = {"reporter": "XK-WBCTi", "kind": "need", "period": "2027-2028", "expires_on": "2026-12-31"}
    made = client.post(path, json=asked | {"reason": "Prepared early"}, as_="SECRETARIAT")
    yield "POST", path, made
    yield "GET", path, client.get(path, as_="XK-WBCTi")
    carry_over = {
        "pillar": "WBCTi",
        "from": "2025-2026",
        "to": "2027-2028",
        "tlp": "TLP:AMBER",
        "dispositions": [{"ref": "CT-001", "disposition": "kept"}],
    }
    carried = "/entry/v1/carry-over"
    yield "POST", carried, client.post(carried, json=carry_over, as_="XK-WBCTi")
    carried += "?pillar=WBCTi&from=2025-2026"
    yield "GET", carried, client.get(carried, as_="XK-WBCTi")
    path = f"{path}/{made.json['id']}/end"
    yield "POST", path, client.post(path, json=WHY, as_="SECRETARIAT")


def answers_about_clients(client: Client) -> Iterator[tuple[str, str, TestResponse]]:
    """Yield the responses over the whole life of a client and a delegation."""

    def post(path: str, body: dict[str, Any], *, as_: str = "AL-WBCTi") -> tuple[str, str, TestResponse]:
        return "POST", path, client.post(path, json=body, as_=as_)

    yield "GET", "/entry/oauth/jwks.json", client.http.get("/entry/oauth/jwks.json")
    yield "GET", METADATA, client.http.get(METADATA)
    portal = portal_of(client, "AL-WBCTi")
    yield post(CLIENTS, {"reporter": "EC", "label": "Portal"}, as_="SECRETARIAT")
    yield "POST", TOKEN, portal.ask()
    path = f"{CLIENTS}/{portal.id}"
    yield (secret := post(f"{path}/secrets", {}))
    yield (key := post(f"{path}/keys", {"pem": pem_of(Ed25519PrivateKey.generate())}))
    yield "GET", CLIENTS, client.get(CLIENTS, as_="AL-WBCTi")
    yield post(f"{path}/secrets/{secret[2].json['id']}/end", WHY)
    yield post(f"{path}/keys/{key[2].json['kid']}/end", WHY)
    yield post(f"{path}/end", WHY, as_="SECRETARIAT")
    yield (given := post(DELEGATIONS, {"to": "AL-NC", "expires_on": "2026-12-31"} | WHY))
    yield "GET", DELEGATIONS, client.get(DELEGATIONS, as_="AL-NC")
    yield post(f"{DELEGATIONS}/{given[2].json['id']}/end", WHY)


def described_in(installation: Installation, path: str) -> tuple[dict[str, Any], str]:
    """Return the description that applies to a request path, and the path as it is described."""
    # Paths at the root belong to entry.
    service = named if (named := path.split("/")[1]) in NAMES else "entry"
    description = installation.client.http.get(f"/{service}/v1/openapi.json").json
    plain = path.partition("?")[0]
    # The closest match applies: WBCTi.html is the page, not a ruleset of that name.
    fitting = [
        each for each in description["paths"] if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", each), plain)
    ]
    return description, max(fitting, key=lambda each: (-each.count("{"), len(each)))


def faults(description: dict[str, Any], operation: dict[str, Any], answer: TestResponse) -> list[str]:
    """Yield the differences between a response and its description; an undescribed field is a fault too."""
    said = operation["responses"].get(str(answer.status_code), operation["responses"]["default"])
    if answer.mimetype not in said["content"]:
        return [f"{answer.status_code} as {answer.mimetype} is not described"]
    sent = {name for name in description["components"]["headers"] if name in answer.headers}
    if undescribed := sent - said.get("headers", {}).keys():
        return [f"the headers {sorted(undescribed)} are not described"]
    schema = said["content"][answer.mimetype]["schema"] | {"components": description["components"]}
    if schema.get("format") == "binary":
        return [] if answer.data and not answer.mimetype.startswith("text/") else ["a text is no binary"]
    given = answer.json if answer.is_json else answer.text
    return [f"{error.json_path}: {error.message}" for error in OAS31Validator(schema).iter_errors(given)]


@pytest.mark.parametrize("service", NAMES)
def test_a_description_is_valid_openapi_3_1(client_of, service):
    answer = client_of(service).http.get(f"/{service}/v1/openapi.json")
    assert answer.mimetype == "application/json"
    assert answer.json["openapi"].startswith("3.1.")
    assert [error.message for error in OpenAPIV31SpecValidator(answer.json).iter_errors()] == []


def test_a_description_names_the_headers_that_a_change_needs(client_of):
    headers = {
        (path, method): [each["name"] for each in operation["parameters"] if each["in"] == "header"]
        for service in ("entry", "notify")
        for path, operations in client_of(service)
        .http.get(f"/{service}/v1/openapi.json")
        .json["paths"]
        .items()
        for method, operation in operations.items()
    }
    needed = {"get": [], "post": ["Idempotency-Key"], "put": ["If-Match"]}
    # A token request has no authenticated caller.
    assert headers.pop((TOKEN, "post")) == []
    optional = {"Prefer", "If-None-Match"}
    assert {at: [name for name in names if name not in optional] for at, names in headers.items()} == {
        (path, method): needed[method] for path, method in headers
    }
    assert headers[SUBMISSIONS, "post"] == ["Idempotency-Key", "Prefer"]
    assert headers[f"{SUBMISSIONS}/{{submission}}", "get"] == ["If-None-Match"]


def test_what_keeps_nothing_needs_no_key_and_says_so(client_of):
    client = client_of("validation")
    check = client.http.get("/validation/v1/openapi.json").json["paths"]["/validation/v1/check"]["post"]
    assert [each["name"] for each in check["parameters"]] == ["format", "outcomes", "language"]
    headers = {"Authorization": f"Bearer {client.token('AL-WBCTi')}"}
    assert client.http.post("/validation/v1/check", json=NEEDS, headers=headers).status_code == 200


def test_each_route_answers_as_it_is_described(installation, submission):
    shown = set()
    for method, path, answer in answers(installation, submission):
        assert answer.status_code < 300, (method, path, answer.text)
        shows_nothing = answer.is_json and answer.json.get("items") == []
        assert not shows_nothing, f"{path} has nothing to show"
        description, found = described_in(installation, path)
        assert faults(description, description["paths"][found][method.lower()], answer) == [], (method, path)
        shown.add((method, re.sub(r"\{(\w+)\}", r"<\1>", found)))
    assert shown == {
        (route.method, route.address(service.name)) for service in services() for route in service.routes
    }


def test_a_field_that_is_not_described_would_be_found(installation, submission):
    path = f"{SUBMISSIONS}/{submission}"
    description, found = described_in(installation, path)
    operation = description["paths"][found]["get"]
    del description["components"]["schemas"]["SubmissionResponse"]["properties"]["timeline"]
    (fault,) = faults(description, operation, installation.client.get(path, as_="AL-WBCTi"))
    assert "'timeline' was unexpected" in fault


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"{SUBMISSIONS}?limit=many", 422),
        (f"{SUBMISSIONS}/no-such-one", 404),
        ("/notify/v1/mails", 403),
    ],
)
def test_a_problem_is_as_it_is_described_too(installation, path, status):
    answer = installation.client.get(path, as_="AL-WBCTi")
    description, found = described_in(installation, path)
    assert answer.status_code == status
    assert faults(description, description["paths"][found]["get"], answer) == []


def test_a_refusal_to_give_a_token_is_as_it_is_described_and_as_oauth_has_it(installation):
    answer = asked(installation.client, None)
    description, found = described_in(installation, TOKEN)
    assert answer.status_code == 401
    assert faults(description, description["paths"][found]["post"], answer) == []
