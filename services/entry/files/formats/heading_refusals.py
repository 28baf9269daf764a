"""The refusals of tables for their headings."""

from collections.abc import Mapping

from services.entry.files.domain.cell_refs import column_letters
from services.entry.files.domain.refusals import FileIsRefused
from shared.i18n import Text
from shared.reference import fields_of
from shared.reference.wording import KIND_TITLES, kind_name

MAX_HEADING_ROW = 30
"""The last row in which headings are searched. Rows above them may hold titles."""


def repeated(written: Mapping[int, str], first: int, second: int, *, row: int, sheet: str) -> FileIsRefused:
    """Return the refusal of two columns whose headings name one field."""
    facts = {"first": column_letters(first), "second": column_letters(second)}
    one, other = written[first], written[second]
    message = (
        Text('The columns {first} and {second} both have the heading "{heading}".', **facts, heading=one)
        if one == other
        else Text(
            'The headings of the columns {first} and {second}, "{one}" and "{other}", name the same field.',
            **facts,
            one=one,
            other=other,
        )
    )
    return FileIsRefused(
        "heading-twice",
        message,
        Text("One column for each field. Delete the other column or change its heading."),
        Text("cells {first}{row} and {second}{row} of {sheet}", **facts, row=row, sheet=sheet),
    )


def no_headings(kind: str, where: str) -> FileIsRefused:
    """Return the refusal of a table without headings."""
    first, second = list(fields_of(kind).values())[:2]
    return FileIsRefused(
        "no-headings",
        Text(
            "None of the first {rows} rows has headings of the fields of {kind} records.",
            rows=MAX_HEADING_ROW,
            kind=kind_name(kind),
        ),
        Text(
            'A row of headings such as "{first}" (or "{first_name}") and "{second}" (or "{second_name}"), in English '
            "or a partner's language.",
            first=first.label("en"),
            first_name=first.name,
            second=second.label("en"),
            second_name=second.name,
        ),
        where,
    )


def wrong_kind(other: str, kind: str, where: str) -> FileIsRefused:
    """Return the refusal of a table of another kind of record."""
    return FileIsRefused(
        "other-mapping",
        Text(
            "The headings are those of the template for {other}, but the file was submitted for {kind}.",
            other=KIND_TITLES[other],
            kind=KIND_TITLES[kind],
        ),
        Text(
            "The template for {kind}, or this file submitted for {other}.",
            other=KIND_TITLES[other],
            kind=KIND_TITLES[kind],
        ),
        where,
    )
