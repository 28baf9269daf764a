import io
from datetime import UTC, date, datetime
from itertools import cycle
from typing import Any

import openpyxl
import pytest

from services.entry.files.domain.media_types import XLSX
from services.entry.files.operations import read_file
from services.entry.workbooks.formats.annotating.annotate import annotate_workbook
from services.entry.workbooks.formats.annotating.cell_notes import list_cell_notes
from services.entry.workbooks.formats.templates.mapping import Mapping
from services.entry.workbooks.formats.templates.workbook import build_template
from shared.reference import (
    FOOTNOTE,
    KINDS,
    LANGUAGES,
    PILLARS,
    codes_valid_in_period,
    columns_of,
    fields_of,
    label,
)
from tests.entry.workbooks.findings import group, place
from tests.validation.conftest import PERIODS, SAMPLES

SHEETS = {"need": "Needs", "response": "Responses", "support": "Support"}
HEADINGS, NAMES, FIRST = 2, 3, 4
"""Rows."""

DAY = datetime(2026, 12, 31, tzinfo=UTC).replace(tzinfo=None)
"""The value as stored in a spreadsheet."""


def mapping(kind: str = "need", **facts: Any) -> Mapping:
    ordinary = {"reporter": "AL-WBCTi", "pillar": "WBCTi", "period": PERIODS[kind], "language": "en"}
    return Mapping(**{**ordinary, "kind": kind, "made_on": date(2026, 11, 25), **facts})


def made(*records: dict[str, Any], kind: str = "need", **facts: Any) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(build_template(mapping(kind, **facts), records)))


def column_called(sheet: Any, path: str) -> int:
    return next(cell.column for cell in sheet[NAMES] if cell.value == path)


def saved(book: openpyxl.Workbook) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def read(content: bytes, kind: str) -> list[dict[str, Any]]:
    return list(read_file(io.BytesIO(content), media_type=XLSX, kind=kind, name="filled.xlsx").records)


def chosen_from(book: openpyxl.Workbook, sheet: Any, path: str) -> list[str] | None:
    """The choices of a column; None for free values."""
    cell = sheet.cell(FIRST, column_called(sheet, path)).coordinate
    for validation in sheet.data_validations.dataValidation:
        if cell in validation.sqref and validation.type == "list":
            name, _, area = validation.formula1.partition("!")
            return [row[0].value for row in book[name.strip("'")][area.replace("$", "")]]
    return None


