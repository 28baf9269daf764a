"""Generated sets of records, and the files that hold the same set in every format."""

import csv
import io
import json
import shutil
import subprocess
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import openpyxl
import xlsxwriter
from hypothesis import strategies as st

from services.entry.files.domain import media_types
from services.entry.files.domain.leaves import cells_of, is_separable, leaves_of
from services.entry.files.formats.damaged_letters import DAMAGED
from services.entry.files.operations import read_file
from shared.reference import CODELISTS, KINDS, Field, columns_of, fields_of

Record = dict[str, Any]
Records = Sequence[Record]
Cell = str | int | float | date | None

# --- Sets -------------------------------------------------------------------------------------------------------------

LETTERS = st.characters(
    codec="utf-8", exclude_categories=("Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp"), exclude_characters="\x85"
)
REGIONAL = st.sampled_from(
    (
        "Posts; and, more",
        "Гранична полиција",
        "Përforcimi i kufirit",
        'Šverc "ljudi"',
        "a|b\tc",
        "=1+1",
        "'quoted'",
        "007",
        "1.234",
    )
)
TEXTS = (
    st.one_of(REGIONAL, st.text(LETTERS, min_size=1, max_size=24))
    .map(lambda text: " ".join(text.split()))
    # A CSV file with such letters says so, since its encoding may be the cause.
    .filter(lambda text: text and not DAMAGED.search(text))
)
DAYS = st.dates(date(1950, 1, 1), date(2090, 12, 31)).map(str)
AMOUNTS = st.one_of(
    st.integers(0, 10**11), st.integers(0, 10**9).map(lambda cents: cents / 100).filter(lambda each: each % 1)
)


def values_of(field: Field) -> st.SearchStrategy[Any]:
    """Values of a field that every format holds."""
    if field.allowed:
        return st.sampled_from(field.allowed)
    if field.type == "integer" or field.at_most == 100:
        lowest, highest = int(field.at_least or 0), int(field.at_most or 1_000_000)
        return st.integers(lowest, highest)
    if field.type in ("number", "date"):
        return AMOUNTS if field.type == "number" else DAYS
    if field.items is not None:
        return st.lists(values_of(field.items), min_size=1, max_size=3)
    if field.type == "block":
        return records_of(field.fields)
    known = CODELISTS[field.codelist].codes if field.codelist in CODELISTS else ("jap25_europol",)
    return TEXTS if field.codelist is None else st.sampled_from(sorted(known))


def records_of(fields: Mapping[str, Field]) -> st.SearchStrategy[Record]:
    return st.lists(st.sampled_from(sorted(fields)), min_size=1, unique=True).flatmap(
        lambda names: st.fixed_dictionaries({name: values_of(fields[name]) for name in names})
    )


def sets_of(kind: str) -> st.SearchStrategy[list[Record]]:
    """Sets of one to four records with distinct refs."""

    def with_ref(found: list[Record]) -> list[Record]:
        named = enumerate(found)
        return [
            {**each, "ref": f"{kind[0].upper()}-{at:03}", "title": each.get("title", "Posts")}
            for at, each in named
        ]

    return st.lists(records_of(fields_of(kind)), min_size=1, max_size=4).map(with_ref)


RECORD_SETS = st.sampled_from(KINDS).flatmap(lambda kind: st.tuples(st.just(kind), sets_of(kind)))

# --- Tables -----------------------------------------------------------------------------------------------------------


def table_of(kind: str, records: Records) -> tuple[list[str], list[list[Cell]]]:
    """The columns and rows of a table, with a cell for each value and dates as dates."""
    types = {column.path: column.field.type for column in columns_of(fields_of(kind), entries=_entries(kind))}
    paths: dict[str, None] = {"ref": None, "title": None}
    for record in records:
        for path, value in leaves_of(record):
            shared = not isinstance(value, list) or all(map(is_separable, value))
            paths |= dict.fromkeys([path] if shared else [f"{path}.{at}" for at in range(len(value))])
    # A list of which any record needs columns has columns in all.
    apart = {path.rpartition(".")[0] for path in paths if path.rpartition(".")[2].isdigit()}
    longest: dict[str, int] = {}
    for record in records:
        for path, value in leaves_of(record):
            if isinstance(value, list):
                longest[path] = max(longest.get(path, 0), len(value))
    for path in apart:
        paths.pop(path, None)
        paths |= dict.fromkeys(f"{path}.{at}" for at in range(longest[path]))
    columns = list(paths)
    rows: list[list[Cell]] = []
    for record in records:
        cells = cells_of(record, paths)
        rows.append(
            [_day(cells.get(path)) if types.get(path) == "date" else cells.get(path) for path in columns]
        )
    return columns, rows


