"""Refs and codes in several spellings: equal in NFC, or look-alikes."""

# ruff: noqa: RUF001, RUF003 - look-alike letters are what is tested

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.reference.look_alikes import (
    are_look_alikes,
    by_ref,
    group_look_alikes,
    list_differences,
    list_strangers,
    skeleton_of,
    spelling_keys,
    without_strangers,
)
from shared.reference.refs import ref_key

ALIKE = [
    ("АL-1", "AL-1"),  # Cyrillic А
    ("ΑL-1", "AL-1"),  # Greek Α
    ("РС-ВВ-1", "PC-BB-1"),
    ("ＡＬ-1", "AL-1"),
    ("к-1", "k-1"),
    ("ПΓ-1", "ΠГ-1"),  # no Latin letter in either
    ("AL-O1", "AL-01"),
    ("AL-I1", "AL-l1"),
    ("AL|1", "ALl1"),
    ("AL–1", "AL-1"),
    ("AL\u20111", "AL-1"),
    ("AL’1", "AL'1"),
    ("AL 1", "AL1"),
    ("AL  1", "AL 1"),
    ("AL\u00a01", "AL 1"),
    ("AL\u200b1", "AL1"),
    ("AL\u34fe\ufe0f", "AL\u34fe"),
    ("7", "007"),
    ("AL-7", "AL-007"),
    ("AL-07-1", "AL-7-01"),
    ("АL-07", "AL-7"),  # Cyrillic А, and a leading zero
    ("Š-1", "S\u030c-01"),
]
DIFFERENT = [
    *(("Š-1", "S-1"), ("Č-1", "Ć-1"), ("AL-1", "AL-2"), ("AL.1", "AL-1"), ("al-1", "AL-1"), ("PO1", "P1")),
    *(("10", "1"), ("AL-10", "AL-1"), ("100", "10"), ("0", "00-1"), ("Ж-1", "З-1"), ("1.10", "1.1")),
]


@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_refs_that_differ_only_by_look_alikes_blanks_or_zeros_are_found(one, other):
    assert ref_key(one) != ref_key(other)
    assert are_look_alikes(one, other)
    assert skeleton_of(one) == skeleton_of(other)
    assert group_look_alikes([one, "X-9", other], limit=5) == {one: [other], other: [one]}
    assert list_differences(one, other)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_refs_that_a_reader_tells_apart_are_not_look_alikes(one, other):
    assert not are_look_alikes(one, other)
    assert group_look_alikes([one, other], limit=5) == {}


@given(st.text(max_size=20))
def test_a_text_has_one_key_however_its_accents_are_encoded(text):
    decomposed, composed = (unicodedata.normalize(form, text) for form in ("NFD", "NFC"))
    assert ref_key(decomposed) == ref_key(composed) == composed
    assert spelling_keys(decomposed) == spelling_keys(composed)
    assert len(skeleton_of(text)) <= 120


def test_the_differences_name_the_letters():
    assert list_differences("АL-1", "AL-1") == ["character 1 of 'АL-1' is Cyrillic"]
    assert list_differences("AL-1", "AL-I") == ["they differ in characters such as O and 0, or I, l and 1"]
    assert list_differences("7", "007") == ["they differ in leading zeros"]
    assert list_differences("A 1", "A1") == ["they differ in blanks"]
    assert list_differences("A\u200b1", "A1") == ["character 2 of 'A\u200b1' is U+200B ZERO WIDTH SPACE"]


def test_the_strangers_of_a_code_are_named_with_their_place():
    found = [(each.position, each.meant, str(each.script)) for each in list_strangers("АL")]
    assert found == [(1, "A", "Cyrillic")]
    assert [each.sort for each in list_strangers("А\u200b\u00a0Š")] == ["look-alike", "invisible", "blank"]
    assert without_strangers("\u00a0АL\u200b") == "AL"


def test_many_refs_of_one_look_take_linear_time_and_name_a_few():
    refs = ["A" + "".join("Il1|"[at >> 2 * bit & 3] for bit in range(7)) for at in range(16_000)]
    found = group_look_alikes(refs, limit=5)
    assert len(found) == len(refs)
    assert {len(others) for others in found.values()} == {5}


def test_records_are_found_by_key_and_old_ones_that_fall_together_stay_apart():
    composed, decomposed = {"ref": "Š-1", "title": "a"}, {"ref": "S\u030c-1", "title": "b"}
    assert by_ref([decomposed]) == {"Š-1": decomposed}
    assert by_ref([composed, decomposed]) == {"Š-1": composed, "S\u030c-1": decomposed}
    assert by_ref([composed, composed | {"title": "c"}]) == {"Š-1": composed | {"title": "c"}}
