"""The rows and columns of a table that are no records: each is in the account, at its place."""

# ruff: noqa: RUF001 - letters of the region that look like Latin ones
import io
from typing import Any

import openpyxl
import pytest
from openpyxl.comments import Comment

from services.entry.files.domain import media_types
from services.entry.files.domain.read_result import ReadResult
from tests.entry.files.samples import read

HEAD = "ref;title;category;estimated_cost;currency;target_date"
CSV = media_types.CSV


def of(*lines: str, kind: str = "need", head: str = HEAD) -> tuple[list[str], ReadResult]:
    """The refs of the records below the headings, and the result."""
    records, reading = read("\n".join((head, *lines)).encode(), CSV, kind=kind)
    return [record.get("ref") for record in records], reading


def parts(reading: ReadResult) -> list[tuple[str, int | None]]:
    return [(each.reason, each.row) for each in reading.unread]


def record(ref: str, cost: object = 5) -> str:
    return f"{ref};Posts at the border;law;{cost};EUR;2026-05-01"


# --- Headings once more -----------------------------------------------------------------------------------------------


def test_records_below_repeated_headings_are_read_too():
    refs, reading = of(record("Z-1"), record("Z-2"), HEAD, record("Z-3"))
    assert (refs, parts(reading)) == (["Z-1", "Z-2", "Z-3"], [("repeated-headings", 4)])


@pytest.mark.parametrize(
    "again",
    [
        "Reference;Title;Category;Estimated cost;Currency;Target date",
        "REF ;Title *;;;;",
        "Referenca;Titulli;;;;",
    ],
)
def test_headings_repeated_in_other_words_are_no_record(again):
    refs, reading = of(record("A-1"), again, record("A-2"))
    assert (refs, parts(reading)) == (["A-1", "A-2"], [("repeated-headings", 3)])


def test_headings_in_a_second_language_directly_below_are_part_of_the_headings():
    refs, reading = of("Referenca;Titulli;Kategoria;Kostoja e vlerësuar;Monedha;Data e synuar", record("A-1"))
    assert (refs, parts(reading)) == (["A-1"], [])
    assert reading.summary["heading_row"] == 2


def test_a_second_row_of_headings_with_fewer_known_words_is_no_record():
    refs, reading = of("Referenca;Titulli;Lloji;Shuma;;", record("A-1"))
    assert (refs, parts(reading), reading.summary["heading_row"]) == (["A-1"], [], 1)


def test_a_second_table_with_other_headings_is_not_read():
    refs, reading = of(
        record("A-1"), "", "Partner;Title;Amount;Currency;;", "AL;Cars;500;EUR;;", "RS;Posts;7;EUR;;"
    )
    assert (refs, parts(reading)) == (["A-1"], [("second-table", 4)])
    assert reading.unread[0].values["rows"] == "4-6"


def test_a_record_with_words_of_headings_is_a_record():
    refs, reading = of("title;Description;law;5;EUR;2026-05-01", "A-2;Currency;law;1;EUR;")
    assert (refs, parts(reading)) == (["title", "A-2"], [])


# --- Notes and totals -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "total",
    [
        "Total;;;12;EUR;",
        ";Ukupno;;12;;",
        "Укупно:;;;12,00;;",
        "Вкупно;;;12;EUR;",
        ";Gjithsej;;12;;",
        "GRAND TOTAL;;;12 EUR;;",
        "Svega 2026;;;12;;",
        "Sub-total;;;12;;",
        "Total in EUR (Albania);;;12;;",
        *("Međuzbir;;;12;;", "Меѓузбир;;;12;EUR;", "Nën-total;;;12;;", "Σ;;;12;EUR;", "Вкупен буџет;;;12;;"),
    ],
)
def test_a_total_below_the_table_is_no_record_and_its_amount_is_in_the_account(total):
    refs, reading = of(record("A-1"), record("A-2", 7), total)
    assert (refs, parts(reading)) == (["A-1", "A-2"], [("total", 4)])
    assert reading.unread[0].amount in ("12", None)
    assert "12" in reading.unread[0].values["text"]


