"""Texts that remember their template."""

import orjson

from shared.i18n import Text


def test_a_text_is_the_english_sentence_and_remembers_its_template_and_values():
    text = Text("The sheet {sheet} was not read.", sheet="old")
    assert text == "The sheet old was not read."
    assert text.written == {"template": "The sheet {sheet} was not read.", "values": {"sheet": "old"}}


def test_a_text_without_values_keeps_its_braces():
    assert Text("An object in braces: {}.") == "An object in braces: {}."


def test_a_text_is_written_to_json_as_its_english_sentence():
    assert orjson.dumps({"message": Text("Row {row}.", row=3)}) == b'{"message":"Row 3."}'
