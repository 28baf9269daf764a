"""IATI activities as support records, and the account of what was not read."""

from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.entry.files.domain import media_types
from services.entry.files.domain.read_result import ReadResult
from services.entry.files.formats import read_iati
from services.validation.engine.domain.shapes.checks import check_shape
from services.validation.rulesets.operations.files import shapes
from tests.entry.files import samples

WHOLE = """<iati-activity default-currency="EUR" xml:lang="en" hierarchy="1">
  <iati-identifier> XM-DAC-41-7 </iati-identifier>
  <title><narrative>Border
     posts</narrative></title>
  <description type="1"><narrative>General</narrative></description>
  <participating-org role="1" type="10"><narrative>Netherlands</narrative></participating-org>
  <participating-org role="4" ref="XI-IATI-1"/>
  <activity-status code="2"/>
  <activity-date type="1" iso-date="2024-01-01"/><activity-date type="2" iso-date="2024-02-01Z"/>
  <activity-date type="3" iso-date="2025-01-01"/><activity-date type="4" iso-date="2025-03-01"/>
  <recipient-country code="AL" percentage="60.5"/><recipient-country code="XK" percentage="39.5"/>
  <sector vocabulary="1" code="15210" percentage="40"/><sector code="15190" percentage="60"/>
  <default-aid-type code="D02"/>
  <budget type="1"><period-start iso-date="2024-01-01"/><period-end iso-date="2024-12-31"/><value>400.5</value></budget>
  <budget><period-start iso-date="2025-01-01"/><period-end iso-date="2025-12-31"/><value currency="EUR">99.5</value></budget>
  <transaction><transaction-type code="3"/><transaction-date iso-date="2024-05-01"/>
    <value currency="USD" value-date="2024-05-02">-100</value></transaction>
  <transaction><transaction-type code="2"/><transaction-date iso-date="2024-05-02T00:00:00"/><value>7.25</value></transaction>
  <related-activity type="1" ref=" XM-DAC-41-1 "/>
</iati-activity>"""


def read_file(*inner: str, version: str | None = "2.03") -> tuple[list[dict[str, Any]], ReadResult]:
    """Return the records of a file of these activities, and the result that yielded them."""
    stated = "" if version is None else f" version='{version}'"
    content = f"<iati-activities{stated}>{''.join(inner)}</iati-activities>"
    return samples.read(content.encode(), media_types.XML, kind="support")


