"""Contacts: the mailboxes to which messages for a structure are sent."""

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Contact:
    """The mailbox of a structure and its backup."""

    structure: str
    address: str
    backup: str | None
    label: str
    """The office that reads the mailbox; never a person."""

    @property
    def version(self) -> str:
        """A digest of the contact, for its ETag."""
        return hashlib.sha256(repr(self).encode()).hexdigest()[:16]
