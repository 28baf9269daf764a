"""The API of templates, exports and annotated workbooks."""

import csv
import hashlib
import io
import zipfile
from copy import deepcopy
from typing import Any
from urllib.parse import urlencode

import openpyxl
import pytest

from services.entry.files.domain.media_types import CSV, JSON, XLSX
from services.entry.workbooks.formats import flattening
from shared.clock import FixedClock
from shared.ids import new_id
from shared.settings import Settings
from tests.conftest import NOW
from tests.entry.tables import flat
from tests.in_process import NEEDS, installed
from tests.validation.conftest import NEED

SUBMISSIONS = "/entry/v1/submissions"
TEMPLATES = "/entry/v1/templates"
MAPPING = {name: NEEDS[name] for name in ("pillar", "kind", "period", "tlp")}


@pytest.fixture(scope="module")
def installation(postgres, tmp_path_factory, keys):
    """One installation for all tests, each of which submits distinct content."""
    home, url = tmp_path_factory.mktemp("workbooks"), postgres.fresh()
    nobody_listens = "redis://127.0.0.1:1/0"
    settings = Settings(home=home, database_url=url, key_folder=keys, broker_url=nobody_listens)
    with installed(settings, FixedClock(NOW)) as made:
        yield made


@pytest.fixture
def need():
    """Builds a need with a unique ref, and changes."""
    ref = f"CT-{new_id()}"
    return lambda **changes: deepcopy(NEED) | {"ref": ref} | changes


@pytest.fixture
def faulty(need):
    """A valid record, and one with errors in two cells."""
    return [need(), need(ref=f"{need()['ref']}-2", title="n/a", priority_level="urgent")]


@pytest.fixture
def hand_in(installation, need):
    """Submits a need as JSON and returns the submission's id."""
    return lambda **changes: installation.hand_in(NEEDS | {"records": [need(**changes)]})


@pytest.fixture
def get(installation):
    return lambda path, as_="AL-WBCTi": installation.client.get(path, as_=as_)


@pytest.fixture
def hand_in_file(installation):
    """Submits a file, has it read and judged, and returns the submission's id."""

    def hand_in_file(content: bytes, media_type: str = XLSX, as_: str = "AL-WBCTi", **said: Any) -> str:
        answer = installation.client.http.post(
            f"/entry/v1/files?{urlencode(MAPPING | {'file_name': 'Nevojat & të tjera.xlsx'} | said)}",
            data=content,
            headers=installation.client._headers(as_) | {"Idempotency-Key": new_id()},
            content_type=media_type,
        )
        assert answer.status_code == 202, answer.text
        installation.settle()
        return str(answer.json["id"])

    return hand_in_file


def book_in(answer: Any) -> openpyxl.Workbook:
    assert answer.status_code == 200, answer.text
    assert answer.mimetype == XLSX
    return openpyxl.load_workbook(io.BytesIO(answer.data))


def filled(answer: Any, *records: dict[str, Any]) -> bytes:
    """The template of a response, with these rows."""
    book = book_in(answer)
    sheet = book.worksheets[1]
    names = {cell.value: cell.column for cell in sheet[3]}
    for row, record in enumerate(records, start=4):
        for path, value in record.items():
            sheet.cell(row, names[path]).value = value
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


# --- Templates --------------------------------------------------------------------------------------------------------


def test_a_filled_in_template_is_accepted(get, need, hand_in_file):
    blank = get(f"{TEMPLATES}/WBCTi/need/2025-2026.xlsx?language=sq")
    submission = hand_in_file(filled(blank, flat(need())))
    shown = get(f"{SUBMISSIONS}/{submission}").json
    assert (shown["state"], shown["records"]) == ("accepted", 1)
    records = get(f"{SUBMISSIONS}/{submission}/versions/1/records.json").json["records"]
    assert records == [need()]


def test_the_file_name_of_a_template_names_its_mapping(get):
    answer = get(f"{TEMPLATES}/WBCTi/need/2025-2026.xlsx")
    assert answer.headers["Content-Disposition"].startswith(
        'attachment; filename="IISG-D_need_2025-2026_WBCTi_AL-WBCTi.xlsx"'
    )
    assert "private" in answer.headers["Cache-Control"]


