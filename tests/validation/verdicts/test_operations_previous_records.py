"""New records are compared with accepted ones: duplicates, changed budgets, needs that are missing."""

from typing import Any

from shared.events import SubmissionAccepted
from tests.validation.conftest import NEED, RESPONSE, SUPPORT, submission_id, withdrawn
from tests.validation.in_process import InProcessValidation

WITHDRAWN_NEED, DUPLICATE, BUDGET, ESTIMATE, VANISHED, SETTLED = (f"GEN-{number}" for number in range(32, 38))
BARE = {**SUPPORT, "needs": []}
FORMER = {"period": "2023-2024", "number": 1}
CEPOL = {"reporter": "CEPOL", "partner": None, "kind": "support"}
OSCE = {"reporter": "OSCE", "partner": None, "kind": "support"}


def found(validation: InProcessValidation, rule: str, number: int = 2) -> list[dict[str, Any]]:
    """Return the places of a rule in the current verdict on a submission."""
    report = validation.report(validation.verdicts(submission_id(number))[-1])
    return [place for each in report["findings"] if each["rule"] == rule for place in each["places"]]


def test_support_that_another_reported_already_is_told_with_the_reasons(
    validation: InProcessValidation,
) -> None:
    validation.submit(BARE, number=1, tlp="TLP:GREEN", **CEPOL)
    told = {**BARE, "ref": "O-7", "title": "Detecting explosives at large public events"}
    validation.submit(told, number=2, tlp="TLP:AMBER", **OSCE)
    [duplicate] = found(validation, DUPLICATE)
    assert duplicate["ref"] == "O-7"
    assert (
        "(P-1), which CEPOL reported: both benefit AL and XK, both run from 2026-01-15 on, "
        in duplicate["message"]
    )
    assert "The similarity is 94 of 100." in duplicate["message"]
    # Who came first is told of nothing, and a warning returns nobody.
    assert found(validation, DUPLICATE, 1) == []
    assert all(isinstance(event, SubmissionAccepted) for event in validation.published())


def test_support_that_is_not_shared_is_never_told_of_to_another(validation: InProcessValidation) -> None:
    validation.submit(BARE, number=1, tlp="TLP:AMBER", **CEPOL)
    validation.submit({**BARE, "ref": "O-7"}, number=2, **OSCE)
    validation.submit({**BARE, "ref": "C-7"}, number=3, **CEPOL)
    assert found(validation, DUPLICATE) == []
    assert [place["ref"] for place in found(validation, DUPLICATE, 3)] == ["C-7"]


def test_a_budget_that_changed_by_more_than_half_is_told_from_year_to_year(
    validation: InProcessValidation,
) -> None:
    validation.submit(BARE, number=1, period="2025", **CEPOL)
    for version, budget in enumerate((500_000, 800_000, 700_000), start=1):
        validation.submit({**BARE, "budget": budget}, number=2, version=version, **CEPOL)
        assert bool(found(validation, BUDGET)) == (version == 2), budget


def test_an_estimate_is_compared_with_the_version_that_was_accepted_before(
    validation: InProcessValidation,
) -> None:
    validation.submit(NEED, number=2)
    validation.submit({**NEED, "estimated_cost": 300_000}, number=2, version=2)
    [told] = found(validation, ESTIMATE)
    assert "it was 90000" in told["message"]


def test_a_former_need_that_was_open_may_be_carried_over_and_may_not_vanish(
    validation: InProcessValidation,
) -> None:
    former = {**NEED, "theme": "jap18_prevention"}
    validation.submit(former, {**former, "ref": "DONE", "disposition": "covered"}, **FORMER)
    validation.submit({**NEED, "ref": "NEW"}, number=2)
    [vanished] = found(validation, VANISHED)
    assert f'The need "CT-001", {NEED["title"]}, was open in 2023-2024.' in vanished["message"]
    validation.submit({**NEED, "ref": "NEW", "carried_over_from": "CT-001"}, number=2, version=2)
    assert found(validation, VANISHED) == []


def test_a_need_that_was_settled_is_told_when_it_is_open_again(validation: InProcessValidation) -> None:
    validation.submit({**NEED, "disposition": "covered"}, number=2)
    validation.submit(NEED, number=2, version=2)
    assert len(found(validation, SETTLED)) == 1


def test_a_need_that_was_withdrawn_is_told_to_who_still_refers_to_it(validation: InProcessValidation) -> None:
    validation.submit(NEED, number=1)
    validation.submit(RESPONSE, number=2, kind="response")
    assert found(validation, WITHDRAWN_NEED) == []
    validation.publish(withdrawn(1, 2))
    validation.tick()
    [told] = found(validation, WITHDRAWN_NEED)
    assert "was later withdrawn" in told["message"]
    assert validation.verdicts(submission_id(2))[-1].reason == "references_changed"
