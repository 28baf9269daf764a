"""How a portal gets a token, and what it learns when it gets none."""

import base64
import logging
import threading
from dataclasses import replace
from datetime import timedelta

import jwt
import pytest
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select

from services.entry.app import SERVICE
from services.entry.audit.store import entries
from services.entry.clients.store.tables import clients, used_assertions
from shared.logs import configure
from shared.runtime.flask_app import build_flask
from tests.conftest import NOW, Client
from tests.entry.clients.portals import (
    CLIENTS,
    JWT_BEARER,
    TOKEN,
    TOKEN_URL,
    asked,
    basic,
    entry_for_all,
    pem_of,
    portal_of,
    refused,
    with_token,
)
from tests.entry.conftest import need

UNKNOWN = "The client is unknown or revoked, or the secret or key is not a live one of the client."

on_one_database = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def portal(entry):
    """A portal of AL-WBCTi."""
    return portal_of(entry, "AL-WBCTi")


@pytest.fixture
def key():
    return Ed25519PrivateKey.generate()


@pytest.fixture
def kid(portal, key):
    """The name of a key that the portal has given us."""
    return portal.may("keys", pem=pem_of(key)).json["kid"]


@pytest.fixture(scope="module")
def lasting(sqlite_files, tmp_path_factory, keys):
    """A portal of AL-WBCTi with a key, for all that is only refused."""
    with entry_for_all(sqlite_files, tmp_path_factory.mktemp("entry"), keys) as api:
        portal, key = portal_of(api, "AL-WBCTi"), Ed25519PrivateKey.generate()
        yield portal, key, portal.may("keys", pem=pem_of(key)).json["kid"]


def claims_of(answer):
    return jwt.decode(answer.json["access_token"], options={"verify_signature": False})


def rows(runtime_of, table):
    with runtime_of("entry").database.read() as tx:
        return list(tx.execute(select(table)))


# --- With a secret ----------------------------------------------------------------------------------------------------


def test_a_portal_gets_a_token_with_its_secret_and_hands_in_with_it(entry, portal):
    answer = portal.ask()
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert {name: answer.json[name] for name in ("token_type", "expires_in", "scope")} == {
        "token_type": "Bearer",
        "expires_in": 900,
        "scope": "read write",
    }
    handed_in = with_token(entry, answer, "POST", "/entry/v1/submissions", json=need())
    assert handed_in.status_code == 202, handed_in.text
    shown = with_token(entry, answer, "GET", handed_in.headers["Location"])
    assert shown.json["reporter"] == "AL-WBCTi"


@on_one_database
def test_a_token_says_who_it_is_for_and_ends_after_a_quarter_of_an_hour(entry, portal, clock):
    answer = portal.ask()
    said = claims_of(answer)
    assert {
        name: said[name] for name in ("iss", "aud", "sub", "role", "partner", "pillars", "client_id")
    } == {
        "iss": "iisgd",
        "aud": "iisgd",
        "sub": "AL-WBCTi",
        "role": "structure",
        "partner": "AL",
        "pillars": ["WBCTi"],
        "client_id": portal.id,
    }
    assert "act" not in said
    clock.advance(timedelta(minutes=14, seconds=59))
    assert with_token(entry, answer, "GET", CLIENTS).status_code == 200
    clock.advance(timedelta(seconds=1))
    assert with_token(entry, answer, "GET", CLIENTS).status_code == 401


def test_every_token_is_in_the_journal_with_the_client_and_where_it_called_from(portal, runtime_of):
    portal.ask(scope="read")
    (entry,) = (row for row in rows(runtime_of, entries) if row.action == "token.issued")
    assert (entry.actor, entry.client, entry.address) == ("AL-WBCTi", portal.id, "127.0.0.1")
    assert entry.detail == {"client": portal.id, "scopes": ["read"]}


