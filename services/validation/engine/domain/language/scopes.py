"""The names in scope of an expression, and the values that it loads."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from shared.reference.fields import Field

MAX_EXPRESSION_LENGTH = 800
"""The maximum number of characters in an expression."""


class ExpressionIsRefused(ValueError):
    """An expression is not valid in the rule language."""

    def __init__(self, expression: str, reason: str) -> None:
        super().__init__(f"{expression[:MAX_EXPRESSION_LENGTH]!r}: {reason}")
        self.reason = reason


LOOKED_UP: Mapping[str, str] = {
    "previous": "x.previous(r.get('ref'))",
    "similar": "x.similar(r.get('ref'))",
    "alike": "x.alike(r.get('ref'))",
    "former": "x.former()",
    "unread": "x.unread()",
}
"""Names of data beside the records, with the source that reads each from the context."""


@dataclass(frozen=True)
class Scope:
    """The names of a rule with their fields. `item` describes the entries of the list in the rule's `for_each`."""

    names: Mapping[str, Field]
    submission: Mapping[str, Field]
    item: Field | None = None


@dataclass(frozen=True)
class Load:
    """A value that is loaded once, before the expression is evaluated.

    `root` names its origin: r(ecord), s(ubmission), i(tem) or x, the context.
    """

    variable: str
    source: str
    root: str


class Loads:
    """The values that one function loads. Each is loaded once, however many expressions read it."""

    def __init__(self) -> None:
        self.all: list[Load] = []
        self._by_source: dict[str, Load] = {}

    def variable(self, source: str, root: str) -> str:
        """Return the variable that holds the value of `source`."""
        if source not in self._by_source:
            self._by_source[source] = Load(f"v{len(self.all)}", source, root)
            self.all.append(self._by_source[source])
        return self._by_source[source].variable

    def take_item_loads(self) -> list[Load]:
        """Return and remove the loads from the current list's entries; the next list has entries of its own."""
        found = [load for load in self._by_source.values() if load.root == "i"]
        for load in found:
            del self._by_source[load.source]
        return found


@dataclass
class Frame:
    """A loop over a list: its entry's variable and field, and the sources that must not be missing."""

    variable: str
    entry: Field
    is_record: bool
    required: list[str] = field(default_factory=list)
