"""One thing, two spellings: a ref is one record however its accents are encoded, from intake to figures and reports."""

import json
from copy import deepcopy
from urllib.parse import urlencode

import pytest

from services.entry.files.domain.media_types import CSV, NDJSON
from shared.ids import new_id
from tests.entry.tables import flat
from tests.in_process import NEEDS, SUPPORTS, installed
from tests.validation.conftest import NEED, SUPPORT

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

SUBMISSIONS = "/entry/v1/submissions"
COMPOSED, DECOMPOSED = "\u0160-1", "S\u030c-1"


@pytest.fixture
def installation(settings, clock):
    with installed(settings, clock) as made:
        yield made


@pytest.fixture
def shown(installation):
    return lambda id_: installation.client.get(f"{SUBMISSIONS}/{id_}", as_="AL-WBCTi").json


def need(ref: str, **changes):
    return deepcopy(NEED) | {"ref": ref} | changes


def total(installation) -> dict:
    answer = installation.client.get("/reporting/v1/aggregates?kind=need", as_="AL-WBCTi")
    return answer.json["total"]


def places_of(found, rule):
    return [place for each in found["findings"] if each["rule"] == rule for place in each["places"]]


def hand_in_file(installation, content: bytes, media_type: str, **said):
    mapping = {name: NEEDS[name] for name in ("pillar", "kind", "period", "tlp")}
    answer = installation.client.http.post(
        f"/entry/v1/files?{urlencode(mapping | said)}",
        data=content,
        headers=installation.client._headers("AL-WBCTi") | {"Idempotency-Key": new_id()},
        content_type=media_type,
    )
    installation.settle()
    return answer.json["id"]


def test_one_ref_in_two_encodings_is_one_record_in_every_channel(installation, shown):
    id_ = installation.hand_in(NEEDS | {"records": [need(COMPOSED), need("CT-2")]})
    correction = {"supersedes": {"submission": id_, "version": 1}}
    installation.hand_in(NEEDS | {"records": [need(DECOMPOSED, title="Another title here")]} | correction)
    found = shown(id_)
    assert (found["state"], found["version"], found["records"]) == ("accepted", 2, 2)
    path = f"{SUBMISSIONS}/{id_}/versions/2/records.json"
    records = installation.client.get(path, as_="AL-WBCTi").json["records"]
    assert {each["ref"] for each in records} == {DECOMPOSED, "CT-2"}, "it is returned as it was sent"
    diff = installation.client.get(f"{SUBMISSIONS}/{id_}/diff?from=1&to=2", as_="AL-WBCTi").json
    assert (diff["added"], diff["withdrawn"]) == ([], [])
    assert total(installation)["records"] == 2
    row = flat(need(COMPOSED, title="A third title here"))
    table = (";".join(row) + "\n" + ";".join(map(str, row.values()))).encode()
    hand_in_file(installation, table, CSV, supersedes=id_, version=2)
    lines = json.dumps(need(DECOMPOSED, title="A fourth title"), ensure_ascii=False).encode()
    hand_in_file(installation, lines, NDJSON, supersedes=id_, version=3)
    assert (shown(id_)["state"], shown(id_)["records"], total(installation)["records"]) == ("accepted", 2, 2)


def test_one_ref_in_two_encodings_counts_once_over_two_submissions(installation):
    for ref in (COMPOSED, DECOMPOSED):
        installation.hand_in(NEEDS | {"records": [need(ref)]})
    assert total(installation)["records"] == 1


def test_one_ref_in_two_encodings_in_one_submission_is_used_twice(installation, shown):
    found = shown(installation.hand_in(NEEDS | {"records": [need(COMPOSED), need(DECOMPOSED)]}))
    assert found["state"] == "returned"
    assert len(places_of(found, "GEN-01")) == 2


