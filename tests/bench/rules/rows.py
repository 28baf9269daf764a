"""Flat rows and their faults, made from a seed and so identical in every process."""

import random
from collections.abc import Callable, Mapping
from typing import Any

Row = dict[str, Any]
"""A row by field. Missing values are left out, as in a body from a portal. Dates are ISO texts."""

Finding = tuple[int, str]
"""The index of a row and the id of a rule that it breaks."""

COUNT = 100_000
SEED = 20_261_125
FAULTY = 0.05
"""The share of rows that break a rule; some of them break two."""

DOUBLED = 45
"""The number of pairs of rows with one ref, few enough that a report lists all of them."""

TYPES = ("legislation", "strategy", "institution", "operation", "training", "equipment", "project")
STATUSES = ("planned", "ongoing", "completed", "stopped")
CURRENCIES = ("EUR", "ALL", "BAM", "MKD", "RSD")
NEEDS = tuple(f"BS-{number:04}" for number in range(2_000))
"""The valid targets of the foreign key."""

HIGHEST_BUDGET = 50_000_000
HIGHEST_URGENCY = 6

RULES: Mapping[str, str] = {
    "FLAT-01": "title is required",
    "FLAT-02": "institution is required",
    "FLAT-03": "status is required",
    "FLAT-04": "type is one of seven",
    "FLAT-05": "status is one of four",
    "FLAT-06": "currency is one of five",
    "FLAT-07": "decided is not after start",
    "FLAT-08": "start is not after end",
    "FLAT-09": "budget lies from 0 to 50 million",
    "FLAT-10": "share lies from 0 to 100",
    "FLAT-11": "urgency lies from 1 to 6",
    "FLAT-12": "a budget has its currency",
    "FLAT-13": "completed rows have an end",
    "FLAT-14": "no more is spent than the budget",
    "FLAT-15": "each ref is used once",
    "FLAT-16": "the need is known",
}
"""The rules that all engines check. A missing value breaks a rule only if the rule requires the value."""

_FAULTS: Mapping[str, Callable[[Row], object]] = {
    "FLAT-01": lambda row: row.pop("title"),
    "FLAT-02": lambda row: row.pop("institution"),
    "FLAT-03": lambda row: row.pop("status", None),
    "FLAT-04": lambda row: row.update(type="seminar"),
    "FLAT-05": lambda row: row.update(status="unknown"),
    "FLAT-06": lambda row: row.update(currency="LEK"),
    "FLAT-07": lambda row: row.update(decided="2026-12-30"),
    "FLAT-08": lambda row: row.update(end="2019-12-31"),
    "FLAT-09": lambda row: row.update(budget=-row.get("budget", 1.0)),
    "FLAT-10": lambda row: row.update(share=250.0),
    "FLAT-11": lambda row: row.update(urgency=9),
    "FLAT-12": lambda row: (row.setdefault("budget", 1_000.0), row.pop("currency", None)),
    "FLAT-13": lambda row: (row.update(status="completed"), row.pop("end", None)),
    "FLAT-14": lambda row: row.update(budget=1_000.0, currency="EUR", spent=1_000.5),
    "FLAT-16": lambda row: row.update(need="BS-UNKNOWN"),
}


def make_rows(count: int = COUNT, seed: int = SEED) -> list[Row]:
    """Return rows, some of them with faults that break each rule."""
    chance = random.Random(seed)
    rows = [_sound(number, chance) for number in range(count)]
    for row in rows:
        if chance.random() < FAULTY:
            for rule in chance.sample(sorted(_FAULTS), k=chance.choice((1, 1, 1, 2))):
                _FAULTS[rule](row)
    for first, second in _pairs(count, chance):
        rows[second]["ref"] = rows[first]["ref"]
    return rows


def _pairs(count: int, chance: random.Random) -> list[tuple[int, int]]:
    chosen = chance.sample(range(count), k=2 * min(DOUBLED, count // 100))
    return list(zip(chosen[::2], chosen[1::2], strict=True))


def _sound(number: int, chance: random.Random) -> Row:
    """Return a row that breaks no rule; optional values are missing in some rows."""
    row: Row = {
        "ref": f"AL-BS-{number:06}",
        "title": f"Refurbishment of border crossing point {number}",
        "institution": chance.choice(("Border Police", "Customs", "Ministry of Interior", "Coast Guard")),
        "type": chance.choice(TYPES),
        "status": chance.choice(STATUSES),
        "decided": _day(2024, chance),
        "start": _day(2025, chance),
        "end": _day(2026, chance),
        "share": round(chance.uniform(0, 100), 2),
        "urgency": chance.randint(1, HIGHEST_URGENCY),
        "need": chance.choice(NEEDS),
    }
    if chance.random() < 0.7:
        row["budget"] = round(chance.uniform(5_000, HIGHEST_BUDGET), 2)
        row["spent"] = round(row["budget"] * chance.random(), 2)
        row["currency"] = chance.choice(CURRENCIES)
    if row["status"] != "completed" and chance.random() < 0.3:
        del row["end"]
    return row


def _day(year: int, chance: random.Random) -> str:
    return f"{year}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}"