def read(activity: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return the record of an activity, and the parts of it that were not read, except elements that are counted."""
    (record,), reading = read_file(activity)
    parts = [part.written for part in reading.unread]
    return record, [part for part in parts if part["reason"] != "iati-elements"]


def activity(inner: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Read an activity of Albania with these elements."""
    inner = inner if "recipient" in inner else f'<recipient-country code="AL"/>{inner}'
    return read(
        f"<iati-activity default-currency='EUR'><iati-identifier>A-1</iati-identifier>{inner}</iati-activity>"
    )


def reasons(parts: list[dict[str, Any]]) -> list[tuple[str, str | None]]:
    """Return the reason and the place of each part."""
    return [(part["reason"], part.get("element")) for part in parts]


def transaction(amount: str = "10", *, inner: str = "", **replaced: str) -> str:
    """Return a disbursement of 1 February 2026."""
    elements = {
        "type": '<transaction-type code="3"/>',
        "date": '<transaction-date iso-date="2026-02-01"/>',
        "value": f'<value value-date="2026-02-01">{amount}</value>',
        **replaced,
    }
    return f"<transaction>{''.join(elements.values())}{inner}</transaction>"


def shares(entries: list[dict[str, Any]]) -> dict[str, float | None]:
    """Return the percentage of each code."""
    return {entry["code"]: entry.get("percentage") for entry in entries}


# What is read


def test_an_activity_becomes_a_record_of_the_shape_of_support():
    record, parts = read(WHOLE)
    assert record == {
        "ref": "XM-DAC-41-7",
        "title": "Border posts",
        "description": "General",
        "support_type": "technical_assistance",
        "activity_status": "2",
        "sectors": [{"code": "15210", "percentage": 40}, {"code": "15190", "percentage": 60}],
        "beneficiaries": [{"code": "AL", "percentage": 60.5}, {"code": "XK", "percentage": 39.5}],
        "organisations": [
            {"name": "Netherlands", "role": "1", "type": "10"},
            {"name": "XI-IATI-1", "role": "4"},
        ],
        "planned_start": "2024-01-01",
        "actual_start": "2024-02-01",
        "planned_end": "2025-01-01",
        "actual_end": "2025-03-01",
        "budget": 500,
        "currency": "EUR",
        "transactions": [
            {"type": "3", "date": "2024-05-01", "amount": -100, "currency": "USD"},
            {"type": "2", "date": "2024-05-02", "amount": 7.25, "currency": "EUR"},
        ],
        "iati_identifier": "XM-DAC-41-7",
        "parent": "XM-DAC-41-1",
    }
    assert parts == []
    assert check_shape(record, shapes().kinds["support"]).faults == ()


@pytest.mark.parametrize("version", ["2.01", "2.02", "2.03", " 2.03 "])
def test_every_version_of_iati_2_is_read_and_accounted_for(version):
    records, reading = read_file(WHOLE, WHOLE, version=version)
    assert len(records) == 2
    assert reading.unread == []
    assert reading.summary == {"version": version.strip(), "activities": 2, "transactions": 4, "budgets": 4}


def test_the_first_language_is_used_where_english_is_missing():
    title = '<title><narrative xml:lang="sq">Kufiri</narrative><narrative xml:lang="sr">Granica</narrative></title>'
    assert activity(title)[0]["title"] == "Kufiri"
    assert activity(title.replace("sr", "en-GB"))[0]["title"] == "Granica"
    assert activity("<title>Without a narrative</title>")[0]["title"] == "Without a narrative"


def test_a_scholarship_is_training():
    assert activity('<default-aid-type code="E01"/>')[0]["support_type"] == "training"
    assert activity('<default-aid-type vocabulary="2" code="E01"/>')[0]["support_type"] == "grant"


# Versions


@pytest.mark.parametrize("version", ["1.01", "1.05", "1", "2.04", "3.0", "two"])
def test_another_version_is_refused_in_one_sentence(version):
    refused = samples.refusal(
        f"<iati-activities version='{version}'>{WHOLE}</iati-activities>".encode(),
        media_types.XML,
        kind="support",
    )
    assert refused.rule == "iati-version"
    assert refused.message == (
        f"The file is of IATI version {version}, which cannot be read: convert it to version 2.03."
    )


def test_a_file_of_another_version_without_activities_is_refused_too():
    refused = samples.refusal(b"<iati-activities version='1.03'/>", media_types.XML, kind="support")
    assert refused.rule == "iati-version"


def test_the_version_of_an_activity_counts_where_the_file_states_none():
    old = "<iati-activities><iati-activity version='1.02'/></iati-activities>"
    assert samples.refusal(old.encode(), media_types.XML, kind="support").rule == "iati-version"


@pytest.mark.parametrize(
    "inner",
    [
        "<title>Text without a narrative</title>",
        '<transaction><transaction-type code="D"/></transaction>',
        '<activity-date type="start-planned" iso-date="2010-01-01"/>',
        '<participating-org role="Funding">Ministry</participating-org>',
    ],
)
def test_a_file_without_a_version_is_refused_if_it_has_elements_of_iati_1(inner):
    file = f"<iati-activities><iati-activity>{inner}</iati-activity></iati-activities>"
    refused = samples.refusal(file.encode(), media_types.XML, kind="support")
    assert refused.rule == "iati-version"
    assert "states no version" in refused.message


def test_a_file_without_a_version_is_otherwise_read_and_reported():
    records, reading = read_file(WHOLE, version=None)
    assert len(records) == 1
    assert [part.reason for part in reading.unread] == ["iati-version"]
    assert reading.summary["version"] is None


# Transactions that are not read


@pytest.mark.parametrize(
    ("changed", "reason", "message"),
    [
        (transaction("1,234,567.00"), "iati-amount", 'its value, "1,234,567.00", is not a number'),
        (transaction("1 234"), "iati-amount", '"1 234"'),
        (transaction("12.500 EUR"), "iati-amount", '"12.500 EUR"'),
        (transaction("NaN"), "iati-amount", '"NaN"'),
        (transaction("1_000"), "iati-amount", '"1_000"'),
        (transaction("٣"), "iati-amount", '"٣"'),
        (transaction(""), "iati-no-amount", "it has no value"),
        (transaction(value=""), "iati-no-amount", "it has no value"),
        (
            transaction(type='<transaction-type code="D"/>'),
            "iati-old-transaction-type",
            '"D", is one of IATI 1',
        ),
        (transaction(type='<transaction-type code="IF"/>'), "iati-old-transaction-type", '"IF"'),
        (transaction(type='<transaction-type code="14"/>'), "iati-transaction-type", '"14"'),
        (transaction(type='<transaction-type code="TB"/>'), "iati-transaction-type", '"TB"'),
        (transaction(type=""), "iati-no-transaction-type", "it has no type"),
        (transaction(type="<transaction-type/>"), "iati-no-transaction-type", "it has no type"),
        (
            transaction(date='<transaction-date iso-date="01/02/2026"/>', value="<value>10</value>"),
            "iati-transaction-date",
            '"01/02/2026", is not a date',
        ),
        (
            transaction(date="", value='<value value-date="2026-02-30">10</value>'),
            "iati-transaction-no-day",
            "its date, 2026-02-30, does not exist. There is no such day.",
        ),
        (
            transaction(date='<transaction-date iso-date="2025-02-29Z"/>', value="<value>10</value>"),
            "iati-transaction-no-day",
            "There is no such day",
        ),
        (transaction(date="", value="<value>10</value>"), "iati-no-transaction-date", "it has no date"),
    ],
)
def test_a_transaction_that_cannot_be_read_is_listed_with_its_place(changed, reason, message):
    record, parts = activity(transaction("5") + changed)
    assert [each["amount"] for each in record["transactions"]] == [5]
    (part,) = parts
    assert reasons(parts) == [(reason, "transaction 2")]
    assert part["ref"] == "A-1"
    assert message in part["message"]
    written = {"iati-amount": part.get("values", {}).get("written"), "iati-no-amount": None}.get(reason, "10")
    assert part.get("amount") == written
    assert part.get("currency") == ("EUR" if written else None)


def test_the_value_date_stands_in_for_the_date_and_is_reported():
    record, parts = activity(
        transaction(date='<transaction-date iso-date="01/02/2026"/>')
        + transaction(date="")
        + transaction(date='<transaction-date iso-date="2026-13-01"/>')
    )
    assert [each["date"] for each in record["transactions"]] == ["2026-02-01"] * 3
    assert reasons(parts) == [
        ("iati-value-date", "transaction 1"),
        ("iati-only-value-date", "transaction 2"),
        ("iati-value-no-day", "transaction 3"),
    ]


def test_transactions_above_the_maximum_are_listed_with_their_amounts():
    record, parts = activity("".join(transaction(str(number)) for number in range(1_003)))
    assert len(record["transactions"]) == 1_000
    assert [(part["element"], part["amount"]) for part in parts] == [
        ("transaction 1001", "1000"),
        ("transaction 1002", "1001"),
        ("transaction 1003", "1002"),
    ]


def test_other_amounts_are_listed_one_by_one():
    _, parts = activity(
        "<planned-disbursement><value currency='USD'>7</value></planned-disbursement>"
        "<planned-disbursement><value>1,000</value></planned-disbursement>"
        "<fss><forecast>8</forecast></fss>"
        "<crs-add><loan-status><interest-received>9.5</interest-received></loan-status></crs-add>"
    )
    assert [(part["element"], part["amount"], part["currency"]) for part in parts] == [
        ("planned-disbursement 1", "7", "USD"),
        ("planned-disbursement 2", "1,000", "EUR"),
        ("fss/forecast 1", "8", "EUR"),
        ("crs-add/loan-status/interest-received 1", "9.5", "EUR"),
    ]


def test_a_second_value_and_amounts_in_unknown_elements_are_listed():
    record, parts = activity(
        transaction("5", value="<value>5</value><value currency='USD'>6</value>")
        + "<budget><value>7</value><value>8</value></budget><Transaction><value>9,000</value></Transaction>"
        + '<x:plan xmlns:x="urn:x"><x:value>10</x:value></x:plan><result><value>much</value></result>'
    )
    assert (record["transactions"][0]["amount"], record["budget"]) == (5, 7)
    assert [(part["reason"], part["element"], part["amount"], part["currency"]) for part in parts] == [
        ("iati-repeated-value", "transaction 1", "6", "USD"),
        ("iati-repeated-value", "budget 1", "8", "EUR"),
        ("iati-unknown-money", "Transaction", "9,000", "EUR"),
        ("iati-unknown-money", "{urn:x}plan", "10", "EUR"),
    ]


# Budgets


def budget(type_: str, start: str, end: str, amount: str, currency: str = "EUR") -> str:
    """Return a budget of a period."""
    return (
        f'<budget type="{type_}"><period-start iso-date="{start}"/><period-end iso-date="{end}"/>'
        f'<value currency="{currency}">{amount}</value></budget>'
    )


YEAR, FIRST_HALF, SECOND_HALF = (
    ("2026-01-01", "2026-12-31"),
    ("2026-01-01", "2026-06-30"),
    ("2026-07-01", "2026-12-31"),
)
NEXT_YEAR, BOTH_YEARS = ("2027-01-01", "2027-12-31"), ("2026-01-01", "2027-12-31")


@pytest.mark.parametrize(
    ("budgets", "total"),
    [
        ([("1", YEAR, "100"), ("2", FIRST_HALF, "60"), ("2", SECOND_HALF, "60")], 120),
        ([("2", SECOND_HALF, "60"), ("1", YEAR, "100"), ("2", FIRST_HALF, "60")], 120),
        ([("1", YEAR, "100"), ("2", YEAR, "90")], 90),
        ([("1", FIRST_HALF, "40"), ("1", SECOND_HALF, "60"), ("2", YEAR, "130")], 130),
        ([("1", YEAR, "100"), ("1", NEXT_YEAR, "50"), ("2", NEXT_YEAR, "70")], 170),
        ([("1", YEAR, "100"), ("1", NEXT_YEAR, "50"), ("2", BOTH_YEARS, "140")], 140),
        # The period of many publishers ends on the day on which the next one begins.
        ([("1", ("2026-01-01", "2027-01-01"), "100"), ("2", NEXT_YEAR, "50")], 150),
        # Two lines of a period, both revised.
        ([("1", YEAR, "60"), ("1", YEAR, "40"), ("2", YEAR, "70"), ("2", YEAR, "50")], 120),
        ([("1", YEAR, "0.1"), ("1", NEXT_YEAR, "0.2")], 0.3),
        ([("1", ("", ""), "500"), ("2", ("", ""), "400")], 400),
        ([("1", YEAR, "500"), ("2", ("", ""), "400")], 400),
        # A part of a period; a gap of a month; revised budgets that overlap; two revisions of one budget.
        ([("1", YEAR, "100"), ("2", FIRST_HALF, "60")], None),
        ([("1", YEAR, "100"), ("2", FIRST_HALF, "60"), ("2", ("2026-08-01", "2026-12-31"), "60")], None),
        ([("2", YEAR, "100"), ("2", FIRST_HALF, "60")], None),
        ([("1", YEAR, "100"), ("2", YEAR, "60"), ("2", YEAR, "70")], None),
        ([("1", ("", ""), "500"), ("2", YEAR, "400")], None),
    ],
)
def test_revised_budgets_replace_those_that_they_overlap_or_there_is_no_total(budgets, total):
    record, parts = activity("".join(budget(type_, *period, amount) for type_, period, amount in budgets))
    assert record.get("budget") == total
    listed = sum(Decimal(part["amount"]) for part in parts)
    assert Decimal(str(record.get("budget", 0))) + listed == sum(Decimal(amount) for *_, amount in budgets)
    expected = {"iati-unclear-budget"} if total is None else {"iati-replaced-budget"}
    assert {part["reason"] for part in parts} <= expected


@pytest.mark.parametrize(
    ("budgets", "overlapping"),
    [
        ([(YEAR, "100"), (YEAR, "100")], ["2"]),
        ([(BOTH_YEARS, "100"), (FIRST_HALF, "10"), (SECOND_HALF, "20")], ["1, 3"]),
        ([(SECOND_HALF, "20"), (YEAR, "100")], ["1"]),
        # Two lines of a period; periods in a row; a budget without a period.
        ([(YEAR, "100"), (YEAR, "90")], []),
        ([(FIRST_HALF, "100"), (SECOND_HALF, "100"), (("", ""), "100")], []),
    ],
)
def test_budgets_that_may_be_counted_twice_are_reported(budgets, overlapping):
    record, parts = activity("".join(budget("1", *period, amount) for period, amount in budgets))
    assert record["budget"] == sum(int(amount) for _, amount in budgets)
    assert {part["reason"] for part in parts} <= {"iati-overlapping-budget"}
    assert [part["values"]["numbers"] for part in parts] == overlapping


def test_a_budget_without_a_number_is_listed_and_the_others_are_added_up():
    record, parts = activity(budget("1", *YEAR, "much") + budget("1", *NEXT_YEAR, "5"))
    assert record["budget"] == 5
    assert reasons(parts) == [("iati-amount", "budget 1")]
    assert (parts[0]["amount"], parts[0]["currency"]) == ("much", "EUR")


def test_budgets_in_several_currencies_are_listed():
    record, parts = activity(budget("1", *YEAR, "5") + budget("1", *NEXT_YEAR, "6", "USD"))
    assert "budget" not in record
    assert record["currency"] == "EUR"
    assert [(part["amount"], part["currency"]) for part in parts] == [("5", "EUR"), ("6", "USD")]
    assert "(EUR, USD)" in parts[0]["message"]


def test_an_unreadable_period_is_reported_and_its_amount_read():
    record, parts = activity(budget("1", "01/01/2026", "2026-12-31", "5"))
    assert record["budget"] == 5
    assert reasons(parts) == [("iati-date", "budget 1")]
    record, parts = activity(budget("1", "2026-01-01", "2026-11-31", "5"))
    assert record["budget"] == 5
    assert reasons(parts) == [("iati-no-day", "budget 1")]


@pytest.mark.parametrize(
    ("written", "reason", "message"),
    [
        (budget("3", *YEAR, "7"), "iati-budget-type", 'its type, "3", is not a type of IATI 2'),
        (budget("revised", *YEAR, "7"), "iati-budget-type", '"revised"'),
        (budget("02", *YEAR, "7"), "iati-budget-type", '"02"'),
        (
            budget("1", *reversed(YEAR), "7"),
            "iati-budget-period",
            "ends on 2026-01-01, before it starts on 2026-12-31",
        ),
        (budget("2", *reversed(YEAR), "7"), "iati-budget-period", "before it starts"),
    ],
)
def test_a_budget_of_an_unknown_type_or_an_upside_down_period_is_listed(written, reason, message):
    record, parts = activity(budget("1", *YEAR, "5") + written)
    assert record["budget"] == 5
    assert reasons(parts) == [(reason, "budget 2")]
    assert (parts[0]["amount"], parts[0]["currency"]) == ("7", "EUR")
    assert message in parts[0]["message"]


def test_a_budget_of_one_day_and_one_without_a_type_count():
    record, parts = activity(
        budget("1", "2026-01-01", "2026-01-01", "5") + budget("", *NEXT_YEAR, "6").replace(' type=""', "")
    )
    assert (record["budget"], parts) == (11, [])


# Identifiers


@pytest.mark.parametrize(
    ("written", "ref", "reported"),
    [
        ("XM-DAC-41  TX", "XM-DAC-41  TX", False),
        ("\n   XM-DAC-41-TX\n ", "XM-DAC-41-TX", False),
        ("XM-DAC\n   -41-TX", "XM-DAC -41-TX", True),
        ("XM-DAC&#9;41-TX", "XM-DAC 41-TX", True),
        ("XM-DAC&#xa0;41-TX", "XM-DAC 41-TX", True),
        ("XM-DAC&#x200b;-41-TX", "XM-DAC-41-TX", True),
        ("XM-DAC-<!-- x -->41", "XM-DAC-41", False),
    ],
)
def test_an_identifier_is_kept_as_it_is_written_or_reported(written, ref, reported):
    record, parts = read(
        f"<iati-activity><iati-identifier>{written}</iati-identifier><title><narrative>T</narrative></title>"
        "</iati-activity>"
    )
    assert (record["ref"], record["iati_identifier"]) == (ref, ref)
    assert [part["reason"] for part in parts] == ["iati-hidden-identifier"] * reported


# Recipients and sectors of an activity


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ([("AL", None)], {"AL": 100}),
        ([("UA", None)], {"UA": 100}),
        ([("al", "50"), ("UA", "50")], {"AL": 50, "UA": 50}),
        ([("AL", "30"), ("TR", "30"), ("UA", "40")], {"AL": 30, "TR": 30, "UA": 40}),
        ([("AL", "50"), ("AL", "50")], {"AL": 100}),
        ([("AL", "33.34"), ("RS", "33.33"), ("AL", "33.33")], {"AL": 66.67, "RS": 33.33}),
        ([("AL", "0.1"), ("AL", "0.2"), ("RS", "99.7")], {"AL": 0.3, "RS": 99.7}),
        ([("AL", "80%"), ("RS", "20 %")], {"AL": 80, "RS": 20}),
        ([("AL", "33,5"), ("RS", "66,5")], {"AL": 33.5, "RS": 66.5}),
        # Without any percentage, figures divide the money equally to the cent.
        (
            [(code, None) for code in ("AL", "BA", "XK", "ME", "MK", "RS")],
            dict.fromkeys(("AL", "BA", "XK", "ME", "MK", "RS")),
        ),
        ([("AL", None), ("AL", None), ("UA", None)], {"AL": None, "UA": None}),
    ],
)
def test_recipients_keep_their_shares_and_repeated_codes_are_added_up(stated, expected):
    record, parts = activity(recipients(stated))
    assert shares(record["beneficiaries"]) == expected
    assert parts == []
    assert (
        check_shape(record, {"beneficiaries": shapes().kinds["support"]["beneficiaries"]}).broken
        == frozenset()
    )


