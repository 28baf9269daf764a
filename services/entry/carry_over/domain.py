"""Carrying needs over into the next period: each that is still open is given a disposition, and says so in its record."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.reference import years_of

DISPOSITIONS = ("kept", "merged", "covered", "withdrawn")

OPEN = frozenset(("open", "partly_covered"))
"""How a record says that its need still stands; with any other disposition it is settled."""


@dataclass(frozen=True)
class Asked:
    """What is to become of one need."""

    ref: str
    disposition: str
    into: str | None = None
    """The need that it is merged into."""
    why: str | None = None


@dataclass(frozen=True)
class Carried:
    """What became of one need, and who said so; nobody, where its record, or a later one, says it."""

    ref: str
    disposition: str
    into: str | None = None
    why: str | None = None
    to_period: str | None = None
    submission: str | None = None
    version: int | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None


@dataclass(frozen=True)
class FormerNeed:
    """A need of a former period, as it was accepted last, with what became of it: None until somebody says."""

    ref: str
    record: Mapping[str, Any]
    carried: Carried | None


@dataclass(frozen=True)
class Mistake:
    """What is wrong with what is asked, where, and what would pass."""

    pointer: str
    message: str
    expected: str


class NothingToCarryOver(Exception):
    """No need of the former period waits for a disposition."""

    def __init__(self, period: str) -> None:
        super().__init__(
            f"No need of yours of {period} waits for a disposition; there is nothing to carry over."
        )


class CarriedOverMeanwhile(Exception):
    """Two requests met; the other one was quicker."""

    def __init__(self) -> None:
        super().__init__(
            "Your needs were carried over by another request at the same moment; look at what became of them."
        )


def period_after(period: str) -> str:
    """The biennium that follows: "2023-2024" -> "2025-2026"; raises PeriodIsUnknown."""
    first = years_of(period).stop
    return f"{first}-{first + 1}"


def period_before(period: str) -> str:
    """The biennium before: "2025-2026" -> "2023-2024"; raises PeriodIsUnknown."""
    first = years_of(period).start - 2
    return f"{first}-{first + 1}"


def former_needs(
    records: Mapping[str, Mapping[str, Any]],
    *,
    decided: Mapping[str, Carried],
    later: Sequence[Mapping[str, Any]],
) -> list[FormerNeed]:
    """The needs of a former period by ref, with what became of each.

    `decided` is what was said of them, `later` are the records of the next period: one that names a former need, or bears
    its ref, carries it over.
    """
    named = {str(record.get("carried_over_from") or record.get("ref")): record for record in later}
    return [
        FormerNeed(ref, record, decided.get(ref) or _said_by(record) or _carried_by(ref, named.get(ref)))
        for ref, record in sorted(records.items())
    ]


def mistakes_in(
    asked: Sequence[Asked], *, waiting: Mapping[str, Mapping[str, Any]], there: Collection[str]
) -> list[Mistake]:
    """All that is wrong with what is asked, unless each need that waits has one disposition that can be.

    `there` are the refs in the next period's submission already, into which a need can be merged too.
    """
    into = {each.ref for each in asked if each.disposition == "kept" and each.ref in waiting} | set(there)
    counted = Counter(each.ref for each in asked)
    found = [
        mistake
        for at, each in enumerate(asked)
        for mistake in _mistakes(each, f"/dispositions/{at}", waiting, into, times=counted[each.ref])
    ]
    return found + [_missing(ref, record) for ref, record in waiting.items() if ref not in counted]


def carried_record(record: Mapping[str, Any], asked: Asked) -> dict[str, Any]:
    """The need's record for the next period. One that is settled says into what it went, or why."""
    carried = {**record, "carried_over_from": record["ref"]}
    if asked.disposition == "kept":
        still = record.get("disposition")
        return carried | {"disposition": still if still in OPEN else "open"}
    verb = f"Merged into {asked.into}" if asked.into else asked.disposition.capitalize()
    texts = [record.get("description"), f"{verb}: {asked.why}"]
    description = "\n\n".join(text for text in texts if isinstance(text, str) and text)
    return carried | {"disposition": asked.disposition, "description": description}


def _said_by(record: Mapping[str, Any]) -> Carried | None:
    """What a need's own record says has become of it."""
    disposition = record.get("disposition", "open")
    return None if disposition in OPEN else Carried(str(record["ref"]), str(disposition))


def _carried_by(ref: str, later: Mapping[str, Any] | None) -> Carried | None:
    """What a record of the next period says has become of it."""
    if later is None:
        return None
    disposition = later.get("disposition", "open")
    return Carried(ref, "kept" if disposition in OPEN else str(disposition))


def _mistakes(
    asked: Asked, at: str, waiting: Collection[str], into: Collection[str], *, times: int
) -> Iterator[Mistake]:
    if asked.ref not in waiting:
        yield Mistake(
            f"{at}/ref",
            f"No need {asked.ref!r} of yours waits for a disposition.",
            "a need that waits for one",
        )
    elif times > 1:
        yield Mistake(
            f"{at}/ref", f"The need {asked.ref!r} is named {times} times.", "one disposition of each need"
        )
    if asked.disposition == "merged" and (asked.into == asked.ref or asked.into not in into):
        whereto = "no need" if asked.into is None else f"{asked.into!r}, which is not kept"
        yield Mistake(
            f"{at}/into",
            f"The need {asked.ref!r} is merged into {whereto}.",
            "the ref of a need that is kept",
        )
    if asked.disposition != "merged" and asked.into is not None:
        yield Mistake(f"{at}/into", "Only a need that is merged goes into another.", "nothing, or merged")
    if asked.disposition != "kept" and not (asked.why or "").strip():
        yield Mistake(f"{at}/why", f"It is not said why {asked.ref!r} is {asked.disposition}.", "a reason")


def _missing(ref: str, record: Mapping[str, Any]) -> Mistake:
    title = str(record.get("title", ""))[:100]
    return Mistake(
        "/dispositions",
        f"The need {ref!r}, {title}, has no disposition.",
        f"one of {', '.join(DISPOSITIONS)}",
    )
