"""Activities of IATI 2.03 as support records, and remarks on omitted content."""

from io import BytesIO
from typing import Any

import pytest

from services.entry.files.domain import media_types
from services.entry.files.formats import read_iati
from services.entry.files.formats.read_iati import read_activities
from services.validation.engine.domain.shapes.checks import check_shape
from services.validation.rulesets.operations.files import shapes
from tests.entry.files import samples

WHOLE = """<iati-activity default-currency="EUR" xml:lang="en" hierarchy="1">
  <iati-identifier> XM-DAC-41-7 </iati-identifier>
  <reporting-org ref="XM-DAC-41" type="40"><narrative>UN</narrative></reporting-org>
  <title><narrative xml:lang="fr">Postes frontière</narrative><narrative>Border
     posts</narrative></title>
  <description type="2"><narrative>Objectives</narrative></description>
  <description type="1"><narrative>General</narrative></description>
  <participating-org role="1" type="10" ref="XM-DAC-7"><narrative>Netherlands</narrative></participating-org>
  <participating-org role="4" ref="XI-IATI-1"/>
  <activity-status code="2"/>
  <activity-date type="1" iso-date="2024-01-01"/><activity-date type="2" iso-date="2024-02-01Z"/>
  <activity-date type="3" iso-date="2025-01-01"/><activity-date type="4" iso-date="2025-03-01"/>
  <recipient-country code="AL" percentage="60.5"/><recipient-country code="XK" percentage="39.5"/>
  <sector vocabulary="1" code="15210" percentage="40"/><sector code="15190" percentage="60"/>
  <sector vocabulary="99" code="X"/>
  <default-aid-type code="D02"/>
  <budget type="1"><period-start iso-date="2024-01-01"/><period-end iso-date="2024-12-31"/><value>500</value></budget>
  <budget type="2"><period-start iso-date="2024-01-01"/><period-end iso-date="2024-12-31"/><value>400.5</value></budget>
  <budget><period-start iso-date="2025-01-01"/><period-end iso-date="2025-12-31"/><value currency="EUR">99.5</value></budget>
  <transaction><transaction-type code="3"/><transaction-date iso-date="2024-05-01"/>
    <value currency="USD" value-date="2024-05-02">-100</value></transaction>
  <transaction><transaction-type code="2"/><value value-date="2024-05-02">7.25</value></transaction>
  <related-activity type="2" ref="child"/><related-activity type="1" ref=" XM-DAC-41-1 "/>
</iati-activity>"""


def read(activity: str) -> tuple[dict[str, Any], list[str]]:
    """The record of an activity, and the remarks without its identifier."""
    content = f"<iati-activities version='2.03'>{activity}</iati-activities>".encode()
    (found,) = read_activities(BytesIO(content))
    return found.record, [remark.partition(": ")[2] for remark in found.remarks]


def activity(inner: str) -> tuple[dict[str, Any], list[str]]:
    inner = inner if "recipient" in inner else f'<recipient-region code="89"/>{inner}'
    return read(f"<iati-activity><iati-identifier>A-1</iati-identifier>{inner}</iati-activity>")


def test_an_activity_becomes_a_record_of_the_shape_of_support():
    record, remarks = read(WHOLE)
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
    assert remarks == []
    assert check_shape(record, shapes().kinds["support"]).faults == ()


def test_the_first_language_is_used_where_english_is_missing():
    title = '<title><narrative xml:lang="sq">Kufiri</narrative><narrative xml:lang="sr">Granica</narrative></title>'
    assert activity(title)[0]["title"] == "Kufiri"
    assert activity(title.replace("sr", "en-GB"))[0]["title"] == "Granica"
    assert activity("<title>As in IATI 1</title>")[0]["title"] == "As in IATI 1"


def test_a_single_beneficiary_has_100_percent():
    assert activity('<recipient-country code="AL"/>') == (
        {
            "ref": "A-1",
            "support_type": "grant",
            "beneficiaries": [{"code": "AL", "percentage": 100}],
            "iati_identifier": "A-1",
        },
        [],
    )


def test_other_recipients_are_left_out_with_a_remark():
    record, remarks = activity(
        '<recipient-country code="AL" percentage="30"/><recipient-country code="AF" percentage="50"/>'
        '<recipient-region code="89" percentage="20"/><recipient-region code="89" vocabulary="99"/>'
    )
    assert record["beneficiaries"] == [{"code": "AL", "percentage": 30}, {"code": "89", "percentage": 20}]
    assert remarks == ["AF left out: beneficiaries are the six partners and region 89."]


def test_unstated_shares_are_equal():
    record, remarks = activity(
        '<recipient-country code="AL" percentage="40"/><recipient-country code="RS"/><recipient-country code="TR"/>'
    )
    assert record["beneficiaries"] == [{"code": "AL", "percentage": 40}, {"code": "RS", "percentage": 30}]
    assert "the shares of RS, TR are not stated: 60 % is split equally." in remarks


