"""Canonical bodies as entry stores them."""

import io
import json

import pytest

from services.reporting.figures.formats import read_body
from shared.records.bodies import record_line, write_body
from shared.records.canonical import canonical_json
from tests.reporting.events import body_of, need


@pytest.mark.parametrize("count", [1, 3, 200])
def test_a_body_is_read_record_by_record_as_entry_keeps_it(count):
    body = body_of(*(need(f"N-{number}", title=f'"records":[\n{number}]') for number in range(count)))
    facts = {name: value for name, value in body.items() if name != "records"} | {"origins": "0" * 64}
    kept = b"".join(write_body(facts, map(record_line, body["records"])))
    body |= facts
    assert json.loads(kept) == body
    read = read_body(io.BytesIO(kept))
    assert not isinstance(read["records"], list)
    assert read | {"records": list(read["records"])} == body


def test_a_body_that_says_there_is_nil_return_is_read_with_no_records():
    body = body_of() | {"statement": {"name": "A. Hoxha"}}
    facts = {name: value for name, value in body.items() if name != "records"}
    assert read_body(io.BytesIO(b"".join(write_body(facts, [])))) == body


def test_a_body_from_before_records_had_lines_of_their_own_is_read_too():
    body = body_of(need("N-1"), need("N-2"))
    assert read_body(io.BytesIO(canonical_json(body))) == body
