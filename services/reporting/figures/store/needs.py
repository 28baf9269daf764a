"""The needs and what answers them, joined when they are read: it does not matter which came first."""

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, Subquery, and_, case, func, or_, select, true

from services.reporting.figures.store.tables import facts, links
from services.reporting.gaps.domain import CLOSED, WHOLE, Gap, Place
from shared.database import Transaction


def count_gaps(
    tx: Transaction,
    generation: int,
    *,
    markings: Collection[str],
    own: str | None,
    periods: Collection[str],
    partners: Collection[str],
    pillars: Collection[str],
) -> dict[Place, Gap]:
    """Count the needs in force per partner and pillar; those of partner `own` whatever their marking."""
    wanted = [
        facts.c[name].in_(sorted(values))
        for name, values in (("period", periods), ("partner", partners), ("pillar", pillars))
        if values
    ]
    needs = _needs(generation, markings=markings, own=own, wanted=wanted)
    linked = needs.c.answers + needs.c.supports > 0
    covered = or_(needs.c.fully > 0, needs.c.share >= WHOLE)
    statement = select(
        needs.c.partner,
        needs.c.pillar,
        func.count(),
        _number(needs.c.answers > 0),
        _number(needs.c.supports > 0),
        _number(covered),
        _number(and_(linked, ~covered)),
        _number(~linked),
    ).group_by(needs.c.partner, needs.c.pillar)
    rows = (tuple(row) for row in tx.execute(statement))
    return {(partner, pillar): Gap(*numbers) for partner, pillar, *numbers in rows}


def _needs(
    generation: int, *, markings: Collection[str], own: str | None, wanted: Sequence[ColumnElement[bool]]
) -> Subquery:
    mine = facts.c.partner == own if own else ~true()
    seen_link = or_(mine, links.c.tlp.in_(sorted(markings)))
    answering = and_(
        links.c.generation == facts.c.generation,
        links.c.target == facts.c.identity,
        links.c.in_force,
        seen_link,
    )
    return (
        select(
            facts.c.partner,
            facts.c.pillar,
            _number(links.c.kind == "response").label("answers"),
            _number(links.c.kind == "support").label("supports"),
            _number(links.c.coverage == "full").label("fully"),
            func.coalesce(func.sum(links.c.share), 0).label("share"),
        )
        .select_from(facts.outerjoin(links, answering))
        .where(
            facts.c.generation == generation,
            facts.c.kind == "need",
            facts.c.in_force,
            facts.c.status.not_in(CLOSED),
            or_(mine, facts.c.tlp.in_(sorted(markings))),
            *wanted,
        )
        .group_by(facts.c.identity, facts.c.partner, facts.c.pillar)
        .subquery("needs")
    )


def _number(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))
