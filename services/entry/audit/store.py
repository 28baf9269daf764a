"""Tables and queries of the audit log. The database only allows inserts."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Integer, Row, String, Table, and_, func, or_, select, true

from services.entry.audit.domain import LATEST_ENTRY, Actor, Entry, Seal
from shared.database import APPEND_ONLY, Json, Transaction, UtcDateTime, metadata_of, owned_by_reporter
from shared.ids import id_before

entries = Table(
    "journal",
    metadata_of("entry"),
    Column("id", String(36), primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("actor", String(40), nullable=False),
    Column("client", String(100)),
    Column("address", String(60)),
    Column("action", String(40), nullable=False),
    Column("reporter", String(40)),
    Column("partner", String(2)),
    Column("submission", String(36)),
    Column("version", Integer),
    Column("detail", Json, nullable=False),
    info=APPEND_ONLY | owned_by_reporter("reporter", partner="partner", or_unowned=True),
)

seals = Table(
    "seals",
    metadata_of("entry"),
    Column("sequence", Integer, primary_key=True, autoincrement=False),
    Column("entry", String(36), nullable=False, unique=True),
    Column("hash", String(64), nullable=False),
    Column("sealed_at", UtcDateTime, nullable=False),
    info=APPEND_ONLY,
)

PAGE = 2_000

SEALED = entries.join(seals, seals.c.entry == entries.c.id)
ENTRY = tuple(entries.c)
SEAL = tuple(seals.c)


def insert_entry(tx: Transaction, entry: Entry) -> None:
    """Insert an entry."""
    actor = {"actor": entry.actor.code, "client": entry.actor.client, "address": entry.actor.address}
    tx.add(entries, {**vars(entry), **actor, "detail": dict(entry.detail)})


def insert_seals(tx: Transaction, new: Sequence[Seal]) -> None:
    """Insert seals. If another transaction has sealed meanwhile, the commit raises `RowExists`."""
    tx.add(seals, *map(vars, new))


def find_last_seal(tx: Transaction) -> Seal | None:
    """Return the last seal of the chain; None before the first."""
    row = tx.execute(select(*SEAL).order_by(seals.c.sequence.desc()).limit(1)).first()
    return Seal(*row) if row else None


def list_unsealed(tx: Transaction, *, last: Seal | None, until: datetime, limit: int) -> list[Entry]:
    """List unsealed entries up to a time, the oldest first; `last` is the last seal of the chain."""
    waiting = _unsealed(last).where(entries.c.at <= until).order_by(entries.c.id).limit(limit)
    return [_entry(row) for row in tx.execute(waiting)]


def find_oldest_unsealed(tx: Transaction) -> datetime | None:
    """Return the time of the oldest unsealed entry; None if all entries are sealed."""
    waiting = _unsealed(find_last_seal(tx)).subquery()
    oldest: datetime | None = tx.execute(select(func.min(waiting.c.at))).scalar()
    return oldest


def list_chain(tx: Transaction) -> Iterator[tuple[Seal, Entry | None]]:
    """Yield every seal in order, each with its entry, if the entry exists."""
    after = 0
    while True:
        page = tx.execute(
            select(*SEAL, *ENTRY)
            .select_from(seals.outerjoin(entries, entries.c.id == seals.c.entry))
            .where(seals.c.sequence > after)
            .order_by(seals.c.sequence)
            .limit(PAGE)
        ).all()
        for row in page:
            found = Seal(*row[: len(SEAL)])
            yield found, _entry(row[len(SEAL) :]) if row[len(SEAL)] is not None else None
            after = found.sequence
        if len(page) < PAGE:
            return


def find_never_sealed(tx: Transaction, *, last: Seal | None) -> str | None:
    """Return the first unsealed entry that is too old to be sealed, as it was inserted by other means; None without one."""
    if last is None:
        return None
    c = entries.c
    too_old = (
        select(c.id)
        .where(c.id <= _floor(last), ~select(seals.c.entry).where(seals.c.entry == c.id).exists())
        .order_by(c.id)
        .limit(1)
    )
    found: str | None = tx.execute(too_old).scalar()
    return found


def list_sealed(
    tx: Transaction,
    *,
    after: int,
    limit: int,
    actions: Collection[str],
    reporter: str | None = None,
    partner: str | None = None,
) -> list[tuple[int, Entry]]:
    """List sealed entries of the actions, with their sequence, after a sequence.

    With a reporter or a partner, list only its entries and those that concern everyone.
    """
    concerned = _concerning(reporter=reporter, partner=partner)
    found = (
        select(seals.c.sequence, *ENTRY)
        .select_from(SEALED)
        .where(seals.c.sequence > after, entries.c.action.in_(actions), concerned)
        .order_by(seals.c.sequence)
        .limit(limit)
    )
    return [(row.sequence, _entry(row[1:])) for row in tx.execute(found)]


def list_entries(
    tx: Transaction,
    *,
    reporter: str | None,
    submission: str | None,
    action: str | None,
    since: datetime | None,
    before: str | None,
    limit: int,
) -> list[tuple[int | None, Entry]]:
    """List entries with their sequence, None where unsealed, the latest first; `before` is the last id seen.

    An action that ends in a dot selects every action with this prefix.
    """
    c = entries.c
    query = (
        select(seals.c.sequence, *ENTRY)
        .select_from(entries.outerjoin(seals, seals.c.entry == c.id))
        .order_by(c.id.desc())
        .limit(limit)
    )
    for column, value in ((c.reporter, reporter), (c.submission, submission)):
        if value is not None:
            query = query.where(column == value)
    if action is not None:
        query = query.where(c.action.startswith(action) if action.endswith(".") else c.action == action)
    if since is not None:
        query = query.where(c.at >= since)
    if before is not None:
        query = query.where(c.id < before)
    return [(row.sequence, _entry(row[1:])) for row in tx.execute(query)]


def _unsealed(last: Seal | None) -> Any:
    """Select unsealed entries. Only entries about as recent as the last sealed one are read: older entries are sealed."""
    c = entries.c
    is_recent = c.id > _floor(last) if last else true()
    return select(*ENTRY).where(is_recent, ~select(seals.c.entry).where(seals.c.entry == c.id).exists())


def _floor(last: Seal) -> str:
    return id_before(last.entry, LATEST_ENTRY)


def _concerning(*, reporter: str | None, partner: str | None) -> ColumnElement[bool]:
    c = entries.c
    everyone = and_(c.reporter.is_(None), c.partner.is_(None))
    if reporter is not None:
        return or_(c.reporter == reporter, everyone)
    return or_(c.partner == partner, everyone) if partner is not None else true()


def _entry(row: Row[*tuple[Any, ...]] | Sequence[Any]) -> Entry:
    id_, at, actor, client, address, *rest = row
    return Entry(id_, at, Actor(actor, client, address), *rest)
