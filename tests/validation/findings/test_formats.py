import csv
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import openpyxl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lxml import etree

from services.validation.findings.domain.reports import ReportHeader
from services.validation.findings.formats.report_csv import report_as_csv
from services.validation.findings.formats.report_html import report_as_html
from services.validation.findings.formats.report_lines import COLUMNS
from services.validation.findings.formats.report_text import next_steps, place_text, record_number
from services.validation.findings.formats.report_xlsx import report_as_xlsx
from services.validation.findings.formats.stored_reports import read_report
from shared.documents.cells import MAX_CELL
from shared.documents.html import visible
from shared.reference import FOOTNOTE, TLP
from tests.validation.findings.reports import (
    BROKEN,
    CHECK,
    HEADING,
    IN_FILE,
    MANY,
    WARNING,
    group,
    place,
    report,
)
from tests.validation.markup import Page

RULES_PAGE = "https://iisg.example/validation/v1/rulesets/WBCTi.html"

# What a spreadsheet, or XlsxWriter, might take for something else than text.
TRICKY = (
    *("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", '"=1', "'=1", "\uff1d1", "{=1}"),
    *("a;=1", "a\n=1", 'a;"=1"', "5", "007", "1e5", "TRUE", "", " ", " a ", "\r\n", "\x01", "\x7f", "\ufffe"),
    *("http://example.org", "mailto:a@example.org", "internal:Summary!A1", "#REF!", "<b>", "&amp;"),
    *("_x0041_", "_x005F_x0041_x0042_", "<r></r>", "<r><t>=1</t></r>", "<r>_x0041_\x01&</r>"),
    *("Приштина", "عربى", "\U0001f512"),
)
PARTS = ("_x0041_", "_x00", "41_", "<r>", "</r>", "\x01", "=", "-1", ";", '"', "'", "\n", "\t", "a")
TEXTS = st.one_of(
    st.sampled_from(TRICKY),
    st.lists(st.sampled_from(PARTS)).map("".join),
    st.text(st.characters(exclude_categories=("Cs",))),
)
"""Half a surrogate pair cannot stand in a report: it is kept in UTF-8."""


def html(*groups: dict[str, Any], heading: ReportHeader = HEADING) -> str:
    return report_as_html(report(*groups), heading, rules_page=RULES_PAGE)


def lines(text: str, delimiter: str = ",") -> list[list[str]]:
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text[1:], newline=""), delimiter=delimiter))


def unguarded(cell: str) -> str:
    """Return a cell without the apostrophe that escapes a formula."""
    return re.sub(r"(?:^|(?<=[;\t\r\n]))'(?=[ \"]*['=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20])", "", cell)


def sheets(content: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(content))


def values_of(content: bytes, column: str) -> list[Any]:
    """Return a column of the findings, above the empty line."""
    found = []
    for row in sheets(content)["Findings"].iter_rows(min_row=2, max_col=len(COLUMNS)):
        if all(cell.value is None for cell in row):
            break
        found.append(row[COLUMNS.index(column)].value)
    return found


def part_of(content: bytes, sheet: int) -> bytes:
    """Return the XML of a sheet."""
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        return parts.read(f"xl/worksheets/sheet{sheet}.xml")


def as_excel_shows(content: bytes, column: str) -> Iterator[str]:
    """Return the texts in a column of the findings, with escapes decoded, which openpyxl does not do."""
    letter, name = "ABCDEFGHIJKLMNOPQ"[COLUMNS.index(column)], "{*}is//{*}t"
    for cell in etree.fromstring(part_of(content, 2)).iterfind(".//{*}c"):
        if cell.get("t") == "inlineStr" and re.fullmatch(rf"{letter}[0-9]+", cell.get("r", "")):
            runs = (run.text or "" for run in cell.iterfind(name))
            yield "".join(
                re.sub("_x([0-9A-F]{4})_", lambda found: chr(int(found[1], 16)), run) for run in runs
            )


# --- CSV --------------------------------------------------------------------------------------------------------------


