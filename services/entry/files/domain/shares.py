"""Shares of recipients and sectors, in exact decimals."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_DOWN, Decimal
from typing import NamedTuple

WHOLE = Decimal(100)
_STEP = Decimal("0.000001")
"""The smallest difference between shares that figures count."""


class Share(NamedTuple):
    """The share of a code in per cent; None if it is not stated."""

    code: str
    percentage: Decimal | None


class Shares(NamedTuple):
    """The shares by code. If some were stated and others not, `unstated` are the others, which divided `rest`."""

    by_code: Mapping[str, Decimal | None]
    unstated: tuple[str, ...] = ()
    rest: Decimal = Decimal(0)

    @property
    def is_divided(self) -> bool:
        """Whether unstated shares received what the stated ones left."""
        return bool(self.unstated)


def combine(stated: Sequence[Share]) -> Shares:
    """Add up the shares of each code.

    If none is stated, none is returned: they are equal. If some are, the others divide equally what is left of 100.
    """
    unstated = [share.code for share in stated if share.percentage is None]
    if len(unstated) == len(stated):
        return Shares(dict.fromkeys(unstated))
    known = [(share.code, share.percentage) for share in stated if share.percentage is not None]
    sums: dict[str, Decimal | None] = dict.fromkeys((share.code for share in stated), Decimal(0))
    rest = max(WHOLE - sum(percentage for _, percentage in known), Decimal(0))
    for code, percentage in (*known, *zip(unstated, _equal_parts(rest, unstated), strict=True)):
        sums[code] = (sums[code] or Decimal(0)) + percentage
    return Shares(sums, tuple(dict.fromkeys(unstated)), rest)


def _equal_parts(rest: Decimal, codes: Sequence[str]) -> list[Decimal]:
    """Divide the rest; the lowest code receives what rounding leaves."""
    if not codes:
        return []
    parts = [(rest / len(codes)).quantize(_STEP, ROUND_DOWN)] * len(codes)
    parts[codes.index(min(codes))] += rest - sum(parts)
    return parts


class Part(NamedTuple):
    """An amount of one code."""

    code: str
    amount: Decimal
    currency: str


def weigh(parts: Iterable[Part]) -> dict[str, Decimal | None]:
    """Return each code's share of the amounts. There are none if currencies differ, or an amount is not above zero."""
    sums: dict[str, Decimal] = {}
    currencies = set()
    for part in parts:
        sums[part.code] = sums.get(part.code, Decimal(0)) + part.amount
        currencies.add(part.currency)
    if len(currencies) != 1 or min(sums.values()) <= 0:
        return dict.fromkeys(sums)
    total = sum(sums.values())
    shares = {code: (amount * WHOLE / total).quantize(_STEP, ROUND_DOWN) for code, amount in sums.items()}
    shares[min(shares)] += WHOLE - sum(shares.values())
    return dict(shares)
