"""Use cases of completeness: record arrivals and the calendar, and read obligations with their status."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from services.reporting.completeness import store
from services.reporting.completeness.domain import (
    RECEIVED,
    Arrival,
    ObligationStatus,
    SubmissionStatus,
    assess,
    shared_mappings,
    submission_statuses,
    tally,
)
from services.reporting.figures.domain.labels import sort_key
from services.reporting.figures.domain.outcomes import ACCEPTED
from services.reporting.figures.domain.visibility import Reader
from services.reporting.figures.operations import presenting
from services.reporting.figures.operations import reading as figures
from shared.blobs import Blobs
from shared.database import Transaction
from shared.events import DeadlineSet, MeetingCancelled, MeetingMoved, ObligationSet, SubmissionReceived
from shared.reference.partners import PARTNERS
from shared.reference.reporters import STRUCTURES, time_zone_of

Filters = Mapping[str, Collection[str]]


def apply_arrival(tx: Transaction, *, event: SubmissionReceived) -> None:
    """Record that a version arrived: until its verdict, the arrival meets an obligation."""
    arrival = Arrival(
        submission=event.submission,
        version=event.version,
        reporter=event.reporter,
        kind=event.kind,
        period=event.period,
        records=event.records,
        body=event.body,
    )
    store.upsert_arrival(tx, arrival, now=tx.now)


def apply_obligation(tx: Transaction, *, event: ObligationSet) -> None:
    """Record a structure's obligation, unless a later one is known."""
    store.upsert_obligation(tx, event.payload() | {"noted_at": tx.now})


def apply_deadline(tx: Transaction, *, event: DeadlineSet) -> None:
    """Record a mapping's deadline, unless a later one is known."""
    store.upsert_deadline(tx, event.payload() | {"noted_at": tx.now})


def apply_meeting(tx: Transaction, *, event: MeetingMoved | MeetingCancelled) -> None:
    """Record a meeting's date, or that it is cancelled, unless a later change is known."""
    row = {
        "meeting": event.meeting,
        "title": event.title,
        "held_on": event.held_on,
        "is_cancelled": isinstance(event, MeetingCancelled),
        "sequence": event.sequence,
        "noted_at": tx.now,
    }
    store.upsert_meeting(tx, row)


def read_completeness(
    tx: Transaction, *, reader: Reader, filters: Filters, blobs: Blobs | None = None
) -> dict[str, Any]:
    """Return the obligations of the structures that the reader sees, and their status, in total and per partner.

    `blobs` has the bodies that are received and not judged yet; without it, records that they share are counted in each.
    Raises `ObligationsAreRestricted`.
    """
    visible = reader.structures()
    kinds, periods = filters.get("kind", ()), filters.get("period", ())
    obligations = [
        obligation
        for obligation in store.list_obligations(tx, kinds=kinds, periods=periods)
        if obligation.structure in visible and _matches(obligation.structure, filters)
    ]
    due_periods = {obligation.period for obligation in obligations}
    arrivals = store.list_arrivals(tx, periods=due_periods)
    outcomes = figures.list_outcomes(tx, periods=due_periods)
    owed = {(each.structure, each.kind, each.period) for each in obligations}
    submissions = submission_statuses(arrivals, outcomes)
    shared = shared_mappings(each for each in submissions if each.collected in owed)
    records = {collected: _count_distinct(tx, blobs, several) for collected, several in shared.items()}
    statuses = assess(obligations, arrivals, outcomes, records=records)
    body = {
        "filters": presenting.applied_filters(filters),
        "deadlines": store.list_deadlines(tx, kinds=kinds, periods=periods),
        "obligations": [_obligation_body(status) for status in sorted(statuses, key=_print_order)],
        "partners": [
            presenting.labelled(("partner",), (code,)) | tally(own)
            for code in PARTNERS
            if (own := [at for at in statuses if STRUCTURES[at.obligation.structure].partner == code])
        ],
        "total": tally(statuses),
    }
    return presenting.response_body(_find_last_changed_at(tx), body)


def _count_distinct(tx: Transaction, blobs: Blobs | None, several: Sequence[SubmissionStatus]) -> int:
    """Count the records of several submissions, each once. The figures know those that are accepted."""
    accepted = [each.submission for each in several if each.state == ACCEPTED]
    received = {
        identity
        for each in several
        if each.state == RECEIVED and each.body is not None and blobs is not None
        for identity in figures.list_identities(blobs, body=each.body)
    }
    unknown = sum(
        each.records for each in several if each.state == RECEIVED and (each.body is None or blobs is None)
    )
    return figures.count_records(tx, submissions=accepted, others=received) + unknown


def _find_last_changed_at(tx: Transaction) -> datetime | None:
    moments = (store.find_last_noted_at(tx), figures.find_last_folded_at(tx))
    return max((moment for moment in moments if moment is not None), default=None)


def _matches(structure: str, filters: Filters) -> bool:
    known = STRUCTURES[structure]
    values = {"structure": structure, "partner": known.partner, "pillar": known.pillar}
    return all(not filters.get(name) or value in filters[name] for name, value in values.items())


def _print_order(status: ObligationStatus) -> tuple[Any, ...]:
    known = STRUCTURES[status.obligation.structure]
    order = (sort_key("partner", known.partner), sort_key("pillar", known.pillar))
    return (status.obligation.due_on, *order, status.obligation.code)


def _obligation_body(status: ObligationStatus) -> dict[str, Any]:
    obligation = status.obligation
    known = STRUCTURES[obligation.structure]
    return {
        "obligation": obligation.code,
        "structure": obligation.structure,
        "structure_label": known.label,
        **presenting.labelled(("partner", "pillar"), (known.partner, known.pillar)),
        "kind": obligation.kind,
        "period": obligation.period,
        "due_on": obligation.due_on,
        "time_zone": time_zone_of(obligation.structure),
        "state": status.state,
        "submissions": status.submissions,
        "records": status.records,
        "nothing_to_report": status.is_nil_return,
    }
