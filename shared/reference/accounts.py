"""The account of a file: what was read of it, and what was not."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

FORMATS = ("json", "ndjson", "csv", "xlsx", "iati")
"""The formats of files and requests."""

MAX_LISTED = 100
"""The maximum number of unread parts, and of entries of a list in the summary, that an overview has."""

UNREAD_PLACE = ("sheet", "row", "cell", "element")
"""The facts of an unread part that locate it in its file."""

UNREAD_FACTS = ("reason", "values", *UNREAD_PLACE)
"""The facts of an unread part that a finding about it has."""


@dataclass(frozen=True)
class Account:
    """The summary of what was read of a file, and each part that was not read.

    The summary has `format` and `records`; for a table also `sheet`, `other_sheets`, `heading_row`, `rows` and `columns`,
    for CSV `encoding` and `separator`, for IATI `version`, `activities`, `transactions` and `budgets`. An unread part has
    a `reason` (see `unread`), a `message`, what is `expected`, and its place.
    """

    read: Mapping[str, Any]
    unread: Sequence[Mapping[str, Any]] = ()

    @property
    def whole(self) -> dict[str, Any]:
        """The whole account, as it is stored for the rules and the reports."""
        return {"read": dict(self.read), "unread": list(self.unread)}

    @property
    def overview(self) -> dict[str, Any]:
        """The account as responses and reports show it: all unread parts by reason, and the first of them.

        `left_out` counts the unread parts that are not listed. Long lists of the summary are cut; `..._left_out` counts
        the rest.
        """
        listed = list(self.unread[:MAX_LISTED])
        return {
            "read": _cut_lists(self.read),
            "counts": dict(Counter(part["reason"] for part in self.unread)),
            "unread": listed,
            "left_out": len(self.unread) - len(listed),
        }


def _cut_lists(read: Mapping[str, Any]) -> dict[str, Any]:
    cut: dict[str, Any] = {}
    for name, value in read.items():
        cut[name] = value
        if isinstance(value, list) and len(value) > MAX_LISTED:
            cut[name], cut[f"{name}_left_out"] = value[:MAX_LISTED], len(value) - MAX_LISTED
    return cut
