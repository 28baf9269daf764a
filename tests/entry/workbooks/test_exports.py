import csv
import io
import json
from functools import partial
from typing import Any

import openpyxl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from services.entry.files.domain import exact_values
from services.entry.files.domain.media_types import CSV, XLSX
from services.entry.files.operations import read_file, read_rows
from services.entry.workbooks.domain import TableIsTooLarge
from services.entry.workbooks.formats.exports import records_as_csv, records_as_xlsx
from services.entry.workbooks.formats.flattening import MAX_COLUMNS, Table, build_table
from services.validation.findings.formats.report_csv import report_as_csv
from services.validation.findings.formats.report_xlsx import report_as_xlsx
from shared.documents.formulas import escape_formula
from shared.reference import KINDS, Field, fields_of
from tests.validation.conftest import SAMPLES
from tests.validation.findings.reports import HEADING, group, place, report

Record = dict[str, Any]

# Texts that a spreadsheet, a CSV reader or XlsxWriter may interpret.
TRICKY = (
    *(
        "=1+1",
        "+1x",
        "-1x",
        "@SUM(A1)",
        "a\t=1",
        "a\r=1",
        "a\n=1",
        '"=1',
        "'=1",
        "''x",
        "\uff1d1",
        "{=1}",
        "-",
        "'",
    ),
    *("a;=1", "a,=1", 'a;"=1"', "x;y", "NULL", "007x", "TRUE", "http://example.org", "internal:Summary!A1"),
    *(
        "#REF!",
        "<b>",
        "&amp;",
        "_x0041_",
        "_x005F_x0041_x0042_",
        "<r></r>",
        "<r><t>=1</t></r>",
        "\x01",
        "\x7f",
    ),
    *("Приштина", "عربى", "\U0001f512", "a  b", "# ref", '"a","b"'),
)
PARTS = (
    "_x0041_",
    "_x00",
    "41_",
    "<r>",
    "</r>",
    "\x01",
    "=",
    "-1",
    ";",
    '"',
    "'",
    "\n",
    "\r\n",
    "\t",
    "a",
    ",",
)
TEXTS = (
    st.one_of(
        st.sampled_from(TRICKY),
        st.lists(st.sampled_from(PARTS), max_size=6).map("".join),
        # Spreadsheets cannot hold lone surrogates or noncharacters; texts cannot hold NUL.
        st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0\ufffe\uffff"), max_size=20),
    )
    .map(str.strip)
    .filter(bool)
)
NUMBERS = st.one_of(
    st.integers(-(10**20), 10**20),
    st.decimals(-(10**9), 10**9, places=2).map(float).filter(lambda it: it % 1),
)
DAYS = st.dates().map(str)


def values_of(field: Field) -> st.SearchStrategy[Any]:
    """Values of a field after reading."""
    if field.allowed:
        return st.sampled_from(sorted(field.accepted))
    if field.type in ("number", "integer"):
        return NUMBERS
    if field.type == "date":
        return DAYS
    if field.type == "block":
        return records_of(field.fields)
    if field.items is not None:
        return st.lists(values_of(field.items), min_size=1, max_size=3)
    # A label is read as its code.
    return st.sampled_from(("EUR", "15210")) if field.codelist else TEXTS


def records_of(fields: Any) -> st.SearchStrategy[Record]:
    return st.dictionaries(st.sampled_from(sorted(fields)), st.none(), min_size=1).flatmap(
        lambda names: st.fixed_dictionaries({name: values_of(fields[name]) for name in names})
    )


SUBMISSIONS = st.sampled_from(KINDS).flatmap(
    lambda kind: st.tuples(st.just(kind), st.lists(records_of(fields_of(kind)), min_size=1, max_size=4))
)


def exported(media_type: str, kind: str, records: list[Record]) -> bytes:
    read_back = partial(read_rows, kind=kind)
    if media_type == CSV:
        return records_as_csv(kind, lambda: records, read_back=read_back)
    return records_as_xlsx(kind, lambda: records, tlp="TLP:AMBER", read_back=read_back)


def read(media_type: str, kind: str, content: bytes) -> list[Record]:
    return list(read_file(io.BytesIO(content), media_type=media_type, kind=kind, name="export").records)


# --- Round trips ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("media_type", [CSV, XLSX])
@settings(deadline=None, max_examples=60)
@given(SUBMISSIONS)
def test_exported_records_are_read_back(media_type, submission):
    kind, records = submission
    assert read(media_type, kind, exported(media_type, kind, records)) == records


@pytest.mark.parametrize("media_type", [CSV, XLSX])
@pytest.mark.parametrize("kind", KINDS)
def test_a_typical_record_is_read_back(media_type, kind):
    assert read(media_type, kind, exported(media_type, kind, [SAMPLES[kind]])) == [SAMPLES[kind]]


@pytest.mark.parametrize("media_type", [CSV, XLSX])
def test_an_invalid_value_is_read_back_as_its_text(media_type):
    record = {
        "ref": "A",
        "target_date": "in spring",
        "estimated_cost": "=90000",
        "category": "-law",
        "x y": "@1",
    }
    assert read(media_type, "need", exported(media_type, "need", [record])) == [record]


# --- Formulas ---------------------------------------------------------------------------------------------------------

SIGNS = tuple("=+-@\uff1d\uff0b\uff0d\uff20")


def begins_like_a_formula(cell: str) -> bool:
    return cell.lstrip(' "').startswith(SIGNS)


