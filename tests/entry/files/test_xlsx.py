"""The XLSX reader: it finds the sheet of the records, and reads cells as displayed."""

import datetime as dt
import io

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from services.entry.files.domain import media_types
from services.entry.files.formats.cells import column_of
from services.validation.engine.domain.evaluation.origins import Origins
from shared.reference import Field
from tests.entry.files.samples import HEAD, WORKBOOK, archive, package, read, refusal, sheet, workbook


def xlsx(*rows, kind="need", **more):
    """The records of a workbook with these rows."""
    return read(workbook(*rows, **more), media_types.XLSX, kind=kind)[0]


def test_the_sheet_with_known_headings_is_read():
    made = workbook(
        ["Needs of Albania, 2025-2026"],
        [],
        ["", "Titulli *", "", "Referenca *", "Kostoja e vlerësuar"],
        ["", "Course", "a note", "A-1", 12.5],
        [],
        ["", "Posts", "", "A-2", 3],
        before={"Instructions": [["How to fill it"], ["Title"]], "Lists": [["high", "medium"]]},
    )
    records, reading = read(made, media_types.XLSX)
    assert records == [
        {"title": "Course", "ref": "A-1", "estimated_cost": 12.5},
        {"title": "Posts", "ref": "A-2", "estimated_cost": 3},
    ]
    origins = Origins(**reading.origins)
    assert origins == Origins("Needs", [4, 6], {"title": 2, "ref": 4, "estimated_cost": 5})
    assert origins.cell("/records/1/estimated_cost") == {"sheet": "Needs", "row": 6, "cell": "E6"}


def test_a_sheet_named_like_the_kind_is_preferred():
    rows = [["ref", "title"], ["OLD", "x"]]
    made = workbook(["ref", "title"], ["NEW", "y"], name="Our needs", before={"Archive": rows})
    assert read(made, media_types.XLSX)[0] == [{"ref": "NEW", "title": "y"}]


def test_the_lower_of_two_rows_of_headings_is_used():
    rows = ["Reference", "Title"], ["Referenca", "Titulli"], ["A", "x"]
    assert xlsx(*rows) == [{"ref": "A", "title": "x"}]


def test_merged_titles_above_the_headings_do_not_matter():
    made = io.BytesIO()
    book = xlsxwriter.Workbook(made)
    page = book.add_worksheet("Needs")
    page.merge_range("A1:D1", "Needs of all pillars")
    page.merge_range("A2:D2", "Reference period 2025-2026")
    page.write_row("A4", ["ref", "title"])
    page.write_row("A5", ["A", "x"])
    book.close()
    assert read(made, media_types.XLSX)[0] == [{"ref": "A", "title": "x"}]


@pytest.mark.parametrize(
    ("path", "cell", "value"),
    [
        *(("ref", 3, "3"), ("ref", 20250001, "20250001"), ("title", 2.5, "2.5"), ("title", True, "TRUE")),
        *(
            ("price_year", 2026, 2026),
            ("estimated_cost", 3, 3),
            ("estimated_cost", 0, 0),
            ("estimated_cost", 2.5, 2.5),
        ),
        *(
            ("estimated_cost", "1.234,56", 1234.56),
            ("estimated_cost", "1.234", "1.234"),
            ("estimated_cost", -1, -1),
        ),
        *(("estimated_cost", True, "TRUE"), ("estimated_cost", dt.date(2026, 3, 1), "2026-03-01")),
        *(
            ("target_date", dt.date(2026, 3, 1), "2026-03-01"),
            ("target_date", "30.3.2016.", "2016-03-30"),
        ),
        *(
            ("target_date", dt.datetime.fromisoformat("2026-03-01T14:30"), "2026-03-01"),
            ("target_date", 46000, "46000"),
        ),
        *(
            ("target_date", "03/04/2016", "03/04/2016"),
            ("urgency", "Short term", "short_term"),
            ("urgency", 5, "5"),
        ),
        *(
            ("capabilities", "training; IT", ["training", "it"]),
            ("capabilities", "Staffing\ntraining", ["staffing", "training"]),
        ),
        *(("colour", 3, 3), ("colour", " red ", "red"), ("colour", dt.date(2026, 3, 1), "2026-03-01")),
    ],
)
def test_a_cell_is_read_by_the_type_of_its_field_or_stays_a_text(path, cell, value):
    rows = (
        [["ref", "title", path], ["A", "b", cell]]
        if path not in ("ref", "title")
        else [
            [path, {"ref": "title", "title": "ref"}[path]],
            [cell, "x"],
        ]
    )
    [record] = xlsx(*rows)
    assert record[path] == value
    assert type(record[path]) is type(value)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("activity_status", "2"),
        ("organisations.0.role", [{"role": "2"}]),
        ("sectors.0.code", [{"code": "2"}]),
    ],
)
def test_a_numeric_code_is_a_text(path, value):
    [record] = xlsx(["ref", "title", path], ["A", "b", 2], kind="support")
    assert record[path.partition(".")[0]] == value