@pytest.mark.parametrize(
    "row", [";;;12;EUR;", ";Total reform of the police;;12;EUR;", "Napomena;;;12;;", ";Source of life;;12;;"]
)
def test_a_row_with_an_amount_that_may_be_a_record_is_not_left_out_quietly(row):
    refs, reading = of(record("A-1"), row)
    assert (refs, parts(reading)) == (["A-1"], [("unclear-row", 3)])
    assert reading.unread[0].amount == "12"


@pytest.mark.parametrize(
    "row",
    [
        "Note-1;;;;;",
        "Note 1;A title;;;;",
        "R-1:;A title;;;;",
        "TOTAL-1;Posts;law;5;EUR;2026-05-01",
        ";Total reform of the police;law;5;EUR;",
        "Total;Reform;law;5;EUR;",
        "SUM-7;;;;;",
        "7;;;;;",
    ],
)
def test_a_row_with_more_than_numbers_beside_the_word_is_a_record(row):
    refs, reading = of(record("A-1"), row)
    assert (len(refs), parts(reading)) == (2, [])


@pytest.mark.parametrize(
    ("note", "reason"),
    [
        ("Source: Ministry of the Interior, 2026;;;;;", "note"),
        ("Napomena;podaci su privremeni;;;;", "note"),
        ("Prepared by:;A. B.;;;;", "note"),
        ("* provisional;;;;;", "note"),
        (";Извор: МВР;;;;", "note"),
        ("All figures are provisional and may change;;;;;", "single-text"),
        (";A lonely title;;;;", "single-text"),
        ("B. Customs;;;;;", "single-text"),
    ],
)
def test_a_note_below_the_table_is_no_record(note, reason):
    refs, reading = of(record("A-1"), "", note)
    assert (refs, parts(reading)) == (["A-1"], [(reason, 4)])


def test_a_ref_alone_is_a_record_with_the_rest_missing():
    refs, reading = of("A-1;;;;;")
    assert (refs, parts(reading)) == (["A-1"], [])


# --- Rows above -------------------------------------------------------------------------------------------------------


def above(*rows: str) -> ReadResult:
    records, reading = read("\n".join((*rows, HEAD, record("A-1"))).encode(), CSV)
    assert [each["ref"] for each in records] == ["A-1"]
    return reading


def test_titles_above_the_headings_are_told_in_the_summary():
    reading = above("Needs of Albania;;", "", "Period;2026;")
    assert reading.unread == []
    assert reading.summary["titles"] == ["Needs of Albania", "Period 2026"]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("OLD-1;Posts;law;5;EUR;2025-01-01", "rows-above"),
        ("OLD-1;Posts;law", "rows-above"),
        ("Exchange rate;117,2", "figures-above"),
        ("Sum;1999", "figures-above"),
        ("Deadline;1.3.2026", "figures-above"),
    ],
)
def test_data_above_the_headings_are_reported(row, reason):
    assert parts(above("Needs", row)) == [(reason, 2)]


def test_a_table_above_with_fewer_headings_is_reported_with_its_rows():
    reading = above("ref;title", "OLD-1;Posts", "OLD-2;Cars", "")
    assert [(each.reason, each.values["rows"]) for each in reading.unread] == [("rows-above", "1-3")]


# --- Columns ----------------------------------------------------------------------------------------------------------


def columns(head: str, *lines: str) -> list[tuple[str, str, str | None]]:
    _, reading = of(*lines, head=head)
    return [(each.reason, each.cell or "", each.amount) for each in reading.unread]


def test_a_column_without_a_known_heading_is_reported_with_its_heading():
    _, reading = of("A-1;x;red", "A-2;y;", head="ref;title;colour")
    [part] = reading.unread
    assert (part.reason, part.cell) == ("unknown-column", "C1")
    assert part.values == {"column": "C", "heading": "colour", "count": 1, "kind": "need"}


def test_a_heading_that_is_nearly_one_of_the_template_is_reported_with_that_one():
    _, reading = of("A-1;x;2027-01-01", head="ref;title;Targt date")
    [part] = reading.unread
    assert (part.reason, part.values["near"]) == ("misspelt-column-dates", "Target date")


def test_a_column_without_a_heading_is_reported_if_it_has_values():
    assert columns("ref;title;;category", "A-1;x;5;law", "A-2;y;7;law") == [
        ("column-without-heading", "C1", "12")
    ]
    assert columns("ref;title;;category", "A-1;x;;law") == []


