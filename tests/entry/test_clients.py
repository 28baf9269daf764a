"""Clients with their secrets and keys, and delegations: who may make, see and end them."""

import re
import threading
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from services.entry.formats.secrets import RANDOM_BYTES, hash_of, is_whole, secret_of
from services.entry.store.tables import client_secrets, journal
from shared.bus.store import metadata as bus
from shared.ids import new_id
from tests.entry.portals import CLIENTS, entry_for_all, pem_of, portal_of, refused, with_token

DELEGATIONS = "/entry/v1/delegations"
BACKUP = {"to": "AL-NC", "expires_on": "2026-12-24", "reason": "Leave of the desk officer."}
WHY = {"reason": "It leaked."}

on_one_database = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def portal(entry):
    """A portal of AL-WBCTi."""
    return portal_of(entry, "AL-WBCTi")


@pytest.fixture(scope="module")
def lasting(sqlite_files, tmp_path_factory, keys):
    """entry, for all that is only refused."""
    with entry_for_all(sqlite_files, tmp_path_factory.mktemp("entry"), keys) as api:
        yield api


def rows(runtime_of, table):
    with runtime_of("entry").database.read() as tx:
        return list(tx.execute(select(table)))


def listed(entry, as_):
    return {each["id"]: each for each in entry.get(CLIENTS, as_=as_).json["items"]}


# --- Secrets ----------------------------------------------------------------------------------------------------------


@given(
    st.binary(min_size=RANDOM_BYTES, max_size=RANDOM_BYTES), st.integers(0, 54), st.characters(codec="ascii")
)
def test_a_secret_is_whole_and_is_not_with_any_other_character_in_any_place(random, place, character):
    secret = secret_of(random)
    assert re.fullmatch(r"iisgd_[0-9A-Za-z]{49}", secret)
    assert is_whole(secret)
    changed = secret[:place] + character + secret[place + 1 :]
    assert is_whole(changed) == (changed == secret)
    assert not is_whole(secret[:place])
    assert not is_whole(secret + character)


@given(
    st.binary(min_size=RANDOM_BYTES, max_size=RANDOM_BYTES),
    st.binary(min_size=RANDOM_BYTES, max_size=RANDOM_BYTES),
)
def test_of_two_random_numbers_two_secrets_are_made(one, other):
    assert (secret_of(one) == secret_of(other)) == (one == other)


def test_a_secret_is_shown_once_and_nowhere_kept(entry, portal, runtime_of):
    path, key = f"{CLIENTS}/{portal.id}/secrets", new_id()
    first = entry.post(path, json={}, as_="AL-WBCTi", key=key)
    again = entry.post(path, json={}, as_="AL-WBCTi", key=key)
    assert first.headers["Cache-Control"] == "no-store"
    assert is_whole(first.json["secret"])
    assert again.json == first.json | {"secret": None}
    assert first.json["secret"] not in entry.get(CLIENTS, as_="AL-WBCTi").text
    (answers,) = (table for table in bus.tables.values() if table.name == "answers")
    stored = [str(rows(runtime_of, table)) for table in (client_secrets, journal, answers)]
    assert hash_of(first.json["secret"]) in stored[0]
    assert all(portal.secret not in each and first.json["secret"] not in each for each in stored)


@on_one_database
def test_a_client_changes_from_one_secret_to_the_next_without_a_gap_and_has_no_third(entry, portal):
    path = f"{CLIENTS}/{portal.id}/secrets"
    second = entry.post(path, json={"days": 30}, as_="AL-WBCTi")
    assert (second.status_code, second.json["expires_at"]) == (201, "2026-12-23T09:00:00.000Z")
    assert portal.ask().status_code == portal.ask(second.json["secret"]).status_code == 200
    third = entry.post(path, json={}, as_="AL-WBCTi")
    assert third.status_code == 409
    assert portal.secret[-4:] in third.json["detail"]
    assert entry.post(f"{path}/{portal.secret_id}/end", json=WHY, as_="AL-WBCTi").status_code == 200
    assert entry.post(path, json={}, as_="AL-WBCTi").status_code == 201
    assert refused(portal.ask(), "invalid_client", 401)
    assert portal.ask(second.json["secret"]).status_code == 200