@on_one_database
def test_what_is_done_with_a_token_is_written_down_with_its_client(entry, portal, runtime_of):
    handed_in = with_token(entry, portal.ask(), "POST", "/entry/v1/submissions", json=need())
    withdrawal = {"version": 1, "reason": "Sent twice"}
    path = f"{handed_in.headers['Location']}/withdrawal"
    assert with_token(entry, portal.ask(), "POST", path, json=withdrawal).status_code == 200
    (entry,) = (row for row in rows(runtime_of, entries) if row.action == "submission.withdrawn")
    assert (entry.actor, entry.client) == ("AL-WBCTi", portal.id)


@on_one_database
def test_neither_a_token_nor_a_secret_is_logged_even_where_everything_is(
    portal, settings, capsys, monkeypatch
):
    root = logging.getLogger()
    for name in ("handlers", "level"):
        monkeypatch.setattr(root, name, getattr(root, name))
    configure(replace(settings, log_level="DEBUG"), "web")
    logging.getLogger("library").debug("chatter")
    token = portal.ask().json["access_token"]
    assert portal.ask_in_form().status_code == 200
    assert portal.ask(client_secret=portal.secret).status_code == 400
    logged = capsys.readouterr().err
    assert "chatter" in logged
    assert TOKEN in logged
    assert token not in logged
    assert portal.secret not in logged


@pytest.mark.parametrize(
    ("scope", "given"),
    [("read", "read"), ("write", "write"), ("write read", "read write"), ("", "read write")],
)
def test_a_portal_may_ask_for_less_than_it_may_have(lasting, scope, given):
    portal, _, _ = lasting
    assert portal.ask(scope=scope).json["scope"] == given


@pytest.mark.parametrize("scope", ["write", "read write", "admin"])
def test_a_portal_cannot_have_more_than_it_may(lasting, scope):
    reading = portal_of(lasting[0].api, "AL-WBCTi", scopes=["read"])
    assert refused(reading.ask(scope=scope), "invalid_scope")
    assert reading.ask().json["scope"] == "read"


@on_one_database
def test_a_token_to_read_changes_nothing_and_one_to_write_shows_nothing(entry, portal):
    reading, writing = portal.ask(scope="read"), portal.ask(scope="write")
    path = "/entry/v1/submissions"
    assert with_token(entry, reading, "GET", path).status_code == 200
    assert with_token(entry, writing, "POST", path, json=need()).status_code == 202
    for answer, scope in (
        (with_token(entry, reading, "POST", path, json=need()), "write"),
        (with_token(entry, writing, "GET", path), "read"),
        (with_token(entry, writing, "GET", "/.well-known/oauth-authorization-server"), "read"),
    ):
        assert (answer.status_code, answer.json["type"]) == (403, "urn:iisgd:problem:scope-is-missing")
        assert answer.headers["WWW-Authenticate"] == f'Bearer error="insufficient_scope", scope="{scope}"'
        assert f"'{scope}'" in answer.json["detail"]


# --- Without one ------------------------------------------------------------------------------------------------------


def test_a_wrong_secret_and_a_client_that_does_not_exist_are_refused_alike(entry, portal):
    other = portal_of(entry, "RS-WBCTi")
    wrong = portal.ask(other.secret)
    missing = asked(entry, basic("00000000-0000-7000-8000-000000000000", portal.secret))
    for answer in (wrong, missing):
        assert refused(answer, "invalid_client", 401)
        assert answer.json["error_description"] == UNKNOWN
        assert answer.headers["WWW-Authenticate"] == 'Basic realm="iisgd"'


@on_one_database
@pytest.mark.parametrize(
    "mistyped", [lambda secret: secret[:-1], lambda secret: secret[:20] + "x" + secret[21:]]
)
def test_a_mistyped_secret_is_told_by_its_checksum_and_no_client_is_looked_up(portal, mistyped, runtime_of):
    clients.drop(runtime_of("entry").database.engine)
    answer = portal.ask(mistyped(portal.secret))
    assert refused(answer, "invalid_client", 401)
    assert "mistyped or cut off" in answer.json["error_description"]


