"""Texts of many places share their templates and values."""

from shared.i18n import Entries, RuleText, Text, translate
from shared.i18n.packing import pack_texts, unpack_texts
from shared.i18n.texts import text_of

CHOICES = Entries("list disposition", {"open": "Open", "covered": "Covered"})
PLACES = [
    {
        "ref": str(number),
        "texts": {
            "message": Text(
                "{field}: {value} is not in the list.", field="Stanje", value=str(number)
            ).written,
            "expected": Text(
                "Choose {kind}.", kind=Text("an entry of the list: {choices}", choices=CHOICES)
            ).written,
        },
    }
    for number in range(3)
]


def test_packed_texts_are_unpacked_unchanged_and_share_what_is_equal() -> None:
    packed, shared = pack_texts(PLACES)
    assert [place["texts"] for place in packed] == [
        {"expected": [0, 0], "message": [1, number + 1]} for number in range(3)
    ]
    assert [each["template"] for each in shared["templates"]] == [
        "Choose {kind}.",
        "{field}: {value} is not in the list.",
    ]
    assert unpack_texts(packed, shared) == PLACES


def test_a_place_without_texts_stays_as_it_is() -> None:
    assert pack_texts([{"ref": "A"}]) == ([{"ref": "A"}], {"templates": [], "values": []})


def test_entries_of_a_list_are_restored_and_translated() -> None:
    restored = text_of(PLACES[0]["texts"]["expected"])
    assert restored == "Choose an entry of the list: Open (open), Covered (covered)."
    translated = translate(restored.values["kind"].values["choices"], "cnr")
    assert "(open)" in translated
    assert "Open" not in translated


def test_a_text_of_a_rule_is_filled_by_its_expressions() -> None:
    text = RuleText("{item.ref} of {count(needs)} is {unknown}.", {"item.ref": "A", "count(needs)": "3"})
    assert text == "A of 3 is {unknown}."
    assert text.written == {
        "template": "{item.ref} of {count(needs)} is {unknown}.",
        "values": {"item.ref": "A", "count(needs)": "3"},
    }
