"""Dates and numbers in many notations are read correctly, or not at all."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.entry.files.formats.locale_parsing import BLANKS, parse_day, parse_numbers


def numbers(text: str) -> list[int | float]:
    return sorted(parse_numbers(text))


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2015-03-01", "2015-03-01"),
        ("2015-3-1", "2015-03-01"),
        ("2015/03/01", "2015-03-01"),
        ("2015-03-01 00:00:00", "2015-03-01"),
        ("2015-03-01T00:00:00.000", "2015-03-01"),
        ("1.3.2015", "2015-03-01"),
        ("01.03.2015", "2015-03-01"),
        ("30.3.2016.", "2016-03-30"),
        ("30. 3. 2016.", "2016-03-30"),
        ("25/03/2015", "2015-03-25"),
        ("03/25/2015", "2015-03-25"),
        ("25-03-2015", "2015-03-25"),
        ("05/05/2015", "2015-05-05"),
        ("29.2.2024", "2024-02-29"),
    ],
)
def test_a_day_is_read_in_each_notation_that_can_mean_one_day_only(text, day):
    assert parse_day(text) == day


@pytest.mark.parametrize(
    "text",
    [
        *(
            "01/03/2015",
            "1-3-2015",
            "12/12/15",
            "1.3.15",
            "29.2.2023",
            "31.4.2016.",
            "2015-13-01",
            "32/13/2015",
        ),
        *(
            "",
            "soon",
            "2015",
            "3.2015",
            "1..3.2015",
            "1.3.2015..",
            "1. mart 2015",
            "2015-03-01 14:30",
            "00:00 2015-03-01",
            "2015-03-01 00:00 00:00",
            "46000",
            "\u0661.\u0663.2015",
        ),
    ],
)
def test_an_invalid_or_ambiguous_date_is_not_read(text):
    assert parse_day(text) is None


@given(st.dates(date(1000, 1, 1), date(9999, 12, 31)))
def test_a_day_written_in_any_notation_is_never_read_as_another(day):
    said = day.isoformat()
    assert parse_day(said) == said
    assert parse_day(f"{day.day}.{day.month}.{day.year}") == said
    assert parse_day(f"{day:%d}. {day:%m}. {day.year}.") == said
    for sign in "/-":
        assert parse_day(f"{day:%d}{sign}{day:%m}{sign}{day.year}") in (said, None)
        assert parse_day(f"{day.month}{sign}{day.day}{sign}{day.year}") in (said, None)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        *(("12", 12), ("-3.50", -3.5), ("\u22127", -7), ("+5", 5), ("0", 0), ("007", 7), ("1234.5", 1234.5)),
        *(("1.234,56", 1234.56), ("1,234.56", 1234.56), ("1 234,56", 1234.56), ("1'234.50", 1234.5)),
        *(
            ("1\u00a0234\u00a0567,8", 1234567.8),
            ("12\u2009000", 12000),
            ("12\u202f000", 12000),
            ("12 000", 12000),
        ),
        *(
            ("1.234.567", 1234567),
            ("1,234,567", 1234567),
            ("1.234.567,89", 1234567.89),
            ("-1.000.000", -1000000),
        ),
        *(("12,5", 12.5), ("12.25", 12.25), ("1234,567", 1234.567), ("0,125", 0.125), ("0.125", 0.125)),
        *(("2,0", 2), ("10,00", 10), ("9" * 30, int("9" * 30))),
    ],
)
def test_a_number_is_read_in_each_notation_that_can_mean_one_number_only(text, number):
    found = numbers(text)
    assert found == [number]
    assert type(found[0]) is type(number)


@pytest.mark.parametrize(
    ("text", "both"), [("1.234", [1.234, 1234]), ("1,234", [1.234, 1234]), ("-1.500", [-1500, -1.5])]
)
def test_three_digits_after_a_single_separator_are_ambiguous(text, both):
    assert numbers(text) == both


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "a lot",
            "nan",
            "inf",
            "1e9",
            "12,",
            ",5",
            "1.2.3",
            "1,2,3",
            "1.23,456.7",
            "12.34.567",
            "1,234.567,8",
        ),
        *(
            "1 23",
            "1  234",
            "0.123.456",
            "--5",
            "5-",
            "5 EUR",
            "1,234,56",
            "1.234 567",
            "1_000",
            "٣",
            "9" * 31,
        ),
        *("0.12345678901234567", "12345678901234.5678", "12'34", " 5"),
    ],
)
def test_an_invalid_or_overlong_number_is_not_read(text):
    assert numbers(text) == []


@st.composite
def written_numbers(draw):
    """A number and one of its notations."""
    whole, places = draw(st.integers(0, 10**11 - 1)), draw(st.integers(0, 4))
    group = draw(st.sampled_from([*BLANKS, ".", ",", "'", "\u2019", ""]))
    point = draw(st.sampled_from([each for each in ".," if each != group]))
    sign = draw(st.sampled_from(["", "-"]))
    part = f"{draw(st.integers(0, 10**places - 1)):0{places}}" if places else ""
    figures = f"{whole:,}".replace(",", group) + (point + part if part else "")
    return sign + figures, float(f"{sign}{whole}.{part or 0}")


@given(written_numbers())
def test_a_number_written_in_any_notation_is_never_read_as_another_alone(written):
    text, number = written
    assert number in numbers(text)