def test_csv_has_a_line_for_each_place_with_all_that_is_known_of_it():
    head, first, second, *_ = lines(report_as_csv(report(IN_FILE, WARNING), HEADING))
    assert tuple(head) == COLUMNS
    assert dict(zip(head, first, strict=True)) == {
        "severity": "error",
        "rule": "GEN-20",
        "version": "2026.1",
        "title": "The year is a year",
        "ref": "AL-CT-6",
        "pointer": "/records/5/end",
        "sheet": "Needs",
        "row": "7",
        "cell": "F7",
        "value": "2026-02-01",
        "message": "The end, 2026-02-01, lies before the start, 2026-06-30.",
        "expected": "An end on or after 2026-06-30.",
        "why": "How long things take is reported from these two dates.",
        "reference": "IATI 2.03 activity dates",
        "outcome": "failed",
        "state": "",
        "element": "",
        "heading": "End",
    }
    assert (second[0], second[1], second[6]) == ("warning", "GEN-03", "")


def test_csv_ends_with_how_many_places_are_left_out_and_with_the_marking():
    *_, left_out, marking = lines(report_as_csv(report(MANY, WARNING), HEADING))
    assert left_out == [
        "251 places in all; 101 are listed, 150 more are not: only the first places of each rule are listed."
    ]
    assert marking == ["TLP:AMBER+STRICT"]


@pytest.mark.parametrize(
    ("groups", "said"),
    [((), "No findings."), ((WARNING,), "All places are listed: 1."), ((MANY,), "150 more are not")],
)
def test_each_form_says_whether_all_places_are_listed(groups, said):
    assert said in report_as_csv(report(*groups), HEADING)
    for sheet in ("Summary", "Findings"):
        assert any(said in str(row) for row in sheets(report_as_xlsx(report(*groups), HEADING))[sheet].values)


@pytest.mark.parametrize(
    ("value", "written"),
    [(None, ""), (True, "true"), (-5, "-5"), (0.5, "0.5"), ("-5", "'-5"), ("a - b", "a - b")],
)
def test_csv_writes_a_number_as_one_and_a_text_that_begins_like_a_formula_as_text(value, written):
    _, line, *_ = lines(report_as_csv(report(group(place(value=value))), HEADING))
    assert line[COLUMNS.index("value")] == written


@settings(deadline=None)
@given(TEXTS, TEXTS)
@example("a;=1", "'=1")
def test_whatever_text_stood_in_a_record_comes_back_from_csv(value, ref):
    text = report_as_csv(report(group(place(value=value, ref=ref, message=f'"{value}" is wrong.'))), HEADING)
    line = dict(zip(COLUMNS, lines(text)[1], strict=True))
    assert unguarded(line["value"]) == value
    assert unguarded(line["ref"]) == ref
    assert unguarded(line["message"]) == f'"{value}" is wrong.'


@settings(deadline=None)
@given(TEXTS)
@example('a;"=1"')
@example('";=1')
def test_no_cell_of_csv_begins_like_a_formula_whatever_a_spreadsheet_separates_by(value):
    text = report_as_csv(report(group(place(value=value, ref=value))), HEADING)
    for delimiter in ",;\t":
        cells = [cell for line in lines(text, delimiter) for cell in line]
        assert [
            cell for cell in cells if cell.lstrip(' "')[:1] in tuple("=+-@\uff1d\uff0b\uff0d\uff20")
        ] == []


# --- XLSX -------------------------------------------------------------------------------------------------------------


def test_the_workbook_has_a_summary_the_findings_and_the_rules():
    book = sheets(report_as_xlsx(report(MANY, WARNING), HEADING))
    assert book.sheetnames == ["Summary", "Findings", "Rules"]
    summary = "\n".join(str(cell) for row in book["Summary"].values for cell in row if cell is not None)
    for said in (
        "Returned",
        "as a correction of version 2",
        "Must be corrected\n250",
        "Responses 2026, WBCTi",
    ):
        assert said in summary
    rows = list(book["Findings"].values)
    assert rows[0] == COLUMNS
    assert [row[COLUMNS.index("ref")] for row in rows[1:102]] == [
        *(f"AL-CT-{number}" for number in range(1, 101)),
        "AL-CT-4",
    ]
    head, gen_04 = list(book["Rules"].values)
    assert dict(zip(head, gen_04, strict=True)) == {
        "rule": "GEN-04",
        "passed": 1199,
        "failed": 1,
        "skipped: missing": 1,
        "skipped: condition": 4,
        "skipped: broken": 0,
        "skipped: nothing": 2,
        "errored": 0,
    }


