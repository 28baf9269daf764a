"""The sentences about faults for developers, who send JSON."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from string import Formatter
from typing import Any

from shared.i18n import Text


@dataclass(frozen=True)
class Sentences:
    """The templates of a message and of the value that would pass."""

    message: Text
    expected: Text

    def filled(self, values: Mapping[str, Any]) -> tuple[Text, Text]:
        """Fill both templates with those of the values that they name."""
        return _filled(self.message, values), _filled(self.expected, values)


def _filled(template: Text, values: Mapping[str, Any]) -> Text:
    return Text(template, **{name: values[name] for name in _names_in(template)})


@cache
def _names_in(template: Text) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for _, name, _, _ in Formatter().parse(template) if name))


JSON_KINDS: Mapping[str, Text] = {
    "ref": Text("a short identifier of at most {longest} characters, without blanks at its ends"),
    "text": Text("a text"),
    "date": Text("a date written as year-month-day, such as 2026-05-31"),
    "number": Text("a number, written without quotation marks or thousands separators"),
    "integer": Text("a whole number, written without quotation marks"),
    "code": Text("one of: {choices}"),
    "block": Text("a group of fields in braces"),
    "list": Text("a list in square brackets"),
}

_JSON_DIFFERS = Text("The field '{field}' must be {kind}, but it is {value}.")
_JSON_TWO = Text("The field '{field}' must be {kind}, but it is {value}, which could mean {written}.")
_ONE_OF = Text("One of: {choices}.")

JSON: Mapping[str, Sentences] = {
    "no_record": Sentences(
        Text("A record is expected here, but the value is {value}."),
        Text("A record: its fields and values in braces."),
    ),
    "required": Sentences(Text("The field '{field}' is required, but missing."), Text("Give {kind}.")),
    "unknown": Sentences(
        Text("The field {name} is unknown here, so its value is not used."), Text("One of: {names}.")
    ),
    "near_unknown": Sentences(
        Text("The field {name} is unknown here, so its value is not used. Did you mean '{near}'?"),
        Text("One of: {names}."),
    ),
    "mistyped": Sentences(_JSON_DIFFERS, Text("Give {kind}.")),
    "number_as_text": Sentences(_JSON_DIFFERS, Text("The number {written}, without quotation marks.")),
    "quoted": Sentences(_JSON_DIFFERS, Text("The number {written}, without quotation marks.")),
    "two_numbers": Sentences(
        _JSON_TWO, Text("The number that is meant, without quotation marks: {written}.")
    ),
    "fraction": Sentences(_JSON_DIFFERS, Text("A whole number, such as {written}.")),
    "day": Sentences(_JSON_DIFFERS, Text("{written}, if this day is meant.")),
    "short_year": Sentences(_JSON_DIFFERS, Text("{written}, if this day is meant.")),
    "serial": Sentences(
        _JSON_DIFFERS, Text("{written}, if the number of this day in a spreadsheet is meant.")
    ),
    "with_time": Sentences(_JSON_DIFFERS, Text("{written}, without the time.")),
    "two_days": Sentences(_JSON_TWO, Text("The day that is meant: {written}.")),
    "no_such_day": Sentences(
        Text("The field '{field}' is {value}, a date that does not exist: the month has {number} days."),
        Text("An existing date, such as 2026-05-31."),
    ),
    "no_day": Sentences(
        Text("The field '{field}' is {value}, a date that does not exist."),
        Text("An existing date, such as 2026-05-31."),
    ),
    "far_day": Sentences(
        Text("The field '{field}' is {value}, which is out of range."),
        Text("A date in the years {earliest} to {latest}."),
    ),
    "long_text": Sentences(
        Text("The field '{field}' has {length} characters; the maximum is {longest}."),
        Text("A text of at most {longest} characters."),
    ),
    "unprintable": Sentences(
        Text(
            "The field '{field}' contains characters that cannot be displayed or stored, such as control characters."
        ),
        Text("The same text, retyped or pasted without formatting."),
    ),
    "no_code": Sentences(Text("{value} is not a code for '{field}'."), Text("Give {kind}.")),
    "near_code": Sentences(
        Text("{value} is not a code for '{field}'. Did you mean '{near}'?"), Text("Give {kind}.")
    ),
    "look_alike_code": Sentences(
        Text("{value} is not a code for '{field}': {characters}."), Text("Give '{near}', typed again.")
    ),
    "hidden_ref": Sentences(
        Text("The field '{field}' is {value}, but {characters}."), Text("Give {meant}, as {kind}.")
    ),
    "no_text_code": Sentences(
        Text("The field '{field}' must be a code, which is a text, but it is {value}."),
        Text("Give, in quotation marks, {kind}."),
    ),
    "out_of_range": Sentences(
        Text("The field '{field}' is {value}, which is out of range."),
        Text("A number from {lowest} to {highest}."),
    ),
    "long_list": Sentences(
        Text("The list '{field}' has {length} entries; the maximum in one record is {longest}."),
        Text("At most {longest} entries."),
    ),
}
"""The sentences for developers, by problem or cause. A cause without sentences has those of its problem."""
