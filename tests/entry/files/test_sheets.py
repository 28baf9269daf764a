"""The choice of the sheet, and the account of the others."""

import io
from collections.abc import Mapping, Sequence
from typing import Any

import openpyxl
import pytest

from services.entry.files.domain import media_types
from services.entry.files.domain.read_result import ReadResult
from services.entry.files.domain.refusals import FileIsRefused
from tests.entry.files.samples import read

HEAD = ["ref", "title", "support_type", "activity_status", "planned_start", "beneficiaries.0.code", "budget"]
NEED_HEAD = ["ref", "title", "category", "priority_level", "estimated_cost", "disposition"]


def row(ref: str) -> list[Any]:
    return [ref, "Mentoring of local councils", "training", "2", "2026-06-01", "AL", 100]


Sheets = Mapping[str, Sequence[Sequence[Any]]]


def book(sheets: Sheets, *, hidden: Mapping[str, str] | None = None) -> io.BytesIO:
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        sheet.sheet_state = (hidden or {}).get(name, "visible")
        for each in rows:
            sheet.append(each)
    file = io.BytesIO()
    made.save(file)
    file.seek(0)
    return file


def refs(sheets: Sheets, **more: Any) -> tuple[list[str], ReadResult]:
    records, reading = read(book(sheets, **more), media_types.XLSX, kind="support")
    return [record["ref"] for record in records], reading


def parts(reading: ReadResult) -> list[tuple[str, str | None]]:
    return [(each.reason, each.sheet) for each in reading.unread]


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
def test_a_hidden_sheet_is_not_read_where_a_visible_one_has_headings(state):
    found, reading = refs(
        {"support 2025": [HEAD, row("OLD-8")], "support": [HEAD, row("NEW-8")]},
        hidden={"support 2025": state},
    )
    assert found == ["NEW-8"]
    assert reading.summary["sheet"] == "support"
    assert reading.summary["other_sheets"] == ["support 2025"]
    assert parts(reading) == [("unread-hidden-sheet", "support 2025")]


@pytest.mark.parametrize(
    "names",
    [
        ("Albania", "Serbia"),
        ("2025", "2026"),
        ("Support north", "Support south"),
        ("Support", "Podrška"),
    ],
)
def test_sheets_of_which_none_is_named_after_the_mapping_are_refused_by_name(names):
    with pytest.raises(FileIsRefused) as refused:
        refs({"Notes": [["about"]], names[0]: [HEAD, row("S1")], names[1]: [HEAD, row("S2")]})
    assert refused.value.rule == "several-sheets"
    assert refused.value.message == (
        f"Several sheets have records, and it is not clear which are to be read: {names[0]}, {names[1]}."
    )
    assert refused.value.expected.startswith('All records on one sheet named "Support"')


@pytest.mark.parametrize("name", ["Support", "SUPPORT", "Mbështetja", "Podrška", "Подршка", "Поддршка"])
def test_the_sheet_named_after_the_mapping_in_any_language_is_read(name):
    found, reading = refs({"Albania": [HEAD, row("S1")], name: [HEAD, row("S2")]})
    assert found == ["S2"]
    assert parts(reading) == [("sheet", "Albania")]
    assert reading.unread[0].values == {"read": name, "kind": "support", "count": 1}


def test_the_exact_name_wins_over_one_that_contains_it():
    found, reading = refs({"Support 2024": [HEAD, row("OLD")], "Support": [HEAD, row("NEW")]})
    assert (found, parts(reading)) == (["NEW"], [("sheet", "Support 2024")])


def test_a_sheet_without_rows_is_no_candidate():
    found, reading = refs({"Support": [HEAD], "Albania": [HEAD, row("S1")]})
    assert (found, parts(reading)) == (["S1"], [])
    assert reading.summary["other_sheets"] == ["Support"]


def test_the_only_sheet_with_headings_is_read_though_hidden_and_the_account_says_so():
    found, reading = refs(
        {"Cover": [["Support of 2026"]], "data": [HEAD, row("S1")]}, hidden={"data": "hidden"}
    )
    assert (found, parts(reading)) == (["S1"], [("hidden-sheet", "data")])


def test_sheets_of_texts_are_named_and_those_with_figures_are_reported():
    found, reading = refs(
        {
            "Instructions": [["How to fill it in"], ["Title"]],
            "Support": [HEAD, row("S1")],
            "Costs": [["Item", "Amount"], ["Cars", 500]],
        }
    )
    assert found == ["S1"]
    assert reading.summary["other_sheets"] == ["Instructions", "Costs"]
    assert parts(reading) == [("sheet-with-figures", "Costs")]


def test_a_sheet_of_another_kind_beside_the_records_is_reported_with_its_kind():
    found, reading = refs(
        {"Support": [HEAD, row("S1")], "Needs": [NEED_HEAD, ["N1", "Posts", "law", "high", 5, "open"]]}
    )
    assert found == ["S1"]
    assert parts(reading) == [("sheet", "Needs")]
    assert reading.unread[0].values["kind"] == "need"


def test_the_template_of_another_kind_is_recognised():
    with pytest.raises(FileIsRefused) as refused:
        refs({"Needs": [NEED_HEAD, ["N1", "Posts", "law", "high", 5, "open"]]})
    assert (refused.value.rule, refused.value.place) == ("other-mapping", "sheet Needs")
    assert refused.value.message == (
        "The headings are those of the template for Needs, but the file was submitted for Support."
    )
    assert refused.value.expected == "The template for Support, or this file submitted for Needs."


def test_the_title_of_a_template_names_its_mapping():
    title = ["Support 2024 · WBCSCi · UNODC"]
    _, reading = refs({"Support": [title, HEAD, row("S1")]})
    assert reading.facts == {"period": "2024", "pillar": "WBCSCi"}
    assert reading.summary["titles"] == title


def test_any_other_title_names_no_mapping():
    _, reading = refs({"Support": [["Support 2024 - border security"], ["a · b · c"], HEAD, row("S1")]})
    assert reading.facts == {}
