"""The places of a body's records in the order in which they were stated.

Of two versions that report the same record, the one that stated it last counts. A record has the place at which it was
stated: that of its own version, unless the version repeats it or keeps it from an earlier one. A body lists the places
where they differ from its version's own, as runs: `"places":[["2026-11-23T09:00:00.000Z/0199...",3],...]`. A long list is
a blob, which the body names. The body of a correction has its version's own `place` too.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain, groupby, repeat
from typing import Any

from shared.records.canonical import canonical_json, parse_json

MAX_RUNS = 20
"""The maximum number of runs that the body itself lists."""

NO_PLACE = ""
"""The place of a record that repeats a withdrawn one: it is no claim, and counts nowhere."""

Runs = list[list[Any]]
"""Consecutive records with one place: the place and their number."""


def place_at(received_at: str, reception: str) -> str:
    """Return a place. Places sort by time; `reception` is an id that puts those of one millisecond in order."""
    return f"{received_at}/{reception}"


def own_place(received_at: str, submission: str, version: int) -> str:
    """Return the place of a version whose body names none."""
    return place_at(received_at, submission if version == 1 else f"{submission}.{version:010d}")


def runs_of(places: Iterable[str]) -> Runs:
    """Return the places of consecutive records as runs."""
    return [[place, len(list(group))] for place, group in groupby(places)]


def places_in(runs: Iterable[Iterable[Any]]) -> Iterator[str]:
    """Yield the place of each record."""
    return chain.from_iterable(repeat(place, number) for place, number in runs)


def write_places(
    places: Iterable[str], *, own: str, default: str, put: Callable[[bytes], str]
) -> dict[str, Any]:
    """Return the facts of a body that list the places; none where all are the `default` of the version.

    `own` is the version's place. `put` stores a long list and returns its sha-256.
    """
    runs = runs_of(places)
    if own == default and all(place == own != NO_PLACE for place, _ in runs):
        return {}
    listed = runs if len(runs) <= MAX_RUNS else put(canonical_json(runs))
    return {"place": own, "places": listed} if own != default else {"places": listed}


def read_own(facts: Mapping[str, Any], *, default: str) -> str:
    """Return the place of the version that a body belongs to."""
    return str(facts.get("place", default))


def read_runs(facts: Mapping[str, Any], *, get: Callable[[str], bytes]) -> Runs | None:
    """Return the runs of a body; None if all records have the version's own place."""
    runs: str | Runs | None = facts.get("places")
    listed: Runs | None = parse_json(get(runs)) if isinstance(runs, str) else runs
    return listed


def read_places(facts: Mapping[str, Any], *, get: Callable[[str], bytes]) -> Iterator[str] | None:
    """Yield the place of each record of a body; None if all have the version's own place."""
    runs = read_runs(facts, get=get)
    return None if runs is None else places_in(runs)


def claim_at(place: str, *, own: str) -> str:
    """Return the order of a version's claim to a record: the greatest claim to a record counts.

    Of equal places, the version received last has the greater claim: a repeated record counts where it was sent last.
    There is no claim without a place.
    """
    if place == NO_PLACE:
        return NO_PLACE
    return own if place == own else f"{place} {own}"
