"""A cell is read as it is displayed: formats, errors, and texts that look like markup."""

import datetime as dt
import io

import openpyxl
import pytest
import xlsxwriter

from services.entry.files.domain import media_types
from services.entry.files.domain.refusals import FileIsRefused
from services.entry.files.formats.number_formats import Percent, Shown, format_of
from services.entry.files.formats.sheet_layout import Layout
from services.entry.files.formats.sheet_scan import find_styled_cells
from tests.entry.files.samples import HEAD, package, read, sheet, workbook

DOLLARS = {"AUD", "CAD", "HKD", "NZD", "SGD"}


@pytest.mark.parametrize(
    ("code", "number", "shown"),
    [
        *(("000", 7, "007"), ("000", 1234, "1234"), ("00000", 42, "00042"), ("[Red]000;-000", 7, "007")),
        *(('"AL-"000', 7, "AL-007"), ("\\A\\L000", 7, "AL007"), ("000-000", 1234, "001-234")),
        *(("0.00", 1.1, "1.10"), ("00.00", 1.5, "01.50"), ("0.0#", 1.5, "1.5"), ('0"%"', 99, "99%")),
    ],
)
def test_an_identifier_is_read_as_its_format_shows_it(code, number, shown):
    assert format_of(code).show(number) == Shown(number, shown)


@pytest.mark.parametrize("code", ["General", "0", "#,##0", "dd.mm.yyyy", "# ?/?", "0.00E+00", "@", "[h]:mm"])
def test_other_formats_leave_the_digits(code):
    assert format_of(code) is None


@pytest.mark.parametrize(("code", "number"), [("000", -7), ("000", 7.4), ("000", 1e16), ("0.00", 1.234)])
def test_a_number_that_its_format_rounds_keeps_its_digits(code, number):
    assert format_of(code).show(number) == number


@pytest.mark.parametrize(
    ("code", "is_percent"),
    [("0%", True), ("0.00 %", True), ("[Blue]0%;0%", True), ('0"%"', False), ("0\\%", False), ("0_%", False)],
)
def test_a_literal_per_cent_sign_is_no_percentage(code, is_percent):
    found = format_of(code)
    assert (
        isinstance(found.show(1), Percent) if is_percent else not isinstance(found and found.show(1), Percent)
    )


def formatted(*cells: tuple[float, str], path: str, kind: str):
    made = io.BytesIO()
    book = xlsxwriter.Workbook(made)
    page = book.add_worksheet(kind)
    page.write_row(0, 0, ["ref", "title", path])
    for row, (number, code) in enumerate(cells, start=1):
        page.write_row(row, 0, [f"A-{row}", "b"])
        page.write_number(row, 2, number, book.add_format({"num_format": code}))
    book.close()
    made.seek(0)
    return read(made, media_types.XLSX, kind=kind)[0]


def test_shares_with_a_literal_per_cent_sign_are_read_as_they_stand():
    records = formatted((1, '0"%"'), (99, '0"%"'), (0.5, "0%"), path="sectors.0.percentage", kind="support")
    assert [record["sectors"] for record in records] == [[{"percentage": each}] for each in (1, 99, 50)]


def test_a_code_is_known_with_and_without_what_its_format_adds():
    records = formatted((2, '0" (running)"'), (2, "0"), path="activity_status", kind="support")
    assert [record["activity_status"] for record in records] == ["2", "2"]


def test_an_amount_is_a_number_whatever_its_format_shows():
    records = formatted((7, "000"), (1.5, '0.00" EUR"'), path="estimated_cost", kind="need")
    assert [record["estimated_cost"] for record in records] == [7, 1.5]


@pytest.mark.parametrize(
    ("code", "hidden"),
    [
        (";;;", [5.0, -5.0, 0.0, "a"]),
        *((code, [5.0, -5.0, 0.0]) for code in (";;", ";", " ;\\ ;_-", '"";"";""', ";;;@", "[>9];[<0];")),
        ("[White];[Red];;", [5.0, -5.0, 0.0, "a"]),
        ("0;-0;;@", [0.0]),
        ("0;;0", [-5.0]),
        *(('"n/a"', [5.0, -5.0]), ('"Yes";"Yes";"No"', [5.0, -5.0]), ('0;-0;"-"', []), ('"x"@', [])),
        *(('General" EUR"', []), ("yyyy", []), ("[h]:mm", [])),
        *((code, []) for code in ("General", "0", "0;-0;-", '0;0;"-"', "[=0];0")),
    ],
)
def test_a_format_hides_what_it_shows_nothing_for(code, hidden):
    found = format_of(code)
    assert [each for each in (5.0, -5.0, 0.0, "a") if found is not None and found.hides(each)] == hidden


