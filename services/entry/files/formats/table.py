"""A table as its format holds it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.entry.files.formats.headings import Headings
from services.entry.files.formats.number_formats import NumberFormat
from services.entry.files.formats.rows import Numbered, Row
from services.entry.files.formats.sheet_layout import Layout
from services.entry.files.formats.sheet_scan import Position


@dataclass
class Table:
    """A table as its format holds it: the rows above the headings, those below, and what the format hides."""

    name: str
    kind: str
    headings: Headings
    above: Sequence[Row]
    below: Iterable[Numbered]
    first_column: int = 1
    """The column of the first cell of each row."""
    layout: Layout = field(default_factory=Layout)
    errors: Mapping[Position, str] = field(default_factory=dict)
    hidden: Mapping[Position, Any] = field(default_factory=dict)
    """The values that their format hides. Their cells are blank in `below`, and it is complete after the last row."""
    currencies: Mapping[Position, NumberFormat] = field(default_factory=dict)
    """The formats that name a currency, of the numbers of the rows read so far."""
    scaled: Mapping[Position, str] = field(default_factory=dict)
    """The text after a number that multiplies it for a reader; complete after the last row."""
    uncomputed: Sequence[Position] = ()
    """The formulas without results."""
    last_column: int = 0
    """The last column in which a sheet has a cell; it may be beyond the headings."""
    overflow: int | None = None
    """The column of cells beyond the last heading, if they are read."""
    overflow_name: str = ""
