"""The sentences about faults for officers, who send a table."""

from collections.abc import Mapping

from services.validation.engine.domain.shapes.sentences import Sentences
from shared.i18n import Text

TABLE_KINDS: Mapping[str, Text] = {
    "ref": Text("a short identifier of at most {longest} characters"),
    "text": Text("a text"),
    "date": Text("a date, such as 31.5.2026"),
    "number": Text("a number, without a currency or a unit"),
    "integer": Text("a whole number, without a unit"),
    "code": Text("an entry of the list: {choices}"),
    "block": Text("a group of columns"),
    "list": Text("one or more entries"),
}

_NUMBER_ONLY = Text("Only a number in this cell: {written}.")
_NO_NUMBER = Text("Only a number in this cell, such as 1250 or 1,25.")
_ONE_NUMBER = Text("One number, such as {written}.")
_WRITE = Text("Write {written}.")
_SAMPLE_DAY = Text("A date, such as 31.5.2026.")

ABSENT = Sentences(
    Text("The sheet has no column {field}, which is required."),
    Text("Add a column with the heading {field}. In each row, fill in {kind}."),
)

TABLE: Mapping[str, Sentences] = {
    "no_record": Sentences(Text("This row is no record."), Text("A row with values below the headings.")),
    "required": Sentences(Text("{field} is required, but the cell is blank."), Text("Fill in {kind}.")),
    "unknown": Sentences(
        Text("The heading {name} names no field, so this value is not used."),
        Text("A heading as in the template; or a blank heading, for a column of notes."),
    ),
    "near_unknown": Sentences(
        Text("The heading {name} names no field, so this value is not used. Did you mean {near}?"),
        Text("A heading as in the template; or a blank heading, for a column of notes."),
    ),
    "mistyped": Sentences(Text("{field} must be {kind}, but the cell has {value}."), Text("Fill in {kind}.")),
    "long_text": Sentences(
        Text("{field} has {length} characters; the maximum is {longest}."),
        Text("A text of at most {longest} characters."),
    ),
    "unprintable": Sentences(
        Text("{field} contains characters that cannot be displayed or stored, such as control characters."),
        Text("The same text, retyped or pasted without formatting."),
    ),
    "long_list": Sentences(
        Text("{field} has {length} entries; the maximum in one row is {longest}."),
        Text("At most {longest} entries."),
    ),
    "out_of_range": Sentences(
        Text("{field}: {value} is out of range."), Text("A number from {lowest} to {highest}.")
    ),
    "number_out_of_range": Sentences(
        Text("{field}: {value} is out of range."), Text("A number from {lowest} to {highest}.")
    ),
    # Codes
    "no_code": Sentences(Text("{field}: {value} is not in the list."), Text("Choose {kind}.")),
    "look_alike_code": Sentences(
        Text("{field}: {value} is not in the list: {characters}."), Text("Choose {near}.")
    ),
    "hidden_ref": Sentences(Text("{field}: {value}, but {characters}."), Text("Write {meant}, typed again.")),
    "no_text_code": Sentences(Text("{field}: {value} is not in the list."), Text("Choose {kind}.")),
    "no_code_required": Sentences(
        Text("{field} is required, but the cell has {value}."), Text("Choose {kind}.")
    ),
    "no_code_blank": Sentences(
        Text("{field}: {value} is not in the list."), Text("Leave the cell blank, or choose {kind}.")
    ),
    "near_code": Sentences(
        Text("{field}: {value} is not in the list. Did you mean {near}?"), Text("Choose {kind}.")
    ),
    "several_codes": Sentences(
        Text("{field} takes one entry of the list, but the cell has several: {value}."),
        Text("Choose {kind}."),
    ),
    # Numbers
    "number_as_text": Sentences(Text("{field}: {value} is a text, not a number."), _NUMBER_ONLY),
    "two_numbers": Sentences(Text("{field}: {value} could be {first} or {second}: write {written}."), _WRITE),
    "fraction": Sentences(
        Text("{field} must be a whole number, but the cell has {value}."),
        Text("A whole number, such as {written}."),
    ),
    "quoted": Sentences(Text("{field}: {value} is in quotation marks."), _NUMBER_ONLY),
    "in_brackets": Sentences(
        Text("{field}: {value} is in brackets."), Text("For an amount below zero, write {written}.")
    ),
    "scientific": Sentences(
        Text("{field}: {value} is a rounded number in scientific notation."), _NUMBER_ONLY
    ),
    "scientific_unread": Sentences(Text("{field}: {value} is in scientific notation."), _NO_NUMBER),
    "date": Sentences(
        Text("{field} must be a number, but the cell has the date {value}."),
        Text("Format the cell as a number, and type the number again. Spreadsheets turn 1.5 into a date."),
    ),
    "truth": Sentences(
        Text("{field} must be {kind}, but the cell has a logical value, {value}."), Text("Fill in {kind}.")
    ),
    "error": Sentences(
        Text("{field}: the formula in this cell has the error {found}."),
        Text("Correct the formula, or fill in {kind}."),
    ),
    "formula": Sentences(
        Text("{field}: the cell has the text of a formula, {value}, not its result."), Text("Fill in {kind}.")
    ),
    "percent": Sentences(
        Text("{field}: {value} is a percentage; this column has no percentages."), _NUMBER_ONLY
    ),
    "percent_unread": Sentences(
        Text("{field}: {value} is a percentage; this column has no percentages."), _NO_NUMBER
    ),
    "range": Sentences(Text("{field}: {value} is a range."), _ONE_NUMBER),
    "range_unread": Sentences(Text("{field}: {value} is a range."), _NO_NUMBER),
    "several_numbers": Sentences(Text("{field}: {value} has several numbers."), _ONE_NUMBER),
    "several_numbers_unread": Sentences(Text("{field}: {value} has several numbers."), _NO_NUMBER),
    "calculation": Sentences(
        Text("{field}: {value} is a calculation."), Text("Its result; or a formula, which begins with =.")
    ),
    "multiplied": Sentences(
        Text("{field}: {value} is written in words."), Text("The full number: {written}.")
    ),
    "multiplied_unread": Sentences(Text("{field}: {value} is written in words."), _NO_NUMBER),
    "currency": Sentences(
        Text(
            "{field}: {value} has a currency beside the number. Put the currency, {found}, in its own column; enter only a number here."
        ),
        _NUMBER_ONLY,
    ),
    "currency_unread": Sentences(
        Text(
            "{field}: {value} has a currency beside the number. Put the currency, {found}, in its own column; enter only a number here."
        ),
        _NO_NUMBER,
    ),
    "words": Sentences(
        Text("{field}: {value} has words beside the number: enter only a number here."), _NUMBER_ONLY
    ),
    "words_unread": Sentences(
        Text("{field}: {value} has words beside the number: enter only a number here."), _NO_NUMBER
    ),
    "letter_for_digit": Sentences(
        Text("{field}: {value} has the letter {found} in place of a digit."), _NUMBER_ONLY
    ),
    "separators": Sentences(
        Text("{field}: the separators in {value} are not those of one number."), _NO_NUMBER
    ),
    "placeholder": Sentences(
        Text("{field}: {value} is no value."), Text("Leave the cell blank, or fill in {kind}.")
    ),
    "placeholder_required": Sentences(
        Text("{field} is required, but the cell has {value}."), Text("Fill in {kind}.")
    ),
    # Dates
    "two_days": Sentences(Text("{field}: {value} could be {first} or {second}: write {written}."), _WRITE),
    "no_such_day": Sentences(
        Text("{field}: {value} does not exist: there is no such day. The month has {number} days."),
        _SAMPLE_DAY,
    ),
    "no_such_month": Sentences(
        Text("{field}: {value} does not exist: there is no month {number}."), _SAMPLE_DAY
    ),
    "no_day": Sentences(Text("{field}: {value} does not exist: there is no such day."), _SAMPLE_DAY),
    "year_out_of_range": Sentences(
        Text("{field}: the year of {value} is out of range."),
        Text("A date in the years {earliest} to {latest}."),
    ),
    "far_day": Sentences(
        Text("{field}: the year of {value} is out of range."),
        Text("A date in the years {earliest} to {latest}."),
    ),
    "day": Sentences(Text("{field}: {value} is not written as a date."), _WRITE),
    "short_year": Sentences(Text("{field}: the year of {value} is not complete."), _WRITE),
    "with_time": Sentences(Text("{field}: {value} has a time beside the date."), _WRITE),
    "day_with_words": Sentences(
        Text("{field}: {value} has words beside the date: enter only a date here."), _WRITE
    ),
    "several_days": Sentences(
        Text("{field}: {value} has several dates."), Text("One date, such as {written}.")
    ),
    "serial": Sentences(
        Text("{field}: {value} is the number by which spreadsheets store {first}."),
        Text("Format the cell as a date, or write {written}."),
    ),
    "no_year": Sentences(
        Text("{field}: {value} has no year."), Text("A date with its year, such as 31.5.2026.")
    ),
    "quarter": Sentences(
        Text("{field}: {value} is a quarter, not a day."), Text("A day, such as {written}.")
    ),
    "month": Sentences(Text("{field}: {value} is a month, not a day."), Text("A day, such as {written}.")),
    "year": Sentences(Text("{field}: {value} is a year, not a day."), Text("A day, such as {written}.")),
}
"""The sentences for officers, by problem or cause. A cause without sentences has those of its problem."""