@pytest.mark.parametrize(
    ("code", "currencies"),
    [
        *(("[$USD] #,##0.00", {"USD"}), ("#,##0.00 [$€-407]", {"EUR"}), ('#,##0\\ "KM"', {"BAM"})),
        *(("#,##0.00 [$ден.-42F]", {"MKD"}), ('0" lekë"', {"ALL"}), ("[$US$-409]0", {"USD"} | DOLLARS)),
        *(('"$"#,##0', {"USD"} | DOLLARS), ("€0", {"EUR"}), ("0 [$-407]", set()), ('0" km"', set())),
        *(('0;-0;"EUR"', {"EUR"}), ('[$-409]d. mmm yyyy "den"', set())),
    ],
)
def test_a_format_names_a_currency_by_its_code_word_or_sign(code, currencies):
    found = format_of(code)
    assert (found.currencies if found is not None else set()) == currencies


@pytest.mark.parametrize(
    ("code", "scale"),
    [
        *(
            ('0",000"', ",000"),
            ('#,##0".000.000"', ".000.000"),
            ('0.0" mil."', "mil."),
            ('0" hiljada"', "hiljada"),
        ),
        *(('0,"k"', ""), ('0.0,,"M"', ""), ('0" EUR"', ""), ("000", ""), ('"Q"000', ""), ("0.000", "")),
    ],
)
def test_a_format_that_multiplies_a_number_for_its_reader_is_told(code, scale):
    found = format_of(code)
    assert (found.scale if found is not None else "") == scale


def test_a_ref_with_leading_zeros_is_one_in_csv_and_in_the_workbook():
    made = openpyxl.Workbook()
    for row in (["ref", "title"], [7, "x"]):
        made.active.append(row)
    made.active["A2"].number_format = "000"
    file = io.BytesIO()
    made.save(file)
    file.seek(0)
    assert read(file, media_types.XLSX)[0] == read(b"ref,title\n007,x\n", media_types.CSV)[0]


@pytest.mark.parametrize(
    ("ref", "reason"), [(12345678901234567, "long-number"), ("2026-01-03", "date-as-ref")]
)
def test_a_ref_that_a_spreadsheet_has_changed_is_reported(ref, reason):
    value = dt.date.fromisoformat(ref) if isinstance(ref, str) else ref
    _, reading = read(workbook(["ref", "title"], [value, "x"]), media_types.XLSX)
    assert [(each.reason, each.cell) for each in reading.unread] == [(reason, "A2")]


AMOUNTS = ("ref", "title", "estimated_cost", "currency", "target_date")


def with_formats(*rows, formats, head=AMOUNTS):
    made = openpyxl.Workbook()
    for line in (head, *rows):
        made.active.append(line)
    for cell, code in formats.items():
        made.active[cell].number_format = code
    file = io.BytesIO()
    made.save(file)
    file.seek(0)
    records, reading = read(file, media_types.XLSX)
    return records, [(each.reason, each.cell, each.amount) for each in reading.unread]


def test_values_that_their_format_hides_are_not_read_and_reported_by_what_they_bear():
    rows = (("A", "x", 5, "EUR", 46000), ("B", "y", 7, "EUR", 46000), ("C", "z", 0, "EUR", 46000))
    formats = {"C2": ";;;", "C3": ";;;", "C4": "0;-0;;", "E3": ";;", "B4": ";;;"}
    records, unread = with_formats(*rows, formats=formats)
    assert [each.get("estimated_cost") for each in records] == [None, None, None]
    assert [each.get("title") for each in records] == ["x", "y", None]
    assert unread == [
        ("unseen-texts", "B4", None),
        ("unseen-amounts", "C2", "12"),
        ("unseen-zeros", "C4", "0"),
        ("unseen-dates", "E3", None),
    ]


def test_a_row_of_hidden_values_only_is_reported():
    records, unread = with_formats(
        ("A", "x", 5), ("B", "y", 7), formats={"A3": ";;;", "B3": ";;;", "C3": ";;;"}
    )
    assert [each["ref"] for each in records] == ["A"]
    assert [reason for reason, *_ in unread] == ["unseen-texts", "unseen-texts", "unseen-amounts"]


