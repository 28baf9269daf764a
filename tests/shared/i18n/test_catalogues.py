"""Catalogues: languages and their tags, plural forms, Serbian in two alphabets, and headings that stay readable."""

# ruff: noqa: RUF001 - Cyrillic, whose letters look like Latin ones

import json
from pathlib import Path

import pytest

from services.entry.files.formats.headings import path_of
from shared.i18n import LANGUAGES, Text, canonical_language, first_known, translate
from shared.i18n.catalogues import MESSAGES, catalogue
from shared.i18n.languages import LANGUAGE_NAMES, PLURALS
from shared.i18n.texts import text_of
from shared.i18n.transliteration import to_latin
from shared.reference import KINDS, columns_of, fields_of
from tests import catalogues

FIRST_LABELS = json.loads((Path(__file__).parent / "first_labels.json").read_text(encoding="utf-8"))
"""The labels of the first templates, as they stood in Python."""


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        *((each, each) for each in LANGUAGES),
        ("sr", "sr-Latn"),
        ("sr-Latn-RS", "sr-Latn"),
        ("sr_RS", "sr-Latn"),
        ("sr-Cyrl-BA", "sr-Cyrl"),
        ("SR-CYRL", "sr-Cyrl"),
        ("sh", "sr-Latn"),
        ("me", "cnr"),
        ("cnr-Latn-ME", "cnr"),
        ("bs-Latn-BA", "bs"),
        ("hr-BA", "hr"),
        ("sq-XK", "sq"),
        ("sqi", "sq"),
        ("mk-MK", "mk"),
        ("en-GB", "en"),
        ("de", None),
        ("", None),
        ("*", None),
    ],
)
def test_a_tag_means_one_of_the_languages_or_none(tag, language):
    assert canonical_language(tag) == language


def test_the_first_known_tag_counts_and_english_if_none_is_known():
    assert first_known(["de", "sq", "en"]) == "sq"
    assert first_known(["de"]) == first_known([]) == "en"
    assert LANGUAGE_NAMES.keys() == set(LANGUAGES)


@pytest.mark.parametrize(
    ("language", "forms"),
    [
        ("sq", {1: 0, 0: 1, 2: 1, 21: 1}),
        ("mk", {1: 0, 21: 0, 101: 0, 11: 1, 2: 1, 0: 1, 111: 1}),
        *(
            (
                each,
                {
                    1: 0,
                    21: 0,
                    101: 0,
                    2: 1,
                    3: 1,
                    24: 1,
                    102: 1,
                    0: 2,
                    5: 2,
                    11: 2,
                    12: 2,
                    14: 2,
                    111: 2,
                    112: 2,
                },
            )
            for each in ("bs", "hr", "sr-Latn", "sr-Cyrl", "cnr")
        ),
    ],
)
def test_each_language_has_its_plural_forms(language, forms):
    number, written, form = PLURALS[language]
    assert {count: form(count) for count in forms} == forms
    assert written.startswith(f"nplurals={number};")
    assert max(forms.values()) == number - 1


@pytest.mark.parametrize(
    ("cyrillic", "latin"),
    [
        ("ЉУБАВ", "LJUBAV"),
        ("ЏЕП И ЊЕГОШ", "DŽEP I NJEGOŠ"),
        ("Љубав, Његош и Џеп", "Ljubav, Njegoš i Džep"),
        ("Ђаци, ћуп и жеђ", "Đaci, ćup i žeđ"),
        ("инјекција и конјункција", "injekcija i konjunkcija"),
        ("надживети", "nadživeti"),
        ("Поље {поље} и {count:,}", "Polje {поље} i {count:,}"),
        (
            "Пишите на https://пример.срб/љ или помоћ@пример.срб",
            "Pišite na https://пример.срб/љ ili помоћ@пример.срб",
        ),
        ("Ознака TLP:AMBER+STRICT, код jap25_prevention", "Oznaka TLP:AMBER+STRICT, kod jap25_prevention"),
        ("Kosovo*", "Kosovo*"),
    ],
)
def test_serbian_in_latin_letters_is_made_from_cyrillic(cyrillic, latin):
    assert to_latin(cyrillic) == latin


@pytest.mark.parametrize("language", FIRST_LABELS)
def test_every_heading_that_was_readable_stays_readable(language):
    labels = FIRST_LABELS[language]
    for kind in KINDS:
        for column in columns_of(fields_of(kind), entries={"themes": 2, "needs": 3}):
            outer = column.steps[0]
            if not labels.keys() >= {each.label_name for each in column.steps}:
                continue  # a field that is younger than the first templates
            heads = [labels[each.label_name] for each in column.steps]
            if column.number is not None:
                heads[0] = f"{labels.get(f'{outer.name}[]', heads[0])} {column.number}"
            assert path_of(": ".join(heads), kind=kind) == column.path
            assert path_of(f"{': '.join(heads)} *", kind=kind) == column.path


def test_a_text_is_shown_in_a_language_with_its_values_and_in_english_where_it_has_no_translation(
    monkeypatch,
):
    forms = {
        (None, "{count} row of {sheet}."): (
            "{count} red iz {sheet}.",
            "{count} reda iz {sheet}.",
            "{count} redova iz {sheet}.",
        )
    }
    monkeypatch.setattr(
        "shared.i18n.translating.find_forms", lambda english, *_, **__: forms.get((None, english), ())
    )
    rows = [
        Text.counted("{count} row of {sheet}.", "{count} rows of {sheet}.", count=count, sheet="A{}")
        for count in (1, 3, 11)
    ]
    assert rows[1] == "3 rows of A{}."
    assert [translate(each, "bs") for each in rows] == [
        "1 red iz A{}.",
        "3 reda iz A{}.",
        "11 redova iz A{}.",
    ]
    assert text_of(rows[2].written) == rows[2]
    assert (translate(rows[0], "bs").language, translate("No catalogue has this.", "bs").language) == (
        "bs",
        "en",
    )


def test_catalogues_lack_no_text_and_keep_its_placeholders():
    sources = catalogues.collect()
    assert len(sources[MESSAGES]) > 800
    assert list(catalogues.list_faults(sources)) == []
    assert catalogue("sr-Latn", MESSAGES).keys() == catalogue("sr-Cyrl", MESSAGES).keys()


def test_the_check_names_a_missing_translation_a_draft_and_another_placeholder():
    sources = {
        ("", "{a} rows"): catalogues.Source(),
        ("", "Draft"): catalogues.Source(),
        ("", "New"): catalogues.Source(),
    }
    known = {
        ("", "{a} rows"): catalogues.Translation(("{b} reda",)),
        ("", "Draft"): catalogues.Translation(("Nacrt",), is_fuzzy=True),
    }
    assert list(catalogues._faults(sources, known, "bs")) == [
        'form 0 has other placeholders than "{a} rows": {b} reda',
        'still a draft: "Draft"',
        'not translated: "New"',
    ]
