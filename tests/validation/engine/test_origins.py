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