def test_the_workbook_is_in_the_language_of_its_reader():
    book = sheets(report_as_xlsx(report(WARNING), replace(HEADING, language="sq")))
    head, line, *_ = list(book["Gjetjet"].values)
    assert (head[0], head[COLUMNS.index("heading")]) == ("rëndësia", "titulli i kolonës")
    assert (line[0], line[COLUMNS.index("outcome")]) == ("paralajmërim", "nuk kaloi")


def test_rows_are_as_high_as_their_texts():
    sheet = sheets(report_as_xlsx(report(group(place(message="word " * 60))), HEADING))["Findings"]
    assert sheet.row_dimensions[2].height >= 6 * 15


def test_the_findings_can_be_filtered_under_a_head_that_stays():
    sheet = sheets(report_as_xlsx(report(MANY), HEADING))["Findings"]
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:R101"
    assert sheet.print_title_rows == "$1:$1"
    assert sheet.column_dimensions["K"].width > sheet.column_dimensions["A"].width


def test_a_number_is_a_number_in_the_workbook_and_a_text_of_digits_a_text():
    content = report_as_xlsx(
        report(group(*(place(value=value) for value in (5, "5", 0.5, True, None)))), HEADING
    )
    assert values_of(content, "value") == [5, "5", 0.5, True, None]


@settings(max_examples=40, deadline=None)
@given(st.lists(TEXTS, min_size=1, max_size=10))
@example(list(TRICKY))
def test_whatever_text_stood_in_a_record_comes_back_from_the_workbook_as_text(values):
    content = report_as_xlsx(report(group(*(place(value=value, message=value) for value in values))), HEADING)
    for column in ("value", "message"):
        assert list(as_excel_shows(content, column)) == [column, *values]
    assert not re.search(b"<f[ >]|<hyperlink", part_of(content, 2))


def test_a_text_that_no_cell_can_take_is_cut_and_says_so():
    content = report_as_xlsx(report(group(place(message="\U0001f512" * MAX_CELL))), HEADING)
    (text,) = values_of(content, "message")
    assert "cut: a cell takes no more; the JSON has all 32,767 characters" in text
    assert len(text.encode("utf-16-le")) // 2 <= MAX_CELL


def test_a_text_that_is_written_as_a_run_is_cut_in_time():
    text = "<r>" + "_x0041_x" * 3_000 + "</r>"
    content = report_as_xlsx(report(group(place(message=text, value="after"))), HEADING)
    assert values_of(content, "value") == ["after"]
    assert "cut: a cell takes no more" in values_of(content, "message")[0]


def test_the_same_report_gives_the_same_workbook():
    assert report_as_xlsx(report(MANY), HEADING) == report_as_xlsx(report(MANY), HEADING)


# --- HTML -------------------------------------------------------------------------------------------------------------


def test_the_page_begins_with_the_outcome_and_with_what_to_do_next():
    shown = html(MANY, WARNING)
    at = [
        shown.index(text)
        for text in ("<h1>Returned", "Correct the 250 places", "Must be corrected", "AL-CT-1<")
    ]
    assert at == sorted(at)


def test_the_page_lists_each_place_and_says_how_many_are_not_listed():
    shown = Page(html(MANY)).text
    for number in range(1, 101):
        assert f"AL-CT-{number}" in shown
    assert "150 more places are not listed" in shown


def test_the_page_says_once_what_holds_for_all_places_and_elsewhere_place_by_place():
    shown = html(MANY)
    assert shown.count("An end on or after 2026-06-30.") == 1
    two = html(group(place(1), place(2, message="Another.", expected="Something else.")))
    for text in ("lies before the start", "Another.", "An end on or after", "Something else."):
        assert two.count(text) == 1


