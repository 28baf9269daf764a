import pytest

from services.reporting.figures.domain.visibility import (
    KindIsRestricted,
    ObligationsAreRestricted,
    Reader,
)


def test_the_public_sees_support_and_is_asked_to_sign_in_for_needs():
    assert Reader().kinds(()) == {"support"}
    assert Reader().markings(()) == {"TLP:CLEAR"}
    with pytest.raises(KindIsRestricted, match="kind need are for members"):
        Reader().kinds(["need", "support"])


def test_a_structure_sees_everything_of_its_own_partner_alone():
    assert "TLP:RED" in Reader("structure", "AL").markings(["AL"])
    assert "TLP:RED" not in Reader("structure", "AL").markings(["AL", "BA"])
    assert "TLP:RED" not in Reader("structure", "AL").markings([])
    assert "TLP:RED" not in Reader("member").markings([])
    assert "TLP:RED" in Reader("analyst").markings([])


def test_completeness_is_seen_of_the_own_partner_or_by_rcc_of_all():
    assert Reader("coordinator", "XK").structures() == {"XK-WBCTi", "XK-WBCSCi", "XK-WBBSi"}
    assert len(Reader("secretariat").structures()) == 18


@pytest.mark.parametrize("role", [None, "member"])
def test_completeness_is_refused_to_members_and_the_public(role):
    with pytest.raises(ObligationsAreRestricted):
        Reader(role).structures()
