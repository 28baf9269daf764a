"""Answer questions about figures: what is seen depends on who asks."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from services.reporting.domain.completeness import Fulfilment, fulfil, tally
from services.reporting.domain.cube import KEYS, MEASURES
from services.reporting.domain.gaps import matrix_of
from services.reporting.domain.labels import LABELLED, label_of, sort_key
from services.reporting.domain.money import decimal_text
from services.reporting.domain.visibility import SIGHT, kinds_for, markings_for, structures_for
from services.reporting.store import calendar, figures, gaps, generations, verdicts
from services.reporting.store.figures import Group, Question
from shared.clock import iso
from shared.database import Transaction
from shared.reference.partners import FOOTNOTE, PARTNERS, needs_footnote
from shared.reference.reporters import STRUCTURES

Filters = Mapping[str, Collection[str]]


@dataclass(frozen=True, slots=True)
class Reader:
    """Who asks: role None is the public; `partner` is the reader's own, if any."""

    role: str | None = None
    partner: str | None = None


def read_aggregates(
    tx: Transaction, *, reader: Reader, filters: Filters, group_by: Sequence[str]
) -> dict[str, Any]:
    """Figures by group, and their total of distinct records. Raises `KindIsRestricted`.

    A total may be less than the sum of its rows: a support record counts once in each of its cells.
    """
    at = generations.read(tx)
    kinds = kinds_for(reader.role, filters.get("kind", ()))
    markings = markings_for(reader.role, reader.partner, filters.get("partner", ()))
    asked = {**filters, "kind": sorted(kinds)}
    keys = tuple(key for key in KEYS if key in group_by)
    groups = figures.ask(tx, at.active, Question(group_by=keys, filters=asked, markings=markings))
    total = figures.ask(tx, at.active, Question(filters=asked, markings=markings)).get((), Group())
    ordered = sorted(
        groups.items(), key=lambda item: [sort_key(*pair) for pair in zip(keys, item[0], strict=True)]
    )
    return _answer(
        verdicts.last_folded(tx),
        {
            "group_by": list(keys),
            "filters": _said(asked),
            "markings": sorted(markings),
            "rows": [_labelled(keys, values) | _measures(group) for values, group in ordered],
            "total": _measures(total),
        },
    )


def read_gaps(tx: Transaction, *, reader: Reader, filters: Filters) -> dict[str, Any]:
    """The gap matrix: numbers of needs per partner and pillar, those of the reader's own partner in full."""
    at = generations.read(tx)
    sight = SIGHT[reader.role]
    counted = gaps.count_gaps(
        tx,
        at.active,
        markings=sight.markings,
        own=reader.partner if sight.own_in_full else None,
        periods=filters.get("period", ()),
        partners=filters.get("partner", ()),
        pillars=filters.get("pillar", ()),
    )
    matrix = matrix_of(counted)
    return _answer(
        verdicts.last_folded(tx),
        {
            "filters": _said(filters),
            "markings": sorted(sight.markings),
            "cells": [
                _labelled(("partner", "pillar"), place) | asdict(gap) for place, gap in matrix.cells.items()
            ],
            "totals": {
                "partners": [
                    _labelled(("partner",), (code,)) | asdict(gap) for code, gap in matrix.partners.items()
                ],
                "pillars": [
                    _labelled(("pillar",), (code,)) | asdict(gap) for code, gap in matrix.pillars.items()
                ],
                "all": asdict(matrix.total),
            },
        },
    )


def read_completeness(tx: Transaction, *, reader: Reader, filters: Filters) -> dict[str, Any]:
    """What is owed and how it stands, per obligation and per partner: of the structures that the reader sees."""
    kinds, periods = filters.get("kind", ()), filters.get("period", ())
    seen = structures_for(reader.role, reader.partner)
    owed = [
        obligation
        for obligation in calendar.obligations(tx, kinds=kinds, periods=periods)
        if obligation.structure in seen and _is_chosen(obligation.structure, filters)
    ]
    periods_owed = {obligation.period for obligation in owed}
    fulfilments = fulfil(
        owed,
        verdicts.arrivals_of(tx, periods=periods_owed),
        verdicts.standings_of(tx, periods=periods_owed),
    )
    return _answer(
        calendar.last_noted(tx),
        {
            "filters": _said(filters),
            "deadlines": calendar.deadlines(tx, kinds=kinds, periods=periods),
            "obligations": [_fulfilment(fulfilment) for fulfilment in sorted(fulfilments, key=_printed_at)],
            "partners": [
                _labelled(("partner",), (code,)) | tally(theirs)
                for code in PARTNERS
                if (
                    theirs := [
                        at for at in fulfilments if STRUCTURES[at.obligation.structure].partner == code
                    ]
                )
            ],
            "total": tally(fulfilments),
        },
    )


def _is_chosen(structure: str, filters: Filters) -> bool:
    known = STRUCTURES[structure]
    values = {"structure": structure, "partner": known.partner, "pillar": known.pillar}
    return all(not filters.get(name) or value in filters[name] for name, value in values.items())


def _printed_at(fulfilment: Fulfilment) -> tuple[Any, ...]:
    known = STRUCTURES[fulfilment.obligation.structure]
    order = (sort_key("partner", known.partner), sort_key("pillar", known.pillar))
    return (fulfilment.obligation.due_on, *order, fulfilment.obligation.code)


def _fulfilment(fulfilment: Fulfilment) -> dict[str, Any]:
    owed = fulfilment.obligation
    known = STRUCTURES[owed.structure]
    return {
        "obligation": owed.code,
        "structure": owed.structure,
        "structure_label": known.label,
        **_labelled(("partner", "pillar"), (known.partner, known.pillar)),
        "kind": owed.kind,
        "period": owed.period,
        "due_on": owed.due_on,
        "state": fulfilment.state,
        "submissions": fulfilment.submissions,
        "records": fulfilment.records,
        "nothing_to_report": fulfilment.is_nothing_to_report,
    }


def _labelled(keys: Sequence[str], values: Sequence[str]) -> dict[str, Any]:
    row = {}
    for key, value in zip(keys, values, strict=True):
        row[key] = value
        if key in LABELLED:
            row[f"{key}_label"] = label_of(key, value)
    return row


def _measures(group: Group) -> dict[str, Any]:
    return {
        "records": group.records,
        "amounts": [
            {"currency": currency} | {name: decimal_text(getattr(figure, name)) for name in MEASURES}
            for currency, figure in sorted(group.amounts.items())
        ],
    }


def _said(filters: Filters) -> dict[str, list[str]]:
    return {key: sorted(values) for key, values in filters.items() if values}


def _answer(as_of: datetime | None, body: dict[str, Any]) -> dict[str, Any]:
    """Add as of when it is, and the footnote where Kosovo* appears."""
    answer = {"as_of": iso(as_of) if as_of else None, **body}
    return answer | ({"footnote": FOOTNOTE} if _names_kosovo(answer) else {})


def _names_kosovo(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(_names_kosovo(inner) for inner in value.values())
    if isinstance(value, list):
        return any(_names_kosovo(inner) for inner in value)
    return isinstance(value, str) and needs_footnote(value)