@settings(deadline=None, max_examples=100)
@given(TEXTS, TEXTS)
@example('a;"=1"', "=ref")
@example('";=1', "a\n=1")
def test_no_text_in_a_csv_begins_like_a_formula_whatever_a_spreadsheet_separates_by(text, name):
    reports = report(group(place(value=text, ref=name)))
    for content in (
        exported(CSV, "need", [{"title": text, name: text, "themes": [text]}]).decode("utf-8-sig"),
        report_as_csv(reports, HEADING).removeprefix("\ufeff"),
    ):
        for delimiter in ",;\t":
            cells = [
                cell
                for line in csv.reader(io.StringIO(content, newline=""), delimiter=delimiter)
                for cell in line
            ]
            assert [cell for cell in cells if begins_like_a_formula(cell)] == []


@settings(deadline=None, max_examples=40)
@given(TEXTS)
def test_no_cell_of_a_workbook_is_a_formula_or_a_link(text):
    for content in (
        exported(XLSX, "need", [{"title": text, text: text}]),
        report_as_xlsx(report(group(place(value=text, ref=text))), HEADING),
    ):
        for sheet in openpyxl.load_workbook(io.BytesIO(content)):
            for cell in (cell for row in sheet.iter_rows() for cell in row):
                assert cell.data_type in ("s", "n", "b", "inlineStr")
                assert cell.hyperlink is None


@pytest.mark.parametrize("text", ["=1", "\t=1", "\r1", " @x", '"-1"', "'", "a;+1", "a\n-1", "\uff1d1"])
def test_formulas_are_escaped_with_an_apostrophe(text):
    written = escape_formula(text)
    assert len(written) > len(text)
    assert written.replace("'", "") == text.replace("'", "")


# --- The table --------------------------------------------------------------------------------------------------------


def table_of(kind: str, *records: Record) -> Table:
    read_back = partial(read_rows, kind=kind)
    return build_table(
        kind,
        lambda: records,
        read_back=read_back,
        as_cell=lambda value: "" if value is None else float(value) if isinstance(value, int) else value,
    )


def columns_for(kind: str, *records: Record) -> list[str]:
    return list(table_of(kind, *records).columns)


def test_the_columns_hold_the_fields_of_the_kind_and_every_entry():
    columns = columns_for("support", {"themes": [{"code": "a"}, {"code": "b"}]}, {"ref": "x", "extra": 1})
    assert columns[:3] == ["ref", "title", "description"]
    assert [path for path in columns if path.startswith("themes")] == [
        *("themes.0.code", "themes.0.percentage", "themes.1.code", "themes.1.percentage"),
    ]
    assert columns[-1] == "extra"


def test_entries_that_contain_the_separator_have_their_own_columns():
    shared = {"beneficiary_institutions": ["Police", "Prison service"]}
    assert "beneficiary_institutions" in columns_for("need", shared)
    apart = {"beneficiary_institutions": ["Police; Border unit", "Prison service"]}
    columns = columns_for("need", shared, apart)
    assert "beneficiary_institutions" not in columns
    at = columns.index("beneficiary_institutions.0")
    assert columns[at + 1] == "beneficiary_institutions.1"


def test_numbers_stay_numbers_and_true_stays_true():
    record = {"ref": "A", "estimated_cost": -90000.5, "price_year": 2026, "urgent": True, "many": 10**17 + 1}
    ((_, cost, year, urgent, many, exact),) = [
        tuple(value for value in row if value is not None)
        for row in openpyxl.load_workbook(io.BytesIO(exported(XLSX, "need", [record]))).active.iter_rows(
            min_row=2, values_only=True
        )
    ]
    assert (cost, year, urgent, many) == (-90000.5, 2026, True, "100000000000000001")
    assert json.loads(exact) == {"urgent": True, "many": 10**17 + 1}
    assert b",-90000.5," in exported(CSV, "need", [record])


def test_values_below_the_maximum_depth_are_written_as_json():
    deep: Any = "x"
    for _ in range(50):
        deep = {"in": [deep]}
    ((path, value),) = [
        (path, value)
        for table in [table_of("need", {"odd": deep})]
        for path, value in zip(table.columns, next(table.rows), strict=True)
        if value is not None and path != exact_values.HEADING
    ]
    assert path == "odd.in.0.in"
    assert json.loads(str(value))[0]["in"]


def test_blank_values_and_empty_lists_leave_their_cells_blank():
    table = table_of("need", {"ref": "A", "title": None, "capabilities": [], "training": {}})
    assert [value for value in next(table.rows) if value is not None] == ["A"]


@pytest.mark.parametrize(
    "records",
    [
        [{f"field {at}": 1 for at in range(MAX_COLUMNS + 1)}],
        [{"themes": [{"code": "x"}] * 1_000}, *[{"ref": "x"}] * 20_000],
    ],
)
def test_records_too_large_for_a_table_are_refused_before_writing(records):
    with pytest.raises(TableIsTooLarge, match="Download the records as JSON"):
        exported(CSV, "support", records)


def test_the_number_of_columns_of_a_list_is_limited():
    assert len(columns_for("support", {"themes": [{}] * 100_000, "themes.99999999": "x"})) < 3_000


def test_a_text_too_long_for_a_cell_is_marked_as_cut():
    cell = openpyxl.load_workbook(io.BytesIO(exported(XLSX, "need", [{"title": "x" * 40_000}]))).active["B2"]
    assert cell.value.endswith("the JSON has all 40,000 characters)")
    assert b"x" * 40_000 in exported(CSV, "need", [{"title": "x" * 40_000}])


def test_every_page_has_the_tlp_marking():
    sheet = openpyxl.load_workbook(io.BytesIO(exported(XLSX, "need", [{"ref": "A"}]))).active
    assert sheet.oddHeader.right.text.endswith("TLP:AMBER")
