"""Contacts as rows."""

from dataclasses import asdict

from sqlalchemy import Column, String, Table, Text, select

from services.notify.contacts.domain import Contact
from shared.database import Transaction, metadata_of

contacts = Table(
    "contacts",
    metadata_of("notify"),
    Column("structure", String(64), primary_key=True),
    Column("address", Text, nullable=False),
    Column("backup", Text),
    Column("label", Text, nullable=False),
)


def find_contact(tx: Transaction, structure: str) -> Contact | None:
    """Return the contact of a structure, or None."""
    row = tx.execute(select(contacts).where(contacts.c.structure == structure)).mappings().one_or_none()
    return None if row is None else Contact(**row)


def list_contacts(tx: Transaction) -> dict[str, Contact]:
    """Return every contact by its structure."""
    rows = tx.execute(select(contacts).order_by(contacts.c.structure)).mappings()
    return {row["structure"]: Contact(**row) for row in rows}


def upsert_contact(tx: Transaction, contact: Contact) -> None:
    """Insert or update a contact."""
    tx.upsert(contacts, asdict(contact), key=["structure"])
