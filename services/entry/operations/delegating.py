"""Let a backup act for a structure until a day, and end that."""

from dataclasses import replace
from datetime import date

from services.entry import store
from services.entry.domain.delegations import (
    LONGEST_DELEGATION,
    Delegation,
    DelegationIsOver,
    backups_of,
)
from services.entry.domain.journal import Author
from services.entry.domain.markings import check_unclassified
from services.entry.operations.journal import note
from shared.database import Transaction
from shared.errors import FieldError, NotFound, Unprocessable
from shared.identity.callers import Caller
from shared.ids import new_id
from shared.reference import STRUCTURES


def give_delegation(
    tx: Transaction, *, author: Author, structure: str, to: str, expires_on: date, reason: str
) -> Delegation:
    """Let another act for a structure until a day, that day included; `Unprocessable` says what cannot be right."""
    check_unclassified(reason, at="/reason")
    if structure not in STRUCTURES:
        raise Unprocessable([FieldError("/structure", "There is no such structure.", "such as AL-WBCTi")])
    faults = []
    if to not in (backups := backups_of(structure)):
        faults.append(
            FieldError("/to", f"{to} cannot be the backup of {structure}.", f"one of {', '.join(backups)}")
        )
    first, last = tx.now.date(), tx.now.date() + LONGEST_DELEGATION
    if not first <= expires_on <= last:
        sentence = f"A delegation cannot last until {expires_on}."
        faults.append(FieldError("/expires_on", sentence, f"a day from {first} until {last}"))
    if faults:
        raise Unprocessable(faults)
    given = Delegation(new_id(), structure, to, "backup", author.actor, tx.now, expires_on, reason)
    store.add_delegation(tx, given)
    _note(tx, author, "delegation.given", given, reason)
    return given


def end_delegation(
    tx: Transaction, *, author: Author, delegation: str, within: str | None, reason: str
) -> Delegation:
    """End a delegation before its day; `within` names the structure whose they may be, None: everybody's."""
    check_unclassified(reason, at="/reason")
    known = store.find_delegation(tx, delegation)
    if known is None or within not in (None, known.structure):
        raise NotFound("delegation")
    if not known.holds(tx.now.date()):
        raise DelegationIsOver
    store.end_delegation(tx, known.id)
    _note(tx, author, "delegation.ended", known, reason)
    return replace(known, ended_at=tx.now)


def list_delegations(tx: Transaction, *, caller: Caller, after: str | None, limit: int) -> list[Delegation]:
    """The delegations that the caller may see, the latest first: its own, those to it, those of its partner."""
    if caller.role == "secretariat":
        return store.list_delegations(tx, after=after, limit=limit)
    structures = [caller.reporter]
    if caller.role == "coordinator":
        structures = [code for code, each in STRUCTURES.items() if each.partner == caller.partner]
    return store.list_delegations(tx, structures=structures, to=caller.reporter, after=after, limit=limit)


def _note(tx: Transaction, author: Author, action: str, delegation: Delegation, reason: str) -> None:
    note(
        tx,
        author=author,
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
