"""Findings about a table, in the terms of the officer who filled it in."""

from typing import Any

from services.validation.engine.domain.evaluation.judging import check_records, judge, judge_records
from services.validation.engine.domain.evaluation.merging import merge
from services.validation.engine.domain.evaluation.origins import Origins
from services.validation.engine.domain.evaluation.partial_results import PartialResult
from services.validation.engine.domain.evaluation.submissions import Submission
from services.validation.engine.domain.findings import Judgement
from services.validation.engine.domain.references.lookups import Snapshot
from shared.reference.accounts import Account
from tests.bundled_rulesets import ruleset_for

HEADINGS = {
    "ref": "Oznaka *",
    "title": "Naziv *",
    "category": "Kategorija *",
    "theme": "Tema *",
    "perspective": "Perspektiva *",
    "priority_level": "Nivo prioriteta *",
    "strand": "Pravac djelovanja",
    "currency": "Valuta",
    "estimated_cost": "Procijenjeni trošak",
    "target_date": "Ciljni datum",
    "disposition": "Stanje potrebe *",
}
NEED = {
    "ref": "ME-1",
    "title": "Forensic laboratory for explosives",
    "category": "institutional",
    "theme": "jap25_protection",
    "perspective": "response",
    "strand": "protect",
    "priority_level": "high",
    "disposition": "open",
    "description": "Samples wait for nine months.",
}


def origins(count: int, *, without: str = "", merged: tuple[str, ...] = ()) -> Origins:
    headings = {path: heading for path, heading in HEADINGS.items() if path != without}
    columns = {path: at for at, path in enumerate(headings, start=1)}
    return Origins("Potrebe", list(range(4, 4 + count)), columns, headings, 3, merged)


def judged(*records: dict[str, Any], **about: Any) -> Judgement:
    submission = Submission(
        *("WBCTi", "need", "2025-2026", "TLP:AMBER", "ME-WBCTi", "ME", "2026-11-23"),
        origins=origins(len(records), **about),
    )
    return judge(ruleset_for("WBCTi"), submission, records, lambda _: Snapshot())


def places(judgement: Judgement, rule: str) -> list[Any]:
    return [place for finding in judgement.findings if finding.rule == rule for place in finding.places]


def without(*names: str, **more: Any) -> dict[str, Any]:
    return {name: value for name, value in NEED.items() if name not in names} | more


def test_a_missing_entry_of_a_montenegrin_workbook_is_told_by_heading_cell_and_labels() -> None:
    [place] = places(judged(without("disposition")), "STR-02")
    assert place["message"] == "Stanje potrebe is required, but the cell is blank."
    assert "Partly covered (partly_covered)" in place["expected"]
    assert (place["cell"], place["heading"]) == ("K4", "Stanje potrebe")
    assert place["pointer"] == "/records/0/disposition"
    assert "disposition" not in place["message"]


def test_a_value_that_a_merged_cell_covers_is_explained_by_it() -> None:
    rows = [NEED, without("disposition", ref="ME-2"), without("disposition", ref="ME-3")]
    found = places(judged(*rows, merged=("K4:K6",)), "STR-02")
    assert [place["message"] for place in found] == [
        f"{cell} is part of the merged cell K4:K6. Stanje potrebe is required, but the cell is blank."
        for cell in ("K5", "K6")
    ]
    assert found[0]["expected"].startswith("Unmerge the cells, and fill in each of them.")


def test_a_rule_about_a_value_that_a_merged_cell_covers_names_it_too() -> None:
    rows = [
        {**NEED, "estimated_cost": 500, "currency": "EUR"},
        {**NEED, "ref": "ME-2", "estimated_cost": 600},
    ]
    [place] = places(judged(*rows, merged=("H4:H5",)), "GEN-07")
    assert place["message"] == "H5 is part of the merged cell H4:H5. The amount 600 has no currency."
    assert "Euro (EUR)" in place["expected"]


def test_a_required_column_that_the_sheet_lacks_is_told_once_at_the_headings() -> None:
    rows = [without("disposition", ref=f"ME-{number}") for number in range(250)]
    judgement = judged(*rows, without="disposition")
    [place] = places(judgement, "STR-07")
    assert place["message"] == "The sheet has no column Stanje potrebe, which is required."
    assert "Add a column with the heading Stanje potrebe." in place["expected"]
    assert (place["sheet"], place["row"], "cell" in place) == ("Potrebe", 3, False)
    assert places(judgement, "STR-02") == []
    assert (judgement.outcome, judgement.counts["error"]) == ("returned", 1)
    assert list(judgement.faulty) == list(range(250)), "each row needs the column"