def recipients(stated: list[tuple[str, str | None]]) -> str:
    """Return recipient countries with percentages."""
    return "".join(
        f'<recipient-country code="{code}"' + ("/>" if share is None else f' percentage="{share}"/>')
        for code, share in stated
    )


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ([("AL", "40"), ("RS", None), ("TR", None)], {"AL": 40, "RS": 30, "TR": 30}),
        ([("AL", "50"), ("AL", None)], {"AL": 100}),
        ([("AL", "0"), ("RS", None), ("ME", None), ("BA", None)], {"BA": 33.333334, "ME": 33.333333}),
        ([("AL", "100"), ("RS", None)], {"AL": 100, "RS": 0}),
    ],
)
def test_what_stated_shares_leave_is_divided_equally_and_reported(stated, expected):
    record, parts = activity(recipients(stated))
    found = shares(record["beneficiaries"])
    assert expected.items() <= found.items()
    assert sum(Decimal(str(share)) for share in found.values()) == 100
    assert reasons(parts) == [("iati-equal-shares", "recipients")]


@pytest.mark.parametrize("written", ["140", "-1", "half", "1,000", "80 percent"])
def test_a_percentage_that_cannot_be_read_is_reported(written):
    record, parts = activity(recipients([("AL", written), ("RS", "20")]))
    assert shares(record["beneficiaries"]) == {"AL": 80, "RS": 20}
    assert reasons(parts) == [("iati-share", "recipient-country 1"), ("iati-equal-shares", "recipients")]
    assert f'"{written}" of AL' in parts[0]["message"]


