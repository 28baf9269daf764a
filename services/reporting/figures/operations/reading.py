"""Reads that other parts make of figures."""

from collections.abc import Collection, Mapping
from datetime import datetime

from services.reporting.figures.domain.facts import identity_of
from services.reporting.figures.domain.needs import LinkedNeeds
from services.reporting.figures.domain.outcomes import Outcome
from services.reporting.figures.domain.visibility import Reader
from services.reporting.figures.store import facts, generations, needs, outcomes
from shared.blobs import Blobs
from shared.database import Transaction
from shared.records.bodies import read_facts
from shared.reference import KINDS
from shared.reference.refs import ref_key


def list_linked_needs(
    tx: Transaction,
    *,
    reader: Reader,
    filters: Mapping[str, Collection[str]],
    except_statuses: Collection[str],
) -> list[LinkedNeeds]:
    """List the needs that the reader may see, with the totals of the links to them. Raises `KindIsRestricted`."""
    reader.kinds(KINDS)
    return needs.list_linked_needs(
        tx,
        generations.get(tx).active,
        markings=reader.rights.markings,
        own=reader.partner if reader.rights.own_partner_in_full else None,
        filters=filters,
        except_statuses=except_statuses,
    )


def list_outcomes(tx: Transaction, *, periods: Collection[str]) -> list[Outcome]:
    """List the outcomes of the submissions of these periods."""
    return outcomes.list_outcomes(tx, periods=periods)


def list_accepted_reporters(tx: Transaction, *, kind: str, periods: Collection[str]) -> set[str]:
    """Return the reporters of this kind with an accepted submission, if only a nil return, in these periods (none: any)."""
    return outcomes.list_accepted_reporters(tx, kind=kind, periods=periods)


def count_records(tx: Transaction, *, submissions: Collection[str], others: Collection[str]) -> int:
    """Count the records of these accepted submissions and others, given by their identities, each once."""
    return facts.count_identities(tx, generations.get(tx).active, submissions=submissions, others=others)


def list_identities(blobs: Blobs, *, body: str) -> set[str]:
    """Return the identities of the records of a body (its sha-256)."""
    with blobs.open(body) as stream:
        about = read_facts(stream)
        return {
            identity_of(about["reporter"], about["kind"], about["period"], ref_key(str(record.get("ref"))))
            for record in about["records"]
        }


def find_last_folded_at(tx: Transaction) -> datetime | None:
    """Return when an outcome, and with it the figures, last changed; None if there are no outcomes."""
    return outcomes.find_last_folded_at(tx)
