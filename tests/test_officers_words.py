"""A desk officer's workbook, from our template in her language to the findings about it, in the words of the workbook."""

import io
from datetime import date
from typing import Any

import openpyxl
import pytest

from services.entry.files.formats.read_csv import read_csv
from services.entry.files.formats.read_xlsx import read_xlsx
from services.entry.workbooks.formats.templates.mapping import Mapping
from services.entry.workbooks.formats.templates.workbook import build_template
from services.validation.engine.domain.evaluation.judging import judge
from services.validation.engine.domain.evaluation.origins import Origins
from services.validation.engine.domain.evaluation.submissions import Submission
from services.validation.engine.domain.references.lookups import Snapshot
from tests.bundled_rulesets import ruleset_for

NAMES, FIRST = 3, 4
"""The row of the fields' names, and that of the first record."""

NEED = {
    "title": "Laboratorija za eksplozive",
    "category": "Zakonodavna",
    "theme": "jap25_protection",
    "perspective": "response",
    "strand": "protect",
    "priority_level": "visok",
    "disposition": "Partly covered",
    "description": "Uzorci čekaju devet mjeseci.",
}


def filled(language: str, *rows: dict[str, Any]) -> tuple[Any, Any, dict[str, str]]:
    """Return our template with these rows, its sheet, and the letters of its columns."""
    template = build_template(
        Mapping("ME-WBCTi", "WBCTi", "need", "2025-2026", language, made_on=date(2026, 11, 2))
    )
    book = openpyxl.load_workbook(io.BytesIO(template))
    sheet = book.worksheets[1]
    columns = {cell.value: cell.column_letter for cell in sheet[NAMES] if cell.value}
    for number, row in enumerate(rows, start=FIRST):
        for name, value in row.items():
            sheet[f"{columns[name]}{number}"] = value
    return book, sheet, columns


def findings(reading: Any) -> list[dict[str, Any]]:
    records = list(reading.records)
    submission = Submission(
        *("WBCTi", "need", "2025-2026", "TLP:AMBER", "ME-WBCTi", "ME", "2026-11-23"),
        origins=Origins.read(reading.located),
    )
    judgement = judge(ruleset_for("WBCTi"), submission, records, lambda _: Snapshot())
    return [{"rule": each.rule, **place} for each in judgement.findings for place in each.places]


def read(book: Any) -> list[dict[str, Any]]:
    file = io.BytesIO()
    book.save(file)
    file.seek(0)
    return findings(read_xlsx(file, kind="need"))


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("estimated_cost", "1.250", "could be 1,250 or 1.25: write 1250 or 1,25."),
        (
            "estimated_cost",
            "12.500 EUR",
            "Put the currency, EUR, in its own column; enter only a number here.",
        ),
        ("estimated_cost", "oko 500.000", "enter only a number here."),
        ("target_date", "03/04/2027", "could be 3 April or 4 March: write 3.4.2027 or 4.3.2027."),
        ("target_date", "31.02.2027", "there is no such day. The month has 28 days."),
        ("disposition", "Partly coverd", "Did you mean Partly covered (partly_covered)?"),
        ("disposition", None, "is required, but the cell is blank."),
    ],
)
def test_a_mistake_is_told_by_its_heading_and_cell(field: str, typed: Any, said: str) -> None:
    book, sheet, columns = filled("cnr", {**NEED, "ref": "ME-1", "currency": "EUR", field: typed})
    heading = sheet[f"{columns[field]}{NAMES - 1}"].value.removesuffix(" *")
    [found] = [each for each in read(book) if each["rule"].startswith("STR")]
    assert found["message"].startswith(heading)
    assert found["message"].endswith(said)
    assert (found["cell"], found["heading"]) == (f"{columns[field]}{FIRST}", heading)
    assert found["pointer"] == f"/records/0/{field}"


def test_words_of_the_officers_own_language_are_read() -> None:
    book, _, _ = filled("cnr", {**NEED, "ref": "ME-1"})
    assert [each for each in read(book) if each["rule"].startswith("STR")] == []


def test_a_merged_cell_is_the_reason_why_the_rows_below_it_have_no_value() -> None:
    rows = [{**NEED, "ref": f"ME-{number}", "title": f"Laboratorija broj {number}"} for number in range(3)]
    book, sheet, columns = filled("cnr", *rows)
    letter = columns["disposition"]
    sheet.merge_cells(f"{letter}4:{letter}6")
    found = [each["message"] for each in read(book) if each["rule"] == "STR-02"]
    assert [each.partition(". ")[0] for each in found] == [
        f"{letter}{row} is part of the merged cell {letter}4:{letter}6" for row in (5, 6)
    ]


def test_a_column_that_was_deleted_is_missed_once() -> None:
    rows = [{**NEED, "ref": f"ME-{number}", "title": f"Laboratorija broj {number}"} for number in range(9)]
    book, sheet, _ = filled("sq", *rows)
    number, heading = next(
        (cell.column, sheet.cell(NAMES - 1, cell.column).value)
        for cell in sheet[NAMES]
        if cell.value == "disposition"
    )
    sheet.delete_cols(number)
    found = read(book)
    assert [each["message"] for each in found if each["rule"] == "STR-07"] == [
        f"The sheet has no column {heading.removesuffix(' *')}, which is required."
    ]
    assert [each for each in found if each["rule"] == "STR-02"] == []


def test_a_csv_has_the_same_words() -> None:
    table = "Oznaka;Naslov;Procijenjeni trošak\nME-1;Laboratorija za eksplozive;1.250\n"
    table = table.replace("Oznaka", "ref").replace("Naslov", "title")
    found = findings(read_csv(io.BytesIO(table.encode()), kind="need", name="needs.csv"))
    [cost] = [each for each in found if each["rule"] == "STR-03"]
    assert cost["message"] == 'Procijenjeni trošak: "1.250" could be 1,250 or 1.25: write 1250 or 1,25.'
    assert (cost["heading"], cost["row"], cost["cell"]) == ("Procijenjeni trošak", 2, "C2")
    missing = [each["message"] for each in found if each["rule"] == "STR-07"]
    assert "The sheet has no column Kategorija, which is required." in missing
