"""Grant and revoke delegations: a backup may act for a structure until a day."""

from dataclasses import replace
from datetime import date

from services.entry.audit import operations as audit
from services.entry.audit.domain import Actor
from services.entry.clients.domain import (
    MAX_DELEGATION,
    Delegation,
    DelegationIsOver,
    list_backups,
)
from services.entry.clients.operations.clients import reporter_to_change
from services.entry.clients.store import delegations
from shared.database import Transaction
from shared.errors import FieldError, NotFound, Unprocessable
from shared.i18n import Text
from shared.identity.callers import Caller
from shared.ids import new_id
from shared.reference import STRUCTURES
from shared.reference.days import reporter_day
from shared.reference.markings import check_unclassified


def grant_delegation(
    tx: Transaction,
    *,
    caller: Caller | None,
    actor: Actor,
    structure: str,
    to: str,
    expires_on: date,
    reason: str,
) -> Delegation:
    """Let a backup act for a structure until a day, inclusive. Raise `Unprocessable` for an invalid delegation.

    `caller` is None for the operator.
    """
    reporter_to_change(caller)
    check_unclassified(reason, at="/reason")
    if structure not in STRUCTURES:
        raise Unprocessable(
            [FieldError("/structure", Text("There is no such structure."), Text("such as AL-WBCTi"))]
        )
    errors = []
    if to not in (backups := list_backups(structure)):
        errors.append(
            FieldError(
                "/to",
                Text("{to} cannot be the backup of {structure}.", to=to, structure=structure),
                Text("one of {backups}", backups=", ".join(backups)),
            )
        )
    first = reporter_day(structure, tx.now)
    last = first + MAX_DELEGATION
    if not first <= expires_on <= last:
        sentence = Text("A delegation cannot last until {day}.", day=expires_on)
        errors.append(
            FieldError(
                "/expires_on", sentence, Text("a day from {first} until {last}", first=first, last=last)
            )
        )
    if errors:
        raise Unprocessable(errors)
    granted = Delegation(new_id(), structure, to, "backup", actor.code, tx.now, expires_on, reason)
    delegations.insert_delegation(tx, granted)
    _record(tx, actor, "delegation.given", granted, reason)
    return granted


def revoke_delegation(
    tx: Transaction, *, caller: Caller | None, actor: Actor, delegation: str, reason: str
) -> Delegation:
    """Revoke a delegation before its last day. `caller` is None for the operator."""
    within = reporter_to_change(caller)
    check_unclassified(reason, at="/reason")
    known = delegations.find_delegation(tx, delegation)
    if known is None or within not in (None, known.structure):
        raise NotFound("delegation")
    if not known.is_active(reporter_day(known.structure, tx.now)):
        raise DelegationIsOver
    delegations.update_delegation_revoked(tx, known.id)
    _record(tx, actor, "delegation.ended", known, reason)
    return replace(known, ended_at=tx.now)


def list_delegations(tx: Transaction, *, caller: Caller, after: str | None, limit: int) -> list[Delegation]:
    """List delegations from and to the caller, and those of its partner, the latest first. The Secretariat sees all."""
    structures = None if caller.rights.rows == "all" else caller.structures
    return delegations.list_delegations(
        tx, structures=structures, to=caller.reporter, after=after, limit=limit
    )


def _record(tx: Transaction, actor: Actor, action: str, delegation: Delegation, reason: str) -> None:
    audit.record_action(
        tx,
        actor=actor,
        action=action,
        reporter=delegation.structure,
        partner=STRUCTURES[delegation.structure].partner,
        detail={
            "delegation": delegation.id,
            "to": delegation.to,
            "expires_on": delegation.expires_on.isoformat(),
            "reason": reason,
        },
    )
