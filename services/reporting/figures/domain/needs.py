"""Needs with the totals of the links to them."""

from typing import NamedTuple


class LinkTotals(NamedTuple):
    """The links to one need that are in force and visible to the reader, added up."""

    responses: int = 0
    """The number of links from responses."""
    supports: int = 0
    """The number of links from support records."""
    full: int = 0
    """The number of links that meet the need in full."""
    share: int = 0
    """The sum of the shares, in hundredths of a per cent."""


class LinkedNeeds(NamedTuple):
    """Needs of one partner and pillar that have equal link totals; `needs` is their number."""

    partner: str
    pillar: str
    links: LinkTotals
    needs: int