def test_two_who_make_a_second_secret_at_once_do_not_leave_three(entry, portal):
    statuses = []
    path = f"{CLIENTS}/{portal.id}/secrets"
    makers = [
        threading.Thread(
            target=lambda: statuses.append(entry.post(path, json={}, as_="AL-WBCTi").status_code)
        )
        for _ in range(4)
    ]
    for each in makers:
        each.start()
    for each in makers:
        each.join()
    assert sorted(statuses) == [201, 409, 409, 409]


@on_one_database
def test_a_secret_that_has_expired_leaves_room_for_the_next(entry, portal, clock):
    path = f"{CLIENTS}/{portal.id}/secrets"
    assert entry.post(path, json={"days": 1}, as_="AL-WBCTi").status_code == 201
    clock.advance(timedelta(days=1))
    assert entry.post(path, json={}, as_="AL-WBCTi").status_code == 201


@on_one_database
def test_it_is_seen_when_a_secret_was_last_used(entry, portal, clock):
    (secret,) = listed(entry, "AL-WBCTi")[portal.id]["secrets"]
    assert secret["last_used_at"] is None
    clock.advance(timedelta(minutes=1))
    portal.ask()
    (secret,) = listed(entry, "AL-WBCTi")[portal.id]["secrets"]
    assert (secret["last_used_at"], secret["hint"]) == ("2026-11-23T09:01:00.000Z", portal.secret[-4:])


# --- Keys -------------------------------------------------------------------------------------------------------------


@on_one_database
@pytest.mark.parametrize(
    ("key", "algorithm"),
    [
        (Ed25519PrivateKey.generate(), "EdDSA"),
        (ec.generate_private_key(ec.SECP256R1()), "ES256"),
        (rsa.generate_private_key(65537, 2048), "RS256"),
    ],
    ids=["Ed25519", "EC", "RSA"],
)
def test_a_public_key_is_taken_and_shown_without_anything_that_is_private(portal, key, algorithm):
    made = portal.may("keys", pem=pem_of(key))
    assert made.status_code == 201, made.text
    assert made.json["jwk"]["alg"] == algorithm
    assert not {"d", "p", "q"} & made.json["jwk"].keys()
    again = portal.may("keys", jwk=made.json["jwk"])
    assert (again.status_code, again.json["type"]) == (409, "urn:iisgd:problem:key-is-known")


ED25519 = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({}, "either pem or jwk"),
        ({"pem": "x", "jwk": {}}, "either pem or jwk"),
        ({"pem": "nothing"}, "The key cannot be read"),
        ({"pem": "-----BEGIN PRIVATE KEY-----\n"}, "a private key"),
        ({"pem": pem_of(ec.generate_private_key(ec.SECP384R1()))}, "another type"),
        ({"pem": pem_of(rsa.generate_private_key(65537, 1024))}, "type or length"),
        ({"jwk": ED25519 | {"d": "x"}}, "a private key"),
        ({"jwk": {"kty": "oct", "k": "c2VjcmV0"}}, "a private key"),
        ({"jwk": {"kty": "oct"}}, "The key cannot be read"),
        ({"jwk": {"kty": ["RSA"], "n": {}, "e": 7}}, "The key cannot be read"),
        ({"jwk": {"kty": "RSA", "n": "A" * 6000, "e": "AQAB"}}, "The key is too long"),
        ({"jwk": ED25519 | {"kid": ""}}, "kid"),
        ({"jwk": ED25519 | {"kid": 7}}, "kid"),
        ({"jwk": ED25519 | {"kid": "x" * 101}}, "kid"),
    ],
)  # fmt: skip
def test_what_is_no_public_key_for_us_is_refused_with_what_would_be(lasting, body, says):
    portal = portal_of(lasting, "AL-WBCTi")
    answer = portal.may("keys", **body)
    assert answer.status_code == 422
    assert says in answer.json["errors"][0]["message"]
    assert listed(lasting, "AL-WBCTi")[portal.id]["keys"] == []


