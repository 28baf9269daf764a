"""What records refer to: needs and responses of others, and a need's own former period."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shared.reference import needs_period_containing, years_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from services.validation.domain.functions import Known


def referred_to(
    records: Iterable[Mapping[str, Any]], *, kind: str, reporter: str, period: str
) -> frozenset[Known]:
    """All that sound records refer to, with what a link leaves out filled in. Links are never followed further."""
    found: set[Known] = set()
    for record in records:
        found.update(_links(record, "needs", "need", reporter, needs_period_containing(period)))
        found.update(_links(record, "responses", "response", reporter, period))
        if kind == "need" and "carried_over_from" in record:
            found.add(("need", reporter, _former(period), record["carried_over_from"]))
    return frozenset(found)


def _links(record: Mapping[str, Any], name: str, kind: str, reporter: str, period: str) -> Iterator[Known]:
    for link in record.get(name, ()):
        yield kind, link.get("reporter", reporter), link.get("period", period), link["ref"]


def _former(period: str) -> str:
    first = years_of(period).start
    return f"{first - 2}-{first - 1}"
