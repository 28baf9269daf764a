"""Refs of records in force that are one ref in several spellings, from before such refs were compared in one form."""

from services.validation.verdicts.store import same_refs
from shared.database import Transaction


def list_same_refs(tx: Transaction) -> list[dict[str, str]]:
    """List such refs: {reporter, kind, period, refs}. The period of support is empty."""
    return same_refs.list_same_refs(tx)
