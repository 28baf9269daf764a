"""Carrying needs over into the next period: each open need gets a disposition, which its record states."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from shared.i18n import Text
from shared.reference import years_of
from shared.reference.refs import ref_key

DISPOSITIONS = ("kept", "merged", "covered", "withdrawn")

OPEN = frozenset(("open", "partly_covered"))
"""The dispositions of an open need. With any other disposition, the need is settled."""


@dataclass(frozen=True)
class DispositionRequest:
    """The requested disposition of one need."""

    ref: str
    disposition: str
    into: str | None = None
    """The ref of the need that this one is merged into."""
    why: str | None = None


@dataclass(frozen=True)
class CarriedNeed:
    """The disposition of one need. `decided_by` is None if its own record, or one of the next period, states it."""

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
class PreviousNeed:
    """A need of the previous period as last accepted. `carried` is its disposition, None while the need is awaiting one."""

    ref: str
    record: Mapping[str, Any]
    carried: CarriedNeed | None


@dataclass(frozen=True)
class DispositionError:
    """An error in a requested disposition, with its place and an example of a valid value."""

    pointer: str
    message: str
    expected: str


class NothingToCarryOver(Exception):
    """No need of the previous period is awaiting a disposition."""

    def __init__(self, period: str) -> None:
        super().__init__(
            Text(
                "None of your needs of {period} is awaiting a disposition; there is nothing to carry over.",
                period=period,
            )
        )


class CarriedOverMeanwhile(Exception):
    """Another request has just carried the needs over."""

    def __init__(self) -> None:
        super().__init__(
            Text("Another request has just carried over your needs; list them to see their dispositions.")
        )


def period_after(period: str) -> str:
    """Return the next biennium: "2023-2024" -> "2025-2026". Raise `PeriodIsUnknown` for an invalid one."""
    first = years_of(period).stop
    return f"{first}-{first + 1}"


def period_before(period: str) -> str:
    """Return the previous biennium: "2025-2026" -> "2023-2024". Raise `PeriodIsUnknown` for an invalid one."""
    first = years_of(period).start - 2
    return f"{first}-{first + 1}"


def previous_needs(
    records: Mapping[str, Mapping[str, Any]],
    *,
    decided: Mapping[str, CarriedNeed],
    later: Sequence[Mapping[str, Any]],
) -> list[PreviousNeed]:
    """List the needs of the previous period by ref, each with its disposition.

    `decided` are the stored dispositions. `later` are the records of the next period: a record that names a previous
    need, or has its ref, carries the need over.
    """
    named = {ref_key(str(record.get("carried_over_from") or record.get("ref"))): record for record in later}
    decided = {ref_key(ref): carried for ref, carried in decided.items()}
    return [
        PreviousNeed(
            ref,
            record,
            decided.get(ref_key(ref)) or _stated_by(record) or _carried_by(ref, named.get(ref_key(ref))),
        )
        for ref, record in sorted(records.items())
    ]


def in_stored_spelling(
    requests: Iterable[DispositionRequest], refs: Collection[str]
) -> list[DispositionRequest]:
    """Return the requests with refs as the records have them: the encoding of accents makes no difference."""
    stored = {ref_key(ref): ref for ref in refs} | {ref: ref for ref in refs}

    def spelled(ref: str) -> str:
        return stored.get(ref) or stored.get(ref_key(ref)) or ref

    return [
        replace(each, ref=spelled(each.ref), into=None if each.into is None else spelled(each.into))
        for each in requests
    ]


def validate(
    requests: Sequence[DispositionRequest],
    *,
    waiting: Mapping[str, Mapping[str, Any]],
    existing: Collection[str],
) -> list[DispositionError]:
    """List the errors in the requests. There is none if each waiting need has one valid disposition.

    `existing` are the refs that the next period's submission already has: a need can be merged into these too.
    """
    into = {each.ref for each in requests if each.disposition == "kept" and each.ref in waiting} | set(
        existing
    )
    counted = Counter(each.ref for each in requests)
    found = [
        error
        for at, each in enumerate(requests)
        for error in _errors(each, f"/dispositions/{at}", waiting, into, times=counted[each.ref])
    ]
    return found + [_missing(ref, record) for ref, record in waiting.items() if ref not in counted]


def carried_record(record: Mapping[str, Any], request: DispositionRequest) -> dict[str, Any]:
    """Return the need's record for the next period. The record of a settled need states its target or the reason."""
    carried = {**record, "carried_over_from": record["ref"]}
    if request.disposition == "kept":
        still = record.get("disposition")
        return carried | {"disposition": still if still in OPEN else "open"}
    verb = f"Merged into {request.into}" if request.into else request.disposition.capitalize()
    texts = [record.get("description"), f"{verb}: {request.why}"]
    description = "\n\n".join(text for text in texts if isinstance(text, str) and text)
    return carried | {"disposition": request.disposition, "description": description}


def _stated_by(record: Mapping[str, Any]) -> CarriedNeed | None:
    """Return the disposition that the need's own record states; None if the need is open."""
    disposition = record.get("disposition", "open")
    return None if disposition in OPEN else CarriedNeed(str(record["ref"]), str(disposition))


def _carried_by(ref: str, later: Mapping[str, Any] | None) -> CarriedNeed | None:
    """Return the disposition that a record of the next period states; None without a record."""
    if later is None:
        return None
    disposition = later.get("disposition", "open")
    return CarriedNeed(ref, "kept" if disposition in OPEN else str(disposition))


def _errors(
    request: DispositionRequest, at: str, waiting: Collection[str], into: Collection[str], *, times: int
) -> Iterator[DispositionError]:
    if request.ref not in waiting:
        yield DispositionError(
            f"{at}/ref",
            f"None of your needs with the ref {request.ref!r} is awaiting a disposition.",
            "a need that is awaiting one",
        )
    elif times > 1:
        yield DispositionError(
            f"{at}/ref", f"The need {request.ref!r} is named {times} times.", "one disposition for each need"
        )
    if request.disposition == "merged" and (request.into == request.ref or request.into not in into):
        whereto = "no need" if request.into is None else f"{request.into!r}, which is not kept"
        yield DispositionError(
            f"{at}/into",
            f"The need {request.ref!r} is merged into {whereto}.",
            "the ref of a need that is kept",
        )
    if request.disposition != "merged" and request.into is not None:
        yield DispositionError(
            f"{at}/into", "'into' is only for a need that is merged.", "no 'into', or the disposition merged"
        )
    if request.disposition != "kept" and not (request.why or "").strip():
        yield DispositionError(
            f"{at}/why", f"There is no reason why {request.ref!r} is {request.disposition}.", "a reason"
        )


def _missing(ref: str, record: Mapping[str, Any]) -> DispositionError:
    title = str(record.get("title", ""))[:100]
    return DispositionError(
        "/dispositions",
        f"The need {ref!r}, {title}, has no disposition.",
        f"one of {', '.join(DISPOSITIONS)}",
    )