@pytest.mark.parametrize(
    "authorization",
    [
        None,
        "Basic",
        "Basic !!!",
        "Basic " + base64.b64encode(b"\xff\xfe:\xff").decode(),
        "Basic " + base64.b64encode(b"nothing").decode(),
        "Basic " + base64.b64encode(b":").decode(),
        "Digest abc",
    ],
)
def test_who_shows_nothing_that_can_be_read_is_401(lasting, authorization):
    assert refused(asked(lasting[0].api, authorization), "invalid_client", 401)


def test_a_client_that_nothing_can_be_called_is_401_whatever_the_database_thinks_of_it(entry, portal):
    for name in ("%00", "a" * 5000, "\u00e9", "' OR 1=1 --"):
        assert refused(asked(entry, basic(name, portal.secret)), "invalid_client", 401), name


@pytest.mark.parametrize(
    ("body", "media_type", "status", "code"),
    [
        ("", "application/x-www-form-urlencoded", 400, "unsupported_grant_type"),
        ("grant_type=password", "application/x-www-form-urlencoded", 400, "unsupported_grant_type"),
        ("grant_type=a&grant_type=b", "application/x-www-form-urlencoded", 422, "invalid_request"),
        ("grant_type=%00", "application/x-www-form-urlencoded", 422, "invalid_request"),
        ("grant_type=%ff", "application/x-www-form-urlencoded", 422, "invalid_request"),
        (
            "&".join(f"x{at}=1" for at in range(60)),
            "application/x-www-form-urlencoded",
            422,
            "invalid_request",
        ),
        ("{}", "application/json", 415, "invalid_request"),
        ("x" * 6_000_000, "application/x-www-form-urlencoded", 413, "invalid_request"),
    ],
)
def test_what_is_no_request_for_a_token_is_refused_as_oauth_says(lasting, body, media_type, status, code):
    portal, _, _ = lasting
    headers = {"Authorization": basic(portal.id, portal.secret)}
    answer = portal.api.http.post(TOKEN, data=body, headers=headers, content_type=media_type)
    assert refused(answer, code, status)


@on_one_database
def test_a_secret_in_the_form_is_as_good_as_one_in_the_header(entry, portal):
    answer = portal.ask_in_form(scope="read")
    assert answer.status_code == 200, answer.text
    assert answer.json["scope"] == "read"
    assert with_token(entry, answer, "GET", "/entry/v1/submissions").status_code == 200


@pytest.mark.parametrize(
    ("form", "code", "status"),
    [
        ({"client_secret": "iisgd_" + 49 * "0"}, "invalid_client", 401),
        ({"client_secret": "hunter2"}, "invalid_client", 401),
        ({"client_secret": ""}, "invalid_client", 401),
        ({"client_id": "01a2142d-0503-7023-8584-bee0b85db1a8"}, "invalid_client", 401),
        ({"client_id": ""}, "invalid_client", 401),
        ({"client_id": "\u00e9"}, "invalid_client", 401),
        ({"client_assertion": "a.b.c", "client_assertion_type": JWT_BEARER}, "invalid_request", 400),
    ],
)
def test_a_form_that_does_not_authenticate_its_client_is_refused(lasting, form, code, status):
    portal, _, _ = lasting
    whole = {"client_id": portal.id, "client_secret": portal.secret} | form
    answer = asked(portal.api, None, **whole)
    assert refused(answer, code, status)
    assert portal.secret not in answer.text