def percent_book(*cells: tuple[float, str]) -> io.BytesIO:
    made = io.BytesIO()
    book = xlsxwriter.Workbook(made)
    page = book.add_worksheet("Support")
    page.write_row(0, 0, ["ref", "title", "sectors.0.percentage", "budget"])
    for row, (number, form) in enumerate(cells, start=1):
        page.write_row(row, 0, [f"A-{row}", "b"])
        page.write_number(row, 2, number, book.add_format({"num_format": form}))
        page.write_number(row, 3, number, book.add_format({"num_format": form}))
    book.close()
    return made


def test_a_percentage_is_read_as_shown_and_an_amount_in_percent_stays_a_text():
    records, _ = read(
        percent_book((0.25, "0%"), (0.333, "0.0%"), (25, "0.00")), media_types.XLSX, kind="support"
    )
    assert [record["sectors"] for record in records] == [[{"percentage": each}] for each in (25, 33.3, 25)]
    assert [record["budget"] for record in records] == ["25%", "33.3%", 25]


def cells(*written: str, head: str = HEAD, **parts: str) -> io.BytesIO:
    return package(head + f'<row r="2"><c r="A2" t="str"><v>A</v></c>{"".join(written)}</row>', **parts)


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ('<c r="B2" t="e"><v>#REF!</v></c>', "#REF!"),
        ('<c r="B2" t="e"><f>1/0</f><v>#DIV/0!</v></c>', "#DIV/0!"),
        ('<c r="B2" t="str"><f>A2&amp;"x"</f><v>Ax</v></c>', "Ax"),
        ('<c r="B2"><f>1+1</f><v>2</v></c>', "2"),
        ('<c r="B2" t="inlineStr"><is><t>inline</t></is></c>', "inline"),
        ('<c r="B2"><v>1e999</v></c>', "inf"),
        ("<c r='B2' t='str'><v>quoted</v></c>", "quoted"),
        ('<c t="str"><v>placeless</v></c>', "placeless"),
    ],
)
def test_the_displayed_value_of_a_cell_is_read(cell, value):
    assert read(cells(cell), media_types.XLSX)[0] == [{"ref": "A", "title": value}]


def test_a_spreadsheet_error_is_read_as_a_text_in_any_field():
    head = HEAD.replace("</row>", '<c r="C1" t="str"><v>estimated_cost</v></c></row>')
    records, _ = read(cells('<c r="C2" t="e"><v>#N/A</v></c>', head=head), media_types.XLSX)
    assert records == [{"ref": "A", "estimated_cost": "#N/A"}]


def test_a_table_may_begin_at_any_cell():
    head = '<row r="4"><c r="C4" t="str"><v>ref</v></c><c r="D4" t="str"><v>title</v></c></row>'
    records, reading = read(
        package(head + '<row r="6"><c r="C6"><v>7</v></c><c r="D6" t="e"><v>#REF!</v></c></row>'),
        media_types.XLSX,
    )
    assert records == [{"ref": "7", "title": "#REF!"}]
    assert Origins(**reading.origins) == Origins("Needs", [6], {"ref": 3, "title": 4})


def test_true_is_not_read_as_the_number_1():
    records = xlsx(["ref", "activity_status"], ["A", 1], ["B", True], ["C", "1"], kind="support")
    assert [record["activity_status"] for record in records] == ["1", "TRUE", "1"]


def test_a_code_takes_precedence_over_the_label_of_another():
    read_column = column_of(Field("partner", "code", allowed=("AL", "Albania", "XK")))
    assert read_column(["albania", "al", "KOSOVO", "Kosovo*"]) == ["Albania", "AL", "XK", "XK"]


def test_a_sheet_with_namespace_prefixes_is_read():
    rows = sheet(HEAD + '<row r="2"><c r="A2"><v>7</v></c><c r="B2" t="e"><v>#REF!</v></c></row>')
    prefixed = rows.replace("</", "|").replace("<", "<x:").replace("|", "</x:").replace("xmlns=", "xmlns:x=")
    records, _ = read(archive({**WORKBOOK, "xl/worksheets/sheet1.xml": prefixed}), media_types.XLSX)
    assert records == [{"ref": "7", "title": "#REF!"}]


@pytest.mark.parametrize(
    "cell",
    ['<c r="B2"><f>A2&amp;"x"</f></c>', '<c r="B2"><f>1+1</f><v/></c>', '<c r="B2"><f>1</f><v></v></c>'],
)
def test_a_formula_without_a_result_is_refused_with_its_cell(cell):
    refused = refusal(cells(cell), media_types.XLSX)
    assert (refused.rule, refused.place) == ("uncomputed", "sheet Needs")
    assert refused.message == "The results of formulas are missing: B2."
    assert "computes the results" in refused.expected


def test_placeholder_results_of_formulas_are_refused():
    made = io.BytesIO()
    book = xlsxwriter.Workbook(made)
    page = book.add_worksheet("Needs")
    page.write_row(0, 0, ["ref", "title", "estimated_cost"])
    for row in range(1, 13):
        page.write_row(row, 0, [f"A-{row}", "x"])
        page.write_formula(row, 2, "=2*3")
    book.close()
    refused = refusal(made, media_types.XLSX)
    assert refused.message.startswith("The results of formulas are missing: C2, C3, C4,")
    assert refused.message.endswith(" and 2 more.")