def test_cells_beyond_the_headings_are_reported():
    assert columns("ref;title", "A-1;x;y") == [("shifted-cells", "C1", None)]


def test_a_table_beside_the_records_is_reported_once():
    assert columns("ref;title;category;;Partner;Sum", "A-1;x;law;;AL;500", "A-2;y;law;;RS;7") == [
        ("table-beside", "E1", "507")
    ]


def test_records_beside_the_records_are_reported_as_records():
    assert columns("ref;title;;ref;title", "A-1;x;;B-1;y")[0][0] == "records-beside"


def test_the_columns_of_the_summary_have_their_headings_as_written():
    _, reading = of("A-1;x;5", head="Referenca *;Titulli;Kostoja e vlerësuar")
    assert reading.summary["columns"] == [
        {"column": "A", "heading": "Referenca *", "field": "ref"},
        {"column": "B", "heading": "Titulli", "field": "title"},
        {"column": "C", "heading": "Kostoja e vlerësuar", "field": "estimated_cost"},
    ]
    assert reading.summary["rows"] == 1


@pytest.mark.parametrize(
    ("heading", "cells", "reason"),
    [
        *(("Amount paid", ("1000", "2.000,50"), "amounts"), ("Iznos isplate", ("5", "6"), "amounts")),
        *(("Shuma e paguar", ("5", "6"), "amounts"), ("Износ (EUR)", ("5", ""), "amounts")),
        *(("Remarks", ("100 EUR", "€ 5"), "amounts"), ("2025", ("100", "200"), "amounts")),
        *(
            ("Data e pagesës", ("03/04/2026", "1.2.2026"), "dates"),
            ("Datum uplate", ("mart 2026", "2026"), "dates"),
        ),
        *(("Remarks", ("2026-05-01", "1. 5. 2026."), "dates"), ("Датум", ("jun 2026", ""), "dates")),
        *(("Part", ("20 %", "80%"), "shares"), ("Procenat", ("20", "80"), "shares")),
        *(("2025.", ("100", "200"), "amounts"), ("Q1 2026", ("100", "200"), "amounts")),
        *(("jun 2026.", ("100", "200"), "amounts"), ("Participants 2026", ("10", "20"), "")),
        *(("Payment reference", ("99812", "5"), ""), ("Data source", ("report 2025", "p. 5"), "")),
        *(("Number of payments", ("1", "2"), ""), ("Room", ("12", "14"), ""), ("Cost", ("high", "low"), "")),
        *(("Remarks", ("seen on 1.2.2026", "x"), ""), ("Date", ("unknown", "x"), "")),
    ],
)
def test_an_unknown_column_is_reported_by_what_its_heading_and_cells_bear(heading, cells, reason):
    lines = [f"A-{at};x;{cell}" for at, cell in enumerate(cells)]
    _, reading = of(*lines, head=f"ref;title;{heading}")
    [part] = reading.unread
    assert part.reason == f"unknown-column-{reason}".removesuffix("-")


def test_a_column_without_a_heading_and_a_table_beside_are_reported_by_what_they_bear():
    _, reading = of("A-1;x;5 EUR;;2026-05-01;y", head="ref;title;;;Paid on;By")
    assert [each.reason for each in reading.unread] == [
        "table-beside-dates",
        "column-without-heading-amounts",
    ]


@pytest.mark.parametrize("heading", ["Estimated cost (EUR)", "Kostoja e vlerësuar [EUR]", "Estimated cots"])
def test_a_heading_with_a_unit_or_an_error_is_reported_with_the_field_that_it_resembles(heading):
    _, reading = of("A-1;x;5", head=f"ref;title;{heading}")
    [part] = reading.unread
    assert part.reason == "misspelt-column-amounts"
    assert part.values["near"] in ("Estimated cost", "Kostoja e vlerësuar")


def test_headings_may_be_numbered():
    refs, reading = of("A-1;x;5", head="1. Reference;2) Title;(3) Estimated cost")
    assert (refs, parts(reading)) == (["A-1"], [])


def test_years_as_headings_are_named():
    made = openpyxl.Workbook()
    for line in (["ref", "title", 2025, 2026], ["A", "x", 10, 20]):
        made.active.append(line)
    refs, reading = of_book(made)
    assert refs == ["A"]
    assert [(each.reason, each.values["heading"], each.amount) for each in reading.unread] == [
        ("unknown-column-amounts", "2025", "10"),
        ("unknown-column-amounts", "2026", "20"),
    ]


