"""A corrected workbook is the correction: nothing but the workbook says of which version."""

import io
import zipfile
from copy import deepcopy
from typing import Any
from urllib.parse import urlencode

import openpyxl
import pytest
import xlsxwriter

from services.entry.files.domain.media_types import XLSX
from services.entry.files.domain.workbook_origins import MAX_SIZE, PART, WorkbookOrigin, read_origin
from services.entry.workbooks.formats.annotating.annotate import annotate_workbook
from shared.ids import new_id
from tests.entry.tables import flat
from tests.in_process import NEEDS, installed
from tests.validation.conftest import NEED

SUBMISSIONS = "/entry/v1/submissions"
TEMPLATE = "/entry/v1/templates/WBCTi/need/2025-2026.xlsx"
MAPPING = {name: NEEDS[name] for name in ("pillar", "kind", "period", "tlp")}
ORIGIN = WorkbookOrigin("AL-WBCTi", "WBCTi", "need", "2025-2026", "0199-a", 2)


@pytest.fixture
def system(settings, clock):
    with installed(settings, clock) as made:
        yield made


@pytest.fixture
def get(system):
    return lambda path, as_="AL-WBCTi": system.client.get(path, as_=as_)


@pytest.fixture
def upload(system):
    def upload(content: bytes, as_: str = "AL-WBCTi", **said: Any) -> Any:
        answer = system.client.http.post(
            f"/entry/v1/files?{urlencode(MAPPING | said)}",
            data=content,
            headers=system.client._headers(as_) | {"Idempotency-Key": new_id()},
            content_type=XLSX,
        )
        system.settle()
        return answer

    return upload


def saved(book: openpyxl.Workbook) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def opened(answer: Any) -> openpyxl.Workbook:
    assert answer.status_code == 200, answer.text
    return openpyxl.load_workbook(io.BytesIO(answer.data))


def filled(book: openpyxl.Workbook, *records: dict[str, Any], first: int = 4) -> bytes:
    """The workbook with these rows; a row of less fields changes only these."""
    sheet = book["Needs"]
    names = {cell.value: cell.column for cell in sheet[3]}
    for row, record in enumerate(records, start=first):
        for path, value in record.items():
            sheet.cell(row, names[path]).value = value
    return saved(book)


def record(ref: str, **changes: Any) -> dict[str, Any]:
    return flat(deepcopy(NEED) | {"ref": ref} | changes)


@pytest.fixture
def returned(get, upload):
    """A returned submission of two needs, of which the second has errors."""
    rows = (record("N-1"), record("N-2", title="n/a", priority_level="urgent"))
    answer = upload(filled(opened(get(TEMPLATE)), *rows))
    assert answer.status_code == 202, answer.text
    found = get(f"{SUBMISSIONS}/{answer.json['id']}").json
    assert found["state"] == "returned"
    return found["id"]


def corrected(get, submission: str, **changes: Any) -> bytes:
    """The annotated workbook with the second need corrected."""
    book = opened(get(f"{SUBMISSIONS}/{submission}/annotated.xlsx"))
    return filled(book, {"title": NEED["title"], "priority_level": "high"} | changes, first=5)


@pytest.mark.both_databases
def test_the_annotated_workbook_corrected_and_sent_again_is_version_two(get, upload, returned):
    answer = upload(corrected(get, returned))
    assert (answer.status_code, answer.json["id"], answer.json["version"]) == (202, returned, 2)
    assert answer.json["workbook"]["use"] == "correction"
    found = get(f"{SUBMISSIONS}/{returned}").json
    assert (found["version"], found["state"], found["records"]) == (2, "accepted", 2)
    assert found["workbook"]["version"] == 1
    assert get(SUBMISSIONS).json["items"][0]["id"] == returned
    assert len(get(SUBMISSIONS).json["items"]) == 1


def test_a_sheet_and_the_properties_name_the_version(get, returned):
    answer = get(f"{SUBMISSIONS}/{returned}/annotated.xlsx")
    assert read_origin(io.BytesIO(answer.data)) == WorkbookOrigin(
        "AL-WBCTi", "WBCTi", "need", "2025-2026", returned, 1
    )
    texts = [str(cell) for row in opened(answer)["IISG-D findings"].values for cell in row if cell]
    (line,) = (text for text in texts if returned in text)
    assert "version 1" in line
    assert "AL-WBCTi" in line


def test_the_same_workbook_twice_is_one_version(get, upload, returned):
    content = corrected(get, returned)
    upload(content)
    answer = upload(content)
    assert (answer.status_code, answer.json["version"]) == (200, 2)


