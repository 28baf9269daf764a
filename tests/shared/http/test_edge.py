"""The edge as every client meets it, on real services: problems, bodies, keys, preconditions, traces."""

import io
import json
import threading
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from typing import Any

import jwt
import pytest
from sqlalchemy import select
from structlog.testing import capture_logs
from werkzeug.test import TestResponse

from services.entry.submissions.store import tables as store
from shared.bus.store import deliveries, events
from shared.ids import new_id
from tests.in_process import MEETING, NEEDS, Installation, installed
from tests.validation.conftest import NEED

SUBMISSIONS = "/entry/v1/submissions"
BOARD = "/notify/v1/meetings/board-8"
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
LIMIT = 20_000


on_one_database = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""For what is decided before any database is asked."""


@pytest.fixture
def installation(settings, clock) -> Iterator[Installation]:
    with installed(replace(settings, max_body_bytes=LIMIT), clock) as made:
        yield made


@pytest.fixture
def post(installation):
    """Hands something in as AL-WBCTi."""

    def post(
        body: Any = NEEDS, *, path: str = SUBMISSIONS, as_: str = "AL-WBCTi", **options: Any
    ) -> TestResponse:
        return installation.client.post(path, json=body, as_=as_, **options)

    return post


def submissions(installation: Installation) -> int:
    return len(installation.stored()["entry.submissions"])


def with_record(text: str) -> bytes:
    """A body whose only record has these members, as they are written."""
    return json.dumps(NEEDS | {"records": ["@"]}).replace('"@"', f'{{"ref": "CT-9", {text}}}').encode()


def nested(*, levels: int) -> bytes:
    """A body of so many levels; it, its records and its record are the first three."""
    return with_record('"deep": ' + "[" * (levels - 3) + "]" * (levels - 3))


def pointers(answer: TestResponse) -> set[str]:
    return {fault["pointer"] for fault in answer.json["errors"]}


# --- Problems ---------------------------------------------------------------------------------------------------------


@on_one_database
def test_a_problem_says_what_it_is_where_it_is_logged_and_what_would_pass(post):
    answer = post(NEEDS | {"tlp": "TLP:PINK"})
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    assert answer.json == {
        "type": "urn:iisgd:problem:unprocessable",
        "title": "The request is invalid",
        "status": 422,
        "detail": "The request is invalid; see errors.",
        "instance": f"urn:iisgd:trace:{answer.headers['Trace-Id']}",
        "errors": [{"pointer": "/tlp", "message": answer.json["errors"][0]["message"]}],
    }
    assert "TLP:AMBER+STRICT" in answer.json["errors"][0]["message"]


@on_one_database
@pytest.mark.parametrize(
    ("query", "header", "language", "title"),
    [
        ("", "", "en", "The request is invalid"),
        ("", "de, sq;q=0.8, en;q=0.5", "sq", "Kërkesa nuk është e vlefshme"),
        ("", "sq;q=0, *", "en", "The request is invalid"),
        ("", "sr-RS", "sr-Latn", "Zahtev nije ispravan"),
        ("?language=sr-Cyrl", "sq", "sr-Cyrl", "Захтев није исправан"),
        ("?language=me", "", "cnr", "Zahtjev nije ispravan"),
        ("?language=la", "mk", "mk", "Барањето не е исправно"),  # noqa: RUF001 - Cyrillic
        ("?language=sq&language=mk", "", "en", "The request is invalid"),
    ],
)
def test_a_problem_is_in_the_language_of_the_parameter_else_of_the_header(
    post, query, header, language, title
):
    answer = post(NEEDS | {"tlp": 1}, path=f"{SUBMISSIONS}{query}", headers={"Accept-Language": header})
    assert (answer.status_code, answer.json["title"]) == (422, title)
    assert answer.headers["Content-Language"] == language
    assert "Accept-Language" in answer.headers["Vary"]
    unknown = query in ("?language=la", "?language=sq&language=mk")
    assert answer.json["errors"][0]["pointer"] == ("/query/language" if unknown else "/tlp")


@on_one_database
@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ([], {""}),
        ("text", {""}),
        (None, {""}),
        ({}, {"/pillar", "/kind", "/period", "/tlp", "/records"}),
        (NEEDS | {"a/b~c": 1}, {"/a~1b~0c"}),
        (NEEDS | {"supersedes": {"submission": 1, "of": 1}}, {
            "/supersedes/submission", "/supersedes/version", "/supersedes/of",
        }),
        (NEEDS | {"records": [NEED, {"title": "without a ref"}, 7, NEED | {"ref": ""}]}, {
            "/records/1/ref", "/records/2", "/records/3/ref",
        }),
        (NEEDS | {"records": []}, {"/records"}),
        (NEEDS | {"period": "2024-2025"}, {"/period"}),
        (NEEDS | {"pillar": "WBX"}, {"/pillar"}),
    ],
)  # fmt: skip
def test_each_mistake_in_a_body_is_named_by_its_json_pointer(post, body, expected):
    answer = post(body)
    assert (answer.status_code, pointers(answer)) == (422, expected)


@on_one_database
@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (f"{SUBMISSIONS}?limit=0", {"/query/limit"}),
        (f"{SUBMISSIONS}?limit=many&state=lost", {"/query/limit", "/query/state"}),
        (f"{SUBMISSIONS}?limit=1&limit=2", {"/query/limit"}),
        (f"{SUBMISSIONS}?sort=id", {"/query/sort"}),
        (f"{SUBMISSIONS}/any?full=yes", {"/query/full"}),
        ("/reporting/v1/aggregates?colour=red&kind=needs", {"/query/colour", "/query/kind"}),
    ],
)
def test_each_mistake_in_a_query_is_named_and_no_parameter_is_passed_over(installation, path, expected):
    answer = installation.client.get(path, as_="AL-WBCTi")
    assert (answer.status_code, pointers(answer)) == (422, expected)


@on_one_database
@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/nowhere", 404), ("PATCH", SUBMISSIONS, 405)]
)
def test_what_no_route_takes_is_a_problem_too(installation, method, path, status):
    answer = installation.client.http.open(path, method=method)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert set(answer.json) == {"type", "title", "status", "detail", "instance"}
    assert answer.json["status"] == status


def test_what_fails_on_our_side_is_a_500_that_says_nothing_of_why_and_the_log_says_all(installation):
    for table in (store.verdicts, store.versions, store.submissions):
        table.drop(installation.engine)
    with capture_logs() as logs:
        answer = installation.client.get(SUBMISSIONS, as_="AL-WBCTi")
    assert (answer.status_code, answer.mimetype) == (500, "application/problem+json")
    assert answer.json == {
        "type": "about:blank",
        "title": "Internal error",
        "status": 500,
        "detail": "The error is logged under the trace in 'instance'.",
        "instance": f"urn:iisgd:trace:{answer.headers['Trace-Id']}",
    }
    assert [line["event"] for line in logs if line["log_level"] == "error"] == ["request failed"]


def test_a_change_that_fails_on_our_side_is_undone_as_a_whole(installation, post):
    store.versions.drop(installation.engine)
    tables = (store.submissions, events, deliveries)
    with installation.engine.connect() as connection:
        before = [connection.execute(select(table)).all() for table in tables]
    assert post(key="one").status_code == 500
    with installation.engine.connect() as connection:
        assert [connection.execute(select(table)).all() for table in tables] == before


# --- Bodies -----------------------------------------------------------------------------------------------------------


@on_one_database
@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "line 1, column 1"),
        (b"{", "line 1, column 2"),
        (b'{"a": 1} {"b": 2}', "line 1, column 10: text follows the end of the JSON"),
        (b"\xff{}", "not UTF-8"),
        (b'{"title": "\xed\xa0\x80"}', "not UTF-8"),
        (with_record('"cost": NaN'), "NaN is not a JSON number"),
        (with_record('"cost": -Infinity'), "-Infinity is not a JSON number"),
        (with_record('"cost": 1e999'), "the number 1e999 is too large"),
        (with_record('"cost": ' + "9" * 5000), "too many digits"),
        (with_record('"title": "a", "title": "b"'), "the name 'title' is repeated"),
        (nested(levels=101), "nested too deeply, more than 100 levels"),
        (nested(levels=6000), "nested too deeply"),
        (with_record(r'"title": "\ud83d"'), "half of a surrogate pair"),
        (with_record(r'"title": "\u0000"'), "NUL"),
        (with_record(r'"\u0000": 1'), "NUL"),
        (with_record('"title": "\0"'), "control character"),
    ],
)
def test_what_is_not_json_is_400_and_says_why(installation, post, body, why):
    answer = post(body)
    assert (answer.status_code, answer.json["title"]) == (400, "The body is not JSON")
    assert why in answer.json["detail"]
    assert submissions(installation) == 0


@on_one_database
@pytest.mark.parametrize(
    "body",
    [
        with_record(r'"title": "\ud83d\ude00"'),
        with_record(r'"title": "\\u0000"'),
        with_record('"cost": 1e308'),
        b"\xef\xbb\xbf" + with_record('"cost": 1'),
        nested(levels=100),
    ],
)
def test_what_only_looks_like_it_is_taken(post, body):
    assert post(body).status_code == 202


@on_one_database
def test_a_body_over_the_limit_is_413_and_one_at_the_limit_is_taken(installation, post):
    body = json.dumps(NEEDS).encode()
    assert post(body + b" " * (LIMIT - len(body))).status_code == 202
    answer = post(body + b" " * (LIMIT - len(body) + 1))
    assert answer.status_code == 413
    assert f"at most {LIMIT:,} bytes" in answer.json["detail"]
    assert submissions(installation) == 1


@on_one_database
def test_a_body_that_does_not_tell_its_length_is_413_once_it_is_over_the_limit(installation):
    headers = {
        "Authorization": f"Bearer {installation.client.token('AL-WBCTi')}",
        "Idempotency-Key": "one",
        "Transfer-Encoding": "chunked",
    }
    for size, status in ((LIMIT, 202), (LIMIT + 1, 413)):
        answer = installation.client.http.post(
            SUBMISSIONS,
            input_stream=io.BytesIO(json.dumps(NEEDS).encode().ljust(size)),
            headers=headers | {"Idempotency-Key": str(size)},
            content_type="application/json",
            environ_overrides={"wsgi.input_terminated": True},
        )
        assert answer.status_code == status


@on_one_database
@pytest.mark.parametrize(
    "media_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""]
)
def test_a_body_that_came_as_something_else_is_415(installation, media_type):
    headers = {"Authorization": f"Bearer {installation.client.token('AL-WBCTi')}", "Idempotency-Key": "one"}
    answer = installation.client.http.post(
        SUBMISSIONS, data=json.dumps(NEEDS).encode(), headers=headers, content_type=media_type
    )
    assert answer.status_code == 415
    assert "send application/json" in answer.json["detail"]


# --- Idempotency ------------------------------------------------------------------------------------------------------


@on_one_database
@pytest.mark.parametrize("key", [None, "", "k" * 101, "tab\there"])
def test_a_post_without_a_usable_key_is_400(installation, key):
    headers = {"Authorization": f"Bearer {installation.client.token('AL-WBCTi')}"}
    headers |= {} if key is None else {"Idempotency-Key": key}
    answer = installation.client.http.post(SUBMISSIONS, json=NEEDS, headers=headers)
    assert (answer.status_code, answer.json["type"]) == (400, "urn:iisgd:problem:idempotency-key-is-missing")


def test_a_post_that_keeps_nothing_needs_no_key_and_one_that_comes_is_still_free(installation, post):
    before = installation.stored()
    headers = {"Authorization": f"Bearer {installation.client.token('AL-WBCTi')}"}
    path = "/validation/v1/check"
    assert installation.client.http.post(path, json=NEEDS, headers=headers).status_code == 200
    assert post(path=path, key="one").status_code == post(path=path, key="one").status_code == 200
    assert installation.stored() == before
    assert post(key="one").status_code == 202


def test_a_key_that_comes_again_gives_the_stored_answer_with_its_headers_and_no_second_effect(
    installation, post
):
    first = post(key="one")
    before = installation.stored()
    again = post(key="one")
    assert (again.status_code, again.json, again.headers["Location"]) == (
        202,
        first.json,
        first.headers["Location"],
    )
    assert again.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    assert installation.stored() == before


@on_one_database
def test_the_same_json_written_in_another_way_under_one_key_is_the_same_request(installation, post):
    body = deepcopy(NEEDS)
    body["records"][0] |= {"estimated_cost": 5, "title": "Posts at the border, č"}
    first = post(json.dumps(body).encode(), key="one")
    before = installation.stored()
    reversed_names = dict(reversed(body.items()))
    for written in (
        json.dumps(reversed_names, indent=2, ensure_ascii=False).encode(),
        b"\xef\xbb\xbf" + json.dumps(body, separators=(",", ":")).encode(),
        json.dumps(body).replace('"estimated_cost": 5', '"estimated_cost": 5.0').encode(),
    ):
        again = post(written, key="one")
        assert (again.status_code, again.json) == (202, first.json)
        assert again.headers["Idempotency-Replayed"] == "true"
    changed = post(json.dumps(body).replace('"estimated_cost": 5', '"estimated_cost": 6').encode(), key="one")
    assert changed.status_code == 422
    assert installation.stored() == before


@on_one_database
def test_a_body_may_say_that_it_is_not_encoded(installation):
    client = installation.client
    headers = client._headers("AL-WBCTi") | {"Idempotency-Key": new_id(), "Content-Encoding": "Identity"}
    assert client.http.post(SUBMISSIONS, json=NEEDS, headers=headers).status_code == 202
    headers |= {"Idempotency-Key": new_id(), "Content-Encoding": "gzip"}
    assert client.http.post(SUBMISSIONS, json=NEEDS, headers=headers).status_code == 415


def test_a_key_that_comes_again_with_another_body_or_to_another_place_is_422(installation, post):
    made = post(key="one").json["id"]
    before = installation.stored()
    other_body = post(NEEDS | {"tlp": "TLP:GREEN"}, key="one")
    withdrawal = {"version": 1, "reason": "Sent twice"}
    other_place = post(withdrawal, path=f"{SUBMISSIONS}/{made}/withdrawal", key="one")
    for answer in (other_body, other_place):
        assert (answer.status_code, answer.json["title"]) == (422, "The Idempotency-Key was used before")
    assert installation.stored() == before


def test_a_key_is_its_reporters_own(post):
    mine, theirs = post(key="one"), post(key="one", as_="RS-WBCTi")
    assert (mine.status_code, theirs.status_code) == (202, 202)
    assert mine.json["id"] != theirs.json["id"]


def test_a_request_that_was_refused_leaves_its_key_free(post):
    assert post(NEEDS | {"tlp": "TLP:PINK"}, key="one").status_code == 422
    assert post(key="one").status_code == 202


def test_requests_of_one_key_at_the_same_time_have_one_effect_and_one_answer(installation):
    headers = {"Authorization": f"Bearer {installation.client.token('AL-WBCTi')}", "Idempotency-Key": "one"}
    together = threading.Barrier(4)
    answers = []

    def post():
        client = installation.client.http.application.test_client()
        together.wait()
        answers.append(client.post(SUBMISSIONS, json=NEEDS, headers=headers))

    threads = [threading.Thread(target=post) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json["id"] for answer in answers}) == 1
    assert sorted("Idempotency-Replayed" in answer.headers for answer in answers) == [False, True, True, True]
    stored = installation.stored()
    assert (len(stored["entry.submissions"]), len(stored["bus.answers"])) == (1, 1)


@pytest.mark.parametrize("content_type", [None, "application/x-www-form-urlencoded", "application/json"])
def test_a_body_of_which_nothing_is_required_may_be_left_out(installation, content_type):
    client = installation.client
    headers = client._headers("SECRETARIAT") | {"Idempotency-Key": new_id()}
    made = client.post("/entry/v1/clients", json={"reporter": "EC", "label": "Portal"}, as_="SECRETARIAT")
    secrets = f"/entry/v1/clients/{made.json['id']}/secrets"
    answer = client.http.post(secrets, headers=headers, content_type=content_type)
    assert answer.status_code == 201, answer.text
    repeated = client.http.post(secrets, headers=headers, json={})
    assert (repeated.status_code, repeated.json["id"]) == (201, answer.json["id"])


@pytest.mark.parametrize(
    ("path", "content_type", "status"),
    [
        ("/entry/v1/submissions", "application/json", 400),
        ("/entry/v1/submissions", None, 415),
        ("/entry/v1/clients/any/keys", "application/json", 400),
    ],
)
def test_a_body_of_which_something_is_required_is_missed(installation, path, content_type, status):
    headers = installation.client._headers("AL-WBCTi") | {"Idempotency-Key": new_id()}
    answer = installation.client.http.post(path, headers=headers, content_type=content_type)
    assert answer.status_code == status


# --- Preconditions ----------------------------------------------------------------------------------------------------


def test_a_change_needs_the_etag_of_what_it_changes(installation):
    client = installation.client
    tag = client.get(BOARD, as_="SECRETARIAT").headers["ETag"]
    moved = MEETING | {"held_on": "2027-01-20"}
    before = installation.stored()
    without = client.put(BOARD, json=moved, as_="SECRETARIAT")
    stale = client.put(BOARD, json=moved, as_="SECRETARIAT", headers={"If-Match": '"another"'})
    assert (without.status_code, without.json["title"]) == (428, "A precondition is required")
    assert (stale.status_code, stale.json["title"]) == (412, "The precondition failed")
    assert installation.stored() == before
    new = client.put(f"{BOARD}-x", json=moved, as_="SECRETARIAT", headers={"If-Match": "*"})
    assert (new.status_code, "does not exist" in new.json["detail"]) == (412, True)
    done = client.put(BOARD, json=moved, as_="SECRETARIAT", headers={"If-Match": f'"another", {tag}'})
    assert done.status_code == 200
    assert done.headers["ETag"] == client.get(BOARD, as_="SECRETARIAT").headers["ETag"] != tag


# --- Traces -----------------------------------------------------------------------------------------------------------


def test_a_trace_follows_a_submission_through_every_service_and_back(installation, post):
    answer = post(headers={"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"})
    assert answer.headers["Trace-Id"] == TRACE
    installation.settle()
    with installation.engine.connect() as connection:
        told = connection.execute(
            select(events.c.name, events.c.producer).where(events.c.trace == TRACE)
        ).all()
        rung = connection.execute(
            select(deliveries.c.event, deliveries.c.subscriber, deliveries.c.state).where(
                deliveries.c.trace == TRACE
            )
        ).all()
    assert told == [
        ("submission.received.v1", "entry"),
        ("submission.accepted.v2", "validation"),
        ("submission.reported.v1", "reporting"),
    ]
    assert set(rung) == {
        ("submission.received.v1", "validation", "done"),
        ("submission.received.v1", "reporting", "done"),
        ("submission.received.v1", "notify", "done"),
        ("submission.accepted.v2", "entry", "done"),
        ("submission.accepted.v2", "reporting", "done"),
        ("submission.accepted.v2", "notify", "done"),
        ("submission.reported.v1", "entry", "done"),
    }  # fmt: skip


@on_one_database
def test_a_problem_bears_the_trace_that_the_client_began(post):
    answer = post(NEEDS | {"tlp": "TLP:PINK"}, headers={"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"})
    assert answer.json["instance"] == f"urn:iisgd:trace:{TRACE}"


@on_one_database
@pytest.mark.parametrize(
    "traceparent",
    [
        "",
        TRACE,
        f"00-{'0' * 32}-00f067aa0ba902b7-01",
        f"00-{'z' * 32}-00f067aa0ba902b7-01",
        f"00-{'é' * 32}-00f067aa0ba902b7-01",
        f"00-{TRACE}'; --00f067aa0ba902b7-01",
    ],
)
def test_what_is_no_traceparent_is_passed_over(post, traceparent):
    answer = post(headers={"traceparent": traceparent})
    assert answer.status_code == 202
    assert len(answer.headers["Trace-Id"]) == 36


# --- Names ------------------------------------------------------------------------------------------------------------

UNKNOWN = ("%00", "a%00b", "%ff", "%ed%a0%80", "%F0%9F%92%A9", "'", "x" * 2000)


def test_a_name_that_nothing_can_have_is_404_whatever_the_database_thinks_of_it(installation):
    for name in UNKNOWN:
        for path in (
            f"{SUBMISSIONS}/{name}",
            f"/validation/v1/verdicts/{name}",
            f"/validation/v1/rulesets/{name}",
            f"/notify/v1/meetings/{name}",
            f"/notify/v1/collections/{name}",
            f"/notify/v1/contacts/{name}",
        ):
            answer = installation.client.get(path, as_="SECRETARIAT")
            assert (answer.status_code, answer.mimetype) == (404, "application/problem+json"), path


def test_a_text_in_a_query_that_nothing_can_be_is_422(installation):
    for path in (SUBMISSIONS, "/notify/v1/mails", "/notify/v1/reminders"):
        answer = installation.client.get(f"{path}?after=2026-11-23.%00", as_="SECRETARIAT")
        assert (answer.status_code, pointers(answer)) == (422, {"/query/after"}), path


def test_nobody_can_set_what_has_a_name_that_nothing_can_have(installation):
    before = installation.stored()
    for name in ("%00", "x" * 65):
        assert (
            installation.client.put(
                f"/notify/v1/meetings/{name}", json=MEETING, as_="SECRETARIAT"
            ).status_code
            == 404
        )
    assert installation.stored() == before


@pytest.mark.parametrize(
    "claims",
    [
        {"role": "king"},
        {"role": ["member"]},
        {"partner": ["AL"]},
        {"pillars": "WBCTi"},
        {"exp": float("inf")},
        {"scope": ["read"]},
        {"client_id": 7},
        {"act": "AL-NC"},
        {"sub": "E" * 41},
    ],
)
def test_a_token_of_ours_that_says_what_none_of_ours_says_is_refused(installation, clock, claims):
    (key,) = installation.client.settings.keys.glob("*.private.pem")
    good = {
        "iss": "iisgd",
        "aud": "iisgd",
        "sub": "EC",
        "role": "member",
        "partner": None,
        "pillars": ["WBCTi"],
        "scope": "read",
    }
    good["exp"] = clock.now().timestamp() + 60
    kid = key.name.removesuffix(".private.pem")
    statuses = []
    for said in (good, good | claims):
        token = jwt.encode(said, key.read_bytes(), algorithm="EdDSA", headers={"kid": kid})
        headers = {"Authorization": f"Bearer {token}"}
        statuses.append(installation.client.http.get("/reporting/v1/aggregates", headers=headers).status_code)
    assert statuses == [200, 401]


def test_of_many_mistakes_the_first_hundred_are_shown_and_the_others_counted(post):
    answer = post({**NEEDS, **{f"unknown-{number}": 1 for number in range(250)}})
    assert answer.status_code == 422
    assert len(answer.json["errors"]) == 100
    assert answer.json["errors_left_out"] == 150


def test_a_name_that_comes_twice_is_found_among_thousands(post):
    names = ",".join(f'"{number:x}":0' for number in range(1_500))
    answer = post(b"{" + names.encode() + b',"z":1,"z":2}')
    assert answer.status_code == 400
    assert "the name 'z' is repeated" in answer.json["detail"]