def test_an_error_in_a_total_makes_no_record_of_it():
    refs, reading = of(record("A-1"), "Total;;;#REF!;;")
    assert (refs, parts(reading)) == (["A-1"], [("total", 3)])


@pytest.mark.parametrize(
    ("row", "is_record"),
    [
        *(("1;2;3;4;5;6", False), ("(1);(2);(3);(4);(5);(6)", False), (";;;(EUR);(code);", False)),
        *((";;;[EUR];;", False), ("1;3;4;5;6;7", True), ("(A-1);(x);;;;", True), ("1;2;;;;", True)),
    ],
)
def test_numbers_of_columns_and_units_directly_below_the_headings_are_no_record(row, is_record):
    refs, reading = of(row, record("A-1"))
    assert len(refs) == 1 + is_record
    assert parts(reading) == ([] if is_record else [("note", 2)])


# --- Hidden and merged ------------------------------------------------------------------------------------------------


def workbook() -> Any:
    made = openpyxl.Workbook()
    sheet = made.active
    sheet.title = "Needs"
    for line in (HEAD, *(record(f"A-{number}", number) for number in range(2, 9))):
        sheet.append([float(cell) if cell.isdigit() else cell for cell in line.split(";")])
    return made


def of_book(made: Any) -> tuple[list[str], ReadResult]:
    file = io.BytesIO()
    made.save(file)
    file.seek(0)
    records, reading = read(file, media_types.XLSX)
    return [each["ref"] for each in records], reading


def test_hidden_rows_are_not_read_and_reported_in_runs():
    made = workbook()
    for number in (3, 4, 5, 7):
        made.active.row_dimensions[number].hidden = True
    refs, reading = of_book(made)
    assert refs == ["A-2", "A-6", "A-8"]
    assert [(each.reason, each.values["rows"], each.amount, each.ref) for each in reading.unread] == [
        ("hidden-rows", "3-5", "12", None),
        ("hidden-rows", "7", "7", "A-7"),
    ]


@pytest.mark.parametrize(
    ("letter", "reason", "amount"),
    [("D", "hidden-amounts", "35"), ("F", "hidden-dates", None), ("C", "hidden-column", None)],
)
def test_a_hidden_column_is_not_read_and_reported_by_what_it_bears(letter, reason, amount):
    made = workbook()
    made.active.column_dimensions[letter].hidden = True
    _, reading = of_book(made)
    [part] = reading.unread
    assert (part.reason, part.cell, part.amount, part.values["count"]) == (reason, f"{letter}1", amount, 7)


def test_a_hidden_column_without_values_is_not_worth_a_word():
    made = workbook()
    for number in range(2, 9):
        made.active[f"C{number}"] = None
    made.active.column_dimensions["C"].hidden = True
    assert of_book(made)[1].unread == []


def test_each_covered_cell_of_a_merged_cell_is_reported_and_other_merged_cells_are_not():
    made = workbook()
    made.active.merge_cells("F4:F6")
    made.active.merge_cells("C2:D2")
    made.active.append(["Note: a merged note below the table"])
    made.active.merge_cells("A9:F9")
    refs, reading = of_book(made)
    assert len(refs) == 7
    assert [(each.cell, each.values["merged"]) for each in reading.unread if each.reason == "merged"] == [
        ("D2", "C2:D2"),
        ("F5", "F4:F6"),
        ("F6", "F4:F6"),
    ]
    assert "F5 is part of the merged cell F4:F6." in str(reading.unread[2].written["message"])


def test_notes_on_cells_of_records_are_reported_but_for_ours():
    made = workbook()
    for cell, text, author in (
        ("A1", "A note on a heading", "Clerk"),
        ("D3", "5,000 in all", "Clerk"),
        ("B5", "Check", "Clerk"),
        ("C2", "Not a code", "IISG-D findings"),
        ("C3", "IISG-D: STR-03 (error)", "Author"),
    ):
        made.active[cell].comment = Comment(text, author)
    _, reading = of_book(made)
    [part] = reading.unread
    assert (part.reason, part.cell, part.values["count"]) == ("cell-notes", "D3", 2)
    assert part.values["text"] == "5,000 in all"
