"""Files come by the same door: kept as they are, read soon after, judged by the same rules."""

import csv
import hashlib
import io
import json
from copy import deepcopy
from typing import Any
from urllib.parse import urlencode

import pytest
import xlsxwriter
from sqlalchemy import select

from services.entry.files.domain.media_types import CSV, JSON, NDJSON, XLSX, XML
from services.entry.submissions.operations.receipts import read_receipt
from shared.bus.store import deliveries
from shared.ids import new_id
from tests.entry.tables import flat
from tests.in_process import NEEDS, installed
from tests.validation.conftest import NEED

SUBMISSIONS = "/entry/v1/submissions"
MAPPING = {name: NEEDS[name] for name in ("pillar", "kind", "period", "tlp")}
RECORDS = [
    deepcopy(NEED) | {"ref": "CT-1"},
    deepcopy(NEED) | {"ref": "CT-2", "title": "Not Applicable", "priority_level": "urgent"},
    deepcopy(NEED) | {"ref": "CT-3", "target_date": "2026-02-30", "estimated_cost": "about 5,000"},
]
"""One that nothing stands against, and two with faults that every format can carry."""


@pytest.fixture
def installation(settings, clock):
    with installed(settings, clock) as made:
        yield made


@pytest.fixture
def hand_in(installation):
    """Hand in a file and let it be read and judged; the answer."""

    def hand_in(content: bytes, media_type: str, *, as_: str = "AL-WBCTi", **said: Any):
        answer = installation.client.http.post(
            f"/entry/v1/files?{urlencode(MAPPING | said)}",
            data=content,
            headers=installation.client._headers(as_) | {"Idempotency-Key": new_id()},
            content_type=media_type,
        )
        installation.settle()
        return answer

    return hand_in


@pytest.fixture
def shown(installation):
    return lambda id_: installation.client.get(f"{SUBMISSIONS}/{id_}", as_="AL-WBCTi").json


def as_json(records: list[dict[str, Any]]) -> bytes:
    return json.dumps({"records": records}).encode()


def as_ndjson(records: list[dict[str, Any]]) -> bytes:
    return "".join(json.dumps(record) + "\n" for record in records).encode()


def as_csv(records: list[dict[str, Any]]) -> bytes:
    rows = [flat(record) for record in records]
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def as_xlsx(records: list[dict[str, Any]], *, above: str = "") -> bytes:
    rows = [flat(record) for record in records]
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as book:
        sheet = book.add_worksheet("Needs")
        first = 2 if above else 0
        if above:
            sheet.merge_range(0, 0, 0, len(rows[0]) - 1, above)
        for column, name in enumerate(rows[0]):
            sheet.write_string(first, column, name)
            for at, row in enumerate(rows, start=first + 1):
                sheet.write(at, column, row[name])
    return content.getvalue()


DOORS = {JSON: as_json, NDJSON: as_ndjson, CSV: as_csv, XLSX: as_xlsx}


TABLES = (CSV, XLSX)


def places_of(findings: list[dict[str, Any]]) -> list[Any]:
    """Where each rule found what."""
    return [
        (each["rule"], each["count"], [(place["pointer"], place["value"]) for place in each["places"]])
        for each in findings
    ]


def said_of(findings: list[dict[str, Any]]) -> list[Any]:
    """Findings but for where in a file they are."""
    in_file = ("sheet", "row", "cell", "heading")
    return [
        each | {"places": [{n: v for n, v in place.items() if n not in in_file} for place in each["places"]]}
        for each in findings
    ]


def test_the_same_content_is_judged_the_same_whatever_door_it_comes_by(installation, hand_in, shown):
    by_door = {"posted": installation.hand_in(NEEDS | {"records": RECORDS})}
    by_door |= {
        media_type: hand_in(write(RECORDS), media_type).json["id"] for media_type, write in DOORS.items()
    }
    posted = shown(by_door["posted"])
    assert posted["state"] == "returned"
    assert {each["rule"] for each in posted["findings"]} >= {"STR-03"}
    for media_type, id_ in by_door.items():
        found = shown(id_)
        assert found["verdict"]["counts"] == posted["verdict"]["counts"], media_type
        assert places_of(found["findings"]) == places_of(posted["findings"]), media_type
        in_words = said_of(found["findings"]) == said_of(posted["findings"])
        assert in_words is (media_type not in TABLES), "an officer reads of headings, a developer of fields"


