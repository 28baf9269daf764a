"""Entries of code lists in every language are read as their codes."""

import pytest

from services.entry.files.formats.cells import column_of
from shared.i18n import LANGUAGES
from shared.reference import CODELISTS, KINDS, PILLARS, columns_of, fields_of, label

COLUMNS = {
    (column.field.items or column.field).codelist: column.field
    for kind in KINDS
    for column in columns_of(fields_of(kind))
    if (column.field.items or column.field).codelist
}


def lists_of(name: str) -> list[str]:
    return (
        [f"theme:{pillar}" for pillar in PILLARS] if name == "theme" else [name] if name in CODELISTS else []
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_entry_of_each_list_is_read_in_each_language(language):
    misread = [
        (each, code, words, read)
        for name, field in COLUMNS.items()
        for each in lists_of(name)
        for code in CODELISTS[each].codes
        for words in (label(each, code, language), f"{code} {label(each, code, language)}")
        if (read := column_of(field)([words.upper()])) != [[code] if field.type == "list" else code]
    ]
    assert misread == []
