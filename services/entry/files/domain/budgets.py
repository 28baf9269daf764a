"""Budgets of an activity: those that count, and those that revised budgets replace."""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import accumulate


@dataclass(frozen=True)
class Budget:
    """A budget of a period. An unknown start or end is the first or last day of all."""

    number: int
    """Its position among the budgets of its activity, from 1."""
    is_revised: bool
    amount: Decimal
    currency: str
    start: date = date.min
    end: date = date.max

    @property
    def period(self) -> tuple[int, int]:
        """The period in days. A period may begin on the day on which the previous one ends."""
        start = self.start.toordinal()
        return start, max(self.end.toordinal(), start + 1)


@dataclass(frozen=True)
class BudgetsInForce:
    """The budgets that count, those that are replaced, and those of which neither is certain."""

    counted: tuple[Budget, ...]
    replaced: tuple[Budget, ...]
    unclear: tuple[Budget, ...]


def find_in_force(budgets: Sequence[Budget]) -> BudgetsInForce:
    """Tell the budgets in force from those replaced.

    Revised budgets replace each original whose period they cover together. It is unclear which budget counts if revised
    ones cover only a part of an original, overlap each other, or outnumber the originals of the same period.
    """
    if not any(each.is_revised for each in budgets):
        return BudgetsInForce(tuple(budgets), (), ())
    revised = _RevisedSpans(budgets)
    states = {each: revised.state_of(each) for each in budgets}
    found = {
        state: tuple(each for each in budgets if states[each] == state)
        for state in ("counted", "replaced", "unclear")
    }
    return BudgetsInForce(**found)


def find_overlaps(budgets: Iterable[Budget]) -> list[Budget]:
    """Return budgets that may be counted twice, since they overlap earlier ones.

    Budgets of one period are its lines, unless their amounts are equal too. Budgets without a period are none.
    """
    last: Budget | None = None
    found: list[Budget] = []
    lines: set[tuple[tuple[int, int], Decimal, str]] = set()
    dated = (each for each in budgets if each.start > date.min and each.end < date.max)
    for each in sorted(dated, key=lambda each: (each.period, each.number)):
        line = (each.period, each.amount, each.currency)
        is_inside = last is not None and each.period != last.period and each.period[0] < last.period[1]
        if line in lines or is_inside:
            found.append(each)
        lines.add(line)
        last = each if last is None or each.period[1] > last.period[1] else last
    return found


class _RevisedSpans:
    """The revised budgets, merged into spans that do not overlap. Spans without a gap between them have one run."""

    def __init__(self, budgets: Sequence[Budget]) -> None:
        originals = Counter(each.period for each in budgets if not each.is_revised)
        revised = Counter(each.period for each in budgets if each.is_revised)
        self._starts: list[int] = []
        self._ends: list[int] = []
        self._clashes: list[bool] = []
        for (start, end), lines in sorted(revised.items()):
            if self._ends and start < self._ends[-1]:
                self._ends[-1], self._clashes[-1] = max(self._ends[-1], end), True
                continue
            self._starts.append(start)
            self._ends.append(end)
            # Lines of one period may replace as many lines.
            self._clashes.append(lines > 1 and lines > originals[start, end])
        gaps = (start > end + 1 for end, start in zip(self._ends, self._starts[1:], strict=False))
        self._runs = list(accumulate(map(int, gaps), initial=0))
        self._mark(each for each in budgets if not each.is_revised)

    def _mark(self, originals: Iterable[Budget]) -> None:
        """Mark the spans that overlap an original which they do not replace for certain."""
        self._clashing_before = list(accumulate(map(int, self._clashes), initial=0))
        changes = [0] * (len(self._starts) + 1)
        for each in originals:
            first, last = self._overlapping(each)
            if first < last and self.state_of(each) == "unclear":
                changes[first] += 1
                changes[last] -= 1
        marks = list(accumulate(changes))[: len(self._starts)]
        self._clashes = [clash or mark > 0 for clash, mark in zip(self._clashes, marks, strict=True)]

    def _overlapping(self, budget: Budget) -> tuple[int, int]:
        start, end = budget.period
        return bisect_right(self._ends, start), bisect_left(self._starts, end)

    def state_of(self, budget: Budget) -> str:
        """Return whether a budget is counted, replaced or unclear."""
        first, last = self._overlapping(budget)
        if budget.is_revised:
            return "unclear" if self._clashes[first] else "counted"
        if first >= last:
            return "counted"
        start, end = budget.period
        covers = self._starts[first] <= start and self._ends[last - 1] >= end
        is_certain = self._clashing_before[first] == self._clashing_before[last]
        return (
            "replaced" if covers and is_certain and self._runs[first] == self._runs[last - 1] else "unclear"
        )
