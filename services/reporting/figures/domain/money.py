"""Money as integer cents, and how an amount is shared out without losing one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from typing import Any

UNSTATED = "unstated"
"""Stands where a record says nothing: a theme, a partner."""

NO_CURRENCY = "XXX"
"""ISO 4217 for an amount whose currency is not known; never added to another."""

COMMITTED_TYPES = frozenset({"2", "11"})
"""IATI transaction types: outgoing and incoming commitment."""

SPENT_TYPES = frozenset({"3", "4"})
"""IATI transaction types: disbursement and expenditure."""

LARGEST = 10**13
"""In cents: beyond this a figure is a slip, and would not fit the column once many are added up."""


ANY = "*"
"""Stands for all values of a key in a kept figure, so no record may have it as a value."""

LONGEST_CODE = 64


class AmountIsUnreadable(ValueError):
    """An amount is not a number of a size that money has."""

    def __init__(self, value: Any) -> None:
        super().__init__(f"{value!r} is not an amount of money.")
        self.value = value


@dataclass(frozen=True, slots=True)
class Money:
    """Cents of one currency in one year (None: the record's own): what it is estimated at, promised, paid out."""

    currency: str
    year: str | None
    estimated: int = 0
    committed: int = 0
    spent: int = 0


def code(value: Any) -> str:
    """A code as it is kept: what is empty, longer than any of ours, or stands for all values, is unstated."""
    text = "" if value is None else str(value)
    return text if 0 < len(text) <= LONGEST_CODE and text != ANY else UNSTATED


def currency_of(value: Any) -> str:
    """A currency's code, or `NO_CURRENCY` where it is not three letters."""
    text = str(value or "")
    return text if len(text) == len(NO_CURRENCY) and text.isalpha() else NO_CURRENCY


def cents(value: Any) -> int:
    """Read an amount (JSON number or decimal text) as integer cents, half cents to the even one.

    Raises `AmountIsUnreadable`.
    """
    try:
        amount = Decimal(str(value)) * 100
        whole = int(amount.quantize(Decimal(1), ROUND_HALF_EVEN))
    except (ArithmeticError, ValueError):
        raise AmountIsUnreadable(value) from None
    if abs(whole) > LARGEST or isinstance(value, bool):
        raise AmountIsUnreadable(value)
    return whole


def decimal_text(amount: int) -> str:
    """Cents as a decimal text with two places: -5 -> "-0.05"."""
    sign = "-" if amount < 0 else ""
    return f"{sign}{abs(amount) // 100}.{abs(amount) % 100:02d}"


def split(amount: int, weights: Mapping[str, Fraction]) -> dict[str, int]:
    """Share `amount` cents out by weight; what is left after rounding towards zero goes to the lowest code.

    The parts always sum to `amount`, which may be negative. Equal parts where all weights are zero.
    """
    if len(weights) == 1 or not amount:
        return dict.fromkeys(weights, amount)
    total = sum(weights.values())
    fractions = {
        code: weight / total if total else Fraction(1, len(weights)) for code, weight in weights.items()
    }
    sign = -1 if amount < 0 else 1
    parts = {at: sign * int(abs(amount) * fraction) for at, fraction in fractions.items()}
    parts[min(parts)] += amount - sum(parts.values())
    return parts


def weights(entries: Iterable[Mapping[str, Any]]) -> dict[str, Fraction]:
    """Weights by code from entries `{code, percentage?}`.

    Equal unless percentages are given; those without one share equally what the others leave of 100.
    """
    given: dict[str, Fraction] = {}
    silent: list[str] = []
    for entry in entries:
        at, percentage = code(entry.get("code")), entry.get("percentage")
        if percentage is None:
            silent.append(at)
        else:
            given[at] = given.get(at, Fraction(0)) + _percentage(percentage)
    silent = [at for at in silent if at not in given]
    if not given and not silent:
        return {UNSTATED: Fraction(1)}
    if not given:
        return dict.fromkeys(silent, Fraction(1))
    left = max(Fraction(100) - sum(given.values()), Fraction(0))
    return given | {at: left / len(silent) for at in silent}


def _percentage(value: Any) -> Fraction:
    if cents(value) < 0:
        raise AmountIsUnreadable(value)
    return Fraction(Decimal(str(value)).quantize(Decimal("0.000001")))


def monies(record: Mapping[str, Any], kind: str) -> tuple[Money, ...]:
    """The amounts that count: a need's estimate, a response's own budget, a support's transactions.

    Where a support has no commitment, disbursement or expenditure, its budget counts as committed.
    """
    currency = currency_of(record.get("currency"))
    if kind == "need":
        return _single(record.get("estimated_cost"), currency, "estimated")
    if kind == "response":
        return _single(record.get("own_budget"), currency, "committed")
    moved = tuple(
        _transaction(transaction, currency)
        for transaction in record.get("transactions") or ()
        if str(transaction.get("type")) in COMMITTED_TYPES | SPENT_TYPES
        and transaction.get("amount") is not None
    )
    return moved or _single(record.get("budget"), currency, "committed")


def _single(value: Any, currency: str, measure: str) -> tuple[Money, ...]:
    return () if value is None else (Money(currency, None, **{measure: cents(value)}),)


def _transaction(transaction: Mapping[str, Any], currency: str) -> Money:
    measure = "committed" if str(transaction["type"]) in COMMITTED_TYPES else "spent"
    amount = cents(transaction["amount"])
    return Money(
        currency_of(transaction.get("currency") or currency),
        year_of(transaction.get("date")),
        **{measure: amount},
    )


def year_of(day: Any) -> str | None:
    """The year of an ISO date, or None where there is none."""
    year = str(day or "")[:4]
    return year if len(year) == len("2026") and year.isdigit() else None
