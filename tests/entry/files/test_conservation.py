"""Nothing vanishes on the way in: what a source holds is in its records, or listed as not read.

The property of IATI files, with their transactions and budgets, is in `test_iati`.
"""

import io
import json
from collections import Counter
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.entry.files.domain.accounts import account_of
from services.entry.files.domain.media_types import JSON, NDJSON
from services.entry.files.operations import read_file
from services.entry.submissions.schemas.requests import SubmissionBody
from shared.records.bodies import read_records, record_line, write_body

TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=8)
AMOUNTS = st.integers(-(10**12), 10**12) | st.decimals(0, 10**9, places=2).map(float)
RECORDS = st.lists(
    st.fixed_dictionaries(
        {"ref": TEXTS, "budget": AMOUNTS},
        optional={"transactions": st.lists(st.fixed_dictionaries({"amount": AMOUNTS}), max_size=3)},
    ),
    min_size=1,
    max_size=6,
)
MEMBERS = st.dictionaries(
    TEXTS | st.sampled_from(["more", "dry_run", "mode", "Records", "transactions"]),
    TEXTS | AMOUNTS | st.lists(st.fixed_dictionaries({"ref": TEXTS, "budget": AMOUNTS}), max_size=3),
    max_size=4,
)
FACTS = {"pillar": "WBCTi", "kind": "need", "period": "2025-2026", "tlp": "TLP:AMBER"}


def read(content: bytes, media_type: str) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Return the records of a file, and its whole account."""
    reading = read_file(io.BytesIO(content), media_type=media_type, kind="need", name="source")
    records = list(reading.records)
    return records, account_of(reading, media_type=media_type, records=len(records)).whole


def same(found: list[dict[str, Any]], source: list[dict[str, Any]]) -> bool:
    """Return whether both have the same records, and with them the same transactions and amounts."""
    return Counter(map(record_line, found)) == Counter(map(record_line, source))


@given(RECORDS)
def test_all_records_posted_to_the_api_are_in_the_body(records):
    body = SubmissionBody().loads(json.dumps(FACTS | {"records": records}))
    written = b"".join(write_body(FACTS, map(record_line, body["records"])))
    assert same(list(read_records(io.BytesIO(written))), records)


def test_anything_else_in_a_body_of_the_api_is_refused():
    body = FACTS | {"records": [{"ref": "A"}], "more_records": [{"ref": "B"}]}
    assert SubmissionBody().validate(body) == {"more_records": ["Unknown field."]}


@given(RECORDS, MEMBERS.filter(lambda members: not {"records", *FACTS} & members.keys()))
def test_all_records_of_a_json_file_are_read_and_its_other_members_listed(records, members):
    found, account = read(json.dumps(FACTS | members | {"records": records}).encode(), JSON)
    assert same(found, records)
    assert account["read"] == {"format": "json", "records": len(records)}
    listed = {part["values"]["name"]: part for part in account["unread"]}
    assert set(listed) == {name for name, value in members.items() if value not in (0, [])}
    lists = {name: len(value) for name, value in members.items() if isinstance(value, list) and value}
    for name, count in lists.items():
        assert (listed[name]["bears"], listed[name]["values"]["count"]) == ("record", count)


@given(RECORDS)
def test_all_records_of_a_list_are_read(records):
    found, account = read(json.dumps(records).encode(), JSON)
    assert same(found, records)
    assert (account["read"]["records"], account["unread"]) == (len(records), [])


@given(RECORDS, st.lists(st.sampled_from([b"", b"  ", b"\t"]), max_size=6))
def test_all_records_of_ndjson_are_read_whatever_blank_lines_are_between(records, blanks):
    lines = [json.dumps(record).encode() for record in records]
    for at, blank in enumerate(blanks):
        lines.insert(2 * at, blank)
    found, account = read(b"\n".join(lines), NDJSON)
    assert same(found, records)
    assert (account["read"]["records"], account["unread"]) == (len(records), [])


def test_an_option_in_a_file_is_not_followed_and_this_is_a_doubt():
    _, account = read(json.dumps({"dry_run": True, "mode": None, "records": [{"ref": "A"}]}).encode(), JSON)
    [part] = account["unread"]
    assert (part["reason"], part["bears"], part["element"]) == ("json-option", "doubt", "member dry_run")
    assert part["message"].startswith('The option "dry_run" was not followed')


def test_our_own_export_has_no_part_that_is_not_read():
    facts = FACTS | {"reporter": "AL-WBCTi", "partner": "AL", "origins": "0" * 64, "reading": "1" * 64}
    content = b"".join(write_body(facts, [record_line({"ref": "A"})]))
    assert read(content, JSON)[1]["unread"] == []
