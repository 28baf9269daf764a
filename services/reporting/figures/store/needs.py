"""Needs joined with the links to them when they are read, so that either may arrive first."""

from collections.abc import Collection, Mapping

from sqlalchemy import ColumnElement, Subquery, and_, case, func, or_, select, true

from services.reporting.figures.domain.needs import LinkedNeeds, LinkTotals
from services.reporting.figures.store.tables import facts, links
from shared.database import Transaction

FILTERS = ("period", "partner", "pillar")


def list_linked_needs(
    tx: Transaction,
    generation: int,
    *,
    markings: Collection[str],
    own: str | None,
    filters: Mapping[str, Collection[str]],
    except_statuses: Collection[str],
) -> list[LinkedNeeds]:
    """List the needs in force that have these markings or belong to partner `own`, with the totals of their links.

    Needs with equal totals come as one item, since a hundred thousand needs have few different totals. Links count by
    the markings too, except those to the needs of partner `own`, which all count.
    """
    needs = _needs(generation, markings=markings, own=own, filters=filters, except_statuses=except_statuses)
    statement = select(*needs.c, func.count()).group_by(*needs.c)
    return [
        LinkedNeeds(partner, pillar, LinkTotals(*totals), number)
        for partner, pillar, *totals, number in map(tuple, tx.execute(statement))
    ]


def _needs(
    generation: int,
    *,
    markings: Collection[str],
    own: str | None,
    filters: Mapping[str, Collection[str]],
    except_statuses: Collection[str],
) -> Subquery:
    """Select one row per need: its partner, its pillar and its link totals in the order of `LinkTotals`."""
    is_own = facts.c.partner == own if own else ~true()
    counting = and_(
        links.c.generation == facts.c.generation,
        links.c.target == facts.c.identity,
        links.c.in_force,
        or_(is_own, links.c.tlp.in_(sorted(markings))),
    )
    totals = (
        select(
            facts.c.partner,
            facts.c.pillar,
            _number(links.c.kind == "response").label("responses"),
            _number(links.c.kind == "support").label("supports"),
            _number(links.c.coverage == "full").label("full"),
            func.coalesce(func.sum(links.c.share), 0).label("share"),
        )
        .select_from(facts.outerjoin(links, counting))
        .where(
            facts.c.generation == generation,
            facts.c.kind == "need",
            facts.c.in_force,
            facts.c.status.not_in(except_statuses),
            or_(is_own, facts.c.tlp.in_(sorted(markings))),
            *(facts.c[name].in_(sorted(filters[name])) for name in FILTERS if filters.get(name)),
        )
        .group_by(facts.c.identity, facts.c.partner, facts.c.pillar)
    )
    return totals.subquery("needs")


def _number(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))