def test_a_place_in_a_file_is_shown_by_its_sheet_and_cell():
    assert "Sheet Needs, cell F7" in Page(html(IN_FILE)).text


def test_a_rule_that_broke_is_said_to_be_our_fault():
    shown = Page(html(BROKEN)).text
    assert "The error is ours; you need not change anything for it." in shown
    assert "once we have corrected the rule" in shown
    assert "Could not be judged: 1 place" in shown
    assert "Correct the" not in shown


@pytest.mark.parametrize(
    ("groups", "heading", "said"),
    [
        ((), HEADING, ["No action is needed: the records count."]),
        ((), CHECK, ["Nothing was stored. If the records are final, submit them."]),
        (
            (WARNING,),
            HEADING,
            [
                "No action is needed: the records count.",
                "Review the 1 warning. It is not a reason to return the submission.",
            ],
        ),
        (
            (MANY, IN_FILE),
            HEADING,
            [
                (
                    'Correct the 251 places under "Must be corrected". '
                    "Then submit the whole submission again, as a correction of version 2."
                )
            ],
        ),
        (
            (IN_FILE, BROKEN),
            CHECK,
            [
                'Correct the 1 place under "Must be corrected". Then check again, or submit.',
                "One of our rules could not be judged. The error is ours; you need not change anything for it.",
            ],
        ),
    ],
)
def test_a_reporter_is_told_what_to_do_next(groups, heading, said):
    assert next_steps(report(*groups), heading) == said
    shown = Page(html(*groups, heading=heading)).text
    assert all(step in shown for step in said)


def test_what_may_stand_is_shown_and_not_asked_for():
    waived = group(place(1, state="waived"), rule="GEN-20", excused=1)
    partly = group(place(2), place(3, state="justified"), excused=1, severity="warning")
    shown = Page(html(waived, partly)).text
    assert "Should be looked at: 1 place" in shown
    assert "2 places, of which 1 is exempted" in shown
    assert "Exempted: 1 place" in shown
    for words in ("waived by the Secretariat", "justified by the reporter"):
        assert shown.count(words) == 1
    assert "Must be corrected" not in shown
    accepted = {**report(waived, partly), "outcome": "accepted"}
    assert next_steps(accepted, HEADING) == [
        "No action is needed: the records count.",
        "Review the 1 warning. It is not a reason to return the submission.",
    ]
    states = [line[COLUMNS.index("state")] for line in lines(report_as_csv(accepted, HEADING))[1:4]]
    assert states == ["waived", "", "justified"]
    assert values_of(report_as_xlsx(accepted, HEADING), "state") == ["waived", None, "justified"]


def test_a_check_is_not_taken_for_a_verdict():
    assert "<h1>This would be returned</h1>" in html(MANY, heading=CHECK)
    assert "<h1>This would be accepted</h1>" in html(WARNING, heading=CHECK)


@settings(deadline=None)
@given(TEXTS)
@example("<script>alert(1)</script>")
@example('"><img src=x onerror=alert(1)>')
@example("{{ 7 * 7 }}{% raw %}")
@example("</style><b>&lt;")
def test_no_text_of_a_reporter_becomes_markup(text):
    def shown(value: str) -> Page:
        places = (
            place(1, value=value, ref=value, pointer=f"/records/1/{value}", sheet=value, cell=value),
            place(2, value=value, message=value, expected=value),
        )
        return Page(html(group(*places, cause=f"cause {value}")))

    page, plain = shown(text), shown("plain")
    assert page.elements == plain.elements
    assert re.sub(r"\s", "", visible(text)) in re.sub(r"\s", "", page.text)


def test_what_nobody_could_see_is_shown_by_its_picture():
    assert "a\u2407b\u2421" in html(group(place(value="a\x07b\x7f")))


