"""Stored findings and accounts in the language of their reader."""

# ruff: noqa: RUF001 - Cyrillic, whose letters look like Latin ones

import json

import pytest

from shared.i18n import Entries, RuleText, Text
from shared.i18n.packing import pack_texts
from shared.reference.findings import finding_in, marked_in, reading_in
from shared.reference.unread import expected_of, message_of

SQ = {
    "title": "Data e fundit",
    "message": "Fundi është {end}, fillimi {start}.",
    "expected": "Më {start} ose pas.",
}
CYRILLIC = {
    "title": "Љубав",
    "message": "Крај је {end}, почетак {start}.",
    "expected": "Дан {start} или касније.",
}


def stored(message: str, expected: str, **more):
    """A finding as a report has it, after it was written to JSON and read."""
    texts = {name: text.written for name, text in (("message", message), ("expected", expected))}
    place = {
        "ref": "A",
        "pointer": "/records/0/end",
        "message": str(message),
        "expected": str(expected),
        "texts": texts,
    }
    places, shared = pack_texts([place])
    facts = {"rule": "GEN-04", "title": "The end", "why": "It counts.", "outcome": "failed", "places": places}
    return json.loads(json.dumps({**facts, "texts": shared, **more}))


RULE = (
    RuleText("The end is {end}, the start {start}.", {"end": "2026-01-01", "start": "2026-02-01"}),
    RuleText("On {start} or later.", {"start": "2026-02-01"}),
)


def test_a_rule_speaks_in_its_translation_with_the_values_of_the_place():
    found = finding_in(stored(*RULE, translations={"sq": SQ | {"why": "Numërohet."}}), "sq")
    assert (found["title"], found["why"]) == ("Data e fundit", "Numërohet.")
    [place] = found["places"]
    assert place["message"] == "Fundi është 2026-01-01, fillimi 2026-02-01."
    assert place["expected"] == "Më 2026-02-01 ose pas."
    assert not {"language", "texts", "translations"} & {*found, *place}


def test_serbian_in_latin_letters_is_made_from_the_cyrillic_translation():
    found = finding_in(stored(*RULE, translations={"sr-Cyrl": CYRILLIC}), "sr-Latn")
    assert found["title"] == "Ljubav"
    assert found["places"][0]["message"] == "Kraj je 2026-01-01, početak 2026-02-01."


@pytest.mark.parametrize("translations", [{}, {"mk": {"title": "Крај"}}])
def test_what_has_no_translation_is_english_and_marked(translations):
    found = finding_in(stored(*RULE, translations=translations), "mk")
    assert found["places"][0]["message"] == "The end is 2026-01-01, the start 2026-02-01."
    assert found["places"][0]["language"] == found["language"] == "en"
    [shown] = marked_in([stored(*RULE, translations=translations)], "mk")
    assert shown["title"] == translations.get("mk", {}).get("title", "The end (English)")
    assert shown["places"][0]["expected"] == "On 2026-02-01 or later. (English)"


def test_in_english_a_finding_is_as_it_is_stored_without_its_templates():
    found = finding_in(stored(*RULE, translations={"sq": SQ}), "en")
    assert found["title"] == marked_in([stored(*RULE)], "en")[0]["title"] == "The end"
    assert set(found["places"][0]) == {"ref", "pointer", "message", "expected"}


def test_texts_of_the_structural_check_are_in_the_catalogues_with_their_list_entries():
    entries = Entries("list response_status", {"planned": "Planned"})
    message = Text(
        "{field}: {value} is not in the list. Did you mean {near}?",
        field="Statusi",
        value='"x"',
        near=entries,
    )
    found = finding_in(
        stored(message, Text("Choose {near}.", near=entries), title="Codes are in their list"), "sq"
    )
    assert found["title"] == "Kodet janë në listën e tyre"
    assert (
        found["places"][0]["message"]
        == 'Statusi: "x" nuk është në listë. Keni menduar Planifikuar (planned)?'
    )
    assert found["places"][0]["expected"] == "Zgjidhni Planifikuar (planned)."


def test_a_faulty_rule_does_not_say_what_it_would_say():
    faulty = Text("Submit the same data again when the rule is corrected.")
    found = finding_in(stored(faulty, faulty, outcome="errored", translations={"sq": SQ}), "sq")
    assert found["title"] == "Data e fundit"
    assert found["places"][0]["message"].startswith("Dorëzojini të njëjtat të dhëna")


def test_a_rule_that_quotes_the_message_about_an_unread_part_needs_no_translation():
    values = {"read": "Needs"}
    quoted = RuleText("{item.message}", {"item.message": message_of("sheet", values)})
    found = finding_in(
        stored(quoted, RuleText("{item.expected}", {"item.expected": expected_of("sheet", values)})), "bs"
    )
    assert found["places"][0]["message"] == "List nije pročitan; zapisi su pročitani s lista Needs."
    assert "language" not in found["places"][0]


def test_findings_of_early_reports_stay_readable():
    early = {"title": "The end", "why": "", "places": [{"message": "M.", "expected": "E."}]}
    assert finding_in(early, "sq")["places"] == [{"message": "M.", "expected": "E.", "language": "en"}]


def test_an_account_says_what_was_not_read_in_the_language():
    part = {
        "reason": "sheet",
        "values": {"read": "Needs"},
        "message": str(message_of("sheet", {"read": "Needs"})),
    }
    part |= {"expected": str(expected_of("sheet", {"read": "Needs"}))}
    read = reading_in({"read": {}, "unread": [part, {**part, "message": "As it was once worded."}]}, "mk")
    assert read["unread"][0]["message"] == "Листот не е прочитан; записите се прочитани од Needs."
    assert read["unread"][1]["message"] == "As it was once worded."
    assert (read["unread"][0].get("language"), read["unread"][1]["language"]) == (None, "en")
    assert reading_in(None, "mk") is None
