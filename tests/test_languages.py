"""An officer's submission in Albanian: the template, the findings in each form, and the annotated workbook."""

import csv
import io
from collections.abc import Iterator

import openpyxl
import pytest

from services.entry.files.domain.media_types import XLSX
from tests.in_process import Installation, installed

TEMPLATE = "/entry/v1/templates/WBCTi/need/2025-2026.xlsx?language=sq"
SUBMISSIONS = "/entry/v1/submissions"
SHEET, HEADINGS, FIRST = "Nevojat", 2, 4


@pytest.fixture
def system(settings, clock) -> Iterator[Installation]:
    with installed(settings, clock) as made:
        yield made


def filled_in(system: Installation, values: dict[str, object]) -> bytes:
    """A template in Albanian with one row, by heading."""
    content = system.client.get(TEMPLATE, as_="AL-WBCTi").data
    book = openpyxl.load_workbook(io.BytesIO(content))
    sheet = book[SHEET]
    columns = {str(cell.value).removesuffix(" *"): cell.column for cell in sheet[HEADINGS]}
    for heading, value in values.items():
        sheet.cell(FIRST, columns[heading], value)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


ROW = {
    "Referenca": "N-1",
    "Titulli": "Lexues të lëvizshëm të gjurmëve të gishtave",
    "Kategoria": "Operacionale",
    "Tema": "Parandalimi i radikalizimit dhe ekstremizmit të dhunshëm",
    "Perspektiva": "Parandalimi",
    "Drejtimi i veprimit": "Parandalimi",
    "Niveli i prioritetit": "I lart",
    "Kapacitetet": "Trajnimi; Personeli",
    "Kostoja e vlerësuar": 120000,
    "Gjendja e nevojës": "E hapur",
}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_an_officer_reads_everything_about_a_workbook_in_albanian(system):
    query = {"pillar": "WBCTi", "kind": "need", "period": "2025-2026", "tlp": "TLP:AMBER"}
    answer = system.client.http.post(
        "/entry/v1/files",
        query_string=query,
        data=filled_in(system, ROW),
        content_type=XLSX,
        headers={"Idempotency-Key": "1", "Authorization": f"Bearer {system.client.token('AL-WBCTi')}"},
    )
    assert answer.status_code == 202, answer.text
    system.settle()
    submission = answer.json["id"]
    found = system.client.get(f"{SUBMISSIONS}/{submission}?language=sq", as_="AL-WBCTi").json
    messages = {each["rule"]: each["places"][0]["message"] for each in found["findings"]}
    titles = {each["rule"]: each["title"] for each in found["findings"]}
    assert found["state"] == "returned"
    assert messages["STR-04"] == (
        'Niveli i prioritetit: "I lart" nuk është në listë. Keni menduar I lartë (high)?'
    )
    assert (titles["GEN-07"], messages["GEN-07"]) == ("Shumat kanë monedhë", "Shuma 120000 nuk ka monedhë.")
    assert found["findings"][0]["places"][0]["cell"] == "N4"

    report = f"/validation/v1/verdicts/{submission}/report"
    page = system.client.get(f"{report}?format=html&language=sq", as_="AL-WBCTi")
    assert page.headers["Content-Language"] == "sq"
    assert '<html lang="sq">' in page.text
    for words in ("U kthye", "Duhet korrigjuar", "Çfarë do të kalonte", "Shuma 120000 nuk ka monedhë."):
        assert words in page.text
    assert "(English)" not in page.text
    rows = list(
        csv.reader(system.client.get(f"{report}?format=csv&language=mk", as_="AL-WBCTi").text.splitlines())
    )
    assert any("Износот 120000 нема валута." in row for row in rows)
    sheets = openpyxl.load_workbook(
        io.BytesIO(system.client.get(f"{report}?format=xlsx&language=sr-Latn", as_="AL-WBCTi").data)
    )
    assert sheets.sheetnames[:2] == ["Sažetak", "Nalazi"]
    assert any("Iznos 120000 nema valutu." in map(str, row) for row in sheets["Nalazi"].values)

    annotated = system.client.get(f"{SUBMISSIONS}/{submission}/annotated.xlsx?language=sq", as_="AL-WBCTi")
    book = openpyxl.load_workbook(io.BytesIO(annotated.data))
    assert "U gjet: Shuma 120000 nuk ka monedhë." in str(book[SHEET]["S4"].comment.text)
    assert any("Rëndësia" in row for row in book["IISG-D findings"].values)

    # Without a language everything is as it was.
    plain = system.client.get(f"{SUBMISSIONS}/{submission}", as_="AL-WBCTi").json
    assert {each["rule"]: each["places"][0]["message"] for each in plain["findings"]}["GEN-07"] == (
        "The amount 120000 has no currency."
    )