def test_the_page_needs_nothing_but_itself():
    page = Page(html(MANY, WARNING, BROKEN))
    assert {tag for tag, _ in page.elements}.isdisjoint({"script", "link", "img", "iframe", "object", "form"})
    assert all(address.startswith(("#", RULES_PAGE)) for address in page.leads_to)
    assert not re.search(r"url\(|@import|style=|\bon\w+=", html(MANY, WARNING, BROKEN))


def test_the_page_can_be_walked_by_keyboard_and_read_out():
    page = Page(html(MANY, WARNING, BROKEN))
    assert page.all("html")[0]["lang"] == "en"
    assert len(page.all("h1")) == 1
    assert page.elements.index(("a", {"class": "skip", "href": "#main"})) < page.elements.index(
        ("main", {"id": "main"})
    )
    assert len(page.all("caption")) == len(page.all("table"))
    assert all("scope" in head for head in page.all("th"))
    assert {address[1:] for address in page.leads_to if address.startswith("#")} <= page.ids
    assert {
        each for _, attributes in page.elements if (each := attributes.get("aria-labelledby"))
    } <= page.ids


@pytest.mark.parametrize("marking", TLP)
def test_each_form_bears_the_marking(marking):
    heading = ReportHeader(reporter="AL-WBCTi", judged_at=HEADING.judged_at, tlp=marking)
    shown = html(WARNING, heading=heading)
    assert shown.count(f">{marking}</span>") == 2
    assert f'@top-right {{ content: "{marking}"' in shown
    assert [marking] in lines(report_as_csv(report(WARNING), heading))
    for sheet in sheets(report_as_xlsx(report(WARNING), heading)):
        assert sheet.oddHeader.right.text == sheet.oddFooter.right.text == f"&B{marking}"


def test_each_form_bears_the_footnote_where_the_starred_label_stands_and_nowhere_else():
    starred = group(place(message="The shares of Albania and Kosovo* add up to 120."))
    heading = ReportHeader(reporter="XK-WBCTi", judged_at=HEADING.judged_at)
    for groups, about, due in (((starred,), HEADING, 1), ((WARNING,), heading, 1), ((WARNING,), HEADING, 0)):
        assert html(*groups, heading=about).count(FOOTNOTE) == due
        summary = sheets(report_as_xlsx(report(*groups), about))["Summary"]
        assert sum(FOOTNOTE in row for row in summary.values) == due
    assert [FOOTNOTE] in lines(report_as_csv(report(starred), HEADING))
    assert [FOOTNOTE] not in lines(report_as_csv(report(WARNING), HEADING))


@pytest.mark.parametrize(
    ("pointer", "number", "place_in_words"),
    [
        ("/records/0/end", "1", "end"),
        ("/records/11/themes/1/code", "12", "themes, entry 2, code"),
        ("/records/2/a~1b~0c", "3", "a/b~c"),
        ("/records/3", "4", "the record"),
        ("/records", "", "the whole submission"),
        ("", "", "the whole submission"),
    ],
)
def test_a_pointer_is_told_in_words(pointer, number, place_in_words):
    assert (record_number(pointer), place_text(pointer)) == (number, place_in_words)


# --- Earlier reports --------------------------------------------------------------------------------------------------


def test_a_report_from_before_findings_were_grouped_is_shown_in_every_form():
    finding = (
        b'{"rule":"GEN-04","title":"A response ends after it starts","severity":"error","outcome":"failed",'
        b'"ref":"AL-CT-%d","pointer":"/records/%d/end","value":"2026-02-01","message":"The end lies before.",'
        b'"expected":"A later end.","why":"Two dates.","reference":""}'
    )
    former = read_report(
        b'{"submission":"1","version":1,"outcome":"returned","ruleset":{"name":"WBCTi","version":"2026.1","hash":"9f"},'
        b'"counts":{"blocker":0,"error":2,"warning":0,"info":0},"outcomes":{"passed":4,"failed":2,"skipped":0,"errored":0},'
        b'"findings":[' + finding % (1, 0) + b"," + finding % (2, 1) + b"]}"
    )
    (found,) = former["findings"]
    assert (found["count"], [each["ref"] for each in found["places"]]) == (2, ["AL-CT-1", "AL-CT-2"])
    assert "AL-CT-2" in report_as_html(former, HEADING, rules_page=RULES_PAGE)
    assert "AL-CT-2" in report_as_csv(former, HEADING)
    assert values_of(report_as_xlsx(former, HEADING), "ref") == ["AL-CT-1", "AL-CT-2"]