@on_one_database
def test_a_key_that_was_ended_stays_ended(portal):
    jwk = ED25519 | {"kid": "one"}
    assert portal.may("keys", jwk=jwk).status_code == 201
    assert portal.may("keys/one/end").status_code == 200
    for answer in (portal.may("keys/one/end"), portal.may("keys", jwk=jwk)):
        assert answer.status_code == 409
    assert portal.may("keys/two/end").status_code == 404


@on_one_database
def test_a_client_has_no_third_key(portal):
    statuses = [portal.may("keys", jwk=ED25519 | {"kid": kid}).status_code for kid in ("one", "two", "three")]
    assert statuses == [201, 201, 409]


# --- Clients ----------------------------------------------------------------------------------------------------------


def test_a_reporter_sees_its_own_clients_and_the_secretariat_sees_all(entry, portal):
    other = portal_of(entry, "RS-WBCTi")
    assert listed(entry, "AL-WBCTi").keys() == {portal.id}
    assert listed(entry, "RS-WBCTi").keys() == {other.id}
    assert listed(entry, "AL-NC").keys() == set(), "a coordinator's own: a structure's are the structure's"
    assert listed(entry, "SECRETARIAT").keys() == {portal.id, other.id}


@on_one_database
def test_clients_are_listed_in_pages(entry):
    made = [portal_of(entry, "EC").id for _ in range(3)]
    first = entry.get(f"{CLIENTS}?limit=2", as_="EC").json
    rest = entry.get(f"{CLIENTS}?limit=2&after={first['next']}", as_="EC").json
    assert [each["id"] for each in first["items"] + rest["items"]] == made[::-1]
    assert rest["next"] is None


@pytest.mark.parametrize("below", ["secrets", "keys", "secrets/{secret}/end", "keys/one/end"])
def test_a_foreign_client_is_answered_exactly_like_one_that_does_not_exist(entry, portal, below):
    portal.may("keys", jwk=ED25519 | {"kid": "one"})
    path = below.format(secret=portal.secret_id)
    body = WHY if below.endswith("end") else {"jwk": ED25519} if below == "keys" else {}
    answers = [
        entry.post(f"{CLIENTS}/{client}/{path}", json=body, as_="AL-WBBSi")
        for client in (portal.id, "00000000-0000-7000-8000-000000000000")
    ]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].json["detail"] == answers[1].json["detail"]
    assert portal.ask().status_code == 200


@on_one_database
def test_nothing_can_be_changed_in_an_ended_client(portal):
    assert portal.may("end").status_code == 200
    for below, body in (("end", {}), ("secrets", {}), ("keys", {"jwk": ED25519})):
        answer = portal.may(below, **body)
        assert (answer.status_code, answer.json["type"]) == (409, "urn:iisgd:problem:client-is-ended")
    assert portal.may(f"secrets/{portal.secret_id}/end").status_code == 409


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"reporter": "AL-WBX", "label": "Portal"}, "/reporter"),
        ({"reporter": "AL-WBCTi", "label": "x"}, "/label"),
        ({"reporter": "AL-WBCTi", "label": "Portal", "scopes": ["admin"]}, "/scopes/0"),
        ({"reporter": "AL-WBCTi", "label": "Portal", "scopes": []}, "/scopes"),
    ],
)
def test_a_client_is_of_somebody_and_for_something(lasting, body, pointer):
    answer = lasting.post(CLIENTS, json=body, as_="SECRETARIAT")
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, pointer)


