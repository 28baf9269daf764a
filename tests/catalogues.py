"""Catalogues of texts: `python -m tests.catalogues` lists all faults, and `--update` writes the catalogues anew.

The texts are extracted from the code. An update keeps their translations, adds new texts without one, and drops others.
Serbian in Latin letters is made from the Cyrillic catalogue.
"""

import io
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import redirect_stderr
from dataclasses import dataclass, field
from pathlib import Path
from string import Formatter

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po

from shared.i18n.catalogues import LABELS, MESSAGES, catalogue_path
from shared.i18n.languages import ENGLISH, LANGUAGES, PLURALS, SERBIAN_CYRILLIC, SERBIAN_LATIN
from shared.i18n.transliteration import to_latin
from shared.reference.codelists import CODELISTS
from shared.reference.codelists import context_of as context_of_list
from shared.reference.fields.help import HELP
from shared.reference.fields.labels import ENGLISH as FIELD_LABELS
from shared.reference.fields.labels import context_of as context_of_field
from shared.reference.partners import needs_footnote
from shared.reference.unread import UNREAD

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "shared" / "i18n" / "locale"
SOURCES = ("shared", "services")

KEYWORDS = {"Text": None, "counted": (1, 2), "Problem": (2,)}
"""Calls whose literals are texts: `Text(english)`, `Text.counted(one, many)`, `Problem(status, title)`."""

SAID = re.compile(r'\b(say|filled|counted)\("((?:[^"\\]|\\.)*)"(?:, "((?:[^"\\]|\\.)*)")?')
"""Texts of templates: `say(english)`, `filled(english, ...)`, `counted(one, many, count)`."""

OF_MARSHMALLOW = (
    "Missing data for required field.",
    "Field may not be null.",
    "Unknown field.",
    "Invalid input type.",
    "Not a valid string.",
    "Not a valid integer.",
    "Not a valid number.",
    "Not a valid boolean.",
    "Not a valid date.",
    "Not a valid datetime.",
    "Not a valid list.",
    "Not a valid mapping type.",
)
"""The library's texts about fields of requests."""

ONLY_CODES = frozenset(("currency", "tlp", "outside"))
"""Code lists of which the templates offer no labels."""

HEADER = """\
# {title}
# Native speakers should review the translations: see docs/languages.md.
msgid ""
msgstr ""
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plurals}\\n"

"""
DOMAINS = (LABELS, MESSAGES)
TITLES = {LABELS: "Labels of IISG-D: fields and entries of code lists.", MESSAGES: "Messages of IISG-D."}

Key = tuple[str, str]
"""The context, empty for none, and the English text."""


@dataclass
class Source:
    """A text of the code: its plural, if any, and the files that contain it."""

    plural: str | None = None
    files: set[str] = field(default_factory=set)


Sources = Mapping[str, Mapping[Key, Source]]
"""The texts of each domain."""


def collect(root: Path = ROOT) -> Sources:
    """Collect the texts of the code and of its tables."""
    messages: dict[Key, Source] = {}
    for path in sorted(each for folder in SOURCES for each in (root / folder).rglob("*.py")):
        content = path.read_bytes()
        if b"shared.i18n" in content or b"shared.http.problems" in content or b"Problem(" in content:
            for texts in _extracted(content):
                one, plural = (texts, None) if isinstance(texts, str) else texts
                source = messages.setdefault(("", one), Source())
                source.plural = source.plural or plural
                source.files.add(path.relative_to(root).as_posix())
    for path in sorted(each for folder in SOURCES for each in (root / folder).rglob("*.j2")):
        for found in SAID.finditer(path.read_text(encoding="utf-8")):
            source = messages.setdefault(("", found[2]), Source(plural=found[3]))
            source.files.add(path.relative_to(root).as_posix())
    for english in OF_MARSHMALLOW:
        messages.setdefault(("", english), Source(files={"shared/http/problems.py"}))
    for english in HELP.values():
        messages.setdefault(("", english), Source(files={"shared/reference/fields/help.py"}))
    for reason in UNREAD.values():
        for english in (reason.message, reason.expected):
            messages.setdefault(("", english), Source(files={"shared/reference/unread.py"}))
    return {LABELS: _labels(), MESSAGES: messages}


def _labels() -> dict[Key, Source]:
    labels = {
        (context_of_field(name), english): Source(files={"shared/reference/fields/labels.py"})
        for name, english in FIELD_LABELS.items()
    }
    for codes in CODELISTS.values():
        if codes.name not in ONLY_CODES:
            for code in codes.codes.values():
                # The starred label stands as agreed, in every language.
                if not needs_footnote(code.label):
                    source = Source(files={"shared/reference/codelists"})
                    labels[context_of_list(codes.name), code.label] = source
    return labels


def _extracted(content: bytes) -> Iterator[str | tuple[str, str]]:
    # Babel warns of every f-string among the values of a text.
    with redirect_stderr(io.StringIO()):
        found = list(extract("python", io.BytesIO(content), keywords=KEYWORDS))  # type: ignore[arg-type]
    for _, texts, _, _ in found:
        yield texts if isinstance(texts, str) else (texts[0], texts[1])


