"""Read and change contacts."""

from collections.abc import Container

from services.notify.contacts import store
from services.notify.contacts.domain import Contact
from services.notify.reminders import operations as reminders
from shared.database import Transaction
from shared.errors import NotFound, check_match
from shared.reference import STRUCTURES


def get_contact(tx: Transaction, *, structure: str) -> Contact:
    """Return the contact of a structure; raise `NotFound`."""
    contact = store.find_contact(tx, structure)
    if contact is None:
        raise NotFound("contact")
    return contact


def find_contact(tx: Transaction, *, structure: str) -> Contact | None:
    """Return the contact of a structure, or None."""
    return store.find_contact(tx, structure)


def list_contacts(tx: Transaction) -> dict[str, Contact]:
    """Return every contact by its structure."""
    return store.list_contacts(tx)


def put_contact(tx: Transaction, *, contact: Contact, if_match: Container[str] | None) -> bool:
    """Create or change a contact; return whether it is new.

    Raise `NotFound` for an unknown structure, `MatchIsRequired` or `MatchIsStale` unless `if_match` is the version of
    the existing contact.
    """
    if contact.structure not in STRUCTURES:
        raise NotFound("structure")
    # Lock, then compare: of two changes with the same ETag, the second is stale.
    reminders.lock_planning(tx)
    known = store.find_contact(tx, contact.structure)
    check_match(if_match, known.version if known else None)
    set_contact(tx, contact=contact)
    return known is None


def set_contact(tx: Transaction, *, contact: Contact) -> None:
    """Create or change a contact, whatever its current version."""
    store.upsert_contact(tx, contact)
