import pytest

from services.reporting.figures.domain.visibility import (
    KindIsRestricted,
    kinds_for,
    markings_for,
    structures_for,
)


def test_the_public_sees_support_and_is_asked_to_sign_in_for_needs():
    assert kinds_for(None, ()) == {"support"}
    assert markings_for(None, None, ()) == {"TLP:CLEAR"}
    with pytest.raises(KindIsRestricted, match="kind need are for members"):
        kinds_for(None, ["need", "support"])


def test_a_structure_sees_everything_of_its_own_partner_alone():
    assert "TLP:RED" in markings_for("structure", "AL", ["AL"])
    assert "TLP:RED" not in markings_for("structure", "AL", ["AL", "BA"])
    assert "TLP:RED" not in markings_for("structure", "AL", [])
    assert "TLP:RED" not in markings_for("member", None, [])
    assert "TLP:RED" in markings_for("analyst", None, [])


def test_completeness_is_seen_of_the_own_partner_or_by_rcc_of_all():
    assert structures_for("coordinator", "XK") == {"XK-WBCTi", "XK-WBCSCi", "XK-WBBSi"}
    assert len(structures_for("secretariat", None)) == 18