def test_needs_to_carry_over_are_prefilled_without_a_disposition(installation, get):
    title = "=HYPERLINK(A1) is no title"
    waiting = [NEED | {"ref": "CT-1"}, NEED | {"ref": "CT-2", "title": title}]
    installation.hand_in(NEEDS | {"records": waiting}, as_="ME-WBCTi")
    sheet = book_in(get(f"{TEMPLATES}/WBCTi/need/2027-2028.xlsx", as_="ME-WBCTi"))["Needs"]
    names = [cell.value for cell in sheet[3]]
    rows = [dict(zip(names, row, strict=True)) for row in sheet.iter_rows(min_row=4, values_only=True)]
    assert [(row["ref"], row["title"], row["carried_over_from"], row["disposition"]) for row in rows] == [
        ("CT-1", NEED["title"], "CT-1", None),
        ("CT-2", title, "CT-2", None),
    ]
    others = book_in(get(f"{TEMPLATES}/WBCTi/need/2027-2028.xlsx", as_="RS-WBCTi"))["Needs"]
    assert others.max_row == 3


def test_a_pillar_may_be_spelled_in_any_known_way(get):
    assert get(f"{TEMPLATES}/wbcti/need/2025-2026.xlsx").status_code == 200


@pytest.mark.parametrize(
    ("path", "as_", "status", "told"),
    [
        ("WBCTX/need/2025-2026", "AL-WBCTi", 404, "There is no such mapping."),
        ("WBCTi/need/2026", "AL-WBCTi", 404, "There is no such mapping."),
        ("WBCTi/wish/2026", "AL-WBCTi", 404, "There is no such mapping."),
        ("WBBSi/need/2025-2026", "AL-WBCTi", 403, "You cannot submit for WBBSi"),
        ("WBCTi/need/2025-2026", "UNODC", 403, "You cannot submit need records"),
        ("WBCTi/support/2026", "UNODC", 200, ""),
        # The first period has no previous period.
        ("WBCTi/need/2001-2002", "AL-WBCTi", 200, ""),
    ],
)
def test_a_template_of_a_mapping_that_the_caller_does_not_report_is_refused(get, path, as_, status, told):
    answer = get(f"{TEMPLATES}/{path}.xlsx", as_=as_)
    assert answer.status_code == status
    assert told in (answer.json["detail"] if status >= 400 else "")


def test_an_unknown_language_is_refused(get):
    answer = get(f"{TEMPLATES}/WBCTi/need/2025-2026.xlsx?language=la")
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/query/language")


# --- Records ----------------------------------------------------------------------------------------------------------


def test_the_records_of_a_version_come_as_json_csv_and_workbook(get, need, hand_in):
    submission = hand_in(title="=HYPERLINK(A1) is no title")
    path = f"{SUBMISSIONS}/{submission}/versions/1/records"
    assert get(f"{path}.json").json["records"] == [need(title="=HYPERLINK(A1) is no title")]
    head, line = csv.reader(io.StringIO(get(f"{path}.csv").data.decode("utf-8-sig"), newline=""))
    assert dict(zip(head, line, strict=True))["title"] == "'=HYPERLINK(A1) is no title"
    sheet = book_in(get(f"{path}.xlsx")).active
    cell = sheet.cell(2, [cell.value for cell in sheet[1]].index("title") + 1)
    assert (cell.value, cell.data_type) == ("=HYPERLINK(A1) is no title", "s")


def test_the_json_is_the_body_whose_hash_the_receipt_names(get, hand_in):
    submission = hand_in()
    body = get(f"{SUBMISSIONS}/{submission}/versions/1/records.json").data
    known = get(f"{SUBMISSIONS}/{submission}").json["content_hash"]
    assert hashlib.sha256(body).hexdigest() == known


@pytest.mark.parametrize(("form", "media_type"), [("json", JSON), ("csv", CSV), ("xlsx", XLSX)])
def test_each_format_has_its_media_type_and_file_name(get, hand_in, form, media_type):
    submission = hand_in()
    answer = get(f"{SUBMISSIONS}/{submission}/versions/1/records.{form}")
    assert answer.mimetype == media_type
    assert f'filename="need_2025-2026_WBCTi_AL-WBCTi_v1.{form}"' in answer.headers["Content-Disposition"]


@pytest.mark.parametrize("media_type", [CSV, XLSX])
def test_an_export_can_be_submitted(get, hand_in, hand_in_file, media_type):
    form = "csv" if media_type == CSV else "xlsx"
    submission = hand_in(description="-1; =2\n@3")
    exported = get(f"{SUBMISSIONS}/{submission}/versions/1/records.{form}").data
    again = hand_in_file(exported, media_type, supersedes=submission, version=1)
    assert again == submission
    versions = [get(f"{SUBMISSIONS}/{submission}/versions/{number}/records.json").json for number in (1, 2)]
    assert versions[0]["records"] == versions[1]["records"]


