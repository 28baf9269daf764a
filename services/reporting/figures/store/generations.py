"""The pointer row: the active generation, and the one being built."""

from dataclasses import dataclass

from sqlalchemy import delete, select, update

from services.reporting.figures.store.tables import aggregates, facts, generations, links
from shared.database import Transaction

NAME = "figures"
FIRST = 1


@dataclass(frozen=True, slots=True)
class Generations:
    """The generations. `building` is None unless a rebuild is running or was interrupted."""

    active: int
    building: int | None
    latest: int

    @property
    def live(self) -> tuple[int, ...]:
        """The generations that every fold writes."""
        return (self.active,) if self.building is None else (self.active, self.building)


_row = select(generations.c.active, generations.c.building, generations.c.latest)
_locked_row = _row.with_for_update()


def lock(tx: Transaction) -> Generations:
    """Lock the figures for writing: other folds wait until this transaction ends. Inserts the row the first time."""
    row = tx.execute(_locked_row).one_or_none()
    if row is None:
        first = {"name": NAME, "active": FIRST, "building": None, "latest": FIRST}
        tx.add(generations, first, ignore_existing=True)
        row = tx.execute(_locked_row).one()
    return Generations(**row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for a row as a mapping


def get(tx: Transaction) -> Generations:
    """Return the generations without a lock."""
    row = tx.execute(_row).one_or_none()
    return Generations(**row._mapping) if row else Generations(FIRST, None, FIRST)  # noqa: SLF001 - as above


def start_building(tx: Transaction, at: Generations) -> int:
    """Number a new generation that every fold writes from now on. A generation that is already building is abandoned."""
    number = at.latest + 1
    tx.execute(update(generations).values(building=number, latest=number))
    return number


def swap(tx: Transaction, number: int) -> None:
    """Make the built generation the active one."""
    tx.execute(update(generations).values(active=number, building=None))


def delete_before(tx: Transaction, number: int) -> None:
    """Delete the generations before this one."""
    for table in (facts, links, aggregates):
        tx.execute(delete(table).where(table.c.generation < number))
