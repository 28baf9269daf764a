"""A function that an expert in these rules would write by hand: a yardstick that is hard to reach."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date

from tests.bench.rules.rows import CURRENCIES, HIGHEST_BUDGET, HIGHEST_URGENCY, STATUSES, TYPES, Finding, Row


def judge_by_hand(rows: Sequence[Row], needs: Collection[str]) -> list[Finding]:  # noqa: C901, PLR0912 - written out for speed
    """Return which row breaks which rule, in the order of the rows."""
    found: list[Finding] = []
    add = found.append
    types, statuses, currencies = set(TYPES), set(STATUSES), set(CURRENCIES)
    times = Counter(row.get("ref") for row in rows)
    for at, row in enumerate(rows):
        get = row.get
        status, currency, need = get("status"), get("currency"), get("need")
        start, end, decided = get("start"), get("end"), get("decided")
        budget, share, urgency, spent = get("budget"), get("share"), get("urgency"), get("spent")
        if not get("title"):
            add((at, "FLAT-01"))
        if not get("institution"):
            add((at, "FLAT-02"))
        if not status:
            add((at, "FLAT-03"))
        elif status not in statuses:
            add((at, "FLAT-05"))
        if (kind := get("type")) is not None and kind not in types:
            add((at, "FLAT-04"))
        if currency is not None and currency not in currencies:
            add((at, "FLAT-06"))
        if start is not None:
            if decided is not None and decided > start:
                add((at, "FLAT-07"))
            if end is not None and start > end:
                add((at, "FLAT-08"))
        if budget is not None:
            if not 0 <= budget <= HIGHEST_BUDGET:
                add((at, "FLAT-09"))
            if currency is None:
                add((at, "FLAT-12"))
            if spent is not None and spent > budget:
                add((at, "FLAT-14"))
        if share is not None and not 0 <= share <= 100:
            add((at, "FLAT-10"))
        if urgency is not None and not 1 <= urgency <= HIGHEST_URGENCY:
            add((at, "FLAT-11"))
        if status == "completed" and end is None:
            add((at, "FLAT-13"))
        if (ref := get("ref")) is not None and times[ref] > 1:
            add((at, "FLAT-15"))
        if need is not None and need not in needs:
            add((at, "FLAT-16"))
    return found


def judge_unseen_by_hand(rows: Sequence[Row], needs: Collection[str]) -> list[Finding]:
    """Return the findings of unchecked rows, as in bodies: values of another type are found and break no rule.

    The rule engine always checks types; `judge_by_hand` would raise TypeError.
    """
    return [*_mistyped(rows), *judge_by_hand(rows, needs)]


_DATES = ("decided", "start", "end")
_TYPES: Mapping[str, type | tuple[type, ...]] = {
    **dict.fromkeys(("ref", "title", "institution", "type", "status", "currency", "need", *_DATES), str),
    **dict.fromkeys(("budget", "spent", "share"), (int, float)),
    "urgency": int,
}


def _mistyped(rows: Sequence[Row]) -> Iterator[Finding]:
    for at, row in enumerate(rows):
        for name, value in row.items():
            if not isinstance(value, _TYPES[name]):
                yield at, f"{name} has another type"
        for name in _DATES:
            if name in row and not _is_day(row[name]):
                yield at, f"{name} is no day"


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
