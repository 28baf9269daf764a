"""Records as flat tables: a column for each field, each field of a block, and each field of each entry of a list.

The name of a column is its path: `title`, `training.topic`, `themes.0.code`. Its heading consists of the labels on that
path: "Title", "Training: topic", "Theme 1: code". A list of codes or texts is one column: its entries share a cell.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from shared.reference.fields.model import Field


@dataclass(frozen=True)
class Column:
    """A column. `steps` are the fields on its path, its own field last; `number` counts the entries of a list from 1."""

    path: str
    steps: tuple[Field, ...]
    number: int | None = None

    @property
    def field(self) -> Field:
        """The field of the column's cells."""
        return self.steps[-1]

    @property
    def help(self) -> str:
        """The help for people who fill in the column."""
        return self.field.help

    @property
    def is_required(self) -> bool:
        """Whether a complete record has a value in the column. The second entry of a list is never required."""
        return all(step.required for step in self.steps) and self.number in (None, 1)

    def label(self, language: str) -> str:
        """Return the heading in one of `LANGUAGES`."""
        outer, *inner = self.steps
        if self.number is None:
            return ": ".join(step.label(language) for step in self.steps)
        entry = outer.items or outer
        return ": ".join(
            (f"{entry.label(language)} {self.number}", *(each.label(language) for each in inner))
        )


def columns_of(
    fields: Mapping[str, Field], *, entries: Mapping[str, int] | None = None
) -> tuple[Column, ...]:
    """Return the columns of fields. `entries` gives the number of entries for each list of blocks; the default is one."""
    return tuple(
        column for field in fields.values() for column in _columns(field, (entries or {}).get(field.name, 1))
    )


def _columns(field: Field, entries: int) -> Iterator[Column]:
    if field.fields:
        yield from (Column(f"{field.name}.{name}", (field, inner)) for name, inner in field.fields.items())
    elif field.items is not None and field.items.fields:
        for at in range(entries):
            for name, inner in field.items.fields.items():
                yield Column(f"{field.name}.{at}.{name}", (field, inner), number=at + 1)
    else:
        yield Column(field.name, (field,))