def test_sectors_with_a_per_cent_sign_keep_their_shares():
    record, parts = activity('<sector code="15130" percentage="80%"/><sector code="15210" percentage="20%"/>')
    assert shares(record["sectors"]) == {"15130": 80, "15210": 20}
    assert parts == []


def test_an_unknown_recipient_is_kept_for_the_rules_to_report():
    record, parts = activity(recipients([("ZZ", "50"), ("AL", "50")]))
    assert shares(record["beneficiaries"]) == {"ZZ": 50, "AL": 50}
    assert parts == []
    (fault,) = check_shape(record, {"beneficiaries": shapes().kinds["support"]["beneficiaries"]}).faults[:1]
    assert fault.rule == "STR-04"


def test_a_recipient_without_a_code_is_reported_with_its_share():
    _, parts = activity('<recipient-country percentage="40"/><recipient-country code="AL" percentage="60"/>')
    assert reasons(parts) == [("iati-recipient", "recipient-country 1")]
    assert parts[0]["amount"] == "40 %"


def test_regions_of_the_dac_are_read_and_those_of_other_vocabularies_reported():
    record, parts = activity(
        '<recipient-region code="89" percentage="20"/><recipient-region code="298" vocabulary="1" percentage="80"/>'
        '<recipient-region code="039" vocabulary="2"/><recipient-region code="X" vocabulary="99"/>'
    )
    assert shares(record["beneficiaries"]) == {"89": 20, "298": 80}
    assert [part["message"] for part in parts] == [
        "Regions of the vocabulary 2 were not read, besides the recipients that were: 039.",
        "Regions of the vocabulary 99 were not read, besides the recipients that were: X.",
    ]


