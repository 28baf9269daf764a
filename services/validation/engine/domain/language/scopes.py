"""What the names in an expression stand for, and the values that are fetched for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.reference.fields import Field

MAX_EXPRESSION_LENGTH = 800
"""Characters that an expression may have."""


class ExpressionIsRefused(ValueError):
    """An expression says something that the language has no word for."""

    def __init__(self, expression: str, reason: str) -> None:
        super().__init__(f"{expression[:MAX_EXPRESSION_LENGTH]!r}: {reason}")
        self.reason = reason


LOOKED_UP: Mapping[str, str] = {
    "previous": "x.previous(r.get('ref'))",
    "similar": "x.similar(r.get('ref'))",
    "former": "x.former()",
}
"""Names that stand for what is looked up about a record beyond itself, and how they are had."""


@dataclass(frozen=True)
class Scope:
    """What the names of a rule stand for. `item` describes the entries of the list that the rule goes through."""

    names: Mapping[str, Field]
    submission: Mapping[str, Field]
    item: Field | None = None


@dataclass(frozen=True)
class Load:
    """A value that is fetched once before the expression is judged.

    `root` is where from: r(ecord), s(ubmission), i(tem) or x, the context.
    """

    variable: str
    source: str
    root: str


class Loads:
    """The values that one function fetches, each once, however many expressions read it."""

    def __init__(self) -> None:
        self.all: list[Load] = []
        self._by_source: dict[str, Load] = {}

    def variable(self, source: str, root: str) -> str:
        """The variable that holds what `source` gives."""
        if source not in self._by_source:
            self._by_source[source] = Load(f"v{len(self.all)}", source, root)
            self.all.append(self._by_source[source])
        return self._by_source[source].variable

    def of_items(self) -> list[Load]:
        """What is fetched from the entries of the list that is walked; the entries of the next list are others."""
        found = [load for load in self._by_source.values() if load.root == "i"]
        for load in found:
            del self._by_source[load.source]
        return found


@dataclass
class Frame:
    """One walk through a list: its entry's variable and field, and the sources that must not be missing."""

    variable: str
    entry: Field
    is_record: bool
    required: list[str] = field(default_factory=list)
