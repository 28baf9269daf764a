"""An exported record, submitted again, is the same content, whatever its texts."""

import csv
import io
import json
from functools import partial
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.entry.files.domain.exact_values import HEADING
from services.entry.files.domain.media_types import CSV, XLSX
from services.entry.files.operations import read_file, read_rows
from services.entry.workbooks.formats.exports import records_as_csv, records_as_xlsx
from shared.reference import KINDS
from tests.naughty import LIST_SIZE, naughty_strings
from tests.validation.conftest import SAMPLES

Record = dict[str, Any]
STRINGS = naughty_strings()


def exported(media_type: str, records: list[Record], kind: str = "need") -> bytes:
    read_back = partial(read_rows, kind=kind)
    if media_type == CSV:
        return records_as_csv(kind, lambda: records, read_back=read_back)
    return records_as_xlsx(kind, lambda: records, tlp=None, read_back=read_back)


def read(media_type: str, content: bytes, kind: str = "need") -> list[Record]:
    return list(read_file(io.BytesIO(content), media_type=media_type, kind=kind, name="export").records)


def test_there_are_as_many_strings_as_in_the_public_list():
    assert len(STRINGS) >= LIST_SIZE


@pytest.mark.parametrize("media_type", [CSV, XLSX])
@pytest.mark.parametrize(
    "field", ["title", "ref", "description", "category", "target_date", "estimated_cost"]
)
def test_a_naughty_string_in_any_type_of_field_is_read_back(media_type, field):
    records = [
        {"ref": f"A-{at}", "title": "Posts at the border"} | {field: text} for at, text in enumerate(STRINGS)
    ]
    assert read(media_type, exported(media_type, records)) == records


@pytest.mark.parametrize("media_type", [CSV, XLSX])
def test_naughty_strings_in_lists_blocks_and_unknown_fields_are_read_back(media_type):
    records = [
        {"ref": f"A-{at}", "beneficiary_institutions": [text, "x"], "training": {"topic": text}, "odd": text}
        for at, text in enumerate(STRINGS)
    ]
    assert read(media_type, exported(media_type, records)) == records


@pytest.mark.parametrize("media_type", [CSV, XLSX])
def test_naughty_strings_as_names_of_fields_are_read_back(media_type):
    for texts in (STRINGS[at : at + 60] for at in range(0, len(STRINGS), 60)):
        records = [{"ref": "A", "title": "Posts at the border", text: 1} for text in texts if text != "ref"]
        assert read(media_type, exported(media_type, records)) == records


@pytest.mark.parametrize("media_type", [CSV, XLSX])
@pytest.mark.parametrize(
    "text",
    ["_x0041_x0042_" * 1_000, "<r>" + "č" * 9_000 + "</r>", "a" * 20_000, " " + "=1;" * 3_000, "x" * 32_000],
)
def test_a_long_text_that_a_cell_cannot_hold_is_read_back(media_type, text):
    record = {"ref": "A-1", "title": "Posts at the border", "description": text}
    assert read(media_type, exported(media_type, [record])) == [record]


LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**20), 10**20),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(STRINGS),
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=6,
)


def blank(value: Any) -> bool:
    return value in (None, [], {}) and value is not False


def without_blanks(record: Record) -> Record:
    """The record without fields of null, an empty list or an empty block, which tables leave out."""
    return {name: value for name, value in record.items() if not blank(value)}


@pytest.mark.parametrize("media_type", [CSV, XLSX])
@settings(deadline=None, max_examples=60)
@given(
    st.sampled_from(KINDS),
    st.lists(
        st.dictionaries(
            st.sampled_from(
                ("ref", "title", "themes", "needs", "training", "estimated_cost", "start", "odd", "Title")
            ),
            VALUES,
            min_size=1,
        ).filter(lambda record: bool(without_blanks(record))),
        min_size=1,
        max_size=4,
    ),
)
def test_records_of_any_values_are_read_back(media_type, kind, records):
    found = read(media_type, exported(media_type, records, kind), kind)
    assert [without_blanks(record) for record in found] == [without_blanks(record) for record in records]


# --- The column of exact values ---------------------------------------------------------------------------------------

HOSTILE = SAMPLES["need"] | {"title": "=1+1", "description": " 'quoted' "}


@pytest.mark.parametrize("media_type", [CSV, XLSX])
@pytest.mark.parametrize("kind", KINDS)
def test_records_that_cells_hold_exactly_have_no_column_of_exact_values(media_type, kind):
    content = exported(media_type, [SAMPLES[kind]], kind)
    if media_type == CSV:
        assert HEADING not in content.decode()
    else:
        rows = openpyxl.load_workbook(io.BytesIO(content)).active.iter_rows(values_only=True)
        assert HEADING not in next(rows)


def rows_of(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def edited(content: bytes, **cells: str) -> bytes:
    [row] = rows_of(content)
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(reversed(list(row))), delimiter=";")
    writer.writeheader()
    writer.writerow(row | cells)
    return text.getvalue().encode()


def test_the_column_has_only_the_values_that_need_it():
    [row] = rows_of(exported(CSV, [HOSTILE]))
    assert json.loads(row[HEADING]) == {"title": "=1+1", "description": " 'quoted' "}


def test_a_table_saved_by_a_spreadsheet_with_other_separators_and_order_is_read_back():
    assert read(CSV, edited(exported(CSV, [HOSTILE]))) == [HOSTILE]


def test_a_changed_cell_prevails_over_the_exact_value():
    [found] = read(CSV, edited(exported(CSV, [HOSTILE]), title="Posts at the border"))
    assert (found["title"], found["description"]) == ("Posts at the border", " 'quoted' ")


@pytest.mark.parametrize("cell", ["", "{", "[]", '"x"', "{'a': 1}", '{"title": NaN}', "no JSON", "[" * 5_000])
def test_a_broken_cell_of_exact_values_is_ignored(cell):
    [found] = read(CSV, edited(exported(CSV, [HOSTILE]), **{HEADING: cell}))
    assert found["title"] == "'=1+1"
