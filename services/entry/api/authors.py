"""Who a request's deeds are written down to."""

from services.entry.domain.journal import Author
from shared.http.routes import RequestContext

LONGEST_ADDRESS = 60
"""What a proxy says of an address is believed, and need not be one."""


def author_of(call: RequestContext) -> Author:
    """The caller, or who acts for it, with its client and where it called from."""
    caller = call.known_caller
    return Author(caller.actor or caller.reporter, caller.client, address_of(call))


def address_of(call: RequestContext) -> str | None:
    """Where the request came from."""
    return call.address[:LONGEST_ADDRESS] if call.address else None
