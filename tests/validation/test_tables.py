"""Records in files, as somebody who tries rules has them."""

import json

import pytest

from services.validation.domain.engine.origins import Origins
from services.validation.formats.records import RecordsAreUnreadable, read_records
from services.validation.formats.tables import read_table
from services.validation.operations.rulesets import shapes

NEED = shapes().kinds["need"]
SUPPORT = shapes().kinds["support"]


def table(*lines: str, fields=NEED):
    return read_table("\n".join(lines).encode(), fields, name="t.csv")


def test_headings_name_fields_blocks_and_entries_of_lists():
    read = table(
        "ref,title,beneficiaries.0.code,beneficiaries.0.percentage,beneficiaries.1.code,equipment.0.name",
        "P-1,Course,AL,50,XK,",
        fields=SUPPORT,
    )
    [record] = read.records
    assert record["beneficiaries"] == [{"code": "AL", "percentage": 50}, {"code": "XK"}]
    assert (record["ref"], record["title"]) == ("P-1", "Course")
    assert set(record) == {"ref", "title", "beneficiaries"}


def test_a_finding_leads_to_the_cell_as_a_spreadsheet_numbers_it():
    read = table("ref;title;;training.topic", 'A;"two', 'lines";;x', ";;;", "B;y;note;z")
    assert [record["ref"] for record in read.records] == ["A", "B"]
    assert read.origins == Origins("t.csv", [2, 4], {"ref": 1, "title": 2, "training.topic": 4})
    assert read.origins.cell("/records/1/training/topic") == {"sheet": "t.csv", "row": 4, "cell": "D4"}


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("12", 12),
        ("-3.50", -3.5),
        ("12 000", "12 000"),
        ("1,5", "1,5"),
        ("nan", "nan"),
        ("1e9", "1e9"),
        ("9" * 31, "9" * 31),
    ],
)
def test_a_number_is_read_as_one_and_what_is_none_stays_for_the_rules_to_find(cell, value):
    [record] = table("ref;estimated_cost", f"A;{cell}").records
    assert record["estimated_cost"] == value


def test_a_cell_holds_the_codes_of_a_list_between_semicolons():
    [record] = table("ref,capabilities", "A,training; equipment;").records
    assert record["capabilities"] == ["training", "equipment"]


def test_what_no_field_is_called_stays_under_its_heading():
    [record] = table("ref,titel,title.part,training.nosuch,needs.x.ref", "A,b,c,d,e").records
    assert record == {
        "ref": "A",
        "titel": "b",
        "title.part": "c",
        "training": {"nosuch": "d"},
        "needs.x.ref": "e",
    }


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_any_of_the_usual_separators_is_seen_from_the_headings(separator):
    [record] = table(separator.join(("ref", "title")), separator.join(("A", "b"))).records
    assert record == {"ref": "A", "title": "b"}


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "no headings"),
        (b";;\na;b;c", "no headings"),
        (b"ref;title;title\na;b;c", "'title' stands in 2 columns"),
        (b"ref;training;training.topic\na;b;c", "Column B, 'training', is a block"),
        (b'ref;title\na;"b', "no table"),
        (b"ref;title\na;\xff", "not UTF-8: byte 12"),
    ],
)
def test_a_table_that_cannot_be_read_says_why(content, says):
    with pytest.raises(RecordsAreUnreadable, match=says):
        read_table(content, NEED, name="t.csv")


def test_json_is_a_body_a_list_a_record_or_a_record_a_line():
    records = [{"ref": "A"}, {"ref": "B"}]
    body = {"kind": "need", "records": records}
    assert read_records(json.dumps(records).encode()).records == records
    assert read_records(json.dumps(records[0]).encode()).records == records[:1]
    assert read_records(b'{"ref": "A"}\n\n{"ref": "B"}\n').records == records
    read = read_records(json.dumps(body, indent=1).encode())
    assert (read.records, read.facts) == (records, {"kind": "need"})


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "no JSON"),
        (b"[1, 2", "no JSON: "),
        (b'{"ref": "A"}\n{"ref": ', "no JSON in line 2"),
        (b'{\n "ref": 1,\n}', "no JSON: "),
        (b"\xff", "not UTF-8: byte 0"),
        (b"[" * 100_000, "nested too deep"),
    ],
)
def test_json_that_cannot_be_read_says_where(content, says):
    with pytest.raises(RecordsAreUnreadable, match=says):
        read_records(content)
