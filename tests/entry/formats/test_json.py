"""JSON, whole and a record to a line: read as strictly as what is posted, and of any size a record at a time."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.entry.formats import media
from services.validation.domain.engine.origins import Origins
from tests.entry.formats.files import read, refusal

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8)
RECORDS = st.lists(st.dictionaries(NAMES, VALUES, max_size=4), max_size=4)


def without_nul(value):
    return "\\u0000" not in json.dumps(value)


@given(RECORDS.filter(without_nul), st.sampled_from([None, 1]), st.booleans())
def test_whatever_is_written_as_json_is_what_is_read(records, indent, is_ascii):
    written = json.dumps(records, indent=indent, ensure_ascii=is_ascii)
    assert read(written.encode(), media.JSON)[0] == records
    body = json.dumps(
        {"kind": "need", "records": records, "tlp": "TLP:CLEAR"}, indent=indent, ensure_ascii=is_ascii
    )
    found, reading = read(body.encode(), media.JSON)
    assert (found, reading.facts) == (records, {"kind": "need", "tlp": "TLP:CLEAR"})
    lines = "\n".join(json.dumps(record, ensure_ascii=is_ascii) for record in records)
    assert read(lines.encode(), media.NDJSON)[0] == records


def test_a_body_says_what_it_says_of_its_submission_before_and_after_its_records():
    body = (
        b'{"pillar": "WBCTi", "supersedes": {"version": 1}, "other": [1], "records": [ ], "period": "2026"}'
    )
    records, reading = read(body, media.JSON)
    assert records == []
    assert reading.facts == {"pillar": "WBCTi", "supersedes": {"version": 1}, "period": "2026"}
    assert reading.origins is None


def test_lines_lead_back_to_themselves_and_blank_ones_are_none():
    records, reading = read(
        b'\xef\xbb\xbf\n{"ref": "A"}\r\n\n  \n{"ref": "B"}', media.NDJSON, name="f.ndjson"
    )
    assert records == [{"ref": "A"}, {"ref": "B"}]
    assert Origins(**reading.origins).cell("/records/1/ref") == {"sheet": "f.ndjson", "row": 5}


def test_records_that_were_read_before_a_broken_line_do_not_hide_it():
    refused = refusal(b'{"ref": "A"}\n{"ref": "B"\n{"ref": "C"}', media.NDJSON)
    assert (refused.rule, refused.place) == ("not-json", "line 2")
    assert refused.message.startswith("This is not JSON that can be read: column 1")
    assert refused.expected == "A record in braces on each line."


@pytest.mark.parametrize(
    ("content", "rule", "says", "place"),
    [
        (b"", "no-records", "is no list of records", None),
        (b'"text"', "no-records", "is no list of records", None),
        (b'{"ref": "A"}', "no-records", "is no list of records", None),
        (b'{"records": {}}', "no-records", "is no list of records", None),
        (b"[1]", "no-record", "there is a number", "record 1"),
        (b'[{}, "x"]', "no-record", "there is a text", "record 2"),
        (b"[{}, [1]]", "no-record", "there is a list", "record 2"),
        (b"[{}, null]", "no-record", "there is null", "record 2"),
        (b"[{}, true]", "no-record", "there is true or false", "record 2"),
        (b'[{},\n {"a": }]', "not-json", "it breaks off, or no value stands", "line 2, column 8"),
        (b"[{}", "not-json", "',' is missing", "line 1, column 4"),
        (b"[{} {}]", "not-json", "',' is missing", "line 1, column 5"),
        (b"[{},]", "not-json", "nothing comes after a comma", "line 1, column 4"),
        (b"[{}] x", "not-json", "something comes after its end", "line 1, column 5"),
        (b'{"records": [{}]} {}', "not-json", "something comes after its end", "line 1, column 18"),
        (b'{"records" [{}]}', "not-json", "':' is missing", "line 1, column 12"),
        (b'{"records": [{}], "records": []}', "not-json", "comes twice: 'records'", "line 1, column 28"),
        (b"{1: [{}]}", "not-json", "a name is missing", "line 1, column 3"),
        (b'{"a": 1', "not-json", "',' is missing", "line 1, column 8"),
        (b'[{"a": 1, "a": 2}]', "not-json", "the name 'a' is repeated", "record 1"),
        (b'[{}, {"a": Infinity}]', "not-json", "Infinity is not a JSON number", "record 2"),
        (b'[{}, {"a": 1e999}]', "not-json", "the number 1e999 is too large", "record 2"),
        (b'[{}, {"a": "\\u0000"}]', "not-json", "it has a NUL character", "record 2"),
        (b'[{}, {"a": %s}]' % (b"[" * 101 + b"]" * 101), "not-json", "nested too deeply", "record 2"),
        (b"[{}, \xff]", "not-json", "it is not UTF-8", "byte 6"),
    ],
)
def test_json_that_cannot_be_read_says_why_and_where(content, rule, says, place):
    refused = refusal(content, media.JSON)
    assert (refused.rule, refused.place) == (rule, place)
    assert says in refused.message
    assert refused.expected


@pytest.mark.parametrize(
    ("content", "rule", "says", "place"),
    [
        (b"{}\n[1]", "no-record", "there is a list", "line 2"),
        (b'{}\n{"a": 1, "a": 2}', "not-json", "the name 'a' is repeated", "line 2"),
        (b'{}\n{"a": "\xff"}', "not-json", "it is not UTF-8", "line 2"),
        (b'{}\n{"a": "' + b"x" * (4 * 1024 * 1024), "long-line", "more than 4,194,304 bytes", "line 2"),
    ],
    ids=["a list", "a name twice", "no UTF-8", "a long line"],
)
def test_a_line_that_is_no_record_refuses_the_file_and_is_named(content, rule, says, place):
    refused = refusal(content, media.NDJSON)
    assert (refused.rule, refused.place) == (rule, place)
    assert says in refused.message


def test_a_type_that_is_not_read_is_told_which_are():
    refused = refusal(b"", "application/pdf")
    assert (refused.rule, media.XLSX in refused.expected) == ("format", True)