@pytest.mark.parametrize(
    ("form", "code", "status"),
    [
        ({"client_secret": "{secret}"}, "invalid_request", 400),
        ({"client_secret": "{secret}", "client_id": "{id}"}, "invalid_request", 400),
        ({"client_assertion": "a.b.c", "client_assertion_type": JWT_BEARER}, "invalid_request", 400),
        ({"client_id": "01a2142d-0503-7023-8584-bee0b85db1a8"}, "invalid_request", 400),
        ({"client_id": "{id}"}, None, 200),
        ({"client_id": "", "client_secret": ""}, None, 200),
    ],
)
def test_a_client_authenticates_in_one_way_and_under_one_name(lasting, form, code, status):
    portal, _, _ = lasting
    sent = {name: text.format(secret=portal.secret, id=portal.id) for name, text in form.items()}
    answer = portal.ask(**sent)
    assert (answer.status_code, answer.json.get("error")) == (status, code)


def test_a_parameter_that_nobody_knows_is_passed_over(portal):
    assert portal.ask(resource="https://portal.example").status_code == 200


@on_one_database
def test_a_secret_that_was_ended_or_has_expired_opens_nothing(portal, clock):
    second = portal.may("secrets", days=30).json
    assert portal.ask(second["secret"]).status_code == 200
    assert portal.may(f"secrets/{portal.secret_id}/end").status_code == 200
    assert refused(portal.ask(), "invalid_client", 401)
    clock.advance(timedelta(days=30))
    assert refused(portal.ask(second["secret"]), "invalid_client", 401)


@on_one_database
def test_a_client_that_was_ended_gets_no_token_whatever_it_shows(portal, key, kid):
    assert portal.may("end").status_code == 200
    assert refused(portal.ask(), "invalid_client", 401)
    assert refused(portal.show(portal.sign(key, kid=kid)), "invalid_client", 401)


@on_one_database
def test_without_https_no_token_is_given_to_another_machine(settings, clock):
    app = build_flask([SERVICE], replace(settings, public_url="http://iisgd.example"), clock)
    answer = asked(Client(app.test_client(), settings, clock), None)
    assert refused(answer, "invalid_request")
    assert "https" in answer.json["error_description"]


# --- With a key -------------------------------------------------------------------------------------------------------


def test_a_portal_gets_a_token_with_what_it_signed_and_once_only(portal, key, kid, runtime_of):
    assertion = portal.sign(key, kid=kid)
    assert portal.show(assertion).json["scope"] == "read write"
    again = portal.show(assertion)
    assert refused(again, "invalid_client", 401)
    assert "used before" in again.json["error_description"]
    assert portal.show(portal.sign(key)).status_code == 200, "with one key, nobody needs to say which"
    assert len(rows(runtime_of, used_assertions)) == 2


def test_of_two_who_show_the_same_at_the_same_time_one_gets_a_token(portal, key, kid):
    assertion = portal.sign(key, kid=kid)
    statuses = []
    both = [
        threading.Thread(target=lambda: statuses.append(portal.show(assertion).status_code)) for _ in range(4)
    ]
    for each in both:
        each.start()
    for each in both:
        each.join()
    assert sorted(statuses) == [200, 401, 401, 401]


@on_one_database
def test_what_was_shown_is_remembered_until_it_would_be_refused_anyway(portal, key, kid, runtime_of, clock):
    forget = next(tick for tick in SERVICE.ticks if tick.name == "forget_assertions")
    assertion = portal.sign(key, kid=kid)
    portal.show(assertion)
    clock.advance(timedelta(minutes=2, seconds=29))
    forget.run(runtime_of("entry"))
    assert "used before" in portal.show(assertion).json["error_description"]
    clock.advance(timedelta(seconds=2))
    forget.run(runtime_of("entry"))
    assert rows(runtime_of, used_assertions) == []
    assert "expired" in portal.show(assertion).json["error_description"]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"aud": "https://another.example"}, TOKEN_URL),
        ({"aud": None}, TOKEN_URL),
        ({"iss": "another"}, "iss and sub"),
        ({"exp": 1}, "expired"),
        ({"exp": 99_999_999_999}, "too long"),
        ({"exp": 10**400}, "not a time"),
        ({"exp": None}, "exp"),
        ({"jti": None}, "jti"),
        ({"jti": 7}, "jti"),
        ({"jti": "x" * 101}, "jti"),
        ({"nbf": int((NOW + timedelta(seconds=31)).timestamp())}, "not valid yet"),
        ({"nbf": "soon"}, "nbf"),
        ({"nbf": 1e400}, "nbf"),
        ({"sub": None}, "sub"),
        ({"sub": "another"}, UNKNOWN),
        ({"sub": "\0"}, UNKNOWN),
    ],
)
def test_what_a_portal_signs_says_who_it_is_for_whom_and_ends_within_minutes(lasting, changes, says):
    portal, key, kid = lasting
    answer = portal.show(portal.sign(key, kid=kid, **changes))
    assert refused(answer, "invalid_client", 401)
    assert says in answer.json["error_description"]


