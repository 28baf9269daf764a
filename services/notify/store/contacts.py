"""The role mailboxes of the structures."""

from dataclasses import asdict, dataclass

from sqlalchemy import select

from services.notify.store.tables import contacts
from shared.database import Transaction


@dataclass(frozen=True, slots=True)
class Contact:
    """A structure's mailbox, and the one to fall back on."""

    structure: str
    address: str
    backup: str | None
    label: str
    """The office that reads it; never a person."""


def all_contacts(tx: Transaction) -> dict[str, Contact]:
    """Every contact by its structure."""
    rows = tx.execute(select(contacts).order_by(contacts.c.structure)).mappings()
    return {row["structure"]: Contact(**row) for row in rows}


def keep_contact(tx: Transaction, contact: Contact) -> None:
    """Write a new or changed contact."""
    tx.upsert(contacts, asdict(contact), key=["structure"])
