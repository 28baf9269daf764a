"""The broker's reachability, which only the readiness report depends on."""

from kombu.connection import Connection

from shared.logs import log
from shared.settings import Settings


class Broker:
    """The broker, which may be unreachable at any time."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def is_reachable(self) -> bool:
        """Return whether the broker answers within about a second."""
        try:
            with Connection(self._settings.broker_url, connect_timeout=1) as connection:  # type: ignore[no-untyped-call]
                connection.ensure_connection(max_retries=0, timeout=1)
        except Exception as error:  # noqa: BLE001 - each transport raises its own errors
            log().info("broker cannot be reached", error=type(error).__name__)
            return False
        return True