@pytest.mark.both_databases
def test_a_workbook_of_an_outdated_version_is_refused_with_the_current_one(get, upload, returned):
    outdated = corrected(get, returned)
    upload(corrected(get, returned, title="Another title of this need"))
    for said in ({}, {"dry_run": "true"}):
        answer = upload(outdated, **said)
        assert (answer.status_code, answer.json["present"]) == (409, 2)
        assert "current version is 2" in answer.json["detail"]


def test_a_workbook_corrected_twice_corrects_the_second_version(get, upload, returned):
    upload(corrected(get, returned, title="n/a"))
    assert get(f"{SUBMISSIONS}/{returned}").json["state"] == "returned"
    upload(corrected(get, returned))
    found = get(f"{SUBMISSIONS}/{returned}").json
    assert (found["version"], found["state"]) == (3, "accepted")


def test_a_request_may_say_that_it_is_new(get, upload, returned):
    answer = upload(corrected(get, returned), new="true")
    assert (answer.status_code, answer.json["version"]) == (202, 1)
    assert answer.json["id"] != returned
    assert "as you asked" in answer.json["workbook"]["message"]


def test_an_explicit_version_prevails(get, upload, returned):
    other = upload(filled(opened(get(TEMPLATE)), record("N-9"))).json["id"]
    answer = upload(corrected(get, returned), supersedes=other, version=1)
    assert (answer.status_code, answer.json["id"], answer.json["version"]) == (202, other, 2)
    assert answer.json["workbook"] is None
    refused = upload(corrected(get, returned), supersedes=other, version=2, new="true")
    assert refused.status_code == 422


def test_the_workbook_of_another_reporter_is_read_like_any_other(get, upload, returned):
    answer = upload(corrected(get, returned), as_="RS-WBCTi")
    assert (answer.status_code, answer.json["version"]) == (202, 1)
    assert answer.json["workbook"] == {
        "submission": None,
        "version": None,
        "use": "plain",
        "message": "The workbook was made for another reporter. It is read like any other file.",
    }
    assert get(f"{SUBMISSIONS}/{returned}").json["version"] == 1


def test_the_workbook_of_a_withdrawn_submission_is_new(system, get, upload, returned):
    content = corrected(get, returned)
    body = {"version": 1, "reason": "entered twice"}
    system.client.post(f"{SUBMISSIONS}/{returned}/withdrawal", json=body, as_="AL-WBCTi")
    answer = upload(content)
    assert (answer.status_code, answer.json["version"]) == (202, 1)
    assert "withdrawn" in answer.json["workbook"]["message"]


def test_a_trial_of_the_workbook_is_the_trial_of_the_correction(get, upload, returned):
    content = corrected(get, returned)
    tried = upload(content, dry_run="true").json
    found = get(f"{SUBMISSIONS}/{tried['id']}").json
    assert (found["is_trial"], found["state"], found["records"]) == (True, "accepted", 2)
    # The trial's own annotated workbook still corrects the submission.
    answer = upload(saved(opened(get(f"{SUBMISSIONS}/{tried['id']}/annotated.xlsx"))))
    assert (answer.status_code, answer.json["id"], answer.json["version"]) == (202, returned, 2)


@pytest.mark.parametrize(
    "said", [{"period": "2023-2024"}, {"pillar": "WBCSCi"}, {"kind": "response", "period": "2026"}]
)
def test_a_template_for_another_mapping_is_named_as_that(get, upload, said):
    answer = upload(filled(opened(get(TEMPLATE)), record("N-1")), **said)
    assert answer.status_code == 409, answer.text
    assert "was made for the need mapping of 2025-2026 in WBCTi" in answer.json["detail"]


def test_after_partial_acceptance_the_workbook_corrects_the_current_version(get, upload):
    rows = (record("N-1"), record("N-2", title="n/a"))
    made = upload(filled(opened(get(TEMPLATE)), *rows), on_error="accept").json["id"]
    assert get(f"{SUBMISSIONS}/{made}").json["version"] == 2
    answer = upload(corrected(get, made))
    assert (answer.status_code, answer.json["version"]) == (202, 3)
    found = get(f"{SUBMISSIONS}/{made}").json
    assert (found["state"], found["records"]) == ("accepted", 2)


