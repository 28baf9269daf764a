"""A file is recognised by its content where its media type says little, or says it wrongly."""

import pytest

from services.entry.files.domain import media_types
from services.entry.files.domain.media_types import ACCEPTED, CSV, JSON, NDJSON, XLSX, XML, recognise, split
from services.entry.files.formats.csv_encodings import DECLARABLE
from tests.entry.files.samples import refusal, workbook

ZIP, OLE = workbook(["ref"]).getvalue(), b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
TABLE = b"ref;title\nA;b\n"
BROWSERS = ("application/vnd.ms-excel", "text/plain", "application/csv", "text/comma-separated-values")


@pytest.mark.parametrize(
    ("declared", "start", "found"),
    [
        *((each, TABLE, CSV) for each in (CSV, *BROWSERS, "text/x-csv", "application/octet-stream")),
        *((each, ZIP, XLSX) for each in (*BROWSERS, CSV, JSON, XML, XLSX, "application/octet-stream")),
        *((each, OLE, XLSX) for each in (*BROWSERS, CSV)),
        *((each, b"<?xml version='1.0'?><iati-activities>", XML) for each in ("text/xml", XML, *BROWSERS)),
        *((each, b'[{"ref": "A"}]', JSON) for each in ("text/json", JSON, *BROWSERS)),
        *((each, b'\xef\xbb\xbf{"ref": "A"}\n{"ref": "B"}', NDJSON) for each in BROWSERS),
        ("text/plain", b'{"records": []}', JSON),
        ("application/jsonl", b'{"ref": "A"}', NDJSON),
        (CSV, b"[Draft] Needs;;\nref;title", CSV),
        (JSON, b"not json", JSON),
    ],
)
def test_a_format_is_recognised(declared, start, found):
    assert declared in ACCEPTED
    assert recognise(declared, charset=None, start=start) == found


def test_a_table_keeps_its_charset():
    found = recognise("application/vnd.ms-excel", charset="windows-1250", start=TABLE)
    assert found == "text/csv; charset=windows-1250"
    assert split(found) == (CSV, "windows-1250")
    assert all(len(f"{CSV}; charset={name}") < 100 for name in DECLARABLE)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"%PDF-1.7\n", "a PDF document"),
        (b"{\\rtf1\\ansi", "an RTF document"),
        (b"\x1f\x8b\x08", "a compressed archive"),
        (b"\x89PNG\r\n", "a picture"),
        (b"<html><body><table>", "an HTML page"),
        (b"\xef\xbb\xbf\n<!DOCTYPE html>", "an HTML page"),
        (b'<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>', "an XML spreadsheet"),
    ],
)
def test_another_file_is_named_for_what_it_is(content, what):
    refused = refusal(content, recognise("application/vnd.ms-excel", charset=None, start=content))
    assert (refused.rule, what in refused.message, "Save as" in refused.expected) == (
        "not-a-table",
        True,
        True,
    )


def test_an_old_workbook_under_the_type_of_a_table_is_named():
    refused = refusal(OLE + b"\0" * 600, recognise(CSV, charset=None, start=OLE))
    assert refused.message == "The workbook is encrypted, or is in the .xls format used before 2007."


def test_every_format_has_its_own_name():
    assert {media_types.split(each)[0] for each in media_types.FORMATS} == {JSON, NDJSON, CSV, XLSX, XML}
