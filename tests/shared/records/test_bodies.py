"""Every service reads the same records out of the bodies that entry writes."""

import io
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.records.bodies import (
    list_slices,
    read_facts,
    read_head,
    read_lines,
    read_records,
    read_slice,
    record_line,
    ref_of,
    write_body,
)
from shared.records.canonical import canonical_json, parse_json

FACTS = {
    "kind": "need",
    "period": "2025-2026",
    "origins": "0" * 64,
    "reporter": "AL-WBCTi",
    "tlp": "TLP:AMBER",
}

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
records = st.lists(
    st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), max_size=8), values, max_size=4),
    max_size=8,
)


def body_of(some, facts=FACTS) -> bytes:
    return b"".join(write_body(facts, map(record_line, some)))


def on_one_line(some) -> bytes:
    """A body as they were stored before records had lines of their own."""
    return canonical_json(FACTS | {"records": some})


@settings(max_examples=40)
@given(records)
def test_records_are_read_as_they_were_written(some):
    written = body_of(some)
    assert json.loads(written) == FACTS | {"records": some}
    assert list(read_records(io.BytesIO(written))) == some
    assert list(map(parse_json, read_lines(io.BytesIO(written)))) == some
    facts = read_facts(io.BytesIO(written))
    assert list(facts.pop("records")) == some
    assert facts == FACTS


@settings(max_examples=40)
@given(records, st.integers(1, 4))
def test_the_slices_of_a_body_are_its_records_in_order(some, size):
    body = io.BytesIO(body_of(some))
    slices = list_slices(body, size=size)
    assert [piece.first for piece in slices] == list(range(0, len(some), size))
    read = [
        record for piece in slices for record in read_slice(body, offset=piece.offset, length=piece.length)
    ]
    assert read == some


@settings(max_examples=40)
@given(records)
def test_a_body_is_merged_from_the_lines_of_others(some):
    lines = read_lines(io.BytesIO(body_of(some)))
    assert b"".join(write_body(FACTS, lines)) == body_of(some)


@pytest.mark.parametrize("write", [body_of, on_one_line])
def test_numbers_of_any_size_are_read_alike_by_every_reader(write):
    some = [
        {"ref": "CT-1", "number": number} for number in (2**63, 2**64, 10**30, -(10**30), 0.1, 12345678.9)
    ]
    written = write(some)
    assert list(read_records(io.BytesIO(written))) == some
    assert list(read_facts(io.BytesIO(written))["records"]) == some
    assert [parse_json(line) for line in read_lines(io.BytesIO(written))] == some
    assert all(
        type(record["number"]) is type(want["number"])
        for record, want in zip(parse_json(written)["records"], some, strict=True)
    )


def test_a_body_from_before_records_had_lines_is_read_whole_and_has_no_slices():
    some = [{"ref": "CT-1"}, {"ref": "CT-2"}]
    assert list(read_records(io.BytesIO(on_one_line(some)))) == some
    assert list(read_lines(io.BytesIO(on_one_line(some)))) == [b'{"ref":"CT-1"}', b'{"ref":"CT-2"}']
    assert not list_slices(io.BytesIO(on_one_line(some)), size=1)
    assert read_head(io.BytesIO(on_one_line(some))) == {}


def test_the_head_is_read_without_the_records_and_rewinds():
    body = io.BytesIO(body_of([{"ref": "CT-1"}]))
    assert read_head(body) == {"kind": "need", "origins": "0" * 64, "period": "2025-2026"}
    assert body.tell() == 0


def test_each_record_is_parsed_only_when_it_is_reached():
    lines = body_of([{"ref": "CT-1"}, {"ref": "CT-2"}]).replace(b'{"ref":"CT-2"}', b"{broken}")
    found = read_records(io.BytesIO(lines))
    assert next(found) == {"ref": "CT-1"}
    with pytest.raises(ValueError, match="string key"):
        next(found)


def test_a_text_that_looks_like_the_records_is_no_place_for_them():
    facts = FACTS | {"note": '"records":[]'}
    assert list(read_records(io.BytesIO(body_of([{"ref": "CT-1"}], facts)))) == [{"ref": "CT-1"}]


@pytest.mark.parametrize(("record", "ref"), [({"ref": "CT-1"}, "CT-1"), ({}, None), ({"ref": 7}, None)])
def test_the_reference_of_a_line_is_a_text_or_missing(record, ref):
    assert ref_of(record_line(record)) == ref


def test_canonical_json_of_equal_values_is_equal_bytes():
    assert canonical_json({"b": 1, "a": "Kosovo*, Ђ"}) == canonical_json({"a": "Kosovo*, Ђ", "b": 1})
    assert canonical_json({"b": 1, "a": "Ђ"}) == '{"a":"Ђ","b":1}'.encode()
    with pytest.raises(ValueError, match="Out of range"):
        canonical_json({"a": float("nan")})
