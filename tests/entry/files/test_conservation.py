"""Nothing vanishes on the way in: what a source holds is in its records, or listed as not read.

The property of IATI files, with their transactions and budgets, is in `test_iati`.
"""

import csv
import io
import json
from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any

import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from services.entry.files.domain.accounts import account_of
from services.entry.files.domain.media_types import CSV, JSON, NDJSON, XLSX
from services.entry.files.operations import read_file
from services.entry.submissions.schemas.requests import SubmissionBody
from shared.records.bodies import read_records, record_line, write_body

TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=8)
AMOUNTS = st.integers(-(10**12), 10**12) | st.decimals(0, 10**9, places=2).map(float)
RECORDS = st.lists(
    st.fixed_dictionaries(
        {"ref": TEXTS, "budget": AMOUNTS},
        optional={"transactions": st.lists(st.fixed_dictionaries({"amount": AMOUNTS}), max_size=3)},
    ),
    min_size=1,
    max_size=6,
)
MEMBERS = st.dictionaries(
    TEXTS | st.sampled_from(["more", "dry_run", "mode", "Records", "transactions"]),
    TEXTS | AMOUNTS | st.lists(st.fixed_dictionaries({"ref": TEXTS, "budget": AMOUNTS}), max_size=3),
    max_size=4,
)
FACTS = {"pillar": "WBCTi", "kind": "need", "period": "2025-2026", "tlp": "TLP:AMBER"}