def test_beneficiaries_and_sectors_are_read_from_transactions():
    inner = '<transaction><recipient-country code="{}"/><sector code="15210"/></transaction>'
    record, _ = activity(inner.format("AL") + inner.format("ME"))
    assert record["beneficiaries"] == [{"code": "AL", "percentage": 50}, {"code": "ME", "percentage": 50}]
    assert record["sectors"] == [{"code": "15210"}]


def test_an_activity_without_a_partner_has_no_beneficiary():
    record, remarks = activity('<recipient-country code="AF"/>')
    assert "beneficiaries" not in record
    assert remarks == [
        "AF left out: beneficiaries are the six partners and region 89, and a record needs at least one."
    ]


def test_unknown_codes_are_left_out_with_a_remark():
    record, remarks = activity(
        '<activity-status code="9"/><participating-org role="7"><narrative>X</narrative></participating-org>'
    )
    assert not {"activity_status", "organisations"} & record.keys()
    assert remarks[0] == "activity-status/@code '9' is left out: the code is not in activity_status."
    assert remarks[1:] == [
        "participating-org/@role '7' is left out: the code is not in organisation_role.",
        "a participating-org is left out: it lacks a name and ref, or a role.",
    ]


def test_elements_without_a_number_or_date_are_left_out_with_a_remark():
    record, remarks = activity(
        "<budget><value>much</value></budget><transaction><value>5</value></transaction>"
        '<activity-date type="1" iso-date="soon"/><sector code="15210" percentage="140"/>'
    )
    assert not {"budget", "transactions", "planned_start"} & record.keys()
    assert record["sectors"] == [{"code": "15210"}]
    assert sorted(remarks) == [
        "a budget is left out: its value is not a number.",
        "a transaction is left out: it lacks its type, its date or its amount.",
        "an activity-date is left out: it lacks an iso-date, or a type from 1 to 4.",
        "sector/@percentage 140 is left out: a percentage is from 0 to 100.",
    ]


def test_budgets_in_several_currencies_have_no_total():
    record, remarks = activity(
        '<budget><value currency="EUR">5</value></budget><budget><value currency="USD">6</value></budget>'
    )
    assert "budget" not in record
    assert remarks == ["the budget is left out: it uses several currencies (EUR, USD)."]


def test_long_texts_and_lists_are_cut_with_a_remark():
    long = "x" * 2_100
    sectors = "".join(f'<sector code="{number}"/>' for number in range(25))
    record, remarks = read(
        f"<iati-activity><iati-identifier>{long}</iati-identifier><title><narrative>{long}</narrative></title>"
        f"<recipient-country code='AL'/>{sectors}</iati-activity>"
    )
    assert (len(record["ref"]), len(record["title"]), len(record["sectors"])) == (120, 2_000, 20)
    assert remarks == [
        "the identifier has more than 120 characters; the ref is its end.",
        "title has 2,100 characters; the first 2,000 are kept.",
        "of 25 sectors, the first 20 are kept.",
    ]


def test_a_scholarship_is_training():
    assert activity('<default-aid-type code="E01"/>')[0]["support_type"] == "training"


# As an uploaded file


def file_of(*inner: str) -> bytes:
    return f"<iati-activities version='2.03'>{''.join(inner)}</iati-activities>".encode()


def test_a_file_of_activities_is_read_as_support_with_remarks():
    content = file_of(
        "<generated/>", WHOLE, "<iati-activity><iati-identifier>B</iati-identifier></iati-activity>"
    )
    records, reading = samples.read(content, media_types.XML, kind="support")
    assert [record["ref"] for record in records] == ["XM-DAC-41-7", "B"]
    assert reading.remarks[-1].startswith("B: no beneficiary is named: ")
    assert reading.origins is None


def test_remarks_above_the_maximum_are_counted():
    content = file_of(
        *("<iati-activity><iati-identifier>B</iati-identifier></iati-activity>" for _ in range(1_200))
    )
    records, reading = samples.read(content, media_types.XML, kind="support")
    assert (len(records), len(reading.remarks)) == (1_200, 1_001)
    assert reading.remarks[-1] == "200 more remarks are not shown."


def test_one_activity_at_a_time_is_in_memory(monkeypatch):
    content = file_of(*(WHOLE for _ in range(100)))
    monkeypatch.setattr(read_iati, "MAX_ACTIVITY_SIZE", len(content) // 2)
    assert len(samples.read(content, media_types.XML, kind="support")[0]) == 100


@pytest.mark.parametrize(
    ("content", "kind", "rule", "says", "place"),
    [
        (file_of(WHOLE), "need", "format", "contains support", None),
        (WHOLE.encode(), "support", "not-xml", "The root element is 'iati-activity'", "line 1"),
        (b"<x><iati-activity/></x>", "support", "not-xml", "The root element is 'x'", "line 1"),
        (file_of("\n<iati-activity>"), "support", "not-xml", "not well-formed XML", "line 2"),
    ],
)
def test_the_refusal_of_a_file_without_activities_has_its_reason(content, kind, rule, says, place):
    refused = samples.refusal(content, media_types.XML, kind=kind)
    assert (refused.rule, refused.place) == (rule, place)
    assert says in refused.message
