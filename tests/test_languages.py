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


# --- Ten mistakes -----------------------------------------------------------------------------------------------------

SUPPORT = "/entry/v1/templates/WBCTi/support/2026.xlsx?language=sq"
GOOD = {
    "Lloji i mbështetjes": "Trajnim",
    "Statusi i aktivitetit": "2 Zbatim",
    "Fillimi i planifikuar": "1.6.2026",
    "Përfundimi i planifikuar": "1.12.2026",
    "Fillimi faktik": "1.6.2026",
    "Buxheti": 120000,
    "Monedha": "EUR",
    "Përfituesi 1: kodi": "AL Shqipëria",
    "Organizata 1: emri": "Ministria e Brendshme",
    "Organizata 1: roli": "1 Financuese",
    "Organizata 2: emri": "Ministria e Brendshme",
    "Organizata 2: roli": "4 Zbatuese",
    "Tema 1: kodi": "Parandalimi i radikalizimit dhe ekstremizmit të dhunshëm",
}
MERGED = "Lloji i mbështetjes"
MISTAKES: dict[int, dict[str, object]] = {
    1: {"Përfundimi i planifikuar": "03/04/2027"},
    2: {"Buxheti": "12.500 EUR"},
    3: {"Përfundimi i planifikuar": "31.02.2027"},
    # 4 and 5 are merged.
    6: {"Lloji i mbështetjes": "Trajnm"},
    7: {"Lloji i mbështetjes": "Обука"},
    8: {"Titulli": None},
    9: {
        "Përfituesi 1: përqindja": 0.5,
        "Përfituesi 2: kodi": "RS Serbia",
        "Përfituesi 2: përqindja": 0.5,
    },
    10: {"Përfituesi 1: kodi": "\N{CYRILLIC CAPITAL LETTER A}L"},
    11: {"Buxheti": "rreth 500.000"},
}
"""By record. The label of another language in record 7 is read, and is no mistake to the system."""
CORRECTIONS: dict[int, dict[str, object]] = {
    1: {"Përfundimi i planifikuar": "3.4.2027"},
    2: {"Buxheti": 12500},
    3: {"Përfundimi i planifikuar": "28.2.2027"},
    5: {"Lloji i mbështetjes": "Trajnim"},
    6: {"Lloji i mbështetjes": "Trajnim"},
    8: {"Titulli": "Trajnim për hetuesit, grupi 8"},
    9: {"Përfituesi 1: përqindja": 50, "Përfituesi 2: përqindja": 50},
    10: {"Përfituesi 1: kodi": "AL Shqipëria"},
    11: {"Buxheti": 500000},
}
FOUND = {
    "Ndajini qelizat dhe plotësoni secilën prej tyre.",
    "Titulli: vlera është e detyrueshme, por qeliza është bosh.",
    '"03/04/2027" mund të jetë 3 prill ose 4 mars: shkruani 3.4.2027 ose 4.3.2027.',
    'Buxheti: "12.500 EUR" ka një monedhë pranë numrit.',
    '"31.02.2027" nuk ekziston: nuk ka ditë të tillë. Muaji ka 28 ditë.',
    'Buxheti: "rreth 500.000" ka fjalë pranë numrit',
    '"Trajnm" nuk është në listë. Keni menduar Trajnim (training)?',
    "është cirilike (shenja 1).",
    "ërqindjet bëjnë 1, jo 100.",
}


class Desk:
    """An officer with a workbook, and nothing else."""

    def __init__(self, content: bytes) -> None:
        self.book = openpyxl.load_workbook(io.BytesIO(content))
        self.sheet = self.book["Mbështetja"]
        self.columns = {str(cell.value).removesuffix(" *"): cell.column for cell in self.sheet[HEADINGS]}

    def enter(self, rows: dict[int, dict[str, object]]) -> None:
        for number, values in rows.items():
            for heading, value in values.items():
                # An argument of None would leave the cell as it is.
                self.sheet.cell(FIRST + number - 1, self.columns[heading]).value = value

    def send(self, system: Installation, key: str) -> dict[str, object]:
        file = io.BytesIO()
        self.book.save(file)
        answer = system.client.http.post(
            "/entry/v1/files",
            query_string={"pillar": "WBCTi", "kind": "support", "period": "2026", "tlp": "TLP:AMBER"},
            data=file.getvalue(),
            content_type=XLSX,
            headers={"Idempotency-Key": key, "Authorization": f"Bearer {system.client.token('AL-WBCTi')}"},
        )
        assert answer.status_code == 202, answer.text
        system.settle()
        found = system.client.get(f"{SUBMISSIONS}/{answer.json['id']}?language=sq", as_="AL-WBCTi")
        return dict(found.json)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_ten_mistakes_are_corrected_in_the_annotated_workbook_and_nowhere_else(system):
    desk = Desk(system.client.get(SUPPORT, as_="AL-WBCTi").data)
    for number in range(1, 12):
        title = {"Referenca": f"S-{number}", "Titulli": f"Trajnim për hetuesit, grupi {number}"}
        desk.enter({number: title | GOOD})
    desk.enter(MISTAKES)
    merged = desk.columns[MERGED]
    desk.sheet.merge_cells(start_row=7, end_row=8, start_column=merged, end_column=merged)
    returned = desk.send(system, "1")
    assert (returned["state"], returned["version"], returned["records"]) == ("returned", 1, 11)

    path = f"{SUBMISSIONS}/{returned['id']}/annotated.xlsx?language=sq"
    desk = Desk(system.client.get(path, as_="AL-WBCTi").data)
    comments = [cell.comment.text for row in desk.sheet.iter_rows(FIRST) for cell in row if cell.comment]
    assert [words for words in FOUND if not any(words in each for each in comments)] == []
    # The record with a label of another language is right.
    assert not any(cell.comment for cell in desk.sheet[FIRST + 6])

    desk.sheet.unmerge_cells(start_row=7, end_row=8, start_column=merged, end_column=merged)
    desk.enter(CORRECTIONS)
    accepted = desk.send(system, "2")
    assert (accepted["id"], accepted["version"]) == (returned["id"], 2)
    assert (accepted["state"], accepted["records"], accepted["findings"]) == ("accepted", 11, [])
