"""Money as integer cents, and the splitting of amounts without losing a cent."""

from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any, NamedTuple

from shared.reference.codelists import CODELISTS
from shared.reference.refs import ref_key

UNSTATED = "unstated"
"""The value of a theme or partner that a record does not state."""

OUTSIDE = "outside"
"""The value of a beneficiary outside the region, which is counted for no partner."""

NO_CURRENCY = "XXX"
"""ISO 4217 code of an unknown currency; such amounts are never added to another currency's."""

COMMITTED_TYPES = frozenset({"2", "11"})
"""IATI transaction types: outgoing and incoming commitment."""

SPENT_TYPES = frozenset({"3", "4"})
"""IATI transaction types: disbursement and expenditure."""

COUNTED_TYPES = COMMITTED_TYPES | SPENT_TYPES

WHOLE = Fraction(1)

MAX_CENTS = 10**13
"""The maximum amount in cents: a larger amount is an error, and sums of such amounts would not fit the column."""

ANY = "*"
"""The value for all values of a key in a stored figure; no record may have it as a value."""

MAX_CODE_LENGTH = 64


class AmountIsUnreadable(ValueError):
    """An amount is not a number, or too large for money."""

    def __init__(self, value: Any) -> None:
        super().__init__(f"{value!r} is not an amount of money.")
        self.value = value


class Money(NamedTuple):
    """Cents of one currency in one year (None: the year of the record): estimated, committed and spent.

    `partner` is the only beneficiary (None: the beneficiaries of the record).
    """

    currency: str
    year: str | None
    estimated: int = 0
    committed: int = 0
    spent: int = 0
    partner: str | None = None


def code(value: Any) -> str:
    """Return a code for storage: `unstated` if it is empty, too long or the code for all values."""
    text = "" if value is None else ref_key(str(value))
    return text if 0 < len(text) <= MAX_CODE_LENGTH and text != ANY else UNSTATED


def partner_of(value: Any) -> str:
    """Return a beneficiary for storage: a partner, the region or `outside`."""
    found = code(value)
    return OUTSIDE if found in CODELISTS["outside"].codes else found


def currency_of(value: Any) -> str:
    """Return a currency's code, or `NO_CURRENCY` if it is not three letters."""
    text = ref_key(str(value or ""))
    return text if len(text) == len(NO_CURRENCY) and text.isalpha() else NO_CURRENCY


def cents(value: Any) -> int:
    """Read an amount (JSON number or decimal text) as integer cents; half cents round to the even cent.

    Raises `AmountIsUnreadable`.
    """
    try:
        amount = Decimal(str(value)) * 100
        whole = int(amount.quantize(Decimal(1), ROUND_HALF_EVEN))
    except (ArithmeticError, ValueError):
        raise AmountIsUnreadable(value) from None
    if abs(whole) > MAX_CENTS or isinstance(value, bool):
        raise AmountIsUnreadable(value)
    return whole


def decimal_text(amount: int) -> str:
    """Return cents as a decimal text with two places: -5 -> "-0.05"."""
    sign = "-" if amount < 0 else ""
    return f"{sign}{abs(amount) // 100}.{abs(amount) % 100:02d}"


def split(amount: int, weights: Mapping[str, Fraction]) -> dict[str, int]:
    """Split `amount` cents by weight; the remainder after rounding towards zero goes to the lowest code.

    The parts always sum to `amount`, which may be negative. If all weights are zero, the parts are equal.
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


def partner_weights(beneficiaries: Iterable[Mapping[str, Any]]) -> Mapping[str, Fraction]:
    """Return weights by partner. Beneficiaries outside the region have one weight together."""
    return _partner_weights(_stated(beneficiaries))


def weights(entries: Iterable[Mapping[str, Any]]) -> Mapping[str, Fraction]:
    """Return weights by code from entries `{code, percentage?}`.

    Without percentages the weights are equal. Entries without one share equally the rest of the others to 100.
    """
    return _weights(_stated(entries))


def _stated(entries: Iterable[Mapping[str, Any]]) -> tuple[tuple[Any, Any], ...]:
    return tuple((entry.get("code"), entry.get("percentage")) for entry in entries)


# The records of a large file state the same few shares.
@lru_cache(maxsize=4_096)
def _partner_weights(entries: tuple[tuple[Any, Any], ...]) -> Mapping[str, Fraction]:
    found: dict[str, Fraction] = {}
    for at, weight in _weights(entries).items():
        partner = partner_of(at)
        found[partner] = found.get(partner, Fraction(0)) + weight
    return found


@lru_cache(maxsize=4_096)
def _weights(entries: tuple[tuple[Any, Any], ...]) -> Mapping[str, Fraction]:
    stated: dict[str, Fraction] = {}
    unstated: list[str] = []
    for name, percentage in entries:
        at = code(name)
        if percentage is None:
            unstated.append(at)
        else:
            stated[at] = stated.get(at, Fraction(0)) + _percentage(percentage)
    unstated = [at for at in unstated if at not in stated]
    if not stated and not unstated:
        return {UNSTATED: WHOLE}
    if not stated:
        return dict.fromkeys(unstated, WHOLE)
    left = max(Fraction(100) - sum(stated.values()), Fraction(0))
    return stated | {at: left / len(unstated) for at in unstated}


def _percentage(value: Any) -> Fraction:
    if cents(value) < 0:
        raise AmountIsUnreadable(value)
    return Fraction(Decimal(str(value)).quantize(Decimal("0.000001")))


def monies(record: Mapping[str, Any], kind: str) -> tuple[Money, ...]:
    """Return the amounts that count: a need's estimate, a response's own budget, a support's transactions.

    If a support has no commitment, disbursement or expenditure, its budget counts as committed.
    """
    currency = currency_of(record.get("currency"))
    if kind == "need":
        return _estimated(record.get("estimated_cost"), currency)
    if kind == "response":
        return _committed(record.get("own_budget"), currency)
    counted = tuple(
        _transaction(transaction, currency)
        for transaction in record.get("transactions") or ()
        if str(transaction.get("type")) in COUNTED_TYPES and transaction.get("amount") is not None
    )
    return counted or _committed(record.get("budget"), currency)


def _estimated(value: Any, currency: str) -> tuple[Money, ...]:
    return () if value is None else (Money(currency, None, estimated=cents(value)),)


def _committed(value: Any, currency: str) -> tuple[Money, ...]:
    return () if value is None else (Money(currency, None, committed=cents(value)),)


def _transaction(transaction: Mapping[str, Any], currency: str) -> Money:
    amount = cents(transaction["amount"])
    is_committed = str(transaction["type"]) in COMMITTED_TYPES
    beneficiary = transaction.get("beneficiary")
    return Money(
        currency_of(transaction.get("currency") or currency),
        year_of(transaction.get("date")),
        committed=amount if is_committed else 0,
        spent=0 if is_committed else amount,
        partner=None if beneficiary is None else partner_of(beneficiary),
    )


def year_of(day: Any) -> str | None:
    """Return the year of an ISO date, or None without one."""
    year = str(day or "")[:4]
    return year if len(year) == len("2026") and year.isdigit() else None