def test_a_record_that_was_withdrawn_does_not_come_back_with_the_workbook(system, get, upload):
    rows = (record("N-1"), record("N-2"))
    submission = upload(filled(opened(get(TEMPLATE)), *rows)).json["id"]
    withdrawal = {"version": 1, "refs": ["N-2"], "reason": "entered twice"}
    path = f"{SUBMISSIONS}/{submission}/records/withdrawal"
    assert system.client.post(path, json=withdrawal, as_="AL-WBCTi").status_code == 202
    system.settle()
    book = opened(get(f"{SUBMISSIONS}/{submission}/annotated.xlsx"))
    answer = upload(filled(book, {"title": "A new title for the first need"}))
    assert (answer.status_code, answer.json["id"], answer.json["version"]) == (202, submission, 3)
    unread = get(f"{SUBMISSIONS}/{submission}").json["reading"]["unread"]
    assert [(part["reason"], part["ref"]) for part in unread] == [("withdrawn", "N-2")]
    counted = system.client.get("/reporting/v1/aggregates?kind=need", as_="RCC-ANALYST").json["total"]
    assert counted["records"] == 1


@pytest.mark.both_databases
def test_a_record_that_the_workbook_leaves_as_it_is_undoes_no_later_value(system, get, upload, returned):
    """Another submission has a later value of the first need; only the second need is corrected here."""
    later = NEEDS | {"records": [NEED | {"ref": "N-1", "estimated_cost": 5}]}
    newer = system.hand_in(later)
    upload(corrected(get, returned))
    assert get(f"{SUBMISSIONS}/{returned}").json["superseded_by"] == [{"submission": newer, "records": 1}]


# --- The properties ---------------------------------------------------------------------------------------------------


def book_with(properties: dict[str, str]) -> io.BytesIO:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        sheet = book.add_worksheet("Needs")
        sheet.write_row(0, 0, ["ref", "title"])
        for name, value in properties.items():
            book.set_custom_property(name, value, "text")
    return file


@pytest.mark.parametrize("others", [{}, {"Department": "Čelnik & <co>"}, {"Case": "7", **ORIGIN.properties}])
def test_an_origin_is_written_beside_the_properties_of_others(others):
    origin = WorkbookOrigin("XK-WBBSi", "WBBSi", "support", "2026", "0199-b", 12)
    copy = annotate_workbook(book_with(others), [], [], origin=origin)
    assert read_origin(io.BytesIO(copy)) == origin
    properties = {
        each.name: each.value for each in openpyxl.load_workbook(io.BytesIO(copy)).custom_doc_props.props
    }
    assert properties == others | origin.properties


@pytest.mark.parametrize(
    "changed",
    [
        {"IISG-D reporter": "AL-WBCTi' OR 1=1"},
        {"IISG-D mapping": "WBCTi need"},
        {"IISG-D mapping": "WBCTi need 2025-2026 more"},
        {"IISG-D reporter": ""},
    ],
)
def test_properties_that_we_did_not_write_are_no_origin(changed):
    assert read_origin(book_with(ORIGIN.properties | changed)) is None


@pytest.mark.parametrize("version", ["0", "-1", "two", "99999999999", "2147483648", "1.5"])
def test_an_origin_without_a_possible_version_is_that_of_a_template(version):
    found = read_origin(book_with(ORIGIN.properties | {"IISG-D version": version}))
    assert found == WorkbookOrigin("AL-WBCTi", "WBCTi", "need", "2025-2026")


def with_part(content: bytes, *, declared: int | None = None) -> io.BytesIO:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr(PART, content)
    if declared is not None:
        # The size in the directory is that of the last entry, behind its name's length.
        raw = bytearray(file.getvalue())
        at = raw.rindex(b"PK\x01\x02") + 24
        raw[at : at + 4] = declared.to_bytes(4, "little")
        file = io.BytesIO(bytes(raw))
    return file


@pytest.mark.parametrize(
    "file",
    [
        io.BytesIO(b""),
        io.BytesIO(b"PK\x03\x04 no archive"),
        with_part(b"no xml"),
        with_part(b'<!DOCTYPE a [<!ENTITY b "c">]><Properties/>'),
        with_part(b"<Properties>" + b" " * MAX_SIZE + b"</Properties>"),
        with_part(b"<Properties>" + b" " * 10_000_000 + b"</Properties>", declared=100),
        with_part(b"<Properties>" + b"<property/>" * 5_000 + b"</Properties>"),
        with_part(b"<a>" * 20_000),
    ],
    ids=["empty", "no archive", "no xml", "entities", "large", "larger than declared", "many", "deep"],
)
def test_a_hostile_file_has_no_origin_and_is_read_no_further(file):
    assert read_origin(file) is None