def test_sectors_of_other_vocabularies_are_reported():
    record, parts = activity('<sector vocabulary="2" code="151"/><sector vocabulary="2" code="152"/>')
    assert "sectors" not in record
    assert [part["message"] for part in parts] == ["Sectors of the vocabulary 2 were not read: 151, 152."]
    record, parts = activity('<sector vocabulary="DAC" code="15210"/><sector code="15130"/><sector/>')
    assert shares(record["sectors"]) == {"15130": None}
    assert reasons(parts) == [("iati-sector", "sector 2"), ("iati-other-sectors", "sector")]


def test_an_activity_of_other_regions_alone_has_no_beneficiary():
    record, parts = read('<iati-activity><recipient-region vocabulary="2" code="039"/></iati-activity>')
    assert "beneficiaries" not in record
    assert reasons(parts) == [("iati-region-vocabulary", "recipient-region")]


# Recipients and sectors of transactions


def test_a_transaction_keeps_its_own_recipient_and_sector():
    record, parts = activity(
        transaction("900000", inner='<sector code="15210"/><recipient-country code="AL"/>')
        + transaction("100000", inner='<sector code="15130"/><recipient-country code="RS"/>')
    )
    assert [(each["beneficiary"], each["sector"], each["amount"]) for each in record["transactions"]] == [
        ("AL", "15210", 900_000),
        ("RS", "15130", 100_000),
    ]
    assert shares(record["beneficiaries"]) == {"AL": 90, "RS": 10}
    assert shares(record["sectors"]) == {"15210": 90, "15130": 10}
    assert parts == []


