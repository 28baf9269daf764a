"""Widths, colours and formats of a template."""

from collections.abc import Sequence
from typing import Any

from services.entry.workbooks.formats.templates.mapping import TemplateColumn
from shared.reference import Column

NAVY = "#1D3F72"
BLUE = "#5B7FB0"
PALE = "#EAF0F8"
GREY = "#6B7280"
LINE = "#C9D3E0"

_WIDTHS = {"ref": 16, "date": 13, "number": 15, "integer": 11, "code": 24, "list": 34}
_WIDEST = 44
_OF_TEXTS = ((60, 20), (500, 28))
"""Maximum length of a text, and the width of its column. Columns of longer texts are the widest."""

_SMALL_LETTER = 0.75
"""The width of a letter in the names of fields, relative to the digits by which widths are counted."""

_LINE = 15.5
_MAX_HEIGHT = 400.0
_LETTERS_PER_DIGIT = 1.15
"""The average number of letters in the width of a digit."""

_FORMATS = {"date": "yyyy-mm-dd", "number": "#,##0.00", "integer": "0"}
_AS_TEXT = "@"


class Styles:
    """The formats of a workbook, cached."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._made: dict[tuple[tuple[str, object], ...], Any] = {}

    def of(self, **facts: object) -> Any:
        """Return a format with these properties."""
        key = tuple(sorted(facts.items()))
        if key not in self._made:
            self._made[key] = self._book.add_format(facts)
        return self._made[key]

    def heading(self, column: Column) -> Any:
        """Return the format of a heading, darker for a required column."""
        colour = NAVY if column.is_required else BLUE
        return self.of(
            bold=True,
            font_color="#FFFFFF",
            bg_color=colour,
            text_wrap=True,
            valign="vcenter",
            left=1,
            left_color="#FFFFFF",
        )

    def name(self) -> Any:
        """Return the format of a field's name."""
        return self.of(font_color=GREY, bg_color=PALE, font_size=8, bottom=1, bottom_color=NAVY)

    def cells(self, column: TemplateColumn) -> Any:
        """Return the format of a column's cells."""
        number = _FORMATS.get(column.spec.field.type, _AS_TEXT)
        look = {"num_format": number, "valign": "top", "bottom": 4, "bottom_color": LINE}
        if _has_choices(column):
            # Labels stay in one line: some programs do not make the rows of a file higher.
            return self.of(**look, shrink=True)
        return self.of(**look, text_wrap=width_of(column) >= _WIDTHS["list"])


def _has_choices(column: TemplateColumn) -> bool:
    return bool(column.choices) and column.spec.field.type != "list"


def width_of(column: TemplateColumn) -> int:
    """Return the width of a column, in characters, with room for its values, its name and each word of its heading."""
    # Some languages have longer words than others.
    words = (len(word) + 2 for word in column.heading.split())
    return max(_width_of_values(column), int(len(column.spec.path) * _SMALL_LETTER) + 1, *words)


def _width_of_values(column: TemplateColumn) -> int:
    field = column.spec.field
    if _has_choices(column):
        needed = max(map(len, column.choices.values())) + 2
        return min(max(_WIDTHS["code"], needed), _WIDEST)
    if field.type != "text":
        return _WIDTHS[field.type]
    longest = 20_000 if field.at_most is None else field.at_most
    return next((width for most, width in _OF_TEXTS if longest <= most), _WIDEST)


def height_of(texts: Sequence[tuple[str, int]]) -> float:
    """Return the height of a row of texts with their widths, in points. Some programs do not compute it."""
    lines = (
        sum(1 + int(len(line) / (width * _LETTERS_PER_DIGIT)) for line in text.split("\n"))
        for text, width in texts
    )
    return min(_LINE * max(lines, default=1), _MAX_HEIGHT)
