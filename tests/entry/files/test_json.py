"""The readers of JSON and NDJSON."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.entry.files.domain import media_types
from services.validation.engine.domain.evaluation.origins import Origins
from tests.entry.files.samples import read, refusal

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
def test_written_json_is_read_back(records, indent, is_ascii):
    written = json.dumps(records, indent=indent, ensure_ascii=is_ascii)
    assert read(written.encode(), media_types.JSON)[0] == records
    body = json.dumps(
        {"kind": "need", "records": records, "tlp": "TLP:CLEAR"}, indent=indent, ensure_ascii=is_ascii
    )
    found, reading = read(body.encode(), media_types.JSON)
    assert (found, reading.facts) == (records, {"kind": "need", "tlp": "TLP:CLEAR"})
    lines = "\n".join(json.dumps(record, ensure_ascii=is_ascii) for record in records)
    assert read(lines.encode(), media_types.NDJSON)[0] == records


def test_the_facts_of_a_body_are_read_before_and_after_its_records():
    body = (
        b'{"pillar": "WBCTi", "supersedes": {"version": 1}, "other": [1], "records": [ ], "period": "2026"}'
    )
    records, reading = read(body, media_types.JSON)
    assert records == []
    assert reading.facts == {"pillar": "WBCTi", "supersedes": {"version": 1}, "period": "2026"}
    assert reading.origins is None


def test_records_have_their_line_as_origin_and_blank_lines_are_skipped():
    records, reading = read(
        b'\xef\xbb\xbf\n{"ref": "A"}\r\n\n  \n{"ref": "B"}', media_types.NDJSON, name="f.ndjson"
    )
    assert records == [{"ref": "A"}, {"ref": "B"}]
    assert Origins(**reading.origins).cell("/records/1/ref") == {"sheet": "f.ndjson", "row": 5}


def test_two_records_in_one_line_are_refused_with_what_would_pass():
    refused = refusal(b'{"ref": "A"}\n{"ref": "B"} {"ref": "C"}\n', media_types.NDJSON)
    assert (refused.rule, refused.place) == ("not-json", "line 2, column 14")
    assert refused.message == "The JSON cannot be read: text follows the end of the JSON."
    assert refused.expected == "One record, in braces, on each line."


@pytest.mark.parametrize("media_type", [media_types.JSON, media_types.NDJSON])
def test_json_in_another_encoding_is_refused_with_the_encoding_that_would_pass(media_type):
    content = '[{"ref": "Š-1"}]' if media_type == media_types.JSON else '{"ref": "Š-1"}'
    for encoding in ("utf-16", "cp1250"):
        refused = refusal(content.encode(encoding), media_type)
        assert (refused.rule, refused.expected) == ("not-json", "The same JSON, saved in the encoding UTF-8.")


def test_a_broken_line_after_valid_records_is_refused():
    refused = refusal(b'{"ref": "A"}\n{"ref": "B"\n{"ref": "C"}', media_types.NDJSON)
    assert (refused.rule, refused.place) == ("not-json", "line 2, column 12")
    assert refused.message == "The JSON cannot be read: a comma or a closing bracket is missing."
    assert refused.expected == "One record, in braces, on each line."


@pytest.mark.parametrize(
    ("content", "rule", "says", "place"),
    [
        (b"", "no-records", "contains no list of records", None),
        (b'"text"', "no-records", "contains no list of records", None),
        (b'{"ref": "A"}', "no-records", "contains no list of records", None),
        (b'{"records": {}}', "no-records", "contains no list of records", None),
        (b"[1]", "no-record", "but a number was found", "record 1"),
        (b'[{}, "x"]', "no-record", "but a text was found", "record 2"),
        (b"[{}, [1]]", "no-record", "but a list was found", "record 2"),
        (b"[{}, null]", "no-record", "but null was found", "record 2"),
        (b"[{}, true]", "no-record", "but true or false was found", "record 2"),
        (b'[{},\n {"a": }]', "not-json", "a value is missing, or a text has no", "line 2, column 8"),
        (b"[{}", "not-json", "',' is missing", "line 1, column 4"),
        (b"[{} {}]", "not-json", "',' is missing", "line 1, column 5"),
        (b"[{},]", "not-json", "a value is missing after a comma", "line 1, column 4"),
        (b'[{}, {"a": ', "not-json", "the text is truncated", "line 1, column 12"),
        (b'[{"a": "x]', "not-json", "a text has no closing quotation mark", "line 1, column 8"),
        (b'[{"a": "\\x"}]', "not-json", "a backslash begins no escape", "line 1, column 9"),
        (b'[{"a" 1}]', "not-json", "a colon is missing after a name", "line 1, column 7"),
        (b"[{'a': 1}]", "not-json", "a name in double quotation marks is missing", "line 1, column 3"),
        *(
            (
                b'{"%s": %s, "records": [{}]}' % (name, value),
                "other-mapping",
                f'"{name.decode()}" must be a text, but {found} was found.',
                f'member "{name.decode()}"',
            )
            for name, value, found in (
                (b"tlp", b"{}", "an object"),
                (b"tlp", b'["TLP:RED"]', "a list"),
                (b"period", b"2026", "a number"),
                (b"kind", b"false", "true or false"),
                (b"pillar", b"1.5", "a number"),
            )
        ),
        (b"[{}] x", "not-json", "text follows the end of the JSON", "line 1, column 5"),
        (b'{"records": [{}]} {}', "not-json", "text follows the end of the JSON", "line 1, column 18"),
        (b'{"records" [{}]}', "not-json", "':' is missing", "line 1, column 12"),
        (b'{"records": [{}], "records": []}', "not-json", "repeated: 'records'", "line 1, column 28"),
        (b"{1: [{}]}", "not-json", "a name is missing", "line 1, column 3"),
        (b'{"a": 1', "not-json", "',' is missing", "line 1, column 8"),
        (b'[{"a": 1, "a": 2}]', "not-json", "the name 'a' is repeated", "record 1"),
        (b'[{}, {"a": Infinity}]', "not-json", "Infinity is not a JSON number", "record 2"),
        (b'[{}, {"a": 1e999}]', "not-json", "the number 1e999 is too large", "record 2"),
        (b'[{}, {"a": "\\u0000"}]', "not-json", "it has a NUL character", "record 2"),
        (b'[{}, {"a": %s}]' % (b"[" * 101 + b"]" * 101), "not-json", "nested too deeply", "record 2"),
        (b"[{}, \xff]", "not-json", "the text is not UTF-8", "byte 6"),
    ],
)
def test_the_refusal_of_json_has_its_reason_and_location(content, rule, says, place):
    refused = refusal(content, media_types.JSON)
    assert (refused.rule, refused.place) == (rule, place)
    assert says in refused.message
    assert refused.expected


@pytest.mark.parametrize(
    ("content", "rule", "says", "place"),
    [
        (b"{}\n[1]", "no-record", "but a list was found", "line 2"),
        (b'{}\n{"a": 1, "a": 2}', "not-json", "the name 'a' is repeated", "line 2"),
        (b'{}\n{"a": "\xff"}', "not-json", "it is not UTF-8", "line 2"),
        (b'{}\n{"a": "' + b"x" * (4 * 1024 * 1024), "long-line", "more than 4,194,304 bytes", "line 2"),
    ],
    ids=["a list", "a name twice", "no UTF-8", "a long line"],
)
def test_the_refusal_of_a_line_that_is_no_record_names_the_line(content, rule, says, place):
    refused = refusal(content, media_types.NDJSON)
    assert (refused.rule, refused.place) == (rule, place)
    assert says in refused.message


def test_the_refusal_of_a_media_type_names_the_accepted_types():
    refused = refusal(b"", "application/pdf")
    assert (refused.rule, media_types.XLSX in refused.expected) == ("format", True)