@pytest.mark.parametrize(
    ("amounts", "expected"),
    [
        (
            [("AL", "1", ""), ("RS", "1", ""), ("UA", "1", "")],
            {"AL": 33.333334, "RS": 33.333333, "UA": 33.333333},
        ),
        ([("AL", "10", ""), ("RS", "10", ' currency="USD"')], {"AL": None, "RS": None}),
        ([("AL", "10", ""), ("RS", "-10", "")], {"AL": None, "RS": None}),
        ([("AL", "10", ""), ("AL", "20", "")], {"AL": 100}),
        ([("AL", "10", ""), ("RS", "ten", "")], {"AL": None, "RS": None}),
    ],
)
def test_recipients_of_transactions_are_weighed_by_their_amounts_if_these_compare(amounts, expected):
    record, _ = activity(
        "".join(
            transaction(
                value=f"<value{currency}>{amount}</value>", inner=f'<recipient-country code="{code}"/>'
            )
            for code, amount, currency in amounts
        )
    )
    assert shares(record["beneficiaries"]) == expected
    named = [each.get("beneficiary") for each in record["transactions"]]
    assert named == [code for code, amount, _ in amounts if amount != "ten"]


def test_a_country_is_more_exact_than_its_region():
    inner = '<recipient-country code="ME"/><recipient-region code="89"/>'
    record, parts = activity(transaction(inner=inner))
    assert record["transactions"][0]["beneficiary"] == "ME"
    assert parts == []


def test_several_recipients_or_sectors_of_one_transaction_are_reported():
    record, parts = activity(
        transaction(
            inner=recipients([("AL", None), ("RS", None)]) + '<sector code="15210"/><sector code="15130"/>'
        )
    )
    assert not {"beneficiary", "sector"} & record["transactions"][0].keys()
    assert shares(record["beneficiaries"]) == {"AL": None, "RS": None}
    assert shares(record["sectors"]) == {"15210": None, "15130": None}
    assert reasons(parts) == [
        ("iati-several-recipients", "transaction 1"),
        ("iati-several-sectors", "transaction 1"),
    ]