@on_one_database
def test_what_is_done_about_clients_is_in_the_journal(entry, portal, runtime_of):
    portal.may(f"secrets/{portal.secret_id}/end")
    portal.may("keys", jwk=ED25519 | {"kid": "one"})
    portal.may("keys/one/end")
    portal.may("end")
    noted = sorted(rows(runtime_of, journal), key=lambda row: row.id)
    actions = ["client.made", "secret.made", "secret.ended", "key.made", "key.ended", "client.ended"]
    assert [row.action for row in noted] == actions
    assert {(row.actor, row.reporter, row.partner, row.detail["client"]) for row in noted} == {
        ("SECRETARIAT", "AL-WBCTi", "AL", portal.id)
    }


# --- Delegations ------------------------------------------------------------------------------------------------------


def test_a_delegation_is_seen_by_both_by_the_coordinator_and_by_nobody_else(entry):
    given_ = entry.post(DELEGATIONS, json=BACKUP | {"to": "AL-WBBSi"}, as_="AL-WBCTi")
    assert given_.status_code == 201, given_.text
    seen_by = {
        code: [each["id"] for each in entry.get(DELEGATIONS, as_=code).json["items"]]
        for code in ("AL-WBCTi", "AL-WBBSi", "AL-WBCSCi", "AL-NC", "RS-NC", "SECRETARIAT")
    }
    mine = [given_.json["id"]]
    assert seen_by == {
        "AL-WBCTi": mine,
        "AL-WBBSi": mine,
        "AL-WBCSCi": [],
        "AL-NC": mine,
        "RS-NC": [],
        "SECRETARIAT": mine,
    }


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"to": "RS-WBCTi"}, "/to"),
        ({"to": "RS-NC"}, "/to"),
        ({"to": "UNODC"}, "/to"),
        ({"to": "AL-WBCTi"}, "/to"),
        ({"expires_on": "2026-11-22"}, "/expires_on"),
        ({"expires_on": "2027-11-25"}, "/expires_on"),
        ({"expires_on": None}, "/expires_on"),
        ({"reason": ""}, "/reason"),
    ],
)
def test_a_backup_is_of_the_same_partner_and_for_a_while(lasting, changes, pointer):
    answer = lasting.post(DELEGATIONS, json=BACKUP | changes, as_="AL-WBCTi")
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, pointer)


@on_one_database
def test_who_gave_a_delegation_ends_it_and_who_has_it_does_not(entry):
    given_ = entry.post(DELEGATIONS, json=BACKUP | {"to": "AL-WBBSi"}, as_="AL-WBCTi").json["id"]
    path = f"{DELEGATIONS}/{given_}/end"
    assert entry.post(path, json=WHY, as_="AL-WBBSi").status_code == 404
    assert entry.post(path, json=WHY, as_="AL-WBCTi").json["ended_at"] == "2026-11-23T09:00:00.000Z"
    over = entry.post(path, json=WHY, as_="SECRETARIAT")
    assert (over.status_code, over.json["type"]) == (409, "urn:iisgd:problem:delegation-is-over")


@on_one_database
def test_who_acts_for_a_structure_makes_itself_no_way_in_that_lasts(entry, portal):
    acting = portal_of(entry, "AL-NC").ask(act_for="AL-WBCTi")
    given_ = entry.post(DELEGATIONS, json=BACKUP, as_="AL-WBCTi").json["id"]
    for path, body in (
        (f"{CLIENTS}/{portal.id}/secrets", {}),
        (f"{CLIENTS}/{portal.id}/secrets/{portal.secret_id}/end", WHY),
        (f"{CLIENTS}/{portal.id}/keys", {"jwk": ED25519}),
        (f"{CLIENTS}/{portal.id}/keys/one/end", WHY),
        (DELEGATIONS, BACKUP | {"to": "AL-WBBSi"}),
        (f"{DELEGATIONS}/{given_}/end", WHY),
    ):
        answer = with_token(entry, acting, "POST", path, json=body)
        assert (answer.status_code, answer.json["type"]) == (403, "urn:iisgd:problem:acting-may-not"), path
