"""The account of a file: what was read, what was not, and the limits of both."""

import pytest

from services.entry.files.domain import media_types
from services.entry.files.domain.accounts import MAX_UNREAD, account_of, check_records, check_unread
from services.entry.files.domain.read_result import MAX_TEXT, ReadResult, Unread
from services.entry.files.domain.refusals import FileIsRefused
from shared.reference.accounts import MAX_LISTED


def unread(row: int = 1, **facts) -> Unread:
    return Unread("sheet", {"read": "Needs"}, sheet="Notes", row=row, **facts)


def reading(*parts: Unread, **summary) -> ReadResult:
    return ReadResult(records=iter(()), unread=list(parts), summary=summary)


def test_the_whole_account_has_every_part_and_the_overview_the_first():
    account = account_of(reading(*map(unread, range(250))), media_type=media_types.XLSX, records=7)
    assert account.read == {"format": "xlsx", "records": 7}
    assert len(account.whole["unread"]) == 250
    overview = account.overview
    assert overview["counts"] == {"sheet": 250}
    assert (len(overview["unread"]), overview["left_out"]) == (MAX_LISTED, 250 - MAX_LISTED)
    assert overview["unread"][0] == {
        "reason": "sheet",
        "values": {"read": "Needs"},
        "sheet": "Notes",
        "row": 0,
        "bears": "record",
        "message": "The sheet was not read; the records were read from Needs.",
        "expected": "Put all records on one sheet, or submit each sheet as a workbook of its own.",
    }


def test_the_format_is_that_of_the_media_type_whatever_its_charset():
    account = account_of(reading(), media_type="text/csv; charset=windows-1250", records=7)
    assert account.read["format"] == "csv"


def test_the_reader_knows_better_what_it_read():
    account = account_of(reading(records=3, sheet="Needs"), media_type=media_types.XLSX, records=7)
    assert account.read == {"format": "xlsx", "records": 3, "sheet": "Needs"}


def test_long_lists_of_the_summary_are_cut_in_the_overview_and_counted():
    account = account_of(
        reading(other_sheets=[str(at) for at in range(130)]), media_type=media_types.XLSX, records=1
    )
    assert len(account.whole["read"]["other_sheets"]) == 130
    assert len(account.overview["read"]["other_sheets"]) == MAX_LISTED
    assert account.overview["read"]["other_sheets_left_out"] == 30


def test_a_part_quotes_a_long_cell_in_part():
    written = unread(ref="x" * 40_000).written
    assert written["ref"] == "x" * MAX_TEXT + "…"


def test_a_summary_quotes_long_headings_in_part():
    columns = [{"column": "A", "heading": "x" * 40_000, "field": "ref"}]
    account = account_of(reading(columns=columns), media_type=media_types.XLSX, records=1)
    assert account.read["columns"][0]["heading"] == "x" * MAX_TEXT + "…"


def test_a_file_with_too_many_unread_parts_is_refused_and_the_first_is_named():
    check_unread(reading(*map(unread, range(MAX_UNREAD))))
    with pytest.raises(FileIsRefused, match="More than 10,000 parts of the file cannot be read") as refused:
        check_unread(reading(*map(unread, range(MAX_UNREAD + 1))))
    assert refused.value.facts["expected"].startswith("Put all records on one sheet")
    assert refused.value.place == "sheet Notes, row 0"


def test_a_file_without_records_is_refused_and_says_what_of_it_was_not_read():
    check_records(reading(unread()), records=1)
    with pytest.raises(FileIsRefused, match=r"has no records\. The sheet was not read") as refused:
        check_records(reading(unread()), records=0)
    assert (refused.value.rule, refused.value.place) == ("no-records", "sheet Notes, row 1")
    with pytest.raises(FileIsRefused, match=r"The file has no records\.$"):
        check_records(reading(), records=0)