def _entries(kind: str) -> dict[str, int]:
    return dict.fromkeys(fields_of(kind), 4)


def _day(cell: Any) -> Cell:
    try:
        return date.fromisoformat(cell) if isinstance(cell, str) else cell
    except ValueError:
        return cell


def as_csv(
    kind: str, records: Records, *, separator: str, encoding: str, comma: str = ".", end: str = "\r\n"
) -> bytes:
    columns, rows = table_of(kind, records)
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=separator, lineterminator=end)
    writer.writerows([columns, *([_shown(cell, comma) for cell in row] for row in rows)])
    return text.getvalue().encode(encoding)


def _shown(cell: Cell, comma: str) -> str:
    if isinstance(cell, date):
        return f"{cell.day}.{cell.month}.{cell.year}." if comma == "," else cell.isoformat()
    if isinstance(cell, float):
        return repr(cell).replace(".", comma)
    return "" if cell is None else str(cell)


def as_openpyxl(kind: str, records: Records) -> bytes:
    columns, rows = table_of(kind, records)
    book = openpyxl.Workbook()
    sheet = book.active
    for number, cells in enumerate([columns, *rows], start=1):
        for column, cell in enumerate(cells, start=1):
            if cell is not None:
                written = sheet.cell(number, column, cell)
                if isinstance(cell, str):
                    written.data_type = "s"
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def as_xlsxwriter(kind: str, records: Records) -> bytes:
    columns, rows = table_of(kind, records)
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"default_date_format": "dd.mm.yyyy"}) as book:
        sheet = book.add_worksheet(kind)
        for number, cells in enumerate([columns, *rows]):
            for column, cell in enumerate(cells):
                if isinstance(cell, str):
                    sheet.write_string(number, column, cell)
                elif isinstance(cell, date):
                    sheet.write_datetime(number, column, datetime.combine(cell, datetime.min.time()))
                elif cell is not None:
                    sheet.write_number(number, column, cell)
    return file.getvalue()


# --- Formats ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Form:
    """A way of writing a set of records, and the media type of the file."""

    media_type: str
    write: Callable[[str, Records], bytes]


FORMS: Mapping[str, Form] = {
    "json": Form(media_types.JSON, lambda _, records: json.dumps(records).encode()),
    "ndjson": Form(media_types.NDJSON, lambda _, records: "\n".join(map(json.dumps, records)).encode()),
    "csv comma": Form(media_types.CSV, partial(as_csv, separator=",", encoding="utf-8-sig")),
    "csv semicolon": Form(
        media_types.CSV, partial(as_csv, separator=";", encoding="utf-8", comma=",", end="\n")
    ),
    "csv tab": Form(media_types.CSV, partial(as_csv, separator="\t", encoding="utf-16")),
    "csv pipe": Form(media_types.CSV, partial(as_csv, separator="|", encoding="utf-8", end="\r")),
    "openpyxl": Form(media_types.XLSX, as_openpyxl),
    "xlsxwriter": Form(media_types.XLSX, as_xlsxwriter),
}


def read(content: bytes, media_type: str, kind: str) -> tuple[list[Record], list[str]]:
    """The records of a file, and the reasons for which parts were not read."""
    reading = read_file(io.BytesIO(content), media_type=media_type, kind=kind, name="set")
    return list(reading.records), [each.reason for each in reading.unread]


# --- LibreOffice ------------------------------------------------------------------------------------------------------

SOFFICE = shutil.which("soffice") or shutil.which("libreoffice")