def test_a_transaction_without_a_recipient_among_others_is_reported():
    record, parts = activity(transaction(inner='<recipient-country code="AL"/>') + transaction())
    assert shares(record["beneficiaries"]) == {"AL": 100}
    assert reasons(parts) == [("iati-no-recipient", "transaction 2")]


# Other parts


def test_dates_that_are_not_read_are_listed():
    record, parts = activity(
        '<activity-date type="1" iso-date="01/02/2026"/><activity-date type="9" iso-date="2026-02-01"/>'
        '<activity-date type="2" iso-date="2026-02-01"/><activity-date type="2" iso-date="2026-03-01"/>'
        '<activity-date type="3"/><activity-date type="4" iso-date="2026-02-30"/>'
    )
    assert record["actual_start"] == "2026-02-01"
    assert not {"planned_start", "planned_end", "actual_end"} & record.keys()
    assert reasons(parts) == [
        ("iati-date", "activity-date 1"),
        ("iati-date-type", "activity-date 2"),
        ("iati-repeated-date", "activity-date 4"),
        ("iati-empty-date", "activity-date 5"),
        ("iati-no-day", "activity-date 6"),
    ]


def test_organisations_that_are_not_read_are_listed():
    record, parts = activity(
        '<participating-org role="7"><narrative>X</narrative></participating-org><participating-org role="1"/>'
        '<participating-org role="1" type="1"><narrative>Y</narrative></participating-org>'
        '<participating-org ref="Z"/><activity-status code="9"/>'
    )
    assert record["organisations"] == [{"name": "Y", "role": "1"}]
    assert "activity_status" not in record
    assert sorted(reasons(parts)) == [
        ("iati-code", "activity-status"),
        ("iati-code", "participating-org 3"),
        ("iati-organisation", "participating-org 2"),
        ("iati-organisation-role", "participating-org 1"),
        ("iati-organisation-role", "participating-org 4"),
    ]


def test_texts_and_lists_that_are_cut_are_listed():
    long = "x" * 2_100
    sectors = "".join(f'<sector code="{number}"/>' for number in range(25))
    record, parts = read(
        f"<iati-activity><iati-identifier>{long}</iati-identifier><title><narrative>{long}</narrative></title>"
        f"<recipient-country code='AL'/>{sectors}</iati-activity>"
    )
    assert (len(record["ref"]), len(record["title"]), len(record["sectors"])) == (120, 2_000, 20)
    assert [part["message"] for part in parts] == [
        "The identifier has 2100 characters; its last 120 were read as the reference.",
        "The text of title has 2100 characters; the first 2000 were read.",
        "Of 25 elements sector, the first 20 were read.",
        "The text of iati-identifier has 2100 characters; the first 200 were read.",
    ]


def test_elements_without_a_place_in_a_record_are_counted_for_the_file():
    one = (
        "<iati-activity><iati-identifier>A</iati-identifier><policy-marker code='1'/><policy-marker code='2'/>"
        "<title><narrative xml:lang='en'>A</narrative><narrative xml:lang='fr'>B</narrative></title>"
        "<description type='1'/><description type='2'/><!-- a comment --><related-activity type='2' ref='B'/>"
        "<transaction><provider-org/></transaction><participating-org ref='X' role='1'>Y</participating-org></iati-activity>"
    )
    _, reading = read_file("<generated/>", one, "<x/>", one, "<y/>")
    counted = {
        part.values["name"]: part.values["count"] for part in reading.unread if part.reason == "iati-elements"
    }
    assert counted == {
        "generated": 1,
        "policy-marker": 4,
        "title/narrative": 2,
        "description": 2,
        "related-activity": 2,
        "transaction/provider-org": 2,
        "participating-org/@ref": 2,
        "x": 1,
        "y": 1,
    }


def test_an_activity_in_the_wrong_place_is_listed():
    inner = "<iati-activity><iati-identifier>{}</iati-identifier>{}</iati-activity>"
    records, reading = read_file(
        f"<group>{inner.format('A', '')}</group>",
        inner.format("B", inner.format("C", "")),
        "<IATI-activity/>",
        '<iati-activity xmlns="urn:x"><iati-identifier>D</iati-identifier></iati-activity>',
    )
    assert [record["ref"] for record in records] == ["B"]
    lost = [part.ref for part in reading.unread if part.reason == "iati-activity"]
    assert lost == ["A", "C", None, "D"]


def test_repeated_elements_of_which_the_first_is_read_are_counted():
    _, reading = read_file(
        "<iati-activity><title/><title/><activity-status code='2'/><activity-status code='3'/>"
        "<transaction><transaction-type code='2'/><transaction-type code='3'/></transaction></iati-activity>"
    )
    counted = {part.element for part in reading.unread if part.reason == "iati-elements"}
    assert counted == {"title", "activity-status", "transaction/transaction-type"}