FORMULA = "=SUM(C2:C3)"


@pytest.mark.parametrize(
    ("row", "reasons"),
    [
        (["Total", "", FORMULA], ["total", "uncomputed-total"]),
        (["", "Ukupno", FORMULA], ["total", "uncomputed-total"]),
        (["Note: as planned", "", FORMULA], ["note", "uncomputed-total"]),
        (["", "", FORMULA], ["uncomputed-row"]),
    ],
)
def test_a_formula_without_a_result_below_the_records_is_reported_at_its_cell(row, reasons):
    book = openpyxl.Workbook()
    for line in (["ref", "title", "estimated_cost"], ["A", "x", 5], [], row):
        book.active.append(line)
    made = io.BytesIO()
    book.save(made)
    records, reading = read(made, media_types.XLSX)
    assert [each["ref"] for each in records] == ["A"]
    assert [each.reason for each in reading.unread] == reasons
    assert reading.unread[-1].cell == "C4"


def test_a_row_of_formulas_without_results_is_no_total():
    book = openpyxl.Workbook()
    for line in (["ref", "title", "estimated_cost"], ["A", "x", 5], ["=A2", "=B2", "=C2"]):
        book.active.append(line)
    made = io.BytesIO()
    book.save(made)
    assert refusal(made, media_types.XLSX).message == "The results of formulas are missing: A3, B3, C3."


def test_formulas_with_an_empty_result_or_outside_the_table_are_accepted():
    empty = '<c r="B2" t="str"><f>IF(A2="","x","")</f><v></v></c>'
    beside = '<c r="D2"><f>NOW()</f></c>'
    assert read(cells(empty, beside), media_types.XLSX)[0] == [{"ref": "A"}]


def test_a_workbook_written_by_openpyxl_is_read():
    book = openpyxl.Workbook()
    page = book.active
    page.title = "Needs"
    page.append(["Reference", "Title", "Target date"])
    page.append(["A", "x", dt.date(2026, 3, 1)])
    made = io.BytesIO()
    book.save(made)
    assert read(made, media_types.XLSX)[0] == [{"ref": "A", "title": "x", "target_date": "2026-03-01"}]


def test_a_formula_written_by_openpyxl_is_refused():
    book = openpyxl.Workbook()
    for row in (["ref", "title"], ["A", "x"], ["B", '=A2&"x"']):
        book.active.append(row)
    made = io.BytesIO()
    book.save(made)
    assert refusal(made, media_types.XLSX).message == "The results of formulas are missing: B3."


def test_rows_with_only_blanks_and_notes_are_skipped():
    rows = ["ref", "title", ""], ["", " ", ""], ["", "", "a note"], ["A", "x", ""]
    assert xlsx(*rows) == [{"ref": "A", "title": "x"}]


def test_a_blank_entry_before_a_filled_one_is_kept():
    rows = (
        ["ref", "title", "Theme 1: code", "Theme 2: code", "Theme 3: code"],
        ["A", "x", "", "jap25_europol", ""],
    )
    assert xlsx(*rows, kind="support") == [
        {"ref": "A", "title": "x", "themes": [{}, {"code": "jap25_europol"}]}
    ]


def test_the_refusal_of_a_workbook_without_headings_names_its_sheets():
    refused = refusal(workbook(["Name", "Amount"], before={"First": [["x"]]}), media_types.XLSX)
    assert (refused.rule, refused.place) == ("no-headings", "the sheets First, Needs")


WRITTEN = st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="\ufffe\uffff")
"""Characters that XML can hold. XlsxWriter escapes the others."""


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.text(WRITTEN, max_size=30),
            st.integers(-(10**13), 10**13).map(lambda cents: cents / 100),
            st.dates(dt.date(1901, 1, 1), dt.date(2099, 12, 31)),
        ),
        min_size=1,
        max_size=5,
    )
)
def test_written_cells_are_read_back(rows):
    made = io.BytesIO()
    book = xlsxwriter.Workbook(made, {"strings_to_numbers": False})
    page, day = book.add_worksheet("Needs"), book.add_format({"num_format": "d.m.yyyy"})
    page.write_row(0, 0, ["ref", "title", "estimated_cost", "target_date"])
    for at, (title, cost, target) in enumerate(rows, start=1):
        page.write_string(at, 0, f"A-{at}")
        page.write_string(at, 1, title)
        page.write_number(at, 2, cost)
        page.write_datetime(at, 3, target, day)
    book.close()
    records, _ = read(made, media_types.XLSX)
    wanted = [(title.strip(), cost, target.isoformat()) for title, cost, target in rows]
    assert [
        (each.get("title", ""), each["estimated_cost"], each["target_date"]) for each in records
    ] == wanted


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/_rels/workbook.xml.rels"])
def test_a_malformed_part_is_named_in_the_refusal(part):
    refused = refusal(package(HEAD, **{part: f"{WORKBOOK[part]}<second-root/>"}), media_types.XLSX)
    assert (refused.rule, refused.place) == ("broken-archive", f"part {part}")
