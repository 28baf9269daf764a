"""Records of a base that a correction names are left out, however the accents of their refs are encoded."""

from itertools import compress

import pytest

from services.entry.carry_over.domain import DispositionRequest, in_stored_spelling, previous_needs
from services.entry.submissions.domain.diff import compare
from services.entry.submissions.operations.merging import keep_unnamed
from shared.reference.look_alikes import by_ref

COMPOSED, DECOMPOSED = {"ref": "\u0160-1"}, {"ref": "S\u030c-1"}
KELVIN = {"ref": "\u212a-1"}


@pytest.mark.parametrize(
    ("base", "named", "left"),
    [
        ([COMPOSED, {"ref": "B"}], DECOMPOSED, [{"ref": "B"}]),
        ([DECOMPOSED, {"ref": "B"}], COMPOSED, [{"ref": "B"}]),
        ([{"ref": "K-1"}], KELVIN, []),
        ([KELVIN], {"ref": "K-1"}, []),
        # Both were stored when they were two refs: nothing is merged unseen.
        ([COMPOSED, DECOMPOSED], COMPOSED, [DECOMPOSED]),
        ([COMPOSED, DECOMPOSED], DECOMPOSED, [COMPOSED]),
        ([{"title": "no ref"}, COMPOSED], COMPOSED, [{"title": "no ref"}]),
    ],
)
def test_a_named_record_is_left_out_in_any_encoding(base, named, left):
    is_kept = keep_unnamed([record.get("ref") for record in base], {named["ref"]})
    assert list(compress(base, is_kept)) == left


def test_versions_are_compared_in_any_encoding_and_shown_as_sent():
    was, now = (
        by_ref([COMPOSED | {"title": "a"}, {"ref": "B"}]),
        by_ref([DECOMPOSED | {"title": "b"}, {"ref": "C"}]),
    )
    diff = compare(was, now)
    assert (diff.added, diff.withdrawn, list(diff.changed)) == (("C",), ("B",), [DECOMPOSED["ref"]])
    assert [each.pointer for each in diff.changed[DECOMPOSED["ref"]]] == ["/title"]
    assert compare(by_ref([COMPOSED]), by_ref([DECOMPOSED])).changed == {}


def test_a_need_is_carried_over_in_any_encoding():
    stored, sent = COMPOSED["ref"], DECOMPOSED["ref"]
    (request,) = in_stored_spelling([DispositionRequest(sent, "merged", into=sent)], [stored])
    assert (request.ref, request.into) == (stored, stored)
    (need,) = previous_needs({stored: COMPOSED}, decided={}, later=[{"ref": "B", "carried_over_from": sent}])
    assert need.carried is not None
    assert need.carried.disposition == "kept"