def test_a_record_is_withdrawn_in_the_other_encoding(installation, shown):
    id_ = installation.hand_in(NEEDS | {"records": [need(COMPOSED), need("CT-2")]})
    body = {"version": 1, "refs": [DECOMPOSED], "reason": "It was reported in error."}
    path = f"{SUBMISSIONS}/{id_}/records/withdrawal"
    assert installation.client.post(path, json=body, as_="AL-WBCTi").status_code == 202
    installation.settle()
    assert (shown(id_)["records"], total(installation)["records"]) == (1, 1)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("AL-CT-1", "\u0410L-CT-1"),
        ("AL-CT-7", "AL-CT-007"),
        ("AL CT 7", "ALCT7"),
        ("AL-CT-O1", "AL-CT-01"),
    ],
)
def test_refs_that_look_alike_are_a_finding_that_names_the_other(installation, shown, one, other):
    both = shown(installation.hand_in(NEEDS | {"records": [need(one), need(other)]}))
    assert both["state"] == "accepted"
    assert [place["ref"] for place in places_of(both, "GEN-301")] == [one, other]
    assert f'"{other}"' in places_of(both, "GEN-301")[0]["message"]


def test_a_ref_that_looks_like_an_earlier_one_is_a_finding_for_its_reporter_alone(installation, shown):
    installation.hand_in(NEEDS | {"records": [need("AL-CT-1"), need("AL-CT-01")]})
    later = shown(installation.hand_in(NEEDS | {"records": [need("\u0410L-CT-1")]}))
    (place,) = places_of(later, "GEN-302")
    assert '"AL-CT-01", "AL-CT-1"' in place["message"]
    assert '"AL-CT-01", "AL-CT-1"' in place["expected"]
    assert "character 1 of '\u0410L-CT-1' is Cyrillic" in place["message"]
    support = SUPPORTS | {"records": [deepcopy(SUPPORT) | {"ref": "S-1"}]}
    installation.hand_in(support, as_="UNODC")
    other = installation.hand_in(
        SUPPORTS | {"records": [deepcopy(SUPPORT) | {"ref": "\u0405-1"}]}, as_="CEPOL"
    )
    assert places_of(installation.client.get(f"{SUBMISSIONS}/{other}", as_="CEPOL").json, "GEN-302") == []


def test_a_corrected_ref_is_not_compared_with_the_version_that_it_corrects(installation, shown):
    id_ = installation.hand_in(NEEDS | {"records": [need("AL-CT-7")]})
    correction = {"supersedes": {"submission": id_, "version": 1}, "mode": "replace"}
    installation.hand_in(NEEDS | {"records": [need("AL-CT-007")]} | correction)
    assert (shown(id_)["state"], places_of(shown(id_), "GEN-302")) == ("accepted", [])


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("cross_border_with", ["\u0410L"], ("the \u0410 is Cyrillic (character 1)", "AL")),
        ("cross_border_with", ["X\u039a"], ("the \u039a is Greek (character 2)", "XK")),
        ("currency", "EUR\u200b", ("character 4 cannot be seen (U+200B ZERO WIDTH SPACE)", "EUR")),
        ("currency", "\uff25\uff35\uff32", ("is full-width (character 1)", "EUR")),
        ("ref", "CT\u00a07", ("character 3 is a special blank (U+00A0 NO-BREAK SPACE)", '"CT 7"')),
        ("ref", "CT-7\u200b", ("character 5 cannot be seen (U+200B ZERO WIDTH SPACE)", '"CT-7"')),
    ],
)
def test_a_look_alike_in_a_code_is_explained_and_the_code_is_suggested(
    installation, shown, field, value, words
):
    found = shown(installation.hand_in(NEEDS | {"records": [need("CT-1") | {field: value}]}))
    assert found["state"] == "returned"
    texts = [place["message"] + place["expected"] for each in found["findings"] for place in each["places"]]
    assert any(all(word in text for word in words) for text in texts), texts


def test_a_code_is_compared_in_nfc(installation, shown):
    # A Kelvin sign is a K in NFC.
    id_ = installation.hand_in(NEEDS | {"records": [need("CT-1") | {"cross_border_with": ["X\u212a"]}]})
    assert shown(id_)["state"] == "accepted"