@on_one_database
def test_a_portals_clock_may_be_half_a_minute_ahead(portal, key, kid):
    ahead = int((NOW + timedelta(seconds=30)).timestamp())
    assert portal.show(portal.sign(key, kid=kid, nbf=ahead, iat=ahead)).status_code == 200


@on_one_database
def test_the_issuer_may_be_named_in_place_of_the_address_of_tokens(portal, key, kid):
    assert portal.show(portal.sign(key, kid=kid, aud="http://127.0.0.1:8000")).status_code == 200


@on_one_database
def test_a_signature_of_another_kind_is_refused(portal, key, kid):
    claims = jwt.decode(portal.sign(key), options={"verify_signature": False})
    head, body, signature = portal.sign(key, kid=kid).split(".")
    unsigned = base64.urlsafe_b64encode(f'{{"alg":"none","kid":"{kid}"}}'.encode()).rstrip(b"=").decode()
    with_public_key_as_secret = jwt.encode(claims, "x" * 32, algorithm="HS256", headers={"kid": kid})
    for assertion in (
        portal.sign(Ed25519PrivateKey.generate(), kid=kid),
        portal.sign(key, kid="another"),
        f"{unsigned}.{body}.",
        f"{head}.{body}.{signature[:-4]}AAAA",
        with_public_key_as_secret,
        "nothing",
        "",
        f"{base64.urlsafe_b64encode(b'[' * 50_000).decode()}.{body}.{signature}",
    ):
        assert refused(portal.show(assertion), "invalid_client", 401), assertion[:60]
    assert refused(
        asked(portal.api, None, client_assertion_type="saml", client_assertion="x"), "invalid_client", 401
    )


@on_one_database
def test_of_two_keys_the_header_says_which_and_an_ended_one_opens_nothing(portal, key, kid):
    second = Ed25519PrivateKey.generate()
    second_kid = portal.may("keys", pem=pem_of(second)).json["kid"]
    assert portal.show(portal.sign(second, kid=second_kid)).status_code == 200
    unnamed = portal.show(portal.sign(second))
    assert refused(unnamed, "invalid_client", 401)
    assert "kid" in unnamed.json["error_description"]
    assert portal.may(f"keys/{kid}/end").status_code == 200
    assert refused(portal.show(portal.sign(key, kid=kid)), "invalid_client", 401)
    assert portal.show(portal.sign(second)).status_code == 200


@on_one_database
def test_a_portal_that_says_beside_that_it_is_another_is_refused(portal, key, kid):
    assert portal.show(portal.sign(key, kid=kid), client_id=portal.id).status_code == 200
    assert refused(portal.show(portal.sign(key, kid=kid), client_id="another"), "invalid_client", 401)


# --- For another ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("structure", ["AL-WBCTi", "AL-WBBSi"])
def test_a_coordinator_acts_for_the_structures_of_its_partner_and_it_is_seen_who_acted(
    entry, structure, runtime_of
):
    answer = portal_of(entry, "AL-NC").ask(act_for=structure)
    said = claims_of(answer)
    assert (said["sub"], said["role"], said["pillars"]) == (
        structure,
        "structure",
        [structure.partition("-")[2]],
    )
    assert said["act"] == {"sub": "AL-NC"}
    body = need(pillar=structure.partition("-")[2])
    handed_in = with_token(entry, answer, "POST", "/entry/v1/submissions", json=body)
    assert entry.get(handed_in.headers["Location"], as_=structure).json["reporter"] == structure
    (noted,) = (row for row in rows(runtime_of, entries) if row.action == "submission.received")
    assert (noted.actor, noted.reporter) == ("AL-NC", structure)


