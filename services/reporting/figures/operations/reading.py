"""Reads that other parts make of figures."""

from collections.abc import Collection, Mapping
from datetime import datetime

from services.reporting.figures.domain.needs import LinkedNeeds
from services.reporting.figures.domain.outcomes import Outcome
from services.reporting.figures.domain.visibility import VISIBILITY, Reader, kinds_for
from services.reporting.figures.store import generations, needs, outcomes
from shared.database import Transaction

LINKED_KINDS = ("need", "response", "support")


def list_linked_needs(
    tx: Transaction,
    *,
    reader: Reader,
    filters: Mapping[str, Collection[str]],
    except_statuses: Collection[str],
) -> list[LinkedNeeds]:
    """List the needs that the reader may see, with the totals of the links to them. Raises `KindIsRestricted`."""
    kinds_for(reader.role, LINKED_KINDS)
    visibility = VISIBILITY[reader.role]
    return needs.list_linked_needs(
        tx,
        generations.get(tx).active,
        markings=visibility.markings,
        own=reader.partner if visibility.own_in_full else None,
        filters=filters,
        except_statuses=except_statuses,
    )


def list_outcomes(tx: Transaction, *, periods: Collection[str]) -> list[Outcome]:
    """List the outcomes of the submissions of these periods."""
    return outcomes.list_outcomes(tx, periods=periods)


def find_last_folded_at(tx: Transaction) -> datetime | None:
    """Return when an outcome, and with it the figures, last changed; None if there are no outcomes."""
    return outcomes.find_last_folded_at(tx)
