"""The cause of a fault in a cell, and how to write what may have been meant."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.entry.files.formats.cells import column_of
from services.validation.engine.domain.evaluation.origins import Origins
from services.validation.engine.domain.shapes.causes.explain import explain
from services.validation.engine.domain.shapes.checks import check_shape
from services.validation.engine.domain.shapes.wording import describe_fault, table_form
from services.validation.engine.domain.words import DEVELOPER, TableWords, Words
from shared.reference import columns_of, fields_of

NEED = fields_of("need")
MONTENEGRIN = TableWords(
    "need",
    {
        "ref": "Oznaka *",
        "category": "Kategorija",
        "estimated_cost": "Procijenjeni trošak",
        "target_date": "Ciljni datum",
        "disposition": "Stanje potrebe *",
        "priority_level": "Nivo prioriteta",
        "price_year": "Godina cijena",
    },
)


def told(field: str, value: Any, words: Words = MONTENEGRIN) -> tuple[str, str]:
    """Return what is said about a value in a field."""
    [fault] = check_shape({field: value}, {field: NEED[field]}).faults
    return describe_fault(fault, words)


@pytest.mark.parametrize(
    ("typed", "message", "expected"),
    [
        ("1.250", '"1.250" could be 1,250 or 1.25: write 1250 or 1,25.', "Write 1250 or 1,25."),
        ("1,250", '"1,250" could be 1,250 or 1.25: write 1250 or 1,25.', "Write 1250 or 1,25."),
        ("1.125", '"1.125" could be 1,125 or 1.125: write 1125 or 1,1250.', "Write 1125 or 1,1250."),
        (
            "12.500 EUR",
            '"12.500 EUR" has a currency beside the number. Put the currency, EUR, in its own column; enter only a number here.',
            "Only a number in this cell: 12500 or 12,5.",
        ),
        (
            "€ 500",
            '"€ 500" has a currency beside the number. Put the currency, EUR, in its own column; enter only a number here.',
            "Only a number in this cell: 500.",
        ),
        (
            "500.000,00 KM",
            '"500.000,00 KM" has a currency beside the number. Put the currency, BAM, in its own column; enter only a number here.',
            "Only a number in this cell: 500000.",
        ),
        (
            "oko 500.000",
            '"oko 500.000" has words beside the number: enter only a number here.',
            "Only a number in this cell: 500000 or 500.",
        ),
        ("1,5 mil", '"1,5 mil" is written in words.', "The full number: 1500000."),
        ("500k", '"500k" is written in words.', "The full number: 500000."),
        ("100-200", '"100-200" is a range.', "One number, such as 100 or 200."),
        ("od 100 do 200", '"od 100 do 200" is a range.', "One number, such as 100 or 200."),
        ("100; 200", '"100; 200" has several numbers.', "One number, such as 100 or 200."),
        ("25%", '"25%" is a percentage; this column has no percentages.', "Only a number in this cell: 25."),
        ("1O0", '"1O0" has the letter O in place of a digit.', "Only a number in this cell: 100."),
        ("'1250'", "\"'1250'\" is in quotation marks.", "Only a number in this cell: 1250."),
        ("12,34,567", 'the separators in "12,34,567" are not those of one number.', "such as 1250 or 1,25."),
        ("1000*12", '"1000*12" is a calculation.', "Its result; or a formula, which begins with =."),
        ("=A1+B1", 'the cell has the text of a formula, "=A1+B1", not its result.', "Fill in a number"),
        (
            "#REF!",
            "the formula in this cell has the error #REF!.",
            "Correct the formula, or fill in a number",
        ),
        ("n/a", '"n/a" is no value.', "Leave the cell blank, or fill in a number"),
        ("-", '"-" is no value.', "Leave the cell blank, or fill in a number"),
        ("nema", '"nema" is no value.', "Leave the cell blank, or fill in a number"),
        ("1,2E+06", "is a rounded number in scientific notation.", "Only a number in this cell: 1200000."),
        (
            "2026-05-31 00:00:00",
            'but the cell has the date "2026-05-31 00:00:00".',
            "Format the cell as a number",
        ),
        (
            "dvadeset",
            'but the cell has "dvadeset".',
            "Fill in a number, without a currency or a unit, at least 0.",
        ),
    ],
)
def test_an_amount_that_is_not_read_is_explained(typed: str, message: str, expected: str) -> None:
    said = told("estimated_cost", typed)
    assert said[0].startswith("Procijenjeni trošak")
    assert said[0].endswith(message)
    assert expected in said[1]


@pytest.mark.parametrize(
    ("typed", "message", "expected"),
    [
        (
            "03/04/2027",
            '"03/04/2027" could be 3 April or 4 March: write 3.4.2027 or 4.3.2027.',
            "Write 3.4.2027 or 4.3.2027.",
        ),
        ("31.02.2027", "there is no such day. The month has 28 days.", "A date, such as 31.5.2026."),
        ("29/2/2028", "", ""),
        ("29.2.2027", "there is no such day. The month has 28 days.", "A date, such as 31.5.2026."),
        ("2027-06-31", "there is no such day. The month has 30 days.", "A date, such as 31.5.2026."),
        ("15.13.2027", "there is no month 13.", "A date, such as 31.5.2026."),
        ("31.5.26", 'the year of "31.5.26" is not complete.', "Write 31.5.2026."),
        ("45123", '"45123" is the number by which spreadsheets store 16 July 2023.', "write 16.7.2023."),
        ("20270531", '"20270531" is not written as a date.', "Write 31.5.2027."),
        ("mart 2026", '"mart 2026" is a month, not a day.', "A day, such as 1.3.2026 or 31.3.2026."),
        ("Q3 2026", '"Q3 2026" is a quarter, not a day.', "A day, such as 1.7.2026 or 30.9.2026."),
        ("III kvartal 2026", "is a quarter, not a day.", "A day, such as 1.7.2026 or 30.9.2026."),
        ("2025-Q4", "is a quarter, not a day.", "A day, such as 1.10.2025 or 31.12.2025."),
        ("prvi kvartal 2026", "is a quarter, not a day.", "A day, such as 1.1.2026 or 31.3.2026."),
        ("IV 2027", '"IV 2027" is a month, not a day.', "A day, such as 1.4.2027 or 30.4.2027."),
        ("30.6", '"30.6" has no year.', "A date with its year, such as 31.5.2026."),
        ("31.12.20266", 'the year of "31.12.20266" is out of range.', "A date in the years 1990 to 2099."),
        ("46022,0", "is the number by which spreadsheets store 31 December 2025.", "write 31.12.2025."),
        ("2026", '"2026" is a year, not a day.', "A day, such as 1.1.2026 or 31.12.2026."),
        ("5. maja 2026.", '"5. maja 2026." is not written as a date.', "Write 5.5.2026."),
        ("5 qershor 2026", '"5 qershor 2026" is not written as a date.', "Write 5.6.2026."),
        ("5 мај 2026", '"5 мај 2026" is not written as a date.', "Write 5.5.2026."),
        ("do 31.5.2026", "has words beside the date: enter only a date here.", "Write 31.5.2026."),
        ("31.5.2026 14:00", "has a time beside the date.", "Write 31.5.2026."),
        ("1.3.2026 - 31.5.2026", "has several dates.", "One date, such as 1.3.2026 or 31.5.2026."),
        ("31.5.1926", 'the year of "1926-05-31" is out of range.', "A date in the years 1990 to 2099."),
        ("TBD", '"TBD" is no value.', "Leave the cell blank, or fill in a date, such as 31.5.2026."),
        ("danas", 'but the cell has "danas".', "Fill in a date, such as 31.5.2026."),
    ],
)
def test_a_date_that_is_not_read_is_explained(typed: str, message: str, expected: str) -> None:
    read = column_of(NEED["target_date"])([typed])[0]
    if not message:
        assert check_shape({"target_date": read}, {"target_date": NEED["target_date"]}).faults == ()
        return
    said = told("target_date", read)
    assert said[0].startswith("Ciljni datum")
    assert said[0].endswith(message)
    assert expected in said[1]


@pytest.mark.parametrize(
    ("field", "typed", "message", "expected"),
    [
        ("disposition", "Partly coverd", "Did you mean Partly covered (partly_covered)?", "Choose an entry"),
        ("disposition", "partly", "Did you mean Partly covered (partly_covered)?", "Choose an entry"),
        ("category", "Zakonodavni", "Did you mean Legislative (legislative)?", "Choose an entry"),
        ("disposition", "Open; Covered", 'but the cell has several: "Open; Covered".', "Choose an entry"),
        ("disposition", "n/a", 'Stanje potrebe is required, but the cell has "n/a".', "Choose an entry"),
        (
            "disposition",
            "zzz",
            'Stanje potrebe: "zzz" is not in the list.',
            "Partly covered (partly_covered)",
        ),
        ("disposition", None, "Stanje potrebe is required, but the cell is blank.", "Open (open), "),
        ("price_year", 26, "Godina cijena: 26 is out of range.", "A number from 2000 to 2099."),
        ("price_year", 2026.5, "must be a whole number, but the cell has 2026.5.", "such as 2026 or 2027."),
    ],
)
def test_a_word_that_is_not_in_the_list_is_explained(
    field: str, typed: Any, message: str, expected: str
) -> None:
    said = told(field, typed)
    assert message in said[0]
    assert expected in said[1]


@pytest.mark.parametrize(
    ("field", "typed", "code"),
    [
        ("priority_level", "visok", "high"),
        ("category", "Zakonodavna", "legislative"),
        ("disposition", "Partly covered (partly_covered)", "partly_covered"),
    ],
)
def test_an_entry_of_a_list_is_read_in_the_words_of_its_reader(field: str, typed: str, code: str) -> None:
    assert column_of(NEED[field])([typed]) == [code]


@pytest.mark.parametrize(
    ("field", "value", "message", "expected"),
    [
        (
            "estimated_cost",
            "1.250",
            "which could mean 1250 or 1.25.",
            "without quotation marks: 1250 or 1.25.",
        ),
        ("estimated_cost", "7", 'but it is "7".', "The number 7, without quotation marks."),
        (
            "target_date",
            "03/04/2027",
            "which could mean 2027-04-03 or 2027-03-04.",
            "2027-04-03 or 2027-03-04.",
        ),
        ("target_date", "31.12.2026", 'but it is "31.12.2026".', "2026-12-31, if this day is meant."),
        ("target_date", 45123, "but it is 45123.", "2023-07-16, if"),
        (
            "disposition",
            "Partly covered",
            "Did you mean 'partly_covered'?",
            "Give one of: open, partly_covered",
        ),
        ("disposition", None, "The field 'disposition' is required, but missing.", "Give one of: open"),
    ],
)
def test_a_developer_reads_names_and_codes(field: str, value: Any, message: str, expected: str) -> None:
    said = told(field, value, DEVELOPER)
    assert said[0].endswith(message)
    assert expected in said[1]


def test_a_heading_is_named_as_it_is_written_and_a_missing_one_in_the_language_of_the_others() -> None:
    words = Origins("Potrebe", [4], {"ref": 1}, headings=dict(MONTENEGRIN.headings)).words("need")
    assert words.field("disposition") == "Stanje potrebe"
    assert words.field("training.topic") != TableWords("need", {}).field("training.topic")
    [first] = [each.label("cnr") for each in columns_of(fields_of("support")) if each.path == "themes.0.code"]
    support = TableWords("support", {"themes.0.code": first, "capabilities": "Kapaciteti"})
    assert support.field("themes.1.code") == first.replace("1", "2")
    assert support.field("capabilities.3") == "Kapaciteti"


@given(st.floats(-1e9, 1e9).map(lambda number: round(number, 4)))
def test_a_number_is_read_back_as_a_message_writes_it(number: float) -> None:
    assert column_of(fields_of("support")["budget"])([table_form(number)]) == [number]


@given(st.dates(min_value=date(1990, 1, 1), max_value=date(2099, 12, 31)))
def test_a_day_is_read_back_as_a_message_writes_it(day: Any) -> None:
    assert column_of(NEED["target_date"])([table_form(day)]) == [day.isoformat()]


TYPED = st.one_of(
    st.text(alphabet="0123456789.,-/ ()%EUROoklmaj'\"#=xQ\u00a0", max_size=24),
    st.from_regex(r"[0-9]{1,6}[ .,/'-][0-9]{1,4}([ .,/'-][0-9]{1,5})?( EUR|%|k| maj|\\.)?", fullmatch=True),
)


@given(TYPED)
def test_every_text_is_explained_without_an_error_and_its_readings_are_accepted(typed: str) -> None:
    for field in ("estimated_cost", "price_year", "target_date"):
        spec = NEED[field]
        cause = explain(typed, spec)
        if cause is None or cause.reason in ("date", "fraction", "number_out_of_range", "no_such_day"):
            continue
        for reading in cause.readings:
            written = column_of(spec)([table_form(reading)])[0]
            assert check_shape({field: written}, {field: spec}).faults == (), (typed, cause)
