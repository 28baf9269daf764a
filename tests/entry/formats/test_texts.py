"""Texts that are no part of a record: a marking is found wherever in a workbook it stands, and however it is cut."""

import io

import pytest

from services.entry.formats import archives, media
from services.entry.formats.texts import texts_in
from shared.reference.markings import find_marking
from tests.entry.formats.files import HEAD, WORKBOOK, archive, sheet

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
def test_a_marking_is_found_in_whichever_part_and_piece_it_stands(part, content, piece, monkeypatch):
    made = archive({**WORKBOOK, "xl/worksheets/sheet1.xml": sheet(HEAD), part: content})
    monkeypatch.setattr(archives, "PIECE", piece)
    monkeypatch.setattr(archives, "LONGEST_TEXT", 1024)
    found = texts_in(io.BytesIO(made.getvalue()), media_type=media.XLSX)
    assert "RESTREINT UE" in {find_marking(text) for _, text in found}
