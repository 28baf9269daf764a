"""Texts outside records: markings are found in every part of a workbook, and across chunks."""

import io

import pytest

from services.entry.files.domain import archives, media_types
from services.entry.files.operations import list_texts
from shared.reference.markings import find_marking
from tests.entry.files.samples import HEAD, WORKBOOK, archive, sheet

RUNS = "<r><t>RESTREINT</t></r><r><t> UE</t></r>"


@pytest.mark.parametrize(
    ("part", "content"),
    [
        ("xl/sharedStrings.xml", f"<sst><si>{RUNS}</si></sst>"),
        (
            "xl/worksheets/sheet1.xml",
            sheet(f'{HEAD}<row r="2"><c r="A2" t="inlineStr"><is>{RUNS}</is></c></row>'),
        ),
        ("xl/comments1.xml", f"<comments><text>{RUNS}</text></comments>"),
        ("docProps/core.xml", "<x><title>RESTREINT UE</title></x>"),
    ],
)
@pytest.mark.parametrize("piece", [40, 1024 * 1024])
def test_a_marking_is_found_in_any_part_and_across_chunks(part, content, piece, monkeypatch):
    made = archive({**WORKBOOK, "xl/worksheets/sheet1.xml": sheet(HEAD), part: content})
    monkeypatch.setattr(archives, "CHUNK_SIZE", piece)
    monkeypatch.setattr(archives, "MAX_TEXT_SIZE", 1024)
    found = list_texts(io.BytesIO(made.getvalue()), media_type=media_types.XLSX)
    assert "RESTREINT UE" in {find_marking(text) for _, text in found}