@pytest.mark.parametrize(
    ("stated", "code", "is_reported"),
    [
        *(("EUR", "[$USD] 0", True), ("EUR", "0 [$€-407]", False), ("Euro", '0 "EUR"', False)),
        *(("CAD", '"$"0', False), ("EUR", '"$"0', True), (None, "[$USD] 0", False), ("EUR", "0.00", False)),
    ],
)
def test_a_cell_that_shows_another_currency_than_its_row_states_is_reported(stated, code, is_reported):
    records, unread = with_formats(("A", "x", 5, stated), ("B", "y", 6, "EUR"), formats={"C2": code})
    assert records[0]["estimated_cost"] == 5
    assert unread == ([("cell-currency", "C2", None)] if is_reported else [])


def test_the_currency_of_an_entry_prevails_over_that_of_its_record():
    head = ("ref", "title", "currency", "transactions.0.amount", "transactions.0.currency")
    made = workbook(head, ("A", "x", "EUR", 5, "USD"), ("B", "x", "EUR", 5, ""), name="support")
    changed = openpyxl.load_workbook(made)
    for cell in ("D2", "D3"):
        changed.active[cell].number_format = "[$USD] 0"
    file = io.BytesIO()
    changed.save(file)
    file.seek(0)
    _, reading = read(file, media_types.XLSX, kind="support")
    assert [(each.reason, each.cell) for each in reading.unread] == [("cell-currency", "D3")]


def test_a_number_that_its_format_multiplies_is_reported_in_columns_of_numbers():
    _, unread = with_formats((7, "x", 5), formats={"A2": '0",000"', "C2": '0",000"'})
    assert unread == [("cell-scale", "C2", None)]


@pytest.mark.parametrize("attribute", ['ht="0"', 'ht="0.25" customHeight="1"', 'hidden="1"', "hidden='true'"])
def test_a_row_without_height_is_hidden(attribute):
    rows = HEAD + row('<c r="B2" t="str"><v>x</v></c>').replace("<row ", f"<row {attribute} ")
    records, reading = read(package(rows), media_types.XLSX)
    assert records == []
    assert [(each.reason, each.row) for each in reading.unread] == [("hidden-rows", 2)]


@pytest.mark.parametrize("attribute", ['width="0"', 'width="0.1" customWidth="1"', 'hidden="1"'])
def test_a_column_without_width_is_hidden(attribute):
    made = sheet(HEAD + row('<c r="B2" t="str"><v>x</v></c>')).replace(
        "<sheetData>", f'<cols><col min="2" max="2" {attribute}/></cols><sheetData>'
    )
    records, reading = read(package(**{"xl/worksheets/sheet1.xml": made}), media_types.XLSX)
    assert records == [{"ref": "A"}]
    assert [(each.reason, each.cell) for each in reading.unread] == [("hidden-column", "B1")]


def with_columns(*tags: str) -> bytes:
    made = sheet(HEAD + row('<c r="B2" t="str"><v>x</v></c>')).replace(
        "<sheetData>", f"<cols>{''.join(tags)}</cols><sheetData>"
    )
    return package(**{"xl/worksheets/sheet1.xml": made})


def test_a_table_of_which_all_columns_are_hidden_has_no_records_and_names_them():
    records, reading = read(with_columns('<col min="1" max="16384" hidden="1"/>' * 20_000), media_types.XLSX)
    assert records == []
    assert {each.reason for each in reading.unread} == {"hidden-column"}


@pytest.mark.parametrize("number", ["9" * 5_000, "\u00b2", "", "0x1"])
def test_a_hidden_column_without_a_number_is_none(number):
    records, _ = read(with_columns(f'<col min="{number}" max="{number}" hidden="1"/>'), media_types.XLSX)
    assert [each["ref"] for each in records] == ["A"]


def test_a_hidden_row_beyond_every_sheet_is_refused():
    rows = HEAD + row('<c r="B2" t="str"><v>x</v></c>').replace('r="2"', f'hidden="1" r="{"1" * 5_000}"', 1)
    with pytest.raises(FileIsRefused, match="invalid reference"):
        read(package(rows), media_types.XLSX)


ERRORS = (
    "#SPILL!",
    "#CALC!",
    "#FIELD!",
    "#BLOCKED!",
    "#UNKNOWN!",
    "#GETTING_DATA",
    "#BUSY!",
    "#N/A",
    "#REF!",
)


