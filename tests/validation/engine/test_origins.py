"""A finding leads to its cell in the submitted file."""

from typing import Any

import pytest

from services.validation.engine.domain.evaluation.origins import Origins, letters

ORIGINS = Origins(
    "Needs", rows=[5, 9], columns={"ref": 1, "themes": 4, "themes.0.code": 5, "training.topic": 28}
)


@pytest.mark.parametrize(
    ("pointer", "row", "cell"),
    [
        ("/records/0/ref", 5, "A5"),
        ("/records/1/ref", 9, "A9"),
        ("/records/1/themes/0/code", 9, "E9"),
        ("/records/1/themes/0/code/x", 9, "E9"),
        ("/records/1/themes/1/code", 9, "D9"),
        ("/records/1/themes/0", 9, "D9"),
        ("/records/1/training/topic", 9, "AB9"),
        ("/records/1/training", 9, "AB9"),
        ("/records/1/title", 9, None),
        ("/records/1", 9, None),
    ],
)
def test_a_place_has_its_row_and_the_cell_of_the_nearest_column(
    pointer: str, row: int, cell: str | None
) -> None:
    expected: dict[str, Any] = {"sheet": "Needs", "row": row}
    assert ORIGINS.cell(pointer) == (expected if cell is None else {**expected, "cell": cell})


@pytest.mark.parametrize(
    "pointer", ["/records/2/ref", "/records", "/records/", "/records/x/ref", "/period", ""]
)
def test_what_is_no_record_of_the_file_has_no_row(pointer: str) -> None:
    assert ORIGINS.cell(pointer) is None


@pytest.mark.parametrize(
    ("column", "name"), [(1, "A"), (26, "Z"), (27, "AA"), (52, "AZ"), (702, "ZZ"), (703, "AAA")]
)
def test_a_column_is_named_as_in_a_spreadsheet(column: int, name: str) -> None:
    assert letters(column) == name


TABLE = Origins(
    "Potrebe",
    rows=[4, 5, 6],
    columns={"ref": 1, "title": 2, "currency": 5, "disposition": 6},
    headings={"ref": "Oznaka *", "disposition": "Stanje potrebe *"},
    heading_row=3,
    merged=["F4:F6", "A1:C2", "D5:E5"],
)


def test_a_place_has_the_heading_of_its_column_as_it_is_written() -> None:
    assert TABLE.cell("/records/1/disposition") == {
        "sheet": "Potrebe",
        "row": 5,
        "cell": "F5",
        "heading": "Stanje potrebe",
    }


@pytest.mark.parametrize(
    ("cell", "merged"),
    [("F4", None), ("F5", "F4:F6"), ("F6", "F4:F6"), ("E5", "D5:E5"), ("A4", None), ("B2", None)],
)
def test_a_cell_is_covered_by_the_merged_cell_that_it_is_not_the_first_of(
    cell: str, merged: str | None
) -> None:
    assert TABLE.merged_with(cell) == merged


def test_facts_of_the_file_that_are_not_positions_are_ignored() -> None:
    written = {"sheet": "Needs", "rows": [2], "columns": {"ref": 1}, "colour": "blue"}
    assert Origins.read(written) == Origins("Needs", [2], {"ref": 1})
    assert not Origins.read({"sheet": "", "rows": [2], "columns": {}}).is_table


def test_a_merged_cell_of_a_whole_column_costs_no_more_than_the_rows_that_were_read() -> None:
    covered = Origins("S", [2, 3], {"ref": 1}, merged=["A1:A1048576", "A2:XFD1048576"])
    assert covered.merged_with("A3") in covered.merged
    assert covered.merged_with("A9999") is None
