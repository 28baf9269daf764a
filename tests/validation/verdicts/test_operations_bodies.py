"""Findings on a file lead to its cells, however it is judged; responses list the first places only."""

import io
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import openpyxl
import pytest

from services.validation.engine.domain.evaluation.judging import judge
from services.validation.engine.domain.evaluation.origins import Origins
from services.validation.engine.domain.evaluation.place_limits import FILE_LIMIT
from services.validation.engine.domain.references.lookups import Snapshot
from services.validation.findings import store
from services.validation.rulesets.operations import files, publishing
from services.validation.verdicts.domain.received import Received
from services.validation.verdicts.operations import publication_rollout
from services.validation.verdicts.operations.bodies import submission_facts
from shared.records.bodies import read_head
from tests.bundled_rulesets import ruleset_for
from tests.conftest import Client
from tests.validation.conftest import NEED, body_of
from tests.validation.in_process import InProcessValidation

COLUMNS = {"ref": 1, "title": 2, "training.topic": 9, "target_date": 11}
REPORT = "/validation/v1/verdicts/{}/report"


def needs(count: int, **change: Any) -> list[dict[str, Any]]:
    return [{**NEED, "ref": f"CT-{number:05d}", **change} for number in range(count)]


def table(count: int) -> Origins:
    """Return the origins of a sheet with one blank row."""
    return Origins("Needs", rows=[5, *range(7, count + 6)], columns=COLUMNS)


def places(validation: InProcessValidation, verdict: Any, rule: str) -> list[dict[str, Any]]:
    return next(each["places"] for each in validation.report(verdict)["findings"] if each["rule"] == rule)


def test_a_finding_leads_to_the_cell_of_the_file(validation: InProcessValidation) -> None:
    validation.submit(NEED, {**NEED, "ref": "CT-002", "title": "Not Applicable"}, origins=table(2))
    [place] = places(validation, validation.published()[0], "GEN-02")
    assert (place["sheet"], place["row"], place["cell"]) == ("Needs", 7, "B7")


def test_of_a_file_without_sheets_a_finding_leads_to_the_line(validation: InProcessValidation) -> None:
    lines = Origins("", rows=[1, 3], columns={})
    validation.submit(NEED, {**NEED, "ref": "CT-002", "title": "Not Applicable"}, origins=lines)
    [place] = places(validation, validation.published()[0], "GEN-02")
    assert (place["row"], "sheet" in place, "cell" in place) == (3, False, False)


def test_a_large_file_is_told_in_chunks_as_in_one_piece(validation: InProcessValidation) -> None:
    rows = needs(4_100)
    for at in range(0, 4_100, 3):
        rows[at]["title"] = "Not Applicable"
    rows[3_000]["ref"] = rows[20]["ref"]
    rows[4_099]["target_date"] = 7
    event = validation.submit(*rows, origins=table(4_100))
    located = replace(
        submission_facts(Received.of(event.payload())), origins=table(4_100), place_limit=FILE_LIMIT
    )
    whole = judge(ruleset_for("WBCTi"), located, rows, lambda _wanted: Snapshot())
    [verdict] = validation.verdicts(event.submission)
    assert validation.runtime.blobs.get(verdict.report) == whole.report()
    assert [place["cell"] for place in places(validation, verdict, "GEN-01")] == ["A26", "A3006"]
    assert places(validation, verdict, "STR-03")[0]["cell"] == "K4105"
    titles = places(validation, verdict, "GEN-02")
    assert (len(titles), titles[-1]["cell"]) == (1_367, "B4104")
    assert validation.report(verdict)["faulty"] == sorted({*range(0, 4_100, 3), 20, 4_099})


@pytest.mark.parametrize("count", [3, 2_010])
def test_a_file_that_is_judged_again_is_told_at_its_cells_again(
    validation: InProcessValidation, count: int
) -> None:
    event = validation.submit(*needs(count, title="Not Applicable"), origins=table(count))
    content = files.bundled_file("WBCTi")
    version = files.bundled_ruleset("WBCTi").stamp.version
    other = content.replace(f'version: "{version}"'.encode(), b'version: "test.1"', 1)
    with validation.runtime.database.begin() as tx:
        publishing.publish_ruleset(
            tx, blobs=validation.runtime.blobs, content=other, in_force_from=tx.now.date(), by="SECRETARIAT"
        )
    publication_rollout.apply_publications(
        database=validation.runtime.database, blobs=validation.runtime.blobs
    )
    validation.work()
    first, again = validation.verdicts(event.submission)
    assert again.ruleset.startswith("WBCTi test.1+")
    assert len(places(validation, again, "GEN-02")) == count
    assert places(validation, again, "GEN-02") == places(validation, first, "GEN-02")


def test_who_asks_for_a_report_is_told_the_first_hundred_places_and_a_workbook_has_all(
    validation: InProcessValidation, client_of: Callable[..., Client]
) -> None:
    event = validation.submit(*needs(250, title="Not Applicable"), origins=table(250))
    client, path = client_of("validation"), REPORT.format(event.submission)
    verdict = client.get(path.removesuffix("/report"), as_="AL-WBCTi").json
    shown = client.get(path, as_="AL-WBCTi").json
    for answer in (verdict, shown):
        [found] = answer["findings"]
        assert (found["count"], len(found["places"]), found["left_out"]) == (250, 100, 150)
        assert not {"faulty", "faulty_places", "whole"} & answer.keys()
    lines = client.get(f"{path}?format=csv", as_="AL-WBCTi").text.splitlines()
    assert "250 places in all; 100 are listed, 150 more are not" in lines[-2]
    assert "150 more places are not listed" in client.get(f"{path}?format=html", as_="AL-WBCTi").text
    workbook = client.get(f"{path}?format=xlsx", as_="AL-WBCTi").data
    cells = [row[8] for row in openpyxl.load_workbook(io.BytesIO(workbook))["Findings"].values]
    assert cells[1:251] == ["B5", *(f"B{row}" for row in range(7, 256))]


def test_the_first_hundred_places_of_a_rule_are_followed(validation: InProcessValidation) -> None:
    event = validation.submit(*needs(250, title="Not Applicable"), origins=table(250))
    with validation.runtime.database.read() as tx:
        found = store.list_by_submission(tx, event.submission)
    assert sorted(each.ref or "" for each in found) == [f"CT-{number:05d}" for number in range(100)]


def test_a_followed_finding_that_has_come_to_stand_further_down_is_neither_new_nor_mended(
    validation: InProcessValidation,
) -> None:
    event = validation.submit({**NEED, "ref": "FIRST", "title": "Not Applicable"}, origins=table(1))
    rows = [*needs(150, title="Not Applicable"), {**NEED, "ref": "FIRST", "title": "Not Applicable"}]
    validation.submit(*rows, version=2, origins=table(151))
    with validation.runtime.database.read() as tx:
        found = {each.ref: each for each in store.list_by_submission(tx, event.submission)}
    assert (len(found), found["FIRST"].state, found["FIRST"].last_version) == (101, "open", 2)


def test_a_body_that_came_in_no_file_names_none() -> None:
    for body in (
        body_of({"ref": "A"}, kind="need", tlp="TLP:RED"),
        body_of({"ref": "A", "origins": "x"}),
        json.dumps({"records": [{"ref": "A"}]}).encode(),
    ):
        assert "origins" not in read_head(io.BytesIO(body))
