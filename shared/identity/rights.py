"""Roles and their rights. Every route, read path and row policy derives from this table.

This module is pure: it knows the published language only.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from shared.reference import KINDS, STRUCTURES, TLP

Role = Literal["structure", "coordinator", "member", "analyst", "secretariat"]

ROLES: frozenset[Role] = frozenset(("structure", "coordinator", "member", "analyst", "secretariat"))
"""Every role: anyone with a token."""

Act = Literal[
    "submit",
    "carry needs over",
    "read submissions",
    "read obligations",
    "read rule statistics",
    "delegate",
    "end a delegation",
    "read delegations",
    "administer",
]
"""An act that some roles may perform and others may not."""

ALL_MARKINGS = frozenset(TLP)
COMMUNITY_MARKINGS = frozenset(("TLP:CLEAR", "TLP:GREEN", "TLP:AMBER"))
"""Markings that may circulate among members and partners. Stricter markings are limited to named recipients."""


@dataclass(frozen=True, slots=True)
class Rights:
    """The rights of one role."""

    rows: Literal["none", "own", "partner", "all"]
    """The reporters whose rows it reads: itself, all reporters of its partner, or everyone."""
    acts: frozenset[Act] = frozenset()
    submits: tuple[str, ...] = ()
    """The kinds of mapping that it may submit."""
    figures: frozenset[str] = frozenset(KINDS)
    """The kinds of records of which it reads figures."""
    markings: frozenset[str] = COMMUNITY_MARKINGS
    """The markings of the records that its figures include."""
    own_partner_in_full: bool = False
    """Whether figures of its own partner alone include every marking."""
    findings: bool = True
    """Whether it reads the findings of a verdict that it may see."""


_SEES_SUBMITTING: frozenset[Act] = frozenset(("read submissions", "read obligations", "read delegations"))

RIGHTS: Mapping[str | None, Rights] = {
    None: Rights("none", figures=frozenset(("support",)), markings=frozenset(("TLP:CLEAR",)), findings=False),
    "structure": Rights(
        "own",
        _SEES_SUBMITTING | {"submit", "carry needs over", "delegate", "end a delegation"},
        submits=KINDS,
        own_partner_in_full=True,
    ),
    "coordinator": Rights("partner", _SEES_SUBMITTING, own_partner_in_full=True),
    "member": Rights("own", frozenset(("submit", "read submissions")), submits=("response", "support")),
    "analyst": Rights(
        "all",
        frozenset(("read obligations", "read rule statistics")),
        markings=ALL_MARKINGS,
        findings=False,
    ),
    "secretariat": Rights(
        "all",
        _SEES_SUBMITTING | {"read rule statistics", "end a delegation", "administer"},
        markings=ALL_MARKINGS,
    ),
}
"""Role -> rights. None is the public."""


def roles_that(act: Act) -> frozenset[Role]:
    """Return the roles that may perform an act; for the `allow` of a route."""
    return frozenset(role for role in ROLES if act in RIGHTS[role].acts)


SUBMITTERS = roles_that("submit")
CARRIERS = roles_that("carry needs over")
SUBMISSION_READERS = roles_that("read submissions")
OBLIGATION_READERS = roles_that("read obligations")
STATISTICS_READERS = roles_that("read rule statistics")
DELEGATORS = roles_that("delegate")
DELEGATION_ENDERS = roles_that("end a delegation")
DELEGATION_READERS = roles_that("read delegations")
SECRETARIAT_ONLY = roles_that("administer")


def kinds_submitted_by(role: str | None) -> tuple[str, ...]:
    """Return the kinds of mapping that a role may submit, none for a role that only reads."""
    return RIGHTS[role].submits


def may_read(role: str, *, own: bool, own_partner: bool) -> bool:
    """Return whether a role reads a row, given whether the row is its own or of its own partner."""
    rows = RIGHTS[role].rows
    return rows == "all" or (rows == "partner" and own_partner) or (rows == "own" and own)


def list_limits(
    role: str | None, *, reporter: str | None, partner: str | None
) -> tuple[str | None, str | None]:
    """Return the reporter, or the partner, to whose rows lists are limited; (None, None) means no limit."""
    rows = RIGHTS[role].rows
    return (reporter if rows == "own" else None, partner if rows == "partner" else None)


def structures_in_completeness(role: str | None, *, partner: str | None) -> frozenset[str]:
    """Return the codes of the structures whose completeness a role reads: all, or those of its own partner."""
    if RIGHTS[role].rows == "all":
        return frozenset(STRUCTURES)
    return frozenset(code for code, known in STRUCTURES.items() if known.partner == partner)


def structures_of(role: str | None, *, reporter: str | None, partner: str | None) -> tuple[str, ...]:
    """Return the codes of the structures whose obligations, exceptions and delegations a caller reads."""
    rows = RIGHTS[role].rows
    if rows == "all":
        return tuple(STRUCTURES)
    if rows == "partner":
        return tuple(code for code, known in STRUCTURES.items() if known.partner == partner)
    return (reporter,) if reporter else ()


def markings_of(role: str | None, *, partner: str | None, of_partners: frozenset[str]) -> frozenset[str]:
    """Return the markings that figures of exactly these partners include for a role of this partner."""
    rights = RIGHTS[role]
    is_own = partner is not None and of_partners == {partner}
    return ALL_MARKINGS if rights.own_partner_in_full and is_own else rights.markings