@pytest.mark.parametrize("version", ["2", "0", "01", "one", "-1"])
def test_an_unknown_version_is_not_found(get, hand_in, version):
    submission = hand_in()
    answer = get(f"{SUBMISSIONS}/{submission}/versions/{version}/records.csv")
    assert (answer.status_code, answer.json["detail"]) == (404, "There is no such version.")


def test_a_withdrawn_submission_has_no_records_in_its_last_version(installation, get, hand_in):
    submission = hand_in()
    installation.client.post(
        f"{SUBMISSIONS}/{submission}/withdrawal", json={"version": 1, "reason": "Sent twice"}, as_="AL-WBCTi"
    )
    statuses = [
        get(f"{SUBMISSIONS}/{submission}/versions/{number}/records.json").status_code for number in (1, 2)
    ]
    assert statuses == [200, 404]


def test_records_too_large_for_a_table_are_available_as_json(get, hand_in, monkeypatch):
    submission = hand_in()
    monkeypatch.setattr(flattening, "MAX_CELLS", 20)
    path = f"{SUBMISSIONS}/{submission}/versions/1/records"
    refused = get(f"{path}.csv")
    assert (refused.status_code, refused.json["title"]) == (422, "The table is too large")
    assert "Download the records as JSON" in refused.json["detail"]
    assert get(f"{path}.json").status_code == 200


# --- Annotated --------------------------------------------------------------------------------------------------------


def test_the_annotated_workbook_marks_cells_with_findings_and_changes_nothing_else(get, faulty, hand_in_file):
    sent = filled(get(f"{TEMPLATES}/WBCTi/need/2025-2026.xlsx"), *map(flat, faulty))
    submission = hand_in_file(sent)
    answer = get(f"{SUBMISSIONS}/{submission}/annotated.xlsx")
    sheet, before = book_in(answer)["Needs"], openpyxl.load_workbook(io.BytesIO(sent))["Needs"]
    names = {cell.value: cell.column for cell in sheet[3]}
    for path in ("title", "priority_level"):
        cell = sheet.cell(5, names[path])
        assert cell.fill.fgColor.rgb == "FFF8CBAD"
        assert "IISG-D: " in cell.comment.text
        assert "Expected: " in cell.comment.text
    assert not any(cell.comment for cell in sheet[4])
    assert [[cell.value for cell in row] for row in sheet] == [[cell.value for cell in row] for row in before]
    listed = {row[3] for row in book_in(answer)["IISG-D findings"].iter_rows(values_only=True)}
    assert {sheet.cell(5, names[path]).coordinate for path in ("title", "priority_level")} <= listed


def test_the_annotated_workbook_lists_what_was_read_and_what_was_not(get, need, hand_in_file):
    rows = [flat(need(ref=f"{need()['ref']}-{at}")) for at in range(120)]
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Needs"
    for cells in ([*rows[0], ""], *([*row.values(), "see annex"] for row in rows)):
        sheet.append(cells)
    for at in (3, 5):
        sheet.row_dimensions[at].hidden = True
    for row in ([*rows[0]], [f"X-{need()['ref']}", *list(rows[0].values())[1:]]):
        (book["Old"] if "Old" in book.sheetnames else book.create_sheet("Old")).append(row)
    content = io.BytesIO()
    book.save(content)
    submission = hand_in_file(content.getvalue())
    shown = get(f"{SUBMISSIONS}/{submission}").json
    assert shown["state"] == "returned"
    assert shown["reading"]["counts"] == {"sheet": 1, "hidden-rows": 2, "column-without-heading": 1}
    assert (shown["reading"]["read"]["rows"], shown["reading"]["read"]["other_sheets"]) == (118, ["Old"])
    made = book_in(get(f"{SUBMISSIONS}/{submission}/annotated.xlsx"))
    listed = [row for row in made["IISG-D findings"].iter_rows(values_only=True) if row[1]]
    places = {(row[1], row[2], row[3]) for row in listed}
    last = openpyxl.utils.get_column_letter(len(rows[0]) + 1)
    assert {("GEN-201", "Old", None), ("GEN-201", "Needs", "3"), ("GEN-205", "Needs", f"{last}1")} <= places
    assert "has no heading" in made["Needs"][f"{last}1"].comment.text
    texts = [row[0] for row in made["IISG-D findings"].iter_rows(values_only=True) if row[0]]
    assert {"Sheet read: Needs", "Sheets not read: Old", "Rows read: 118"} <= set(texts)