def test_every_door_says_what_was_read(installation, hand_in, shown):
    formats = {JSON: "json", NDJSON: "ndjson", CSV: "csv", XLSX: "xlsx"}
    for media_type, write in DOORS.items():
        answer = hand_in(write(RECORDS), media_type)
        assert answer.json["reading"] is None, "it is read after the answer"
        reading = shown(answer.json["id"])["reading"]
        assert (reading["read"]["format"], reading["read"]["records"]) == (formats[media_type], 3)
        assert (reading["counts"], reading["unread"], reading["left_out"]) == ({}, [], 0)
    posted = installation.hand_in(NEEDS | {"records": RECORDS})
    assert shown(posted)["reading"]["read"] == {"format": "json", "records": 3}


def test_the_receipt_states_what_was_read_once_the_file_is_read(installation, hand_in):
    answer = hand_in(as_xlsx(RECORDS), XLSX).json
    receipt = installation.client.get(answer["receipt"], as_="AL-WBCTi").json["receipt"]
    said = read_receipt(receipt, folder=installation.runtimes["entry"].settings.keys)["reading"]
    assert (said["read"]["format"], said["read"]["records"], said["unread"]) == ("xlsx", 3, {})
    assert all(not isinstance(value, list) for value in said["read"].values())


def test_a_correction_by_some_records_says_what_was_read_of_itself(installation, shown):
    first = installation.hand_in(NEEDS | {"records": RECORDS})
    installation.hand_in(NEEDS | {"records": RECORDS[:1], "supersedes": {"submission": first, "version": 1}})
    assert (shown(first)["records"], shown(first)["reading"]["read"]["records"]) == (3, 1)


def test_the_same_content_counts_the_same_whatever_door_it_comes_by(installation, hand_in):
    good = [RECORDS[0], RECORDS[0] | {"ref": "CT-2", "estimated_cost": 12500.5}]
    figures = []
    for media_type, write in DOORS.items():
        id_ = hand_in(write(good), media_type).json["id"]
        totals = installation.client.get("/reporting/v1/aggregates?kind=need&group_by=theme", as_="AL-WBCTi")
        figures.append(totals.json["rows"] + [totals.json["total"]])
        withdrawal = {"version": 1, "reason": "For the next door"}
        installation.client.post(f"{SUBMISSIONS}/{id_}/withdrawal", json=withdrawal, as_="AL-WBCTi")
        installation.settle()
    assert figures[0][-1]["records"] == 2
    assert all(each == figures[0] for each in figures)


ACTIVITIES = b"""<?xml version="1.0" encoding="UTF-8"?>
<iati-activities version="2.03">
  <iati-activity default-currency="EUR">
    <iati-identifier>XM-TEST-1</iati-identifier>
    <reporting-org ref="XM-TEST" type="15"><narrative>CEPOL</narrative></reporting-org>
    <title><narrative>Detecting explosives at public events</narrative></title>
    <description><narrative>Six courses.</narrative></description>
    <participating-org role="1" type="15"><narrative>European Commission</narrative></participating-org>
    <participating-org role="4" type="15"><narrative>CEPOL</narrative></participating-org>
    <activity-status code="2"/>
    <activity-date type="1" iso-date="2026-06-01"/>
    <activity-date type="3" iso-date="2026-02-01"/>
    <recipient-country code="AL" percentage="100"/>
    <sector vocabulary="1" code="15210" percentage="100"/>
    <budget><period-start iso-date="2026-01-01"/><period-end iso-date="2026-12-31"/>
      <value value-date="2026-01-01">400000</value></budget>
  </iati-activity>
</iati-activities>
"""
"""An activity that should end before it begins."""


def test_an_iati_activity_is_judged_as_the_same_support_that_is_posted(installation, hand_in):
    how = {"kind": "support", "period": "2026"}
    id_ = hand_in(ACTIVITIES, XML, as_="UNODC", **how).json["id"]
    came = installation.client.get(f"{SUBMISSIONS}/{id_}", as_="UNODC").json
    path = f"{SUBMISSIONS}/{id_}/versions/1/records.json"
    records = installation.client.get(path, as_="UNODC").json["records"]
    assert [each["iati_identifier"] for each in records] == ["XM-TEST-1"]
    withdrawal = {"version": 1, "reason": "For the other door"}
    installation.client.post(f"{SUBMISSIONS}/{id_}/withdrawal", json=withdrawal, as_="UNODC")
    installation.settle()
    posted = installation.hand_in(MAPPING | how | {"records": records}, as_="UNODC")
    found = installation.client.get(f"{SUBMISSIONS}/{posted}", as_="UNODC").json
    assert "GEN-05" in {each["rule"] for each in found["findings"]}
    # Only the file has parts that a record has no place for.
    of_file = {each["rule"]: each["count"] for each in came["findings"] if each["rule"] == "GEN-207"}
    assert of_file == {"GEN-207": 1}
    assert came["reading"]["read"] | {"format": "iati"} == came["reading"]["read"]
    counts = found["verdict"]["counts"] | {"info": found["verdict"]["counts"]["info"] + 1}
    assert (came["state"], came["verdict"]["counts"]) == (found["state"], counts)


