"""The sets of roles that several services admit."""

from shared.http.auth.callers import Role

REPORTERS: frozenset[Role] = frozenset(("structure", "member"))
"""The roles that submit."""

READERS: frozenset[Role] = REPORTERS | frozenset[Role](("coordinator", "secretariat"))
"""The roles that see submissions: their own, their partner's, or all."""

SECRETARIAT: frozenset[Role] = frozenset(("secretariat",))