def test_further_parts_of_a_common_reason_are_added_up(monkeypatch):
    monkeypatch.setattr(read_iati, "MAX_LISTED", 3)
    planned = "<planned-disbursement><value currency='{}'>{}</value></planned-disbursement>"
    inner = "".join(planned.format(*each) for each in [("EUR", "1")] * 5 + [("USD", "0.1"), ("USD", "much")])
    _, reading = read_file(f"<iati-activity>{inner}</iati-activity>")
    assert [(part.element, part.amount, part.currency) for part in reading.unread] == [
        ("planned-disbursement 1", "1", "EUR"),
        ("planned-disbursement 2", "1", "EUR"),
        ("planned-disbursement 3", "1", "EUR"),
        ("planned-disbursement 7", "much", "USD"),
        ("2 more", "2", "EUR"),
        ("1 more", "0.1", "USD"),
    ]


def test_every_reason_has_a_message_and_a_remedy():
    everything = transaction("x") + transaction(type="") + budget("1", *YEAR, "y") + recipients([("AL", "z")])
    _, parts = activity(everything)
    assert len(parts) == 4
    assert all(part["message"].endswith(".") and part["expected"].endswith(".") for part in parts)


# Conservation

written_amounts = st.one_of(
    st.decimals(-(10**9), 10**9, places=2).map(str),
    st.sampled_from(["0", "1e3", "-0.01", "+5", "007", ".5", "1,000.00", "ten", "", "12 EUR", "NaN"]),
)
codes = st.sampled_from(["AL", "RS", "UA", "89"])
transactions = st.builds(
    lambda amount, type_, day, code: transaction(
        amount,
        type=f'<transaction-type code="{type_}"/>',
        date=f'<transaction-date iso-date="{day}"/>',
        value=f'<value value-date="{day}">{amount}</value>',
        inner=f'<recipient-country code="{code}"/>' if code else "",
    ),
    written_amounts,
    st.sampled_from(["1", "2", "3", "4", "11", "D", "99", ""]),
    st.sampled_from(["2026-02-01", "2025-12-31T00:00:00", "01/02/2026", "2026-02-30", ""]),
    st.none() | codes,
)
days = st.sampled_from(["2025-01-01", "2025-06-30", "2025-07-01", "2025-12-31", "2026-12-31", ""])
budgets = st.builds(
    budget, st.sampled_from(["1", "2"]), days, days, written_amounts, st.sampled_from(["EUR", "USD"])
)


def total_of(written: list[str]) -> Decimal:
    """Return the sum of the amounts that are numbers."""
    return sum((number for each in written if (number := read_amount(each)) is not None), Decimal(0))


def read_amount(written: str) -> Decimal | None:
    """Return a number, as a spreadsheet would read it; none for texts."""
    is_text = not written or not set(written) <= set("0123456789.+-e")
    return None if is_text else Decimal(written)


@given(st.lists(transactions, max_size=8), st.lists(budgets, max_size=5))
def test_all_money_of_a_file_is_in_its_records_or_listed(made_transactions, made_budgets):
    inner = "".join((*made_transactions, *made_budgets))
    record, parts = activity(inner)
    for name, made in (("transaction", made_transactions), ("budget", made_budgets)):
        written = [each.partition("<value")[2].partition(">")[2].partition("<")[0] for each in made]
        listed = {
            part["element"]: part.get("amount", "")
            for part in parts
            if (part.get("element") or "").startswith(name)
            and part["reason"]
            not in ("iati-only-value-date", "iati-value-date", "iati-no-recipient", "iati-date")
        }
        entries = record.get("transactions", ()) if name == "transaction" else ()
        kept = [str(each["amount"]) for each in entries] or [str(record.get("budget", 0))] * (
            name == "budget"
        )
        assert total_of(written) == total_of(kept) + total_of(list(listed.values()))
        if name == "transaction":
            assert len(made) == len(entries) + len(listed)


# As an uploaded file


def test_one_activity_at_a_time_is_in_memory(monkeypatch):
    content = "".join(WHOLE for _ in range(100))
    monkeypatch.setattr(read_iati, "MAX_ACTIVITY_SIZE", len(content) // 2)
    assert len(read_file(content)[0]) == 100


@pytest.mark.parametrize(
    ("content", "kind", "rule", "says", "place"),
    [
        (f"<iati-activities>{WHOLE}</iati-activities>".encode(), "need", "format", "contains support", None),
        (WHOLE.encode(), "support", "not-xml", 'The root element is "iati-activity"', "line 1"),
        (b"<x><iati-activity/></x>", "support", "not-xml", 'The root element is "x"', "line 1"),
        (b"<iati-activities>\n<iati-activity>", "support", "not-xml", "not well-formed XML", "line 2"),
    ],
)
def test_the_refusal_of_a_file_without_activities_has_its_reason(content, kind, rule, says, place):
    refused = samples.refusal(BytesIO(content), media_types.XML, kind=kind)
    assert (refused.rule, refused.place) == (rule, place)
    assert says in refused.message