TRANSACTIONS = b"""<transaction><transaction-type code="3"/><transaction-date iso-date="2026-02-01"/>
<value value-date="2026-02-01">%s</value></transaction>"""
SOUND = ACTIVITIES.replace(
    b'<activity-date type="1" iso-date="2026-06-01"/>', b'<activity-date type="1" iso-date="2026-01-01"/>'
)


def with_transactions(*amounts: bytes) -> bytes:
    made = b"".join(TRANSACTIONS % amount for amount in amounts)
    return SOUND.replace(b"</iati-activity>", made + b"</iati-activity>")


@pytest.mark.parametrize("on_error", ["return", "accept"])
def test_an_amount_that_is_not_read_returns_the_submission_and_is_named(installation, hand_in, on_error):
    content = with_transactions(b"1,234,567.00", b"10")
    id_ = hand_in(content, XML, as_="UNODC", kind="support", period="2026", on_error=on_error).json["id"]
    shown = installation.client.get(f"{SUBMISSIONS}/{id_}", as_="UNODC").json
    assert (shown["state"], shown["version"]) == ("returned", 1)
    assert (shown["reading"]["read"]["transactions"], shown["reading"]["counts"]["iati-amount"]) == (1, 1)
    [finding] = [each for each in shown["findings"] if each["rule"] == "GEN-202"]
    [place] = finding["places"]
    assert (place["ref"], place["element"], place["value"]) == ("XM-TEST-1", "transaction 1", "1,234,567.00")
    verdict = installation.client.get(f"/validation/v1/verdicts/{id_}", as_="UNODC").json
    assert verdict["reading"] == shown["reading"]
    text = installation.client.get(f"/validation/v1/verdicts/{id_}/report?format=csv", as_="UNODC").text
    assert "Not read (XM-TEST-1, transaction 1)" in text
    analyst = installation.client.get(f"/validation/v1/verdicts/{id_}", as_="RCC-ANALYST").json
    assert "reading" not in analyst


def test_a_version_without_the_records_with_errors_keeps_the_account_of_the_file(installation, hand_in):
    content = json.dumps({"records": RECORDS[:2], "notes": "A text", "mode": "upsert"}).encode()
    id_ = hand_in(content, JSON, on_error="accept").json["id"]
    shown = installation.client.get(f"{SUBMISSIONS}/{id_}", as_="AL-WBCTi").json
    assert (shown["state"], shown["version"], shown["left_out"]) == ("accepted", 2, ["CT-2"])
    assert shown["reading"]["counts"] == {"json-member": 1, "json-option": 1}
    assert {"GEN-205", "GEN-206"} <= {each["rule"] for each in shown["findings"]}
    versions = installation.client.get(f"{SUBMISSIONS}/{id_}/versions", as_="AL-WBCTi").json["items"]
    assert versions[0]["reading"] == versions[1]["reading"] == shown["reading"]


def test_a_trial_says_what_would_be_read_and_what_not(hand_in, shown):
    content = json.dumps({"records": RECORDS[:1], "more": [{"ref": "CT-9"}]}).encode()
    trial = shown(hand_in(content, JSON, dry_run="true").json["id"])
    assert (trial["state"], trial["reading"]["counts"]) == ("returned", {"json-list": 1})
    assert "GEN-201" in {each["rule"] for each in trial["findings"]}


@pytest.mark.parametrize("media_type", [CSV, XLSX])
def test_a_finding_of_a_table_leads_to_its_cell(hand_in, shown, media_type):
    found = shown(hand_in(DOORS[media_type](RECORDS), media_type, file_name="needs").json["id"])
    places = [place for each in found["findings"] for place in each["places"]]
    of_cost = [place for place in places if place["pointer"].endswith("/2/estimated_cost")]
    column = list(flat(RECORDS[2])).index("estimated_cost")
    assert of_cost
    assert {place["cell"] for place in of_cost} == {f"{chr(ord('A') + column)}4"}


