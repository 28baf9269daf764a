"""Needs with the totals of the links to them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LinkTotals:
    """The links to one need that are in force and visible to the reader, added up."""

    responses: int = 0
    """The number of responses that answer the need."""
    supports: int = 0
    """The number of support records that answer the need."""
    full: int = 0
    """The number of links that say that they meet the need in full."""
    share: int = 0
    """The sum of the shares, in hundredths of a per cent."""


@dataclass(frozen=True, slots=True)
class LinkedNeeds:
    """Needs of one partner and pillar that have equal link totals; `needs` is their number."""

    partner: str
    pillar: str
    links: LinkTotals
    needs: int