def read(content: bytes, media_type: str) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Return the records of a file, and its whole account."""
    reading = read_file(io.BytesIO(content), media_type=media_type, kind="need", name="source")
    records = list(reading.records)
    return records, account_of(reading, media_type=media_type, records=len(records)).whole


def same(found: list[dict[str, Any]], source: list[dict[str, Any]]) -> bool:
    """Return whether both have the same records, and with them the same transactions and amounts."""
    return Counter(map(record_line, found)) == Counter(map(record_line, source))


@given(RECORDS)
def test_all_records_posted_to_the_api_are_in_the_body(records):
    body = SubmissionBody().loads(json.dumps(FACTS | {"records": records}))
    written = b"".join(write_body(FACTS, map(record_line, body["records"])))
    assert same(list(read_records(io.BytesIO(written))), records)


def test_anything_else_in_a_body_of_the_api_is_refused():
    body = FACTS | {"records": [{"ref": "A"}], "more_records": [{"ref": "B"}]}
    assert SubmissionBody().validate(body) == {"more_records": ["Unknown field."]}


@given(RECORDS, MEMBERS.filter(lambda members: not {"records", *FACTS} & members.keys()))
def test_all_records_of_a_json_file_are_read_and_its_other_members_listed(records, members):
    found, account = read(json.dumps(FACTS | members | {"records": records}).encode(), JSON)
    assert same(found, records)
    assert account["read"] == {"format": "json", "records": len(records)}
    listed = {part["values"]["name"]: part for part in account["unread"]}
    assert set(listed) == {name for name, value in members.items() if value not in (0, [])}
    lists = {name: len(value) for name, value in members.items() if isinstance(value, list) and value}
    for name, count in lists.items():
        assert (listed[name]["bears"], listed[name]["values"]["count"]) == ("record", count)


@given(RECORDS)
def test_all_records_of_a_list_are_read(records):
    found, account = read(json.dumps(records).encode(), JSON)
    assert same(found, records)
    assert (account["read"]["records"], account["unread"]) == (len(records), [])


@given(RECORDS, st.lists(st.sampled_from([b"", b"  ", b"\t"]), max_size=6))
def test_all_records_of_ndjson_are_read_whatever_blank_lines_are_between(records, blanks):
    lines = [json.dumps(record).encode() for record in records]
    for at, blank in enumerate(blanks):
        lines.insert(2 * at, blank)
    found, account = read(b"\n".join(lines), NDJSON)
    assert same(found, records)
    assert (account["read"]["records"], account["unread"]) == (len(records), [])


def test_an_option_in_a_file_is_not_followed_and_this_is_a_doubt():
    _, account = read(json.dumps({"dry_run": True, "mode": None, "records": [{"ref": "A"}]}).encode(), JSON)
    [part] = account["unread"]
    assert (part["reason"], part["bears"], part["element"]) == ("json-option", "doubt", "member dry_run")
    assert part["message"].startswith('The option "dry_run" was not followed')


def test_our_own_export_has_no_part_that_is_not_read():
    facts = FACTS | {"reporter": "AL-WBCTi", "partner": "AL", "origins": "0" * 64, "reading": "1" * 64}
    content = b"".join(write_body(facts, [record_line({"ref": "A"})]))
    assert read(content, JSON)[1]["unread"] == []


# --- Tables -----------------------------------------------------------------------------------------------------------

HEADINGS = ["ref", "title", "priority_level", "estimated_cost", "currency", "", "Colour", ""]
"""Headings of a need, one that names no field, and two columns without one."""

COSTS = st.integers(1_000, 10**9)
WORDS = st.text("abcdefgh", min_size=3, max_size=8)
ROWS = st.one_of(
    st.builds(lambda cost, title: ["", f"Title {title}", "high", cost, "EUR", "", "", ""], COSTS, WORDS),
    st.builds(
        lambda cost, word: ["", "A title", "low", cost, "EUR", word, word, f"see {word}"], COSTS, WORDS
    ),
    st.builds(lambda cost: ["Total", "", "", cost, "EUR", "", "", ""], COSTS),
    st.builds(lambda word: [f"Note: {word}", *[""] * 7], WORDS),
    st.just([""] * len(HEADINGS)),
    st.just(HEADINGS),
)
"""Rows below the headings: records, of which the first column is their number, totals, notes, blanks, and headings again."""

ABOVE = st.lists(
    st.one_of(
        st.builds(lambda word: [f"Needs of {word}"], WORDS),
        st.builds(lambda cost: ["Sum", "", "", cost], COSTS),
        st.builds(lambda cost: ["X-1", "A title above", "high", cost, "EUR"], COSTS),
        st.just([]),
    ),
    max_size=3,
)
_COLUMNS = {
    5: ("column-without-heading",),
    6: ("unknown-column",),
    7: ("column-without-heading", "shifted-cells"),
}
NOT_RECORDS = (
    "rows-above",
    "figures-above",
    "repeated-headings",
    "note",
    "total",
    "single-text",
    "hidden-rows",
)


@st.composite
def tables(draw: st.DrawFn) -> list[list[Any]]:
    """Draw the rows of a sheet. Each record has a ref, so that none is taken for a note."""
    below = [list(row) for row in draw(st.lists(ROWS, max_size=12))]
    for number, row in enumerate(below):
        if row[0] == "" and row[1]:
            row[0] = f"N-{number}"
    return [*draw(ABOVE), HEADINGS, ["N-FIRST", "The first", "high", 5, "EUR", "", "", ""], *below]


def csv_of(rows: list[list[Any]], separator: str = ";") -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=separator).writerows(rows)
    return text.getvalue().encode()


def xlsx_of(rows: list[list[Any]], *, hidden: Collection[int] = (), other: Sequence[list[Any]] = ()) -> bytes:
    """Write the rows on a sheet of needs, some of them hidden, and others on another sheet."""
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as book:
        sheet = book.add_worksheet("Needs")
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
        for number in hidden:
            sheet.set_row(number, None, None, {"hidden": True})
        if other:
            second = book.add_worksheet("Elsewhere")
            for number, row in enumerate(other):
                second.write_row(number, 0, row)
    return content.getvalue()


def check_conserved(rows: list[list[Any]], records: list[dict[str, Any]], account: dict[str, Any]) -> None:
    """Check that each row and each amount of a sheet is in the records or listed as not read."""
    head = rows.index(HEADINGS)
    filled = [row for row in rows if any(cell != "" for cell in row)]
    rows_listed = [part for part in account["unread"] if part["reason"] in NOT_RECORDS]
    titles = len(account["read"].get("titles", ()))
    assert account["read"]["rows"] == len(records)
    assert account["read"]["heading_row"] == head + 1
    listed = sum(part["values"]["count"] for part in rows_listed)
    assert len(filled) == 1 + titles + len(records) + listed
    source = sum(row[3] for row in rows if len(row) > 3 and isinstance(row[3], int))
    read_amounts = sum(record.get("estimated_cost", 0) for record in records)
    assert source == read_amounts + sum(float(part.get("amount", 0)) for part in rows_listed)
    for at, reasons in _COLUMNS.items():
        written = sum(1 for row in rows[head + 1 :] if row != HEADINGS and row[at] != "")
        counts = [
            part["values"]["count"]
            for part in account["unread"]
            if part["reason"] in reasons and part["values"]["column"] == "ABCDEFGH"[at]
        ]
        assert counts == ([written] if written else [])


@given(tables(), st.sampled_from(",;\t|"))
def test_each_row_and_amount_of_a_csv_is_read_or_listed(rows, separator):
    records, account = read(csv_of(rows, separator), CSV)
    assert account["read"]["separator"] == separator
    check_conserved(rows, records, account)


@settings(deadline=None)
@given(tables(), st.sets(st.integers(4, 12), max_size=3), st.booleans())
def test_each_row_and_amount_of_a_workbook_is_read_or_listed(rows, hidden, has_more):
    head = rows.index(HEADINGS)
    others = [HEADINGS, ["E-1", "Elsewhere", "low", 7, "EUR", "", "", ""]] if has_more else []
    hidden = {at for at in hidden if head + 1 < at < len(rows) and rows[at] != HEADINGS}
    records, account = read(xlsx_of(rows, hidden=hidden, other=others), XLSX)
    columns = [row if at not in hidden else [*row[:5], "", "", ""] for at, row in enumerate(rows)]
    check_conserved(columns, records, account)
    sheets = [part for part in account["unread"] if part["reason"] == "sheet"]
    assert [(part["sheet"], part["values"]["count"]) for part in sheets] == [("Elsewhere", 1)] * has_more
