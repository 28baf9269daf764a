"""The currencies that cells of amounts show, compared with those that their rows state."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.entry.files.formats.cells import column_of
from services.entry.files.formats.number_formats import NumberFormat
from services.entry.files.formats.other_rows import field_at, is_money
from services.entry.files.formats.rows import Row
from services.entry.files.formats.sheet_scan import Position
from shared.reference import Field

_CURRENCY = "currency"


@dataclass(frozen=True)
class OtherCurrency:
    """A cell whose format shows another currency than its row states."""

    row: int
    column: int
    shown: str
    stated: str


class RowCurrencies:
    """Compares the currency in the format of each amount with that of its entry, or else of its record."""

    def __init__(
        self,
        columns: Mapping[str, int],
        fields: Mapping[str, Field],
        formats: Mapping[Position, NumberFormat],
        *,
        first_column: int,
    ) -> None:
        self.found: list[OtherCurrency] = []
        self._formats = formats
        self._first = first_column
        field = field_at(_CURRENCY, fields)
        self._read = column_of(field)
        self._amounts = [
            (at, [columns[each] for each in _currencies_of(path) if each in columns])
            for path, at in columns.items()
            if is_money(path, fields)
        ]

    def check(self, row: int, cells: Row) -> None:
        """Compare the amounts of a row."""
        for column, sources in self._amounts:
            number_format = self._formats.get((row, column))
            if number_format is None:
                continue
            stated = next(filter(None, (self._code_in(cells, source) for source in sources)), None)
            if stated is not None and stated not in number_format.currencies:
                self.found.append(OtherCurrency(row, column, number_format.currency, stated))

    def _code_in(self, cells: Row, column: int) -> str | None:
        at = column - self._first
        [code] = self._read([cells[at]] if at < len(cells) else [""])
        return None if code is None else str(code)


def _currencies_of(path: str) -> Sequence[str]:
    outer = path.rpartition(".")[0]
    return [f"{outer}.{_CURRENCY}", _CURRENCY] if outer else [_CURRENCY]
