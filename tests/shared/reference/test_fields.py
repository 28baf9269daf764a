"""The fields of each mapping: what people are told of them, in whichever language, and the columns that they make."""

import unicodedata
from collections.abc import Iterator, Mapping

import pytest

from shared.i18n import canonical_language
from shared.reference import CODELISTS, KINDS, LANGUAGES, PARTNERS, Field, columns_of, fields_of
from shared.reference.fields import FIELDS
from shared.reference.fields.help import CODES, HELP
from shared.reference.fields.labels import ENGLISH, label_of

EACH_KIND = pytest.mark.parametrize("kind", KINDS)


def paths_of(fields: Mapping[str, Field], before: str = "") -> Iterator[str]:
    for name, field in fields.items():
        yield f"{before}{name}"
        yield from paths_of(field.fields, f"{before}{name}.")
        yield from paths_of(field.items.fields if field.items else {}, f"{before}{name}.")


PATHS = {path for kind in KINDS for path in paths_of(fields_of(kind))}


def plainly(label: str) -> str:
    """As somebody types it who has no accents on the keyboard."""
    letters = unicodedata.normalize("NFKD", label.casefold()).replace("đ", "d")
    return "".join(each for each in letters if each.isalnum())


def columns(kind: str):
    return columns_of(fields_of(kind), entries=dict.fromkeys(fields_of(kind), 2))


def test_every_field_has_its_help_and_nothing_else_has():
    assert set(HELP) == PATHS
    assert set(CODES) < PATHS
    for path, sentence in HELP.items():
        assert sentence[0].isupper(), path
        assert sentence[-1] == ".", path
        assert len(sentence) <= 150, path


def test_a_text_that_holds_codes_names_their_list():
    need, support = fields_of("need"), fields_of("support")
    assert (need["currency"].codelist, need["theme"].codelist) == ("currency", "theme")
    assert support["sectors"].items.fields["code"].codelist == "purpose_code"
    assert need["urgency"].codelist == "urgency"
    assert need["title"].codelist is None
    lists = {*CODELISTS, "theme"}
    assert lists.issuperset(CODES.values())


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_a_label_for_everything_and_for_nothing_else(language):
    labels = {path if "." not in path else f".{path.partition('.')[2]}" for path in PATHS}
    words = [label_of(name, language) for name in ENGLISH]
    entries = {f"{name}[]" for kind in KINDS for name, field in fields_of(kind).items() if field.items}
    assert labels < set(ENGLISH) <= labels | entries
    assert all(0 < len(label) <= 32 and label == label.strip() for label in words)


def test_labels_are_there_in_each_language_in_which_partners_are_written_to():
    assert set(LANGUAGES) >= {"en"} | {
        canonical_language(tag) for partner in PARTNERS.values() for tag in partner.languages
    }


@EACH_KIND
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_two_columns_of_a_kind_have_the_same_label_with_or_without_accents(kind, language):
    labels = [plainly(column.label(language)) for column in columns(kind)]
    assert len(set(labels)) == len(labels)


@EACH_KIND
def test_no_label_means_one_field_in_one_language_and_another_in_another(kind):
    meant: dict[str, str] = {}
    for column in columns(kind):
        for heading in {plainly(column.label(each)) for each in LANGUAGES}:
            assert meant.setdefault(heading, column.path) == column.path


@EACH_KIND
def test_a_label_that_is_also_a_path_means_that_path(kind):
    paths = {column.path: column for column in columns(kind)}
    for column in columns(kind):
        for label in (column.label(each).casefold() for each in LANGUAGES):
            assert paths.get(label, column) == column


def test_a_column_is_headed_by_the_labels_on_its_way():
    labels = {column.path: column.label for kind in KINDS for column in columns(kind)}
    assert labels["title"]("en") == "Title"
    assert labels["training.topic"]("en") == "Training: topic"
    assert labels["themes.1.percentage"]("en") == "Theme 2: percentage"
    assert labels["needs.0.ref"]("sq") == "Nevoja 1: referenca"
    assert labels["needs.0.ref"]("sr") == "Potreba 1: referentna oznaka"
    assert labels["needs.0.ref"]("sr-Cyrl") == "Потреба 1: референтна ознака"
    assert labels["title"]("de") == "Title"


def test_serbian_in_cyrillic_keeps_abbreviations_and_writes_two_letters_as_one():
    assert label_of("tlp", "sr-Cyrl") == "TLP ознака"
    assert label_of("objective", "sr-Cyrl") == "Циљ"
    assert label_of("disposition", "sr-Cyrl") == "Стање потребе"


def test_lists_of_codes_are_one_column_and_lists_of_blocks_one_for_each_field_of_each_entry():
    need = [column.path for column in columns_of(fields_of("need"))]
    assert "capabilities" in need
    assert "cross_border_with" in need
    assert [path for path in need if path.startswith("training")] == [
        f"training.{name}" for name in ("topic", "proficiency", "urgency", "officials", "profile")
    ]
    support = [column.path for column in columns_of(fields_of("support"), entries={"themes": 2})]
    assert [path for path in support if path.startswith(("themes", "sectors"))] == [
        *("themes.0.code", "themes.0.percentage", "themes.1.code", "themes.1.percentage"),
        *("sectors.0.code", "sectors.0.percentage"),
    ]


def test_a_column_is_required_only_where_no_record_is_complete_without_it():
    required = {column.path for column in columns("support") if column.is_required}
    assert {"ref", "title", "beneficiaries.0.code", "organisations.0.role"} < required
    assert not required & {"beneficiaries.1.code", "themes.0.code", "organisations.0.type", "budget"}


def test_fields_that_take_the_same_are_equal_whatever_people_are_told_of_them():
    assert Field("x", "text", help="One.", label_name="x") == Field("x", "text", help="Another.")
    assert Field("x", "text") != Field("x", "text", required=True)


def test_what_a_hash_is_made_over_says_nothing_of_labels_and_help():
    assert set(FIELDS) == {"version", "kinds"}
    assert FIELDS["kinds"]["need"]["title"] == {"type": "text", "required": True, "at_most": 2000}
