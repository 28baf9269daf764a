"""Facts and links of a record: the cells in which it counts, and the needs that it answers."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import product, repeat
from typing import Any, NamedTuple

from services.reporting.figures.domain.money import (
    WHOLE,
    Money,
    cents,
    code,
    monies,
    partner_weights,
    split,
    weights,
    year_of,
)
from shared.reference.missing import drop_missing
from shared.reference.periods import needs_period_containing
from shared.reference.refs import ref_key

CATEGORY_FIELDS = {"need": "category", "response": "type", "support": "support_type"}
STATUS_FIELDS = {"need": "disposition", "response": "status", "support": "activity_status"}

CANCELLED = {"response": "cancelled", "support": "5"}
"""The status of a cancelled record, which answers no need: its links do not count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """The fields of a submission that apply to all its records. `partner` is None if the reporter is a member."""

    reporter: str
    partner: str | None
    pillar: str
    kind: str
    period: str
    tlp: str


class Fact(NamedTuple):
    """The part of one record in one cell and one currency ("" if the cell has no money). Amounts are cents."""

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

    @property
    def cell(self) -> tuple[Any, ...]:
        """Everything but the amounts."""
        return self[:-3]


class Link(NamedTuple):
    """A record's statement that it answers another. `share` is in hundredths of a per cent."""

    kind: str
    """The kind of the answering record: response or support."""
    target: str
    """The identity of the answered record, whether it is known yet or not."""
    coverage: str | None
    share: int | None
    tlp: str


class Entry(NamedTuple):
    """A record with its facts and links, ready to be folded."""

    identity: str
    facts: tuple[Fact, ...]
    links: tuple[Link, ...]
    place: str | None = None
    """The place at which the record was stated; None for its version's own."""
    own: str | None = None
    """The place of its version; None for the usual one."""


def entries_of(
    body: Mapping[str, Any], *, places: Iterable[str] | None = None, own: str | None = None
) -> tuple[Entry, ...]:
    """Read a submission's canonical body as entries. If a `ref` occurs twice, the later record counts.

    Fields that the rules treat as missing are ignored here too. `places` are those of the records, unless all have the
    version's own; `own` is the version's place unless it is the usual one. Records that were accepted before their refs,
    which differ only in the encoding of accents, were one stay apart: all but the first keep their own spelling.
    """
    envelope = Envelope(
        **{name: body[name] for name in ("reporter", "partner", "pillar", "kind", "period", "tlp")}
    )
    entries: dict[str, Entry] = {}
    spellings: dict[str, str] = {}
    records = map(drop_missing, body["records"])
    for record, place in zip(records, repeat(None) if places is None else places, strict=False):
        ref = str(record["ref"])
        key = ref_key(ref)
        key = key if spellings.setdefault(key, ref) == ref else ref
        identity = identity_of(envelope.reporter, envelope.kind, envelope.period, key)
        entries[identity] = Entry(identity, expand(record, envelope), links_of(record, envelope), place, own)
    return tuple(entries.values())


def identity_of(reporter: str, kind: str, period: str, ref: str) -> str:
    """Return the identity of a record across reports: support is continuous, other kinds belong to a period.

    `ref` is the key of the ref. It comes last, since it is the only part that may contain a slash.
    """
    parts = (reporter, kind, ref) if kind == "support" else (reporter, kind, period, ref)
    return "/".join(parts)


def expand(record: Mapping[str, Any], envelope: Envelope) -> tuple[Fact, ...]:
    """Expand a record into facts, one per cell and currency.

    A need or response has one cell. A support has one per partner, theme and year. A transaction with a beneficiary of
    its own is that partner's; other money is split among partners by percentage. Then it is split among themes equally,
    unless shares are stated. It counts in the year of the transaction, else of the start. Shares outside the region have
    the partner "outside". The cells' cents sum to the record's in each currency and measure.
    """
    if envelope.kind == "support":
        return _support_facts(record, envelope)
    partner = envelope.partner or code(record.get("partner"))
    theme = code(record.get("theme"))
    whole = _whole_record(record, envelope)
    amounts = monies(record, envelope.kind) or (Money(currency="", year=None),)
    return tuple(
        Fact(
            **whole,
            partner=partner,
            theme=theme,
            period=envelope.period,
            currency=money.currency,
            estimated=money.estimated,
            committed=money.committed,
            spent=money.spent,
        )
        for money in amounts
    )


def _whole_record(record: Mapping[str, Any], envelope: Envelope) -> dict[str, str]:
    """Return the fields that all facts of a record share."""
    return {
        "pillar": envelope.pillar,
        "kind": envelope.kind,
        "category": code(record.get(CATEGORY_FIELDS[envelope.kind])),
        "status": code(record.get(STATUS_FIELDS[envelope.kind])),
        "tlp": str(record.get("tlp") or envelope.tlp),
    }


def _support_facts(record: Mapping[str, Any], envelope: Envelope) -> tuple[Fact, ...]:
    shares = partner_weights(record.get("beneficiaries") or ())
    themes = weights(record.get("themes") or ())
    own_year = year_of(record.get("actual_start")) or year_of(record.get("planned_start")) or envelope.period
    amounts = monies(record, envelope.kind)
    periods = {money.year or own_year for money in amounts} or {own_year}
    partners = {*shares, *(money.partner for money in amounts if money.partner is not None)}
    parts: dict[tuple[str, str, str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    for money in amounts:
        own = shares if money.partner is None else {money.partner: WHOLE}
        for at, amount in enumerate((money.estimated, money.committed, money.spent)):
            if not amount:
                continue
            for partner, partners_part in split(amount, own).items():
                for theme, part in split(partners_part, themes).items():
                    parts[partner, theme, money.year or own_year, money.currency][at] += part
    whole = _whole_record(record, envelope)
    return tuple(
        Fact(
            **whole,
            partner=partner,
            theme=theme,
            period=period,
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
    """Return the links to the needs and responses that a record answers: one per target, the last one stated."""
    kind = envelope.kind
    if kind == "need" or str(record.get(STATUS_FIELDS[kind])) == CANCELLED[kind]:
        return ()
    tlp = str(record.get("tlp") or envelope.tlp)
    links = {}
    for target_kind, field in (("need", "needs"), ("response", "responses")):
        for stated in record.get(field) or ():
            target = _target(target_kind, stated, envelope)
            share = stated.get("share")
            links[target] = Link(
                kind=kind,
                target=target,
                coverage=stated.get("coverage"),
                share=None if share is None else cents(share),
                tlp=tlp,
            )
    return tuple(links.values())


def _target(kind: str, stated: Mapping[str, Any], envelope: Envelope) -> str:
    period = stated.get("period")
    if not period:
        period = needs_period_containing(envelope.period) if kind == "need" else envelope.period
    return identity_of(
        str(stated.get("reporter") or envelope.reporter), kind, str(period), ref_key(str(stated["ref"]))
    )