def test_the_annotated_workbook_keeps_the_file_name(get, faulty, hand_in_file):
    submission = hand_in_file(filled(get(f"{TEMPLATES}/WBCTi/need/2025-2026.xlsx"), flat(faulty[1])))
    said = get(f"{SUBMISSIONS}/{submission}/annotated.xlsx").headers["Content-Disposition"]
    assert 'filename="Nevojat_t_tjera_annotated.xlsx"' in said
    assert "filename*=UTF-8''Nevojat%20%26%20t%C3%AB%20tjera%20annotated.xlsx" in said


def test_after_partial_acceptance_the_workbook_shows_the_omitted_records(get, faulty, hand_in_file):
    sent = filled(get(f"{TEMPLATES}/WBCTi/need/2025-2026.xlsx"), *map(flat, faulty))
    submission = hand_in_file(sent, on_error="accept")
    assert get(f"{SUBMISSIONS}/{submission}").json["left_out"] == [faulty[1]["ref"]]
    book = book_in(get(f"{SUBMISSIONS}/{submission}/annotated.xlsx"))
    assert book["Needs"]["B5"].comment.text.startswith("IISG-D")


def test_an_annotated_workbook_can_be_corrected_and_submitted(get, faulty, hand_in_file):
    sent = filled(get(f"{TEMPLATES}/WBCTi/need/2025-2026.xlsx"), *map(flat, faulty))
    submission = hand_in_file(sent)
    book = book_in(get(f"{SUBMISSIONS}/{submission}/annotated.xlsx"))
    names = {cell.value: cell.column for cell in book["Needs"][3]}
    for path in ("title", "priority_level"):
        book["Needs"].cell(5, names[path]).value = NEED[path]
    corrected = io.BytesIO()
    book.save(corrected)
    hand_in_file(corrected.getvalue(), supersedes=submission, version=1)
    shown = get(f"{SUBMISSIONS}/{submission}").json
    assert (shown["version"], shown["state"], shown["records"]) == (2, "accepted", 2)


def test_a_submission_whose_last_file_is_no_workbook_has_no_annotated_workbook(
    installation, get, need, hand_in, hand_in_file
):
    as_json = hand_in()
    as_file = hand_in_file(
        filled(get(f"{TEMPLATES}/WBCTi/need/2025-2026.xlsx"), flat(need(title="Another need altogether")))
    )
    assert get(f"{SUBMISSIONS}/{as_file}/annotated.xlsx").status_code == 200
    installation.hand_in(
        NEEDS
        | {
            "records": [need(title="Quite another need")],
            "supersedes": {"submission": as_file, "version": 1},
        }
    )
    for submission in (as_json, as_file):
        answer = get(f"{SUBMISSIONS}/{submission}/annotated.xlsx")
        assert (answer.status_code, answer.json["detail"]) == (404, "There is no such annotated workbook.")


def test_other_reporters_cannot_download_the_annotated_workbook(get, need, hand_in_file):
    submission = hand_in_file(filled(get(f"{TEMPLATES}/WBCTi/need/2025-2026.xlsx"), flat(need())))
    path = f"{SUBMISSIONS}/{submission}"
    for file in (
        "annotated.xlsx",
        "versions/1/records.json",
        "versions/1/records.csv",
        "versions/1/records.xlsx",
    ):
        statuses = {
            code: get(f"{path}/{file}", as_=code).status_code
            for code in ("AL-WBCTi", "AL-NC", "SECRETARIAT", "AL-WBCSCi", "RS-WBCTi", "RS-NC", "UNODC")
        }
        assert statuses == {
            **dict.fromkeys(("AL-WBCTi", "AL-NC", "SECRETARIAT"), 200),
            **dict.fromkeys(("AL-WBCSCi", "RS-WBCTi", "RS-NC", "UNODC"), 404),
        }


def test_a_workbook_that_cannot_be_annotated_is_a_problem(get, faulty, hand_in_file):
    sent = filled(get(f"{TEMPLATES}/WBCTi/need/2025-2026.xlsx"), flat(faulty[1]))
    broken = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(sent)) as old, zipfile.ZipFile(broken, "w") as new:
        for entry in old.infolist():
            part = old.read(entry)
            new.writestr(
                entry, part.replace(b"commentList", b"others") if "comment" in entry.filename else part
            )
    submission = hand_in_file(broken.getvalue())
    answer = get(f"{SUBMISSIONS}/{submission}/annotated.xlsx")
    assert (answer.status_code, answer.json["title"]) == (422, "The workbook cannot be annotated")
    assert "save it again as XLSX" in answer.json["detail"]