# --- What was read, in all forms ------------------------------------------------------------------------------------


UNREAD = {
    "reason": "sheet",
    "bears": "record",
    "sheet": "Kosovo*",
    "message": "The sheet was not read; the records were read from Needs.",
    "expected": "Put all records on one sheet.",
}
AMOUNT = {
    "reason": "transaction",
    "bears": "money",
    "ref": "XM-1",
    "element": "transaction 2",
    "amount": "=1,234",
    "currency": "EUR",
    "message": "The transaction was not read.",
    "expected": "A number without separators.",
}
READING = {
    "read": {
        "format": "xlsx",
        "records": 3,
        "sheet": "Needs",
        "other_sheets": ["Kosovo*"],
        "heading_row": 4,
        "rows": 3,
        "columns": [{"column": "B", "heading": "Titulli", "field": "title"}],
    },
    "counts": {"sheet": 1, "transaction": 4},
    "unread": [UNREAD, AMOUNT],
    "left_out": 3,
}
OF_PARTS = group(
    {
        **{name: UNREAD[name] for name in ("sheet", "message", "expected")},
        "ref": None,
        "pointer": "/unread/0",
        "value": None,
    },
    {
        **{name: AMOUNT[name] for name in ("ref", "element", "message", "expected")},
        "pointer": "/unread/1",
        "value": "=1,234",
    },
    rule="GEN-201",
    title="All of the file is read",
)
READ = report(OF_PARTS) | {"reading": READING}
SAID = (
    *("File read as", "Workbook", "Sheet read", "Row of headings", "B Titulli", "Records read"),
    "5 parts of the file were not read, or not as they were written.",
)


def test_csv_says_what_was_read_and_lists_what_was_not_below_the_places():
    text = report_as_csv(READ, HEADING)
    for said in SAID:
        assert said in text
    [sheet, amount, more] = [
        row[0] for row in lines(text) if row[0].startswith("Not read") and ": 5" not in row[0]
    ]
    assert sheet == f"Not read (sheet Kosovo*): {UNREAD['message']} {UNREAD['expected']}"
    assert amount.startswith("Not read (XM-1, transaction 2): The transaction was not read.")
    assert more == "Not read: 3 more parts."
    assert FOOTNOTE in text


def test_the_page_says_what_was_read_and_where_each_part_is_that_was_not():
    shown = Page(report_as_html(READ, HEADING, rules_page=RULES_PAGE)).text
    for said in (*SAID, "Sheet Kosovo*", "Transaction 2", "3 more parts are not listed here", FOOTNOTE):
        assert said in shown
    assert "What was read" not in Page(html(MANY)).text


def test_the_workbook_says_what_was_read_and_has_a_sheet_of_what_was_not():
    made = sheets(report_as_xlsx(READ, HEADING))
    summary = [str(cell.value) for row in made["Summary"] for cell in row if cell.value]
    assert {"Workbook", "B Titulli", SAID[-1]} <= set(summary)
    head, sheet, amount, more = made["Not read"].iter_rows(values_only=True)
    assert dict(zip(head, amount, strict=True)) == {**dict.fromkeys(head), **AMOUNT}
    assert dict(zip(head, sheet, strict=True)) == {**dict.fromkeys(head), **UNREAD}
    assert more[0] == "3 more parts not listed here."
    assert "Not read" not in sheets(report_as_xlsx(report(MANY), HEADING))


def test_a_report_of_a_file_of_which_all_was_read_says_so():
    whole = report() | {
        "reading": {"read": {"format": "csv", "records": 1}, "counts": {}, "unread": [], "left_out": 0}
    }
    assert "Not read: All of the file was read." in report_as_csv(whole, HEADING)
