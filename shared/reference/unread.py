"""The reasons for which a part of a submitted file is not read, or is not read as it was written.

The readers of files find such parts and name the reason. The rules of level `file` decide which of them return a
submission, by what they bear or by their reason, so the Secretariat can change their severity.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from shared.i18n import Text
from shared.reference.wording import kind_name

BEARS = ("record", "money", "date", "share", "text", "doubt", "nothing", "repetition", "value")
"""The kinds of content that a part bears and the records do not. The bundled rules GEN-201 to GEN-209 judge each in this order.

`text` is other content, such as a note or a column without a heading; a part of `doubt` is in the records, but perhaps not
as its sender means it, such as a hidden row; with `nothing`, all that matters is in the records; a
`repetition` is a record that was corrected or withdrawn since, and does not count; a part that bears a `value` is a cell of
a record whose value is not what was meant.
"""


@dataclass(frozen=True)
class UnreadReason:
    """The message about an unread part and the remedy, as templates of a `Text`, and what the part `bears`."""

    message: str
    expected: str
    bears: str


_CONTENTS = (("-amounts", "money"), ("-dates", "date"), ("-shares", "share"))
"""The ends of the reasons of columns that bear more than a text, and what they bear."""

_IN_A_FIELD = "A heading of the template above the column, if the values belong to the records. Otherwise, delete the column."


def _by_content(reason: str, bears: str, message: str, expected: str) -> dict[str, UnreadReason]:
    """Return a reason of columns, and its variants for those that bear more than a text."""
    variants = {
        f"{reason}{end}": UnreadReason(message, _IN_A_FIELD, bears=content) for end, content in _CONTENTS
    }
    return {reason: UnreadReason(message, expected, bears=bears), **variants}


UNREAD: Mapping[str, UnreadReason] = {
    "superseded": UnreadReason(
        "The record is equal to version {repeats_version} of submission {repeats}, which you have corrected since. "
        "The current value, of version {current_version} of submission {current}, stays.",
        "The current value of the record. To go back to the earlier one, correct submission {current}: name it in "
        "'supersedes'.",
        bears="repetition",
    ),
    "withdrawn": UnreadReason(
        "The record is equal to one that you withdrew in version {current_version} of submission {current}. It does not "
        "count.",
        "The file or body without the record. To bring the record back, send it again as a correction of this submission: "
        "name the submission in 'supersedes'.",
        bears="repetition",
    ),
    "more-superseded": UnreadReason(
        "Number of further records that are equal to values which you have corrected or withdrawn since: {count}. They "
        "change nothing.",
        "The current value of each record.",
        bears="repetition",
    ),
    "sheet": UnreadReason(
        "The sheet was not read; the records were read from {read}.",
        "Put all records on one sheet, or submit each sheet as a workbook of its own.",
        bears="record",
    ),
    "json-list": UnreadReason(
        'The list "{name}" was not read; records are read from the list "records". Number of its entries: {count}.',
        'All records in the list "records".',
        bears="record",
    ),
    "json-option": UnreadReason(
        'The option "{name}" was not followed: the options of a file are parameters of the request.',
        "The parameter {name} in the request, and not in the file.",
        bears="doubt",
    ),
    "json-other-sender": UnreadReason(
        "The file names {written}. Its records were read as those of {own}, who submitted it.",
        "A file of your own. Nothing, if the records are yours.",
        bears="doubt",
    ),
    "json-member": UnreadReason(
        'The member "{name}" was not read: beside its records, a file states its pillar, kind, period and TLP marking only.',
        "The content as a field of a record; or a file without it.",
        bears="text",
    ),
    "iati-version": UnreadReason(
        "The file does not state its IATI version; it was read as version 2.03.",
        'The version on the root element, such as <iati-activities version="2.03">.',
        bears="doubt",
    ),
    "iati-amount": UnreadReason(
        'The element {part} was not read: its value, "{written}", is not a number.',
        "A number without a currency or thousands separators, such as 1234567.00.",
        bears="money",
    ),
    "iati-no-amount": UnreadReason(
        "The element {part} was not read: it has no value.",
        "A value, such as <value>1234567.00</value>.",
        bears="money",
    ),
    "iati-transaction-type": UnreadReason(
        'The transaction was not read: "{written}" is not a transaction type of IATI 2.',
        "A code from 1 to 13, such as 2 (outgoing commitment), 3 (disbursement) or 4 (expenditure).",
        bears="money",
    ),
    "iati-old-transaction-type": UnreadReason(
        'The transaction was not read: its type, "{written}", is one of IATI 1.',
        "The code {code}, which replaces it in IATI 2.",
        bears="money",
    ),
    "iati-no-transaction-type": UnreadReason(
        "The transaction was not read: it has no type.",
        "A transaction-type with a code from 1 to 13, such as 2 (outgoing commitment) or 3 (disbursement).",
        bears="money",
    ),
    "iati-transaction-date": UnreadReason(
        'The transaction was not read: its date, "{written}", is not a date written as year-month-day.',
        "A date such as 2026-02-01.",
        bears="money",
    ),
    "iati-transaction-no-day": UnreadReason(
        "The transaction was not read: its date, {written}, does not exist. There is no such day.",
        "A date such as 2026-02-01.",
        bears="money",
    ),
    "iati-no-transaction-date": UnreadReason(
        "The transaction was not read: it has no date.",
        "A transaction-date with an iso-date, such as 2026-02-01.",
        bears="money",
    ),
    "iati-value-date": UnreadReason(
        'The transaction date, "{written}", is not a date written as year-month-day; the value date, {day}, was read instead.',
        "A date such as 2026-02-01.",
        bears="doubt",
    ),
    "iati-value-no-day": UnreadReason(
        "The transaction date, {written}, does not exist: there is no such day. The value date, {day}, was read instead.",
        "A date such as 2026-02-01.",
        bears="doubt",
    ),
    "iati-only-value-date": UnreadReason(
        "The transaction has no date; the value date, {day}, was read instead.",
        "A transaction-date with an iso-date, such as 2026-02-01.",
        bears="doubt",
    ),
    "iati-date": UnreadReason(
        'The {part} "{written}" was not read: it is not a date written as year-month-day.',
        "A date such as 2026-02-01.",
        bears="date",
    ),
    "iati-no-day": UnreadReason(
        "The {part} {written} was not read: it does not exist. There is no such day.",
        "A date such as 2026-02-01.",
        bears="date",
    ),
    "iati-empty-date": UnreadReason(
        "The {part} was not read: it has no date.",
        "A date such as 2026-02-01.",
        bears="date",
    ),
    "iati-date-type": UnreadReason(
        'The date {day} was not read: its type, "{written}", is not a type of IATI 2.',
        "A type from 1 to 4: planned start, actual start, planned end, actual end.",
        bears="date",
    ),
    "iati-repeated-date": UnreadReason(
        "The date {day} was not read: the activity has an earlier date of its type.",
        "One date of each type.",
        bears="doubt",
    ),
    "iati-organisation": UnreadReason(
        "The organisation was not read: it has neither a name nor a ref.",
        "The name of the organisation, or its identifier as ref.",
        bears="text",
    ),
    "iati-organisation-role": UnreadReason(
        'The organisation {name} was not read: "{written}" is not a role of IATI 2.',
        "A role from 1 to 4: funding, accountable, extending, implementing.",
        bears="text",
    ),
    "iati-code": UnreadReason(
        'The {part} "{written}" was not read: it is not a code of IATI 2.',
        "One of: {codes}.",
        bears="text",
    ),
    "iati-share": UnreadReason(
        'The percentage "{written}" of {code} was not read: it is not a number from 0 to 100.',
        "A number from 0 to 100, such as 33.3; or no percentage at all, if the shares are equal.",
        bears="share",
    ),
    "iati-equal-shares": UnreadReason(
        "No percentage is stated for {codes}; the remaining {rest} % were divided equally.",
        "A percentage for each, 100 in all; or none at all, if the shares are equal.",
        bears="doubt",
    ),
    "iati-recipient": UnreadReason(
        "The recipient was not read: it has no code.",
        "A country as its ISO code, such as AL, or a region as its OECD DAC code.",
        bears="share",
    ),
    "iati-region-vocabulary": UnreadReason(
        "Regions of the vocabulary {vocabulary} were not read: {codes}.",
        "Countries as ISO codes, and regions of the vocabulary 1 (OECD DAC).",
        bears="share",
    ),
    "iati-sector-vocabulary": UnreadReason(
        "Sectors of the vocabulary {vocabulary} were not read: {codes}.",
        "Purpose codes of five digits, of the vocabulary 1 (OECD DAC CRS).",
        bears="text",
    ),
    "iati-other-regions": UnreadReason(
        "Regions of the vocabulary {vocabulary} were not read, besides the recipients that were: {codes}.",
        "Nothing; this is only for your information.",
        bears="nothing",
    ),
    "iati-other-sectors": UnreadReason(
        "Sectors of the vocabulary {vocabulary} were not read, besides those of the vocabulary 1: {codes}.",
        "Nothing; this is only for your information.",
        bears="nothing",
    ),
    "iati-sector": UnreadReason(
        "The sector was not read: it has no code.",
        "A purpose code of five digits, of the vocabulary 1 (OECD DAC CRS).",
        bears="text",
    ),
    "iati-several-recipients": UnreadReason(
        "The transaction has several recipients, {codes}, so the shares of the activity divide it.",
        "One recipient for each transaction; divide the transaction if it has several.",
        bears="share",
    ),
    "iati-no-recipient": UnreadReason(
        "The transaction has no recipient, unlike others of the activity, so the others' shares divide it.",
        "A recipient for each transaction, or percentages for the whole activity.",
        bears="doubt",
    ),
    "iati-several-sectors": UnreadReason(
        "The transaction has several sectors, {codes}; they were read as sectors of the activity.",
        "One sector of the vocabulary 1 for each transaction.",
        bears="doubt",
    ),
    "iati-text": UnreadReason(
        "The text of {part} has {length} characters; the first {most} were read.",
        "A text of at most {most} characters.",
        bears="text",
    ),
    "iati-identifier": UnreadReason(
        "The identifier has {length} characters; its last {most} were read as the reference.",
        "An identifier of at most {most} characters.",
        bears="doubt",
    ),
    "iati-hidden-identifier": UnreadReason(
        "The identifier contains tabs, line breaks or characters that cannot be seen. It was read as {read}.",
        "The identifier in one line, without such characters.",
        bears="doubt",
    ),
    "iati-list": UnreadReason(
        "Of {count} elements {part}, the first {most} were read.",
        "At most {most}; report the activity in several parts.",
        bears="text",
    ),
    "iati-transactions": UnreadReason(
        "The transaction was not read: the activity has {count} transactions, and the first {most} were read.",
        "At most {most} transactions in an activity; report it in several parts.",
        bears="money",
    ),
    "iati-replaced-budget": UnreadReason(
        "The original budget was not counted: revised budgets replace it.",
        "Nothing; this is only for your information.",
        bears="nothing",
    ),
    "iati-unclear-budget": UnreadReason(
        "The budget was not read: its period overlaps others, so it is unclear which budgets count, and there is no total.",
        "Revised budgets that do not overlap, and that together cover the period of each original that they replace.",
        bears="money",
    ),
    "iati-budget-type": UnreadReason(
        'The budget was not read: its type, "{written}", is not a type of IATI 2.',
        "The type 1 (original) or 2 (revised).",
        bears="money",
    ),
    "iati-budget-period": UnreadReason(
        "The budget was not read: its period ends on {end}, before it starts on {start}.",
        "A period-end on or after the period-start.",
        bears="money",
    ),
    "iati-overlapping-budget": UnreadReason(
        "Budgets were counted although they are equal to others, or their periods overlap: budget {numbers}.",
        "Budgets whose periods do not overlap; or type 2 (revised) for a budget that replaces another.",
        bears="doubt",
    ),
    "iati-budget-currencies": UnreadReason(
        "The budget was not read: the budgets are in several currencies ({currencies}), so there is no total.",
        "Budgets in one currency.",
        bears="money",
    ),
    "iati-money": UnreadReason(
        "The element {part} was not read: a record of support holds budgets and transactions, and no other amounts.",
        "Nothing, if the budgets and transactions contain this amount.",
        bears="nothing",
    ),
    "iati-repeated-value": UnreadReason(
        "The value was not read: the element {part} has an earlier one.",
        "One value in each {part}.",
        bears="money",
    ),
    "iati-unknown-money": UnreadReason(
        "The amount in {part} was not read: IATI 2 has no such element.",
        "Amounts in the elements transaction and budget, as IATI 2.03 writes them.",
        bears="money",
    ),
    "iati-activity": UnreadReason(
        "An activity was not read: it is in the wrong place, or the name of its element is misspelt.",
        "Each activity as an element iati-activity, directly inside iati-activities.",
        bears="record",
    ),
    "iati-elements": UnreadReason(
        "Elements that were not read, since a record of support has no place for them: {name} ({count}).",
        "Nothing; this is only for your information.",
        bears="nothing",
    ),
    "sheet-with-figures": UnreadReason(
        "The sheet has numbers or dates but no headings of {kind} records. It was not read; the records were read from {read}.",
        "Nothing, if the sheet is not to be submitted. Otherwise, put its records on the sheet {read}.",
        bears="text",
    ),
    "unread-hidden-sheet": UnreadReason(
        "The hidden sheet was not read; the records were read from {read}. Number of rows below its headings: {count}.",
        "Nothing, if the sheet is not to be submitted. Otherwise, put its records on the sheet {read}.",
        bears="doubt",
    ),
    "hidden-sheet": UnreadReason(
        "The records were read from a hidden sheet, since no visible sheet has headings.",
        "Unhide the sheet, so that everyone sees what is submitted.",
        bears="doubt",
    ),
    "rows-above": UnreadReason(
        "Rows above the headings were not read: {rows}.",
        "Put all records below the headings, which are in row {heading}. Delete the rows if they are no records.",
        bears="record",
    ),
    "figures-above": UnreadReason(
        'Rows above the headings were not read: {rows}, "{text}".',
        "Nothing, if the rows are titles. Otherwise, put their figures into the records below.",
        bears="text",
    ),
    "repeated-headings": UnreadReason(
        "The headings are repeated in this row. The rows below it were read as records too.",
        "One row of headings, above all records. If the rows below are another table, delete them.",
        bears="doubt",
    ),
    "second-table": UnreadReason(
        "A second table with other headings was not read: rows {rows}.",
        "Put all records below the headings in row {heading}, or submit the second table as a file of its own.",
        bears="record",
    ),
    "records-beside": UnreadReason(
        "A second table beside the first repeats its headings, and was not read: columns {columns}.",
        "Put all records in one table, one below the other.",
        bears="record",
    ),
    **_by_content(
        "table-beside",
        "text",
        "A second table beside the first was not read: columns {columns}.",
        "Nothing, if the second table is not to be submitted. Otherwise, put its values into columns of the first.",
    ),
    "note": UnreadReason(
        'The row was read as a note, not as a record: "{text}".',
        "Nothing, if it is a note. A record has at least a reference and a title.",
        bears="nothing",
    ),
    "single-text": UnreadReason(
        'The row has a single text, and was not read as a record: "{text}".',
        "Nothing, if it is a note. A record has at least a reference and a title.",
        bears="text",
    ),
    "total": UnreadReason(
        'The row was read as a total, not as a record: "{text}".',
        "Nothing, if it is a total. A record has at least a reference and a title.",
        bears="nothing",
    ),
    "unclear-row": UnreadReason(
        'The row was not read, since it may be a record, a total or a note: "{text}".',
        "Both a reference and a title, if it is a record. If it is a total, write Total and no more in its first cell; or "
        "delete the row.",
        bears="record",
    ),
    "hidden-rows": UnreadReason(
        "Hidden rows were not read: {rows}.",
        "If they are records, unhide them or clear the filter. Otherwise, delete them.",
        bears="record",
    ),
    **{
        reason: UnreadReason(
            'Column {column}, "{heading}", is hidden. Number of its values, which were not read: {count}.',
            "If the values belong to the records, unhide the column. Otherwise, delete it.",
            bears=bears,
        )
        for reason, bears in (
            ("hidden-amounts", "money"),
            ("hidden-dates", "date"),
            ("hidden-shares", "share"),
            ("hidden-column", "text"),
        )
    },
    **_by_content(
        "unknown-column",
        "doubt",
        'The heading "{heading}" in column {column} names no field of {kind} records. Number of its values, '
        "which no rule and no figure uses: {count}.",
        "A heading of the template. Leave the heading of a column for notes blank.",
    ),
    **_by_content(
        "misspelt-column",
        "doubt",
        'The heading "{heading}" in column {column} names no field of {kind} records. Did you mean "{near}"? Number of its '
        "values, which no rule and no figure uses: {count}.",
        "A heading of the template. Leave the heading of a column for notes blank.",
    ),
    **_by_content(
        "column-without-heading",
        "text",
        "Column {column} has no heading. Number of its values, which were not read: {count}.",
        "A heading of the template above the column, if the values belong to the records.",
    ),
    "shifted-cells": UnreadReason(
        "Rows have more cells than there are headings. Number of values in column {column} and beyond, "
        "which belong to no field: {count}.",
        "Quotation marks around a text that contains the separator.",
        bears="record",
    ),
    "merged": UnreadReason(
        "{cell} is part of the merged cell {merged}. Only the first cell of a merged cell has a value.",
        "Unmerge the cells, and enter a value in each.",
        bears="doubt",
    ),
    "cell-error": UnreadReason(
        "{cell} shows the error {error} instead of a value.",
        "Correct the formula, or replace it with the value.",
        bears="value",
    ),
    "long-number": UnreadReason(
        "{cell} has a number of more than 15 digits. Spreadsheet programs round such numbers.",
        "Format the cell as text, and enter the reference again.",
        bears="value",
    ),
    "date-as-ref": UnreadReason(
        "{cell} is a date. Spreadsheet programs turn references such as 3-1 into dates.",
        "Format the cell as text, and enter the reference again.",
        bears="value",
    ),
    "cell-currency": UnreadReason(
        '{cell} is formatted with the currency "{shown}", but the currency of its row is {currency}.',
        "The same currency in both: in the number format of the cell, and in the column of currencies.",
        bears="value",
    ),
    "cell-scale": UnreadReason(
        'The number format of {cell} adds "{text}", so the cell shows another number than it has.',
        "The whole number in the cell, such as 5000, and a number format that adds no text.",
        bears="value",
    ),
    **{
        f"unseen-{what}": UnreadReason(
            'Column {column}, "{heading}", has values that their number format hides, first in {cell}. Number of these '
            "values, which were not read: {count}.",
            "Another number format, such as General, if the values belong to the records. Otherwise, delete them.",
            bears=bears,
        )
        for what, bears in (
            ("amounts", "money"),
            ("dates", "date"),
            ("shares", "share"),
            ("texts", "text"),
            ("zeros", "doubt"),
        )
    },
    "uncomputed-total": UnreadReason(
        "The result of the formula in {cell} is missing. Its row was not read as a record.",
        "Nothing, if the row is a total. Otherwise, open the workbook in a spreadsheet program, which computes the "
        "results, and save it.",
        bears="nothing",
    ),
    "uncomputed-row": UnreadReason(
        "The result of the formula in {cell} is missing. Its row was not read as a record.",
        "Both a reference and a title, if it is a record. If it is a total, write Total and no more in its first cell; or "
        "delete the row.",
        bears="record",
    ),
    "quoted-formulas": UnreadReason(
        "Cells are written as formulas, first {cell}: {written}. They were read as the texts in quotation marks. Number of "
        "these cells: {count}.",
        "The texts without an equals sign.",
        bears="doubt",
    ),
    "cell-notes": UnreadReason(
        'Notes on cells were not read, first on {cell}: "{text}". Number of notes: {count}.',
        "Nothing, if the notes are not to be submitted. Otherwise, put their content into the records.",
        bears="text",
    ),
    "damaged-letters": UnreadReason(
        'Letters were damaged before the file was sent, first in line {line}: "{text}". Number of lines with such letters: '
        "{count}.",
        'In a spreadsheet program: Save as, "CSV UTF-8".',
        bears="doubt",
    ),
    "declared-encoding": UnreadReason(
        "The request declares {encoding}, as which the file was read, but its letters seem to be UTF-8.",
        "The encoding of the file: Content-Type: text/csv; charset=utf-8.",
        bears="doubt",
    ),
    "encoding": UnreadReason(
        "The file is not UTF-8, and does not name its encoding. It was read as {encoding}.",
        'If letters are wrong: save it as "CSV UTF-8", or name the encoding in the Content-Type, such as text/csv; '
        "charset=windows-1250.",
        bears="doubt",
    ),
}
"""Reasons by their code. Codes are stable: rules name them."""

UNKNOWN_COLUMNS = frozenset(
    f"{reason}{end}"
    for reason in ("unknown-column", "misspelt-column")
    for end in ("", *(end for end, _ in _CONTENTS))
)
"""The reasons of columns whose headings name no field."""


def message_of(reason: str, values: Mapping[str, object]) -> Text:
    """Say why a part was not read."""
    return Text(UNREAD[reason].message, **_named(values))


def expected_of(reason: str, values: Mapping[str, object]) -> Text:
    """Say what would be read instead."""
    return Text(UNREAD[reason].expected, **_named(values))


def _named(values: Mapping[str, object]) -> Mapping[str, object]:
    """Name the kind of record, if one is among the values, in a form that can be translated."""
    return {**values, "kind": kind_name(str(values["kind"]))} if "kind" in values else values