def test_a_backup_acts_until_its_delegation_ends(entry, clock):
    backup = portal_of(entry, "AL-WBCSCi")
    assert refused(backup.ask(act_for="AL-WBCTi"), "invalid_grant")
    body = {"to": "AL-WBCSCi", "expires_on": "2026-11-24", "reason": "Leave of the desk officer."}
    given = entry.post("/entry/v1/delegations", json=body, as_="AL-WBCTi")
    assert claims_of(backup.ask(act_for="AL-WBCTi"))["act"] == {"sub": "AL-WBCSCi"}
    clock.advance(timedelta(days=2))
    assert refused(backup.ask(act_for="AL-WBCTi"), "invalid_grant"), "its day is over"
    body["expires_on"] = "2026-12-24"
    given = entry.post("/entry/v1/delegations", json=body, as_="AL-WBCTi").json["id"]
    assert backup.ask(act_for="AL-WBCTi").status_code == 200
    entry.post(f"/entry/v1/delegations/{given}/end", json={"reason": "Back again."}, as_="AL-WBCTi")
    assert refused(backup.ask(act_for="AL-WBCTi"), "invalid_grant"), "it was ended"


def test_a_structure_that_does_not_exist_is_refused_as_one_that_named_another(entry):
    answers = [
        portal_of(entry, reporter).ask(act_for=structure)
        for reporter in ("AL-WBBSi", "RS-NC", "UNODC", "SECRETARIAT")
        for structure in ("AL-WBCTi", "AL-WBX", "AL-NC", "UNODC" if reporter != "UNODC" else "EC", "")
    ]
    assert all(refused(answer, "invalid_grant") for answer in answers)
    assert len({answer.json["error_description"].partition(" ")[2] for answer in answers}) == 1


@on_one_database
def test_who_acts_for_itself_acts_for_nobody(portal):
    assert "act" not in claims_of(portal.ask(act_for="AL-WBCTi"))


# --- What is published ------------------------------------------------------------------------------------------------


@on_one_database
def test_anybody_can_check_our_tokens_with_the_keys_that_we_publish(entry, portal):
    published = entry.http.get("/entry/oauth/jwks.json")
    assert published.headers["Cache-Control"] == "public, max-age=300"
    token = portal.ask().json["access_token"]
    named = jwt.get_unverified_header(token)["kid"]
    (given,) = (each for each in published.json["keys"] if each["kid"] == named)
    claims = jwt.decode(token, jwt.PyJWK(given), audience="iisgd", options={"verify_exp": False})
    assert claims["sub"] == "AL-WBCTi"
    assert "d" not in given


@on_one_database
def test_the_metadata_says_what_is_asked_where_and_that_is_so(entry, portal):
    said = entry.http.get("/.well-known/oauth-authorization-server").json
    # Authlib misses response types: there are none, since nobody is asked for consent.
    AuthorizationServerMetadata(said | {"response_types_supported": ["none"]}).validate()
    assert said["issuer"] == "http://127.0.0.1:8000"
    assert said["token_endpoint"] == TOKEN_URL
    assert entry.http.get(said["jwks_uri"].removeprefix(said["issuer"])).status_code == 200
    assert set(said["token_endpoint_auth_methods_supported"]) == {
        "client_secret_basic",
        "client_secret_post",
        "private_key_jwt",
    }
    (grant,) = said["grant_types_supported"]
    assert asked(entry, basic(portal.id, portal.secret), grant_type=grant).status_code == 200