# --- Round trips ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_filled_in_values_are_read_in_every_language(kind, language):
    book = made(kind=kind, language=language)
    sheet = book.worksheets[1]
    typed = {
        "need": {
            "ref": "N-1",
            "title": "=Not a formula",
            "category": "Operational",
            "theme": "Preventing radicalisation and violent extremism",
            "capabilities": "Training; IT",
            "cross_border_with": "XK Kosovo*; RS",
            "estimated_cost": 1250000.5,
            "price_year": 2026,
            "target_date": DAY,
            "training.urgency": 4,
            "training.proficiency": "Train-the-trainer",
        },
        "response": {"ref": "R-1", "type": "Training", "start": "1.3.2026.", "needs.1.ref": "N-2"},
        "support": {
            "ref": "S-1",
            "activity_status": "2 Implementation",
            "sectors.0.code": label("purpose_code", "15132"),
            "beneficiaries.0.code": "89 Western Balkans, regional",
            "beneficiaries.0.percentage": 100,
            "organisations.1.role": "4 Implementing",
            "transactions.0.amount": -500,
            "currency": "EUR",
        },
    }[kind]
    for path, value in typed.items():
        cell = sheet.cell(FIRST, column_called(sheet, path))
        cell.value = value
        cell.data_type = "s" if isinstance(value, str) else cell.data_type
    assert read(saved(book), kind) == [
        {
            "need": {
                "ref": "N-1",
                "title": "=Not a formula",
                "category": "operational",
                "theme": "jap25_prevention",
                "capabilities": ["training", "it"],
                "cross_border_with": ["XK", "RS"],
                "estimated_cost": 1250000.5,
                "price_year": 2026,
                "target_date": "2026-12-31",
                "training": {"urgency": 4, "proficiency": "train_the_trainer"},
            },
            "response": {
                "ref": "R-1",
                "type": "training",
                "start": "2026-03-01",
                "needs": [{}, {"ref": "N-2"}],
            },
            "support": {
                "ref": "S-1",
                "activity_status": "2",
                "sectors": [{"code": "15132"}],
                "beneficiaries": [{"code": "89", "percentage": 100}],
                "organisations": [{}, {"role": "4"}],
                "transactions": [{"amount": -500}],
                "currency": "EUR",
            },
        }[kind]
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_prefilled_records_are_read_back(kind):
    records = [SAMPLES[kind], SAMPLES[kind] | {"ref": "=2", "description": "a\nb"}]
    assert read(build_template(mapping(kind), records), kind) == records


@pytest.mark.parametrize("kind", KINDS)
def test_a_blank_template_has_no_records(kind):
    assert read(build_template(mapping(kind)), kind) == []


def test_headings_are_known_without_the_row_of_names():
    book = made(SAMPLES["need"], language="mk")
    book["Потреби"].delete_rows(NAMES)
    assert read(saved(book), "need") == [SAMPLES["need"]]


def test_a_record_with_more_entries_than_usual_has_columns_for_all_of_them():
    shares = [{"code": code, "percentage": 10} for code in ("AL", "BA", "XK", "ME", "MK", "RS", "89")]
    record = SAMPLES["support"] | {"beneficiaries": shares}
    assert read(build_template(mapping("support"), [record]), "support") == [record]


def test_a_filled_in_template_is_annotated_next_to_its_own_comments():
    content = build_template(mapping(), [SAMPLES["need"]])
    groups = [group(place("B4"), place("A2"))]
    sheet = openpyxl.load_workbook(
        io.BytesIO(annotate_workbook(io.BytesIO(content), list_cell_notes(groups), groups))
    )["Needs"]
    assert sheet["B4"].comment.text.startswith("IISG-D: GEN-03")
    assert sheet["A2"].comment.text.startswith("Reference\n")
    assert "GEN-03" in sheet["A2"].comment.text
    assert sheet["C2"].comment.text.startswith("Description\n")


# --- Choices ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("pillar", PILLARS)
@pytest.mark.parametrize("period", ["2025-2026", "2027-2028"])
def test_the_themes_of_a_template_are_valid_for_its_pillar_and_period(pillar, period):
    book = made(pillar=pillar, period=period)
    valid = codes_valid_in_period(f"theme:{pillar}", period)
    assert chosen_from(book, book["Needs"], "theme") == [label(f"theme:{pillar}", code) for code in valid]


def test_codes_are_chosen_by_their_labels():
    book = made(kind="support")
    sheet = book["Support"]
    assert chosen_from(book, sheet, "support_type")[:2] == ["Training", "Equipment"]
    assert chosen_from(book, sheet, "activity_status")[0] == "1 Pipeline/identification"
    assert chosen_from(book, sheet, "beneficiaries.3.code")[2] == "XK Kosovo*"
    assert "EUR" in chosen_from(book, sheet, "transactions.1.currency")
    assert chosen_from(book, sheet, "title") is None


@pytest.mark.parametrize("kind", KINDS)
def test_every_choice_is_read_as_its_code(kind):
    book = made(kind=kind)
    sheet = book[SHEETS[kind]]
    offered = {
        column.spec.path: column.choices
        for column in mapping(kind).columns([])
        if column.choices and column.spec.field.type != "list"
    }
    rows = max(map(len, offered.values()))
    for path, choices in offered.items():
        assert chosen_from(book, sheet, path) == list(choices.values())
        for row, choice in zip(range(rows), cycle(choices.values()), strict=False):
            sheet.cell(FIRST + row, column_called(sheet, path)).value = choice
    for row, record in enumerate(read(saved(book), kind)):
        for path, choices in offered.items():
            assert value_at(path, record) == list(choices)[row % len(choices)]


def value_at(path: str, record: Any) -> Any:
    for step in path.split("."):
        record = record[int(step) if step.isdigit() else step]
    return record


def test_dates_and_numbers_have_data_validation():
    sheet = made()["Needs"]
    checks = {str(each.sqref).partition(":")[0]: each for each in sheet.data_validations.dataValidation}

    def of(path: str) -> Any:
        return checks[sheet.cell(FIRST, column_called(sheet, path)).coordinate]

    assert (
        of("training.urgency").type,
        of("training.urgency").formula1,
        of("training.urgency").formula2,
    ) == (
        *("whole", "1"),
        "6",
    )
    assert of("target_date").type == "date"
    assert (of("title").type, of("title").formula1) == ("textLength", "2000")
    assert {each.errorStyle for each in checks.values()} == {"warning"}


# --- Texts ------------------------------------------------------------------------------------------------------------


def test_a_heading_is_in_the_language_and_marks_what_is_required():
    sheet = made(language="sq")["Nevojat"]
    assert [cell.value for cell in sheet[HEADINGS]][:3] == ["Referenca *", "Titulli *", "Përshkrimi"]
    assert [cell.value for cell in sheet[NAMES]][:3] == ["ref", "title", "description"]
    dark, light = sheet["B2"].fill.fgColor.rgb, sheet["C2"].fill.fgColor.rgb
    assert dark != light


@pytest.mark.parametrize("kind", KINDS)
def test_the_comment_on_a_heading_has_its_purpose_and_accepted_values(kind):
    sheet = made(kind=kind)[SHEETS[kind]]
    for heading, name in zip(sheet[HEADINGS], sheet[NAMES], strict=True):
        said = heading.comment.text
        assert heading.value.removesuffix(" *") in said
        assert ("Required." in said) == heading.value.endswith("*")
        assert "Accepted values: " in said
        assert said.endswith(f"Field: {name.value}")


def test_the_instructions_have_the_steps_and_the_purpose_of_each_column():
    book = made(SAMPLES["support"], kind="support")
    said = "\n".join(
        str(cell.value) for row in book["Instructions"].iter_rows() for cell in row if cell.value
    )
    for word in (
        "on the sheet 'Support'",
        "themes.3.code",
        "1 row contains a record",
        "no classified",
        FOOTNOTE,
    ):
        assert word in said
    for column in columns_of(fields_of("support")):
        assert column.label("en") in said
        assert column.help in said


def test_the_instructions_mention_prefilled_rows_only_where_there_are_any():
    assert not any(
        "filled in with" in str(cell.value) for row in made()["Instructions"].iter_rows() for cell in row
    )


def test_the_footnote_is_on_every_sheet_that_names_kosovo():
    for sheet in made(kind="support"):
        texts = [str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value]
        assert FOOTNOTE in texts, sheet.title


def test_the_headings_are_frozen_and_the_lists_hidden():
    book = made()
    assert book["Needs"].freeze_panes == "C4"
    assert book["Lists"].sheet_state == "hidden"
    assert book.active.title == "Instructions"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", sorted(SAMPLES))
def test_nothing_is_cut_off_on_the_screen_or_on_paper(kind, language):
    how_to, sheet, _ = made(kind=kind, language=language)
    grouped = sheet.column_dimensions.values()
    widths = {at - 1: each.width for each in grouped for at in range(each.min, each.max + 1)}
    for at, (heading, name) in enumerate(zip(sheet[HEADINGS], sheet[NAMES], strict=True)):
        assert max(map(len, heading.value.split())) < widths[at]
        assert len(name.value) * 0.75 < widths[at] + 1
        choices = chosen_from(sheet.parent, sheet, name.value) or [""]
        # The widest labels shrink.
        assert max(map(len, choices)) < widths[at] or widths[at] > 44
    assert sheet.page_setup.orientation == how_to.page_setup.orientation == "landscape"
    assert (sheet.print_title_rows, sheet.print_title_cols) == ("$2:$3", "$A:$B")
    assert how_to.page_setup.fitToWidth in (None, 1)
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    repeated = widths[0] + widths[1]
    assert (sum(widths.values()) - repeated) / (sheet.page_setup.fitToWidth or 1) <= 350 - repeated + 1


def test_the_instructions_name_the_mapping_in_their_language():
    texts = [row[0].value for row in made(language="sq")["Udhëzime"].iter_rows()]
    assert "Për AL-WBCTi: WBCTi, Nevojat, 2025-2026." in texts


def test_dates_and_amounts_are_prefilled_as_dates_and_numbers():
    sheet = made(SAMPLES["need"])["Needs"]
    day = sheet.cell(FIRST, column_called(sheet, "target_date"))
    assert (day.value, day.number_format) == (DAY, "yyyy-mm-dd")
    cost = sheet.cell(FIRST, column_called(sheet, "estimated_cost"))
    assert (cost.value, cost.number_format) == (90000, "#,##0.00")


def test_an_invalid_value_is_prefilled_as_its_text():
    odd = {"ref": "A", "target_date": "in spring", "price_year": "=2026", "theme": "gone", "title": ["x", 1]}
    assert read(build_template(mapping(), [odd]), "need") == [odd | {"title": "x; 1"}]


def test_a_template_is_reproducible_and_every_page_has_the_tlp_marking():
    assert build_template(mapping(), [SAMPLES["need"]]) == build_template(mapping(), [SAMPLES["need"]])
    assert made(tlp="TLP:AMBER")["Needs"].oddHeader.right.text.endswith("TLP:AMBER")
