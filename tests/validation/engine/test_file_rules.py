"""Rules judge the parts of a file that were not read: each is found at its place, and concerns the submission as a whole."""

import pytest

from services.entry.files.domain.read_result import Unread
from services.validation.engine.domain.evaluation.judging import check_records, judge_records
from services.validation.engine.domain.evaluation.merging import merge
from services.validation.engine.domain.evaluation.origins import Origins
from services.validation.engine.domain.evaluation.place_limits import FILE_LIMIT
from services.validation.engine.domain.references.lookups import Snapshot
from services.validation.findings.domain.finding_lifecycle import finding_name
from services.validation.rulesets.operations.files import bundled_ruleset
from shared.reference.accounts import Account
from shared.reference.unread import BEARS, UNREAD
from tests.validation.conftest import NEED, judgement_on, submission_of
from tests.validation.minimal_ruleset import ruleset, written

SHEET = Unread("sheet", {"read": "Needs"}, sheet="Serbia").written
LOST = {
    "reason": "transaction",
    "bears": "money",
    "message": "The transaction was not read, since its value is written with separators, "
    + "at length " * 9,
    "expected": "A number without separators, such as 1234567.",
    "element": "transaction 1",
    "ref": "XM-DAC-7-1",
    "amount": "1,234,567.00",
    "currency": "EUR",
}


def judged(*parts, rules=None, records=(NEED,)):
    account = Account({"format": "xlsx", "records": len(records)}, parts)
    return judgement_on(submission_of(*records, account=account), ruleset=rules)


def named(judgement, rule):
    return [each for each in judgement.findings if each.rule == rule]


def test_a_part_that_bears_a_record_returns_the_submission_at_its_place_in_the_file():
    judgement = judged(SHEET)
    [finding] = named(judgement, "GEN-201")
    [place] = finding.places
    assert (finding.severity, judgement.outcome, judgement.whole) == ("error", "returned", True)
    assert (place["pointer"], place["sheet"], place["ref"]) == ("/unread/0", "Serbia", None)
    assert place["message"] == SHEET["message"]
    assert place["expected"] == SHEET["expected"]
    assert judgement.faulty == []


def test_what_is_said_of_a_part_is_said_in_full_with_the_amount_as_it_was_written():
    [finding] = named(judged(SHEET, LOST), "GEN-202")
    [place] = finding.places
    assert (place["message"], place["expected"]) == (LOST["message"], LOST["expected"])
    assert (place["ref"], place["pointer"], place["element"]) == ("XM-DAC-7-1", "/unread/1", "transaction 1")
    assert place["value"] == "1,234,567.00"


@pytest.mark.parametrize("bears", BEARS)
def test_whatever_a_part_bears_is_found_by_one_of_the_bundled_rules(bears):
    part = LOST | {"bears": bears}
    judgement = judged(part)
    assert [each.rule for each in judgement.findings if each.rule > "GEN-2"] == [
        f"GEN-{201 + BEARS.index(bears)}"
    ]
    returns = bears in ("record", "money", "date", "share", "value")
    assert judgement.outcome == ("returned" if returns else "accepted")


@pytest.mark.parametrize("reason", UNREAD)
def test_every_reason_says_what_it_bears_so_that_one_of_the_bundled_rules_finds_it(reason):
    assert UNREAD[reason].bears in BEARS
    assert UNREAD[reason].message.endswith((".", "?"))
    assert UNREAD[reason].expected.endswith((".", "?"))


def test_a_cell_is_where_the_reader_says_and_not_where_a_pointer_would_lead():
    part = LOST | {"sheet": "Needs", "row": 9, "cell": "H9"}
    origins = Origins("Other", rows=[5, 6], columns={"ref": 1})
    submitted = submission_of(NEED, NEED | {"ref": "B"}, origins=origins, account=Account({}, [part, part]))
    [finding] = named(judgement_on(submitted), "GEN-202")
    assert [(each["sheet"], each["row"], each["cell"]) for each in finding.places] == [("Needs", 9, "H9")] * 2


def test_the_report_says_what_was_read_and_lists_the_first_unread_parts():
    judgement = judged(*(SHEET | {"row": at} for at in range(120)))
    assert judgement.reading["read"] == {"format": "xlsx", "records": 1}
    assert (judgement.reading["counts"], judgement.reading["left_out"]) == ({"sheet": 120}, 20)
    assert judgement_on(submission_of(NEED)).reading is None


def test_a_finding_is_the_same_if_its_text_is_reworded_or_another_part_comes_before_it():
    places = [
        named(judged(*parts), "GEN-202")[0].places[-1]
        for parts in ([LOST], [SHEET, LOST], [LOST | {"message": "It was not read."}], [LOST | {"row": 2}])
    ]
    names = [finding_name("S", "GEN-202", each) for each in places]
    assert names[0] == names[1] == names[2] != names[3]


def test_the_secretariat_can_judge_one_reason_with_a_severity_of_its_own():
    mine = written(
        id="TST-01",
        level="file",
        for_each="unread",
        severity="info",
        field="",
        message="{item.sheet}: {item.message}",
        expected="{item.expected}",
        **{"assert": "item.reason != 'sheet'"},
    )
    judgement = judged(SHEET, LOST, rules=ruleset(mine))
    [finding] = named(judgement, "TST-01")
    assert (judgement.outcome, finding.count) == ("accepted", 1)
    assert finding.places[0]["message"].startswith("Serbia: The sheet was not read")


def test_without_a_file_and_in_chunks_the_rules_of_files_judge_once():
    rules = bundled_ruleset("general")
    account = Account({"format": "xlsx", "records": 2}, [SHEET])
    submission = submission_of(account=account, place_limit=FILE_LIMIT).submission
    parts = [
        judge_records(rules, check_records(rules, submission, [NEED], first=at), Snapshot())
        for at in range(2)
    ]
    assert named(merge(rules, submission, parts), "GEN-201")[0].count == 1
    nothing = judgement_on(submission_of(NEED)).rules["GEN-201"]
    assert (nothing["failed"], nothing["skipped"]["nothing"]) == (0, 1)
