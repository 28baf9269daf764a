"""The caller of a request, as its credential states it."""

from dataclasses import dataclass

from shared.database import ALL_ROWS, NO_ROWS, rows_of
from shared.identity.rights import RIGHTS, Rights, list_limits, may_read, structures_of

SCOPES = ("read", "write")
"""The scopes of a token: to read, and to change."""


@dataclass(frozen=True)
class Caller:
    """A caller. Every field comes from the credential, none from the request."""

    reporter: str
    role: str
    partner: str | None
    pillars: tuple[str, ...]
    scopes: tuple[str, ...] = SCOPES
    client: str | None = None
    """The client that obtained the token; None if the operator issued it."""
    actor: str | None = None
    """The delegate that acts for the reporter, if any."""

    @property
    def rights(self) -> Rights:
        """The rights of the caller's role."""
        return RIGHTS[self.role]

    @property
    def visible_to(self) -> str:
        """The rows that the database shows to this caller's transactions, whatever the query."""
        rows = self.rights.rows
        if rows == "all":
            return ALL_ROWS
        if rows == "none":
            return NO_ROWS
        return rows_of(reporter=self.reporter, partner=self.partner if rows == "partner" else None)

    @property
    def scope_of_lists(self) -> tuple[str | None, str | None]:
        """The reporter, or the partner, to whose rows lists are limited; (None, None) means no limit."""
        return list_limits(self.role, reporter=self.reporter, partner=self.partner)

    @property
    def structures(self) -> tuple[str, ...]:
        """The structures whose obligations, exceptions and delegations the caller reads."""
        return structures_of(self.role, reporter=self.reporter, partner=self.partner)

    def may_read(self, *, reporter: str, partner: str | None) -> bool:
        """Return whether the caller reads a row of this reporter and partner."""
        return may_read(
            self.role,
            own=reporter == self.reporter,
            own_partner=partner is not None and partner == self.partner,
        )
