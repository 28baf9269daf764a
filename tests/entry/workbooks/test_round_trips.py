"""Equal content gives equal records in every format; real records are used where available."""

import csv
import io
import json
from functools import partial
from typing import Any

import pytest

from services.entry.files.domain import media_types
from services.entry.files.operations import read_file, read_rows
from services.entry.workbooks.formats.flattening import Table, build_table
from shared.reference import columns_of, drop_missing, fields_of
from tests import iati
from tests.entry.files.samples import read, workbook

MOST = 500
MADE: list[dict[str, Any]] = [
    {
        "ref": "7",
        "title": "Posts; and, more",
        "description": "Two\nlines, „quoted”",
        "tlp": "TLP:AMBER+STRICT",
        "activity_status": "2",
        "support_type": "technical_assistance",
        "themes": [
            {"code": "jap25_europol", "percentage": 33.333},
            {"code": "jap25_financing", "percentage": 66.667},
        ],
        "beneficiaries": [{"code": "AL", "percentage": 60}, {"code": "XK", "percentage": 40}],
        "organisations": [{"name": "GIZ", "role": "4", "type": "10"}],
        "planned_start": "2025-03-01",
        "budget": -1234.5,
        "currency": "EUR",
        "transactions": [{"type": "2", "date": "2025-04-05", "amount": 1234567.89, "currency": "EUR"}],
        "participants": [{"sex": "female", "number": 9}, {"sex": "male", "number": 31}],
        "needs": [{"ref": "CT-1", "reporter": "AL-WBCTi", "period": "2025-2026", "coverage": "partial"}],
    },
    {"ref": "A-2", "title": "Гранична контрола", "sectors": [{"code": "15210"}], "activity_status": "4"},
]


def real_records() -> list[dict[str, Any]]:
    if not iati.SAMPLE.exists():
        pytest.skip("the real rows lie beside the project, and are not here")
    found = [record for handed in iati.submissions() for record in handed.body["records"]][:MOST]
    return [drop_missing(stripped(record)) for record in found]


def stripped(value: Any) -> Any:
    """The value without leading and trailing blanks, which tables do not keep."""
    if isinstance(value, dict):
        return {name: stripped(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [stripped(inner) for inner in value]
    return value.strip() if isinstance(value, str) else value


def table_of(records: list[dict[str, Any]]) -> Table:
    read_back = partial(read_rows, kind="support")
    return build_table(
        "support", lambda: records, read_back=read_back, as_cell=lambda value: "" if value is None else value
    )


def as_csv(records: list[dict[str, Any]]) -> bytes:
    table = table_of(records)
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=";").writerows([table.columns, *table.rows])
    return text.getvalue().encode("utf-8-sig")


def as_xlsx(records: list[dict[str, Any]], language: str) -> io.BytesIO:
    table = table_of(records)
    entries = dict.fromkeys(fields_of("support"), 100)
    labels = {
        column.path: column.label(language) for column in columns_of(fields_of("support"), entries=entries)
    }
    return workbook([labels.get(path, path) for path in table.columns], *table.rows, name="Support")


def as_lines(records: list[dict[str, Any]]) -> bytes:
    return "\n".join(json.dumps(record) for record in records).encode()


@pytest.mark.parametrize(
    "media_type", [media_types.JSON, media_types.NDJSON, media_types.CSV, media_types.XLSX, media_types.XML]
)
def test_records_are_complete_after_the_stream_was_read_elsewhere(media_type):
    made = {
        media_types.JSON: b'[{"ref": "A"}]',
        media_types.NDJSON: b'{"ref": "A"}',
        media_types.CSV: b"ref,title\nA,\n",
        media_types.XLSX: workbook(["ref", "title"], ["A", ""]).getvalue(),
        media_types.XML: b"<iati-activities><iati-activity><iati-identifier>A</iati-identifier></iati-activity></iati-activities>",
    }
    stream = io.BytesIO(made[media_type])
    reading = read_file(stream, media_type=media_type, kind="support", name="f")
    stream.seek(0)
    stream.read()
    assert [record["ref"] for record in reading.records] == ["A"]


@pytest.mark.parametrize("given", [lambda: MADE, real_records], ids=["made", "real"])
def test_records_are_equal_in_every_format(given):
    records = given()
    assert read(json.dumps(records).encode(), media_types.JSON, kind="support")[0] == records
    assert read(as_lines(records), media_types.NDJSON, kind="support")[0] == records
    assert read(as_csv(records), media_types.CSV, kind="support")[0] == records
    assert read(as_xlsx(records, "sq"), media_types.XLSX, kind="support")[0] == records
    assert read(as_xlsx(records, "mk"), media_types.XLSX, kind="support")[0] == records
