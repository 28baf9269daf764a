"""Nested records of support, as members and structures report them. They are made from a seed, one by one."""

import random
from collections.abc import Iterator
from typing import Any

from services.validation.engine.domain.evaluation.submissions import Submission
from services.validation.engine.domain.references.lookups import LookupRequest, Snapshot

SEED = 20_261_125
FAULTY = 0.05

PARTNERS = ("AL", "BA", "XK", "ME", "MK", "RS")
THEMES = ("eibm_a_border_control", "eibm_c_risk_analysis", "eibm_d_information", "eibm_j_technology")
SECTORS = ("15210", "15132", "15136", "15190")
SUBMISSION = Submission(
    pillar="WBBSi",
    kind="support",
    period="2026",
    tlp="TLP:AMBER",
    reporter="AL-WBBSi",
    partner="AL",
    received_on="2026-11-02",
)
NEEDS = range(400)
KNOWN = frozenset(
    ("need", f"{partner}-WBBSi", "2025-2026", f"BS-{number:04}")
    for partner in PARTNERS
    for number in NEEDS
    if number % 20
)
"""The needs that were accepted before; one in twenty linked needs is unknown."""

WHAT = (
    "Thermal cameras",
    "Training in document checks",
    "Patrol boats",
    "Risk analysis",
    "Radio sets",
    "Twinning",
)
WHOM = (
    "first-line officers",
    "analysts",
    "dog handlers",
    "the coast guard",
    "mobile units",
    "customs officers",
)
WHERE = ("the green border", "airports", "road crossings", "the lake", "railway stations", "the coast")
TEXT = (
    "Delivery, installation and handover of surveillance equipment for the green border, with training of the "
    "operators, two years of maintenance and a joint exercise with the neighbouring border police. "
)


def make_records(
    count: int, seed: int = SEED, *, first: int = 0, faulty: float = FAULTY
) -> Iterator[dict[str, Any]]:
    """Yield records of support numbered from `first`; the given share breaks one or two rules."""
    chance = random.Random(seed + first)
    for number in range(first, first + count):
        record = _sound(number, chance)
        if chance.random() < faulty:
            chance.choice(_FAULTS)(record)
        yield record


def look_up(wanted: LookupRequest) -> Snapshot:
    """Return the state of the records that some records refer to."""
    return Snapshot(known=dict.fromkeys(sorted(wanted.known & KNOWN), "in_force"))


def _sound(number: int, chance: random.Random) -> dict[str, Any]:
    partners = chance.sample(PARTNERS, k=chance.randint(1, 3))
    record: dict[str, Any] = {
        "ref": f"BS-SUP-{number:06}",
        "title": f"{chance.choice(WHAT)} for {chance.choice(WHOM)} at {chance.choice(WHERE)}, lot {number}",
        "description": TEXT * chance.randint(1, 4),
        "support_type": chance.choice(("equipment", "training", "infrastructure", "technical_assistance")),
        "activity_status": "2",
        "themes": [{"code": chance.choice(THEMES), "percentage": 100}],
        "sectors": _shares(chance.sample(SECTORS, k=chance.randint(1, 2))),
        "beneficiaries": _shares(partners),
        "organisations": [
            {"name": "European Commission", "role": "1", "type": "40"},
            {"name": "International Centre for Migration Policy Development", "role": "3", "type": "40"},
            {"name": chance.choice(("Border Police", "Customs")), "role": "4", "type": "10"},
        ],
        "planned_start": _day(2025, chance),
        "planned_end": _day(2027, chance),
        "actual_start": _day(2025, chance),
        "budget": round(chance.uniform(50_000, 5_000_000), 2),
        "currency": "EUR",
        "transactions": [_transaction(chance) for _ in range(chance.randint(1, 6))],
        "needs": [
            {
                "ref": f"BS-{chance.choice(NEEDS):04}",
                "reporter": f"{partners[0]}-WBBSi",
                "coverage": "partial",
            }
        ],
    }
    if record["support_type"] == "training":
        record["participants"] = [
            {"sex": sex, "profile": "first line", "number": chance.randint(5, 40)}
            for sex in ("female", "male")
        ]
    if record["support_type"] == "equipment":
        record["equipment"] = [{"item": "thermal camera", "quantity": chance.randint(1, 40)}]
    return record


def _shares(codes: list[str]) -> list[dict[str, Any]]:
    """Return equal shares in whole numbers; the first includes the remainder."""
    share, left = divmod(100, len(codes))
    return [{"code": code, "percentage": share + (left if not at else 0)} for at, code in enumerate(codes)]


def _transaction(chance: random.Random) -> dict[str, Any]:
    return {
        "type": chance.choice(("2", "3", "4")),
        "date": _day(2025, chance),
        "amount": round(chance.uniform(-5_000, 400_000), 2),
        "currency": chance.choice(("EUR", "EUR", "USD")),
    }


def _day(year: int, chance: random.Random) -> str:
    return f"{year}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}"


_FAULTS = (
    lambda record: record.pop("title"),
    lambda record: record.update(title="n/a"),
    lambda record: record.update(planned_end="2020-01-31"),
    lambda record: record.update(currency="LEK"),
    lambda record: record["beneficiaries"][0].update(percentage=7),
    lambda record: record["organisations"].pop(0),
    lambda record: record["sectors"][0].update(code="99999"),
    lambda record: record["transactions"][0].update(date="2062-10-01"),
    lambda record: record["transactions"][0].update(type="payment"),
    lambda record: record.update(budgett=record.pop("budget")),
)