def test_a_file_is_answered_with_the_hash_of_its_bytes_and_shown_with_its_name(hand_in, shown):
    content = as_ndjson(RECORDS[:1])
    answer = hand_in(content, NDJSON, file_name="needs.ndjson")
    assert answer.status_code == 202
    assert answer.json["content_hash"] == hashlib.sha256(content).hexdigest()
    found = shown(answer.json["id"])
    assert (found["state"], found["records"]) == ("accepted", 1)
    assert found["file"] == {
        "name": "needs.ndjson",
        "media_type": NDJSON,
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }


def test_the_same_file_again_is_the_same_submission(hand_in):
    first, again = (hand_in(as_ndjson(RECORDS[:1]), NDJSON) for _ in range(2))
    assert (again.status_code, again.json["id"]) == (200, first.json["id"])


def test_a_file_corrects_what_was_posted_and_keeps_what_it_does_not_name(installation, hand_in, shown):
    id_ = installation.hand_in(NEEDS | {"records": [RECORDS[0], RECORDS[0] | {"ref": "CT-7"}]})
    content = as_ndjson([RECORDS[0] | {"title": "Another title"}])
    answer = hand_in(content, NDJSON, supersedes=id_, version=1)
    assert (answer.status_code, answer.json["version"]) == (202, 2)
    assert (shown(id_)["state"], shown(id_)["records"]) == ("accepted", 2)


def test_a_trial_of_a_file_is_read_and_judged_and_counts_nowhere(installation, hand_in, shown):
    id_ = hand_in(as_csv(RECORDS), CSV, dry_run="true").json["id"]
    assert (shown(id_)["state"], shown(id_)["is_trial"]) == ("returned", True)
    assert installation.client.get(SUBMISSIONS, as_="AL-WBCTi").json["items"] == []


MARKED = "RESTREINT UE/EU RESTRICTED"


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (as_ndjson([RECORDS[0] | {"description": MARKED}]), NDJSON),
        (as_csv([RECORDS[0] | {"description": MARKED}]), CSV),
        (f"{MARKED}\n\n".encode() + as_csv(RECORDS[:1]), CSV),
        (as_xlsx([RECORDS[0] | {"description": MARKED}]), XLSX),
        (as_xlsx(RECORDS[:1], above=MARKED), XLSX),
    ],
    ids=["a line", "a cell", "above a table", "a cell of a workbook", "a title of a workbook"],
)
def test_a_classified_file_is_returned_and_erased_and_only_its_hash_is_kept(
    installation, hand_in, shown, content, media_type
):
    id_ = hand_in(content, media_type).json["id"]
    found = shown(id_)
    assert (found["state"], found["refusal"]["rule"]) == ("returned", "classified")
    assert found["content_hash"] == hashlib.sha256(content).hexdigest()
    blobs = installation.runtimes["entry"].settings.blobs
    kept = [path.read_bytes() for path in blobs.rglob("*") if path.is_file()]
    assert content not in kept
    assert not any(b"CT-1" in each for each in kept)
    assert "Open-source analysis" not in json.dumps(installation.stored(), default=str)
    assert "submission.received.v1" not in {event.name for event in installation.events()}


@pytest.mark.parametrize(
    ("content", "media_type", "words"),
    [
        (b"{not json}\n", NDJSON, "line 1"),
        (b"", NDJSON, "no records"),
        (b"a;b\n1;2\n", CSV, "heading"),
        (b"PK\x03\x04 and no workbook", XLSX, ""),
        (b"<iati-activities", XML, ""),
    ],
)
def test_a_file_that_cannot_be_read_is_returned_with_what_would_pass(
    hand_in, shown, content, media_type, words
):
    kind = {"kind": "support", "period": "2026"} if media_type == XML else {}
    found = shown(hand_in(content, media_type, **kind).json["id"])
    assert found["state"] == "returned"
    assert words in f"{found['refusal']['message']} {found['refusal'].get('place')}"
    assert found["refusal"]["expected"]
    assert found["timeline"][-1]["stage"] == "returned"
    assert found["findings"] == []


def test_a_file_that_cannot_be_read_leaves_what_it_would_correct_as_it_was(installation, hand_in, shown):
    id_ = installation.hand_in()
    hand_in(b"{not json}\n", NDJSON, supersedes=id_, version=1)
    assert (shown(id_)["state"], shown(id_)["version"]) == ("returned", 2)
    total = installation.client.get("/reporting/v1/aggregates?kind=need", as_="AL-WBCTi").json["total"]
    assert total["records"] == 1
    mended = hand_in(as_ndjson([RECORDS[0]]), NDJSON, supersedes=id_, version=2)
    assert mended.json["version"] == 3
    assert shown(id_)["records"] == 2


