"""From a record to facts and links: what is counted where, and which needs it answers."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

from services.reporting.domain.money import Money, cents, code, monies, split, weights, year_of
from shared.reference.missing import drop_missing
from shared.reference.periods import needs_period_containing

CATEGORY_FIELDS = {"need": "category", "response": "type", "support": "support_type"}
STATUS_FIELDS = {"need": "disposition", "response": "status", "support": "activity_status"}

CANCELLED = {"response": "cancelled", "support": "5"}
"""A record of this status answers no need: its links are not kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """What a submission says of all its records. `partner` is None where the reporter is a member."""

    reporter: str
    partner: str | None
    pillar: str
    kind: str
    period: str
    tlp: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One cell's part of one record, in one currency ("" where the cell has no money). Amounts are cents."""

    pillar: str
    partner: str
    kind: str
    theme: str
    category: str
    period: str
    status: str
    tlp: str
    currency: str = ""
    estimated: int = 0
    committed: int = 0
    spent: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A record says that it answers another. `share` is in hundredths of a per cent."""

    kind: str
    """What the answering record is: response or support."""
    target: str
    """The identity of what is answered, known yet or not."""
    coverage: str | None
    share: int | None
    tlp: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A record ready to be folded."""

    identity: str
    facts: tuple[Fact, ...]
    links: tuple[Link, ...]


def entries_of(body: Mapping[str, Any]) -> tuple[Entry, ...]:
    """Read a submission's canonical body. Where a `ref` stands twice, the later record holds.

    What the rules took as not given is not there for us either.
    """
    envelope = Envelope(
        **{name: body[name] for name in ("reporter", "partner", "pillar", "kind", "period", "tlp")}
    )
    entries = {}
    for record in map(drop_missing, body["records"]):
        identity = identity_of(envelope.reporter, envelope.kind, envelope.period, str(record["ref"]))
        entries[identity] = Entry(identity, explode(record, envelope), links_of(record, envelope))
    return tuple(entries.values())


def identity_of(reporter: str, kind: str, period: str, ref: str) -> str:
    """What stays the same when a record is reported again: support is continuous, the others are of a period.

    The ref comes last, since it alone may hold a slash.
    """
    parts = (reporter, kind, ref) if kind == "support" else (reporter, kind, period, ref)
    return "/".join(parts)


def explode(record: Mapping[str, Any], envelope: Envelope) -> tuple[Fact, ...]:
    """Spread a record over its cells, as the domain counts.

    A need or response has one cell. A support has one per partner, theme and year; its money goes to partners by
    percentage, then to themes equally unless shared otherwise, in the year of the transaction, else of the start.
    The cells' cents sum to the record's in each currency and measure.
    """
    if envelope.kind == "support":
        return _support_facts(record, envelope)
    partner = envelope.partner or code(record.get("partner"))
    theme = code(record.get("theme"))
    fact = _blank(record, envelope, partner=partner, theme=theme, period=envelope.period)
    return tuple(
        replace(
            fact,
            currency=money.currency,
            estimated=money.estimated,
            committed=money.committed,
            spent=money.spent,
        )
        for money in monies(record, envelope.kind)
    ) or (fact,)


def _blank(record: Mapping[str, Any], envelope: Envelope, *, partner: str, theme: str, period: str) -> Fact:
    return Fact(
        pillar=envelope.pillar,
        partner=partner,
        kind=envelope.kind,
        theme=theme,
        category=code(record.get(CATEGORY_FIELDS[envelope.kind])),
        period=period,
        status=code(record.get(STATUS_FIELDS[envelope.kind])),
        tlp=str(record.get("tlp") or envelope.tlp),
    )


def _support_facts(record: Mapping[str, Any], envelope: Envelope) -> tuple[Fact, ...]:
    partners = weights(record.get("beneficiaries") or ())
    themes = weights(record.get("themes") or ())
    own_year = year_of(record.get("actual_start")) or year_of(record.get("planned_start")) or envelope.period
    amounts = monies(record, envelope.kind)
    periods = {money.year or own_year for money in amounts} or {own_year}
    parts: dict[tuple[str, str, str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    for money in amounts:
        for at, amount in enumerate((money.estimated, money.committed, money.spent)):
            for partner, partners_part in split(amount, partners).items():
                for theme, part in split(partners_part, themes).items():
                    parts[partner, theme, money.year or own_year, money.currency][at] += part
    return tuple(
        replace(
            _blank(record, envelope, partner=partner, theme=theme, period=period),
            currency=currency,
            estimated=estimated,
            committed=committed,
            spent=spent,
        )
        for partner, theme, period in product(sorted(partners), sorted(themes), sorted(periods))
        for currency in _currencies(amounts, period, own_year)
        for estimated, committed, spent in (parts.get((partner, theme, period, currency), (0, 0, 0)),)
    )


def _currencies(amounts: Iterable[Money], period: str, own_year: str) -> list[str]:
    return sorted({money.currency for money in amounts if (money.year or own_year) == period}) or [""]


def links_of(record: Mapping[str, Any], envelope: Envelope) -> tuple[Link, ...]:
    """The needs and responses that a record says it answers; one link per target, the last one said."""
    kind = envelope.kind
    if kind == "need" or str(record.get(STATUS_FIELDS[kind])) == CANCELLED[kind]:
        return ()
    tlp = str(record.get("tlp") or envelope.tlp)
    links = {}
    for target_kind, field in (("need", "needs"), ("response", "responses")):
        for said in record.get(field) or ():
            target = _target(target_kind, said, envelope)
            share = said.get("share")
            links[target] = Link(
                kind=kind,
                target=target,
                coverage=said.get("coverage"),
                share=None if share is None else cents(share),
                tlp=tlp,
            )
    return tuple(links.values())


def _target(kind: str, said: Mapping[str, Any], envelope: Envelope) -> str:
    period = said.get("period")
    if not period:
        period = needs_period_containing(envelope.period) if kind == "need" else envelope.period
    return identity_of(str(said.get("reporter") or envelope.reporter), kind, str(period), str(said["ref"]))
