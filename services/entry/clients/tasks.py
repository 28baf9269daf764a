"""The ticks of clients."""

from services.entry.clients.operations import token_requests
from shared.resources import Runtime
from shared.runtime.declarations import Tick


def delete_assertions(runtime: Runtime) -> None:
    """Delete used assertions that have expired."""
    with runtime.database.begin() as tx:
        token_requests.delete_expired_assertions(tx)


TICKS = (Tick("forget_assertions", 3600.0, delete_assertions),)