def test_a_large_file_goes_to_the_bulk_lane(installation, hand_in):
    long_text = "A long description. " * 500
    content = as_ndjson([RECORDS[0] | {"ref": f"CT-{at}", "description": long_text} for at in range(120)])
    hand_in(as_ndjson(RECORDS[:1]), NDJSON)
    hand_in(content, NDJSON)
    with installation.engine.connect() as connection:
        which = select(deliveries.c.lane).where(deliveries.c.event == "file.received.v1")
        lanes = [row.lane for row in connection.execute(which.order_by(deliveries.c.id))]
    assert lanes == ["entry", "entry.bulk"]


def test_a_media_type_that_nobody_reads_is_415_and_says_which_are_read(hand_in):
    answer = hand_in(b"x", "application/vnd.ms-excel.sheet.macroEnabled.12")
    assert answer.status_code == 415
    assert CSV in answer.json["detail"]


def test_a_correction_by_file_says_its_version(hand_in):
    answer = hand_in(as_ndjson(RECORDS[:1]), NDJSON, supersedes="01a212dc-076b-771f-aa7d-f496b2751b06")
    assert answer.status_code == 422
    assert answer.json["errors"][0]["pointer"] == "/query/version"


def test_what_is_not_read_yet_cannot_be_corrected_in_parts(installation, hand_in, shown):
    content, path = (
        as_ndjson([RECORDS[0], RECORDS[0] | {"ref": "CT-7"}]),
        f"/entry/v1/files?{urlencode(MAPPING)}",
    )
    headers = installation.client._headers("AL-WBCTi") | {"Idempotency-Key": new_id()}
    id_ = installation.client.http.post(path, data=content, headers=headers, content_type=NDJSON).json["id"]
    correction = NEEDS | {"records": [RECORDS[0]], "supersedes": {"submission": id_, "version": 1}}
    early = installation.client.post(SUBMISSIONS, json=correction, as_="AL-WBCTi")
    assert (early.status_code, early.json["title"]) == (409, "The file is being read")
    installation.settle()
    assert installation.client.post(SUBMISSIONS, json=correction, as_="AL-WBCTi").status_code == 202
    installation.settle()
    assert shown(id_)["records"] == 2


def test_a_file_that_names_another_reporter_is_read_as_a_plain_one_and_says_so(hand_in, shown):
    body = {"reporter": "BA-WBCTi", "partner": "AL", "records": [RECORDS[0]]}
    found = shown(hand_in(json.dumps(body).encode(), "application/json").json["id"])
    (part,) = found["reading"]["unread"]
    assert part["reason"] == "json-other-sender"
    assert part["message"].startswith("The file names BA-WBCTi. Its records were read as those of AL-WBCTi")


def test_a_json_file_written_in_another_way_under_one_key_is_the_same_request(installation):
    headers = installation.client._headers("AL-WBCTi") | {"Idempotency-Key": "one"}

    def post(content: bytes, media_type: str = "application/json", key: str = "one") -> Any:
        return installation.client.http.post(
            f"/entry/v1/files?{urlencode(MAPPING)}",
            data=content,
            headers=headers | {"Idempotency-Key": key},
            content_type=media_type,
        )

    body = {"records": [RECORDS[0] | {"title": "Posts at the border, č"}]}
    first = post(json.dumps(body).encode())
    for written in (json.dumps(body, indent=1, ensure_ascii=False), json.dumps(body, sort_keys=True)):
        again = post(written.encode())
        assert (again.status_code, again.json) == (202, first.json)
    changed = post(json.dumps(body | {"period": "2025-2026"}).encode())
    assert (changed.status_code, "byte" in changed.json["detail"]) == (422, False)
    post(as_ndjson([RECORDS[0]]), NDJSON, key="lines")
    other = post(as_ndjson([RECORDS[0]]) + b"\n", NDJSON, key="lines")
    assert other.status_code == 422
    assert other.json["detail"].endswith("A file is the same only if each of its bytes is.")


