"""The terms in which messages name fields and codes: a developer's for JSON, an officer's for a table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property

from shared.i18n import Text
from shared.reference import KINDS, LANGUAGES, columns_of, fields_of
from shared.reference.codelists import CODELISTS, label
from shared.reference.spelling import entries, normalise

_REQUIRED = "*"


class Words:
    """The developer's terms: the names of fields, and codes."""

    is_table = False

    def field(self, path: str) -> str:
        """Name the field at a path such as `themes.0.code`: themes.code."""
        return ".".join(step for step in path.split(".") if not step.isdigit())

    def codes(self, list_name: str, codes: Sequence[str], *, last: str = "") -> str:
        """Name codes of a list; a number has its label in brackets. `last` follows them, such as an ellipsis."""
        return ", ".join([*(_with_label(list_name, code) for code in codes), *filter(None, [last])])


DEVELOPER = Words()


@dataclass(frozen=True)
class TableWords(Words):
    """An officer's terms: the headings of the table as they are written there, and the labels of codes.

    `headings` are the headings by path. A column that the table lacks is named in the language of its other headings.
    """

    kind: str
    headings: Mapping[str, str]

    is_table = True

    def field(self, path: str) -> str:
        """Name the column of a field, or the columns of a group."""
        heading = self.headings.get(path)
        if heading is not None:
            return plain_heading(heading)
        whole, _, last = path.rpartition(".")
        if whole in self.headings and last.isdigit():
            return plain_heading(self.headings[whole])
        known = _labels(self.kind, self.language)
        return known.get(path) or _numbered(path, known) or path

    def codes(self, list_name: str, codes: Sequence[str], *, last: str = "") -> str:
        """Name entries of a drop-down list: their labels with the codes."""
        named = entries(list_name, codes)
        return Text("{entries}, {last}", entries=named, last=last) if last else named

    @cached_property
    def language(self) -> str:
        """The language of most headings. Names of fields, which a heading may be too, are in no language."""
        plain = {path: plain_heading(heading) for path, heading in self.headings.items()}
        written = {normalise(heading) for path, heading in plain.items() if heading.lower() != path}
        known = {
            each: {normalise(label) for label in _labels(self.kind, each).values()} for each in LANGUAGES
        }
        return max(LANGUAGES, key=lambda language: len(written & known[language]))


def _with_label(list_name: str, code: str) -> str:
    is_known = code.isdigit() and list_name in CODELISTS and code in CODELISTS[list_name].codes
    return f"{code} ({label(list_name, code)})" if is_known else code


def plain_heading(heading: str) -> str:
    """Return a heading as it is written, without the mark of a required column."""
    return heading.strip().removesuffix(_REQUIRED).rstrip()


def _numbered(path: str, known: Mapping[str, str]) -> str | None:
    """Name the column of a later entry of a list: its heading is that of the first entry with another number."""
    steps = path.split(".")
    number = next((step for step in steps if step.isdigit()), None)
    first = None if number is None else known.get(".".join("0" if step.isdigit() else step for step in steps))
    return first and first.replace("1", str(int(number or 0) + 1), 1)


@cache
def _labels(kind: str, language: str) -> Mapping[str, str]:
    """Return the headings of a kind by path, and the labels of its groups."""
    if kind not in KINDS:
        return {}
    fields = fields_of(kind)
    items = {f"{name}.0": each.items for name, each in fields.items() if each.items is not None}
    return {
        **{name: each.label(language) for name, each in fields.items()},
        **{path: f"{entry.label(language)} 1" for path, entry in items.items()},
        **{column.path: column.label(language) for column in columns_of(fields)},
    }