@dataclass(frozen=True)
class Translation:
    """The translation of a text: one form, or one for each plural form. It may be a draft."""

    forms: tuple[str, ...]
    is_fuzzy: bool = False


Translations = Mapping[Key, Translation]


def read_translations(language: str, domain: str, folder: Path = FOLDER) -> dict[Key, Translation]:
    """Read a catalogue; empty if there is none."""
    path = folder / catalogue_path(language, domain)
    if not path.exists():
        return {}
    found = {}
    for message in read_po(io.BytesIO(path.read_bytes())):
        one = message.id if isinstance(message.id, str) else message.id[0]
        forms = (message.string,) if isinstance(message.string, str) else tuple(message.string)
        if one:
            found[message.context or "", one] = Translation(forms, message.fuzzy)
    return found


def in_latin(cyrillic: Translations) -> dict[Key, Translation]:
    """Return the Latin catalogue of a Cyrillic one."""
    return {
        key: Translation(tuple(map(to_latin, each.forms)), each.is_fuzzy) for key, each in cyrillic.items()
    }


def write_catalogue(language: str, domain: str, sources: Mapping[Key, Source], known: Translations) -> bytes:
    """Return a catalogue with all texts, sorted, and their translations."""
    plurals = PLURALS[language or ENGLISH]
    catalog = Catalog(fuzzy=False)
    catalog.mime_headers = [("Plural-Forms", plurals[1])]
    for (context, english), source in sources.items():
        count = 1 if source.plural is None else plurals[0]
        translation = known.get((context, english))
        forms = translation.forms if translation and len(translation.forms) == count else ("",) * count
        catalog.add(
            english if source.plural is None else (english, source.plural),
            forms[0] if source.plural is None else forms,
            locations=[(file, 0) for file in sorted(source.files)],
            flags=["fuzzy"] if translation and translation.is_fuzzy else [],
            context=context or None,
        )
    body = io.BytesIO()
    write_po(body, catalog, width=110, omit_header=True, sort_output=True, include_lineno=False)
    return (
        HEADER.format(title=TITLES[domain], language=language, plurals=plurals[1]).encode() + body.getvalue()
    )


def written_catalogues(sources: Sources, folder: Path = FOLDER) -> Iterator[tuple[Path, bytes]]:
    """Yield each catalogue, and the templates for new languages, with their content."""
    for domain in DOMAINS:
        yield folder / f"{domain}.pot", write_catalogue("", domain, sources[domain], {})
        for language in LANGUAGES:
            if language == ENGLISH:
                continue
            if language == SERBIAN_LATIN:
                known = in_latin(read_translations(SERBIAN_CYRILLIC, domain, folder))
            else:
                known = read_translations(language, domain, folder)
            content = write_catalogue(language, domain, sources[domain], known)
            yield folder / catalogue_path(language, domain), content


def list_faults(sources: Sources, folder: Path = FOLDER) -> Iterator[str]:
    """List missing texts, translations and placeholders, drafts, and catalogues that need an update."""
    for path, content in written_catalogues(sources, folder):
        name = path.relative_to(folder).as_posix()
        if not path.exists() or path.read_bytes() != content:
            yield f"{name}: out of date; run make messages"
    for domain in DOMAINS:
        for language in LANGUAGES:
            if language not in (ENGLISH, SERBIAN_LATIN):
                known = read_translations(language, domain, folder)
                name = catalogue_path(language, domain)
                yield from (f"{name}: {fault}" for fault in _faults(sources[domain], known, language))


def _faults(sources: Mapping[Key, Source], known: Translations, language: str) -> Iterator[str]:
    for (context, english), source in sources.items():
        shown = f'"{english}"' + (f" ({context})" if context else "")
        translation = known.get((context, english))
        if translation is None or not all(translation.forms):
            yield f"not translated: {shown}"
            continue
        if translation.is_fuzzy:
            yield f"still a draft: {shown}"
        expected = placeholders(english) | placeholders(source.plural or "")
        for at, form in enumerate(translation.forms):
            # A form for a single count may leave the count out.
            spare = {"count"} if source.plural is not None else set()
            if (found := placeholders(form)) != expected and found | spare != expected | spare:
                yield f"form {at} has other placeholders than {shown}: {form}"
        if source.plural is not None and len(translation.forms) != PLURALS[language][0]:
            yield f"not all plural forms: {shown}"


def placeholders(template: str) -> set[str]:
    """Return the placeholders of a template with their formats. A text that is no template has none."""
    try:
        fields = list(Formatter().parse(template))
    except ValueError:
        return set()
    return {
        f"{name}{f'!{conversion}' if conversion else ''}{f':{form}' if form else ''}"
        for _, name, form, conversion in fields
        if name is not None
    }


def update(sources: Sources, folder: Path = FOLDER) -> None:
    """Write all catalogues, Serbian in Cyrillic before Serbian in Latin letters."""
    for path, content in written_catalogues(sources, folder):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def main(arguments: Iterable[str]) -> int:
    """Check the catalogues, or update them."""
    sources = collect()
    if "--update" in arguments:
        update(sources)
    faults = list(list_faults(sources))
    if faults:
        print("\n".join(faults), file=sys.stderr)  # noqa: T201 - a command prints
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