def test_records_are_taken_back_although_the_last_version_could_not_be_read(installation, hand_in, shown):
    id_ = installation.hand_in(NEEDS | {"records": [RECORDS[0], RECORDS[0] | {"ref": "CT-7"}]})
    hand_in(b"{not json}\n", NDJSON, supersedes=id_, version=1)
    body = {"version": 2, "refs": ["CT-7"], "reason": "Reported by another"}
    path = f"{SUBMISSIONS}/{id_}/records/withdrawal"
    assert installation.client.post(path, json=body, as_="AL-WBCTi").status_code == 202
    installation.settle()
    assert (shown(id_)["state"], shown(id_)["records"]) == ("accepted", 1)


# --- Tables as their sender sees them ---------------------------------------------------------------------------------

TABLE = tuple(flat(NEED))


def table(*refs: str, between: str = "") -> str:
    rows = [";".join(str(value) for value in flat(NEED | {"ref": ref}).values()) for ref in refs]
    rows.insert(1, between)
    return "\n".join([";".join(TABLE), *filter(None, rows)])


def test_records_below_repeated_headings_are_accepted_with_a_warning(hand_in, shown):
    answer = hand_in(table("Z-1", "Z-2", "Z-3", between=";".join(TABLE)).encode(), CSV)
    view = shown(answer.json["id"])
    assert (view["state"], view["records"]) == ("accepted", 3)
    assert view["reading"]["counts"] == {"repeated-headings": 1}
    assert [
        (group["rule"], group["severity"]) for group in view["findings"] if group["rule"] == "GEN-206"
    ] == [("GEN-206", "warning")]


def test_a_second_table_returns_the_file(hand_in, shown):
    answer = hand_in(f"{table('Z-1')}\n\nPartner;Title;Currency\nAL;Cars;EUR".encode(), CSV)
    view = shown(answer.json["id"])
    assert (view["state"], view["reading"]["counts"]) == ("returned", {"second-table": 1})


@pytest.mark.parametrize(
    ("content_type", "encoding", "title", "name"),
    [
        ("text/csv; charset=windows-1250", "cp1250", "Jačanje granične policije", "windows-1250"),
        ("text/csv; charset=iso-8859-5", "iso8859-5", "Јачање граничне полиције", "iso-8859-5"),
        ("application/vnd.ms-excel", "cp1251", "Јачање граничне полиције", "windows-1251"),
        ("text/plain", "utf-16-le", "Forcimi i policisë kufitare", "utf-16-le"),
    ],
)
def test_a_table_in_another_encoding_is_read_and_the_response_names_it(  # noqa: PLR0917 - the columns of the table above
    hand_in, shown, content_type, encoding, title, name
):
    answer = hand_in(table("Z-1").replace(NEED["title"], title).encode(encoding), content_type)
    view = shown(answer.json["id"])
    assert (view["state"], view["reading"]["read"]["encoding"]) == ("accepted", name)


@pytest.mark.parametrize("media_type", ["application/vnd.ms-excel", CSV, "application/octet-stream"])
def test_a_workbook_under_another_type_is_a_workbook(installation, hand_in, shown, media_type):
    made = io.BytesIO()
    with xlsxwriter.Workbook(made) as book:
        sheet = book.add_worksheet("Needs")
        for number, line in enumerate(table("Z-1").split("\n")):
            sheet.write_row(number, 0, line.split(";"))
    answer = hand_in(made.getvalue(), media_type)
    view = shown(answer.json["id"])
    assert (view["state"], view["file"]["media_type"], view["reading"]["read"]["format"]) == (
        "accepted",
        XLSX,
        "xlsx",
    )
    annotated = installation.client.get(f"{SUBMISSIONS}/{answer.json['id']}/annotated.xlsx", as_="AL-WBCTi")
    assert annotated.status_code == 200


@pytest.mark.parametrize(
    ("title", "found", "submitted"),
    [
        ("Needs 2025-2026 · WBBSi · Structure", "WBBSi", "WBCTi"),
        ("Needs 2023-2024 · WBCTi · Structure", "2023-2024", "2025-2026"),
        ("Potrebe 2023-2024 · WBCSCi · Struktura", "2023-2024, WBCSCi", "2025-2026, WBCTi"),
    ],
)
def test_the_template_of_another_mapping_is_named_in_one_sentence(hand_in, shown, title, found, submitted):
    answer = hand_in(f"{title}\n{table('Z-1')}".encode(), CSV)
    refusal = shown(answer.json["id"])["refusal"]
    assert (refusal["rule"], refusal["message"]) == (
        "other-mapping",
        f"The file is for {found}, but was submitted for {submitted}.",
    )