def by_libreoffice(sets: Iterable[tuple[str, Records]], folder: Path) -> list[bytes]:
    """Workbooks that LibreOffice makes of workbooks, all in one call."""
    for at, (kind, records) in enumerate(sets):
        (folder / f"{at:03}.xlsx").write_bytes(as_xlsxwriter(kind, records))
    made = folder / "made"
    files = sorted(map(str, folder.glob("*.xlsx")))
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = [str(SOFFICE), profile, "--headless", "--convert-to", "xlsx", "--outdir", str(made), *files]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    return [file.read_bytes() for file in sorted(made.glob("*.xlsx"))]


# --- IATI -------------------------------------------------------------------------------------------------------------

_DATES = {"1": "planned_start", "2": "actual_start", "3": "planned_end", "4": "actual_end"}
SHARES = st.sampled_from(
    (
        (("AL", 100),),
        (("AL", 60), ("RS", 40)),
        (("BA", 50), ("ME", 25), ("MK", 25)),
        (("XK", 100),),
        (("89", 100),),
    )
)
ACTIVITIES = st.lists(
    st.fixed_dictionaries(
        {
            "title": TEXTS,
            "description": TEXTS,
            "activity_status": st.sampled_from("123456"),
            "planned_start": DAYS,
            "actual_start": DAYS,
            "planned_end": DAYS,
            "beneficiaries": SHARES.map(
                lambda pairs: [{"code": code, "percentage": share} for code, share in pairs]
            ),
            "organisations": st.lists(
                st.fixed_dictionaries(
                    {
                        "name": TEXTS,
                        "role": st.sampled_from("1234"),
                        "type": st.sampled_from(("10", "15", "40")),
                    }
                ),
                min_size=1,
                max_size=2,
            ),
            "sectors": st.sampled_from(
                (
                    [{"code": "15210", "percentage": 100}],
                    [{"code": "15130", "percentage": 80}, {"code": "15210", "percentage": 20}],
                )
            ),
            "transactions": st.lists(
                st.fixed_dictionaries(
                    {
                        "type": st.sampled_from("234"),
                        "date": DAYS,
                        "amount": AMOUNTS,
                        "currency": st.sampled_from(("EUR", "USD")),
                    }
                ),
                min_size=1,
                max_size=3,
            ),
        }
    ),
    min_size=1,
    max_size=3,
).map(lambda found: [_activity(at, each) for at, each in enumerate(found)])
"""Sets of support that IATI holds as well."""


def _activity(at: int, record: Record) -> Record:
    ref = f"XM-DAC-7-{at}"
    return {"ref": ref, "iati_identifier": ref, "support_type": "grant", "currency": "EUR", **record}


def as_iati(records: Records) -> bytes:
    activities = "".join(map(_as_activity, records))
    return f'<iati-activities version="2.03">{activities}</iati-activities>'.encode()


def _as_activity(record: Record) -> str:
    def narrative(name: str, text: str, **attributes: str) -> str:
        written = "".join(f" {each}={quoteattr(value)}" for each, value in attributes.items())
        return f"<{name}{written}><narrative>{escape(text)}</narrative></{name}>"

    parts = [
        f"<iati-identifier>{escape(record['ref'])}</iati-identifier>",
        narrative("title", record["title"]),
        narrative("description", record["description"]),
        *(
            narrative("participating-org", each["name"], role=each["role"], type=each["type"])
            for each in record["organisations"]
        ),
        f'<activity-status code="{record["activity_status"]}"/>',
        *(
            f'<activity-date type="{code}" iso-date="{record[name]}"/>'
            for code, name in _DATES.items()
            if name in record
        ),
        *(_share("recipient", each) for each in record["beneficiaries"]),
        *(_share("sector", each) for each in record["sectors"]),
        *map(_as_transaction, record["transactions"]),
    ]
    return f'<iati-activity default-currency="{record["currency"]}" xml:lang="en">{"".join(parts)}</iati-activity>'


def _share(name: str, share: Record) -> str:
    if name == "recipient":
        name = "recipient-region" if share["code"].isdigit() else "recipient-country"
    return f'<{name} vocabulary="1" code="{share["code"]}" percentage="{share["percentage"]}"/>'


def _as_transaction(each: Record) -> str:
    return (
        f'<transaction><transaction-type code="{each["type"]}"/><transaction-date iso-date="{each["date"]}"/>'
        f'<value currency="{each["currency"]}" value-date="{each["date"]}">{each["amount"]}</value></transaction>'
    )