def row(*cells: str) -> str:
    return f'<row r="2"><c r="A2" t="str"><v>A</v></c>{"".join(cells)}</row>'


@pytest.mark.parametrize("error", ERRORS)
def test_an_error_of_any_name_is_reported_at_its_cell(error):
    records, reading = read(package(HEAD + row(f'<c r="B2" t="e"><v>{error}</v></c>')), media_types.XLSX)
    assert records == [{"ref": "A", "title": error}]
    [part] = reading.unread
    assert (part.reason, part.cell, part.values["error"]) == ("cell-error", "B2", error)
    assert part.written["message"] == f"B2 shows the error {error} instead of a value."


@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize("quote", ['"', "'"])
def test_an_error_outside_the_table_harms_nothing(error, quote):
    cells = '<c r="B2" t="str"><v>x</v></c>', f'<c r="F2" t="e"><v>{error}</v></c>'
    records, reading = read(
        package((HEAD + row(*cells)).replace('"', quote) if quote == "'" else HEAD + row(*cells)),
        media_types.XLSX,
    )
    assert records == [{"ref": "A", "title": "x"}]
    assert [each.reason for each in reading.unread] in ([], ["column-without-heading"])


def test_an_error_on_another_sheet_harms_nothing():
    made = openpyxl.Workbook()
    for line in (["ref", "title"], ["A", "x"]):
        made.active.append(line)
    other = made.create_sheet("Costs")
    other["A1"] = "#SPILL!"
    other["A1"].data_type = "e"
    file = io.BytesIO()
    made.save(file)
    file.seek(0)
    assert read(file, media_types.XLSX)[0] == [{"ref": "A", "title": "x"}]


@pytest.mark.parametrize(
    "text",
    [
        *("!DOCTYPE", "<!DOCTYPE html>", "Use <!ENTITY x> in XML", "!ENTITY"),
        *("a\ufffeb", "a\uffffb", "\ufffe", "_xFFFE_", "_x0041_", "_x005F_xFFFE_", "_xD83D__xDE00_"),
    ],
)
def test_a_text_that_looks_like_markup_or_an_escape_is_read_as_displayed(text):
    records, _ = read(workbook(["ref", "title"], ["A", text]), media_types.XLSX)
    assert records == [{"ref": "A", "title": text}]


def test_a_document_type_in_a_cdata_section_is_a_text():
    cell = '<c r="B2" t="inlineStr"><is><t><![CDATA[<!DOCTYPE html>]]></t></is></c>'
    assert read(package(HEAD + row(cell)), media_types.XLSX)[0] == [{"ref": "A", "title": "<!DOCTYPE html>"}]


def test_an_escaped_surrogate_pair_is_one_character():
    cell = '<c r="B2" t="inlineStr"><is><t>a_xD83D__xDE00_b_x005F_xD83D_</t></is></c>'
    assert read(package(HEAD + row(cell)), media_types.XLSX)[0] == [
        {"ref": "A", "title": "a\U0001f600b_xD83D_"}
    ]


@pytest.mark.parametrize(
    "junk", [b"<row " * 60_000, b"<mergeCell " * 30_000, b"<row hidden " + b"a" * 300_000 + b">"]
)
def test_a_layout_without_sense_takes_no_longer_than_its_text(junk):
    layout = Layout()
    layout.add_chunk(b'<row r="3" hidden="1">' + junk)
    assert layout.hidden_rows == {3}


@pytest.mark.parametrize("code", ["0." + "0" * 2_000, "[$" * 600])
def test_a_number_format_that_no_program_writes_is_refused(code):
    with pytest.raises(FileIsRefused, match="cannot be read"):
        with_formats((7, "x", 5), formats={"C2": code})


def test_the_brackets_of_a_number_format_take_no_longer_than_its_text():
    assert format_of("[$" * 500) is not None


@pytest.mark.parametrize("number", [3, 600])
def test_the_cells_of_each_style_are_found_however_many_styles_there_are(number):
    percent = format_of("0%")
    assert percent is not None
    styles = {str(at): percent for at in range(1, number)}
    chunk = b'<c r="A1" s="2"/><c r="B1" s="0"/><c r="C1" s="700"/>'
    found = find_styled_cells([chunk], styles=styles, has_layout=False)
    assert found is not None
    assert list(found.formats) == [(1, 1)]
