from services.reporting.figures.domain.facts import Envelope, Fact, expand
from services.reporting.figures.domain.precedence import Claim, decide_precedence
from tests.reporting.events import need

STRUCTURE = Envelope(
    reporter="AL-WBBSi", partner="AL", pillar="WBBSi", kind="need", period="2025-2026", tlp="TLP:AMBER"
)


def fact_of(theme: str) -> tuple[Fact, ...]:
    return expand(need("N-1", theme=theme), STRUCTURE)


def test_the_latest_submission_that_holds_a_record_has_it_in_force():
    old = Claim("r", "a", fact_of("old"), in_force=True)
    change = decide_precedence(leaving=[], coming=[Claim("r", "b", fact_of("new"))], staying=[old])
    assert change.in_force == {("r", "b")}
    assert change.retired == (("r", "a"),)
    assert {cell.theme: figure.records for cell, figure in change.figures.items()} == {"old": -1, "new": 1}


def test_an_earlier_submission_that_comes_late_changes_no_figure():
    new = Claim("r", "b", fact_of("new"), in_force=True)
    change = decide_precedence(leaving=[], coming=[Claim("r", "a", fact_of("old"))], staying=[new])
    assert (change.in_force, change.reinstated, change.retired, change.figures) == (frozenset(), (), (), {})


def test_when_the_latest_goes_the_one_before_is_in_force_again():
    claims = [Claim("r", "a", fact_of("oldest")), Claim("r", "b", fact_of("old"))]
    change = decide_precedence(
        leaving=[Claim("r", "c", fact_of("new"), in_force=True)], coming=[], staying=claims
    )
    assert change.reinstated == (("r", "b"),)
    assert {cell.theme: figure.records for cell, figure in change.figures.items()} == {"old": 1, "new": -1}