def test_a_missing_column_is_told_once_however_the_rows_are_divided() -> None:
    rows = [without("disposition", ref=f"ME-{number}") for number in range(6)]
    submission = Submission(
        *("WBCTi", "need", "2025-2026", "TLP:AMBER", "ME-WBCTi", "ME", "2026-11-23"),
        origins=origins(6, without="disposition"),
    )
    ruleset = ruleset_for("WBCTi")
    parts = [
        judge_records(
            ruleset, check_records(ruleset, submission, rows[first : first + 2], first=first), Snapshot()
        )
        for first in (0, 2, 4)
    ]
    divided = merge(ruleset, submission, [PartialResult.read(part.written) for part in parts])
    whole = judge(ruleset, submission, rows, lambda _: Snapshot())
    assert divided.report() == whole.report()


def test_a_row_that_was_not_sent_in_this_table_lacks_no_column_of_it() -> None:
    submission = Submission(
        *("WBCTi", "need", "2025-2026", "TLP:AMBER", "ME-WBCTi", "ME", "2026-11-23"),
        origins=origins(1, without="disposition"),
    )
    rows = [NEED, without("disposition", ref="OLD-1")]
    judgement = judge(ruleset_for("WBCTi"), submission, rows, lambda _: Snapshot())
    assert places(judgement, "STR-07") == []
    assert len(places(judgement, "STR-02")) == 1


def test_a_value_under_an_unknown_heading_is_reported_with_its_column_only() -> None:
    submission = Submission(
        *("WBCTi", "need", "2025-2026", "TLP:AMBER", "ME-WBCTi", "ME", "2026-11-23"),
        origins=Origins("Potrebe", [4, 5], {"ref": 1, "colour": 2}, {"ref": "Oznaka", "colour": "colour"}),
        account=Account(
            {}, [{"reason": "unknown-column", "bears": "doubt", "message": "Unknown.", "expected": "."}]
        ),
    )
    rows = [
        NEED | {"colour": "red"},
        NEED | {"ref": "ME-2", "colour": "blue"},
        NEED | {"ref": "X", "colour": 1},
    ]
    judgement = judge(ruleset_for("WBCTi"), submission, rows, lambda _: Snapshot())
    assert [each["pointer"] for each in places(judgement, "STR-06")] == ["/records/2/colour"]
    assert len(places(judgement, "GEN-206")) == 1


def test_a_rule_names_headings_and_labels() -> None:
    wrong = {
        **NEED,
        "category": "operational",
        "theme": "jap25_alignment",
        "perspective": "prevention",
        "strand": "respond",
    }
    judgement = judged(wrong)
    [perspective] = places(judgement, "WBCTi-04")
    assert perspective["message"] == (
        "The strand is Respond (respond), but the perspective is Prevention (prevention)."
    )
    [category] = places(judgement, "WBCTi-06")
    assert category["message"].endswith(
        "it has the theme Alignment with EU counter-terrorism legislation (jap25_alignment)."
    )
    assert category["heading"] == "Kategorija"


def test_the_same_rule_names_fields_and_codes_to_a_developer() -> None:
    submission = Submission("WBCTi", "need", "2025-2026", "TLP:AMBER", "ME-WBCTi", "ME", "2026-11-23")
    wrong = {**NEED, "strand": "respond", "perspective": "prevention"}
    judgement = judge(ruleset_for("WBCTi"), submission, [wrong], lambda _: Snapshot())
    [place] = places(judgement, "WBCTi-04")
    assert place["message"] == "The strand is respond, but the perspective is prevention."


def test_a_report_keeps_the_template_and_the_values_of_its_texts() -> None:
    [finding] = [each.written for each in judged(without("disposition")).findings if each.rule == "STR-02"]
    [place] = finding["places"]
    template, values = place["texts"]["message"]
    assert (
        finding["texts"]["templates"][template]["template"] == "{field} is required, but the cell is blank."
    )
    assert finding["texts"]["values"][values] == {"field": "Stanje potrebe"}


def test_a_rule_about_codes_suggests_the_nearest_that_would_pass() -> None:
    assert places(judged({**NEED, "theme": "Protection of critical infrastructre"}), "WBCTi-01")[0][
        "message"
    ].endswith("Did you mean Protection of critical infrastructure and public spaces (jap25_protection)?")
    [closed] = places(judged({**NEED, "theme": "jap18_protection"}), "WBCTi-01") or [None]
    assert closed is None, "the plan of 2018 was in force in 2025"
    [place] = places(judged({**NEED, "estimated_cost": 5, "currency": "EURO"[:3].lower()}), "GEN-08")
    assert place["message"].endswith("Did you mean Euro (EUR)?")
