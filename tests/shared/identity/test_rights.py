"""One table says what each role may do and read; routes, row policies and read paths follow it."""

import pytest

from shared.database import ALL_ROWS
from shared.identity import rights
from shared.identity.callers import Caller
from shared.identity.rights import RIGHTS, ROLES, kinds_submitted_by, markings_of, structures_of
from shared.reference import STRUCTURES, TLP, reporter


def caller(code: str) -> Caller:
    known = reporter(code)
    return Caller(known.code, known.role, known.partner, known.pillars)


def test_every_role_and_the_public_have_rights():
    assert RIGHTS.keys() == {None, *ROLES}


def test_the_sets_of_roles_that_routes_name():
    everyone_but = ROLES.difference
    assert {"structure", "member"} == rights.SUBMITTERS
    assert everyone_but({"analyst"}) == rights.SUBMISSION_READERS
    assert everyone_but({"member"}) == rights.OBLIGATION_READERS
    assert {"analyst", "secretariat"} == rights.STATISTICS_READERS
    assert {"structure"} == rights.CARRIERS == rights.DELEGATORS
    assert {"structure", "secretariat"} == rights.DELEGATION_ENDERS
    assert {"structure", "coordinator", "secretariat"} == rights.DELEGATION_READERS
    assert {"secretariat"} == rights.SECRETARIAT_ONLY


def test_a_role_may_submit_exactly_if_there_is_a_kind_that_it_submits():
    assert {role for role in ROLES if kinds_submitted_by(role)} == rights.SUBMITTERS
    assert kinds_submitted_by("structure") == ("need", "response", "support")
    assert kinds_submitted_by("member") == ("response", "support")


@pytest.mark.parametrize(
    ("code", "reads", "limits"),
    [
        ("AL-WBCTi", {"AL-WBCTi"}, ("AL-WBCTi", None)),
        ("AL-NC", {"AL-WBCTi", "AL-WBBSi"}, (None, "AL")),
        ("UNODC", {"UNODC"}, ("UNODC", None)),
        ("RCC-ANALYST", {"AL-WBCTi", "AL-WBBSi", "RS-WBCTi", "UNODC"}, (None, None)),
        ("SECRETARIAT", {"AL-WBCTi", "AL-WBBSi", "RS-WBCTi", "UNODC"}, (None, None)),
    ],
)
def test_a_caller_reads_its_own_rows_its_partners_or_all(code, reads, limits):
    known = caller(code)
    rows = [("AL-WBCTi", "AL"), ("AL-WBBSi", "AL"), ("RS-WBCTi", "RS"), ("UNODC", None)]
    assert {row for row, partner in rows if known.may_read(reporter=row, partner=partner)} == reads
    assert known.scope_of_lists == limits
    assert (known.visible_to == ALL_ROWS) is (limits == (None, None))


def test_the_structures_of_a_caller():
    assert caller("AL-WBCTi").structures == ("AL-WBCTi",)
    assert set(caller("AL-NC").structures) == {code for code in STRUCTURES if code.startswith("AL-")}
    assert caller("RCC-ANALYST").structures == caller("SECRETARIAT").structures == tuple(STRUCTURES)
    assert structures_of(None, reporter=None, partner=None) == ()


@pytest.mark.parametrize(
    ("role", "partner", "of_partners", "expected"),
    [
        (None, None, {"AL"}, {"TLP:CLEAR"}),
        ("structure", "AL", {"AL"}, set(TLP)),
        ("structure", "AL", {"AL", "RS"}, rights.COMMUNITY_MARKINGS),
        ("structure", "AL", set(), rights.COMMUNITY_MARKINGS),
        ("member", None, {"AL"}, rights.COMMUNITY_MARKINGS),
        ("analyst", None, set(), set(TLP)),
    ],
)
def test_figures_of_ones_own_partner_alone_include_every_marking(role, partner, of_partners, expected):
    assert markings_of(role, partner=partner, of_partners=frozenset(of_partners)) == expected
