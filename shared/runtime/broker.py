"""Whether the broker is there: nothing but a degraded answer depends on it."""

from kombu.connection import Connection

from shared.logs import log
from shared.settings import Settings


class Broker:
    """The way to the broker, which may be away at any time."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def is_reachable(self) -> bool:
        """Whether it answers within a second or so."""
        try:
            with Connection(self._settings.broker_url, connect_timeout=1) as connection:  # type: ignore[no-untyped-call]
                connection.ensure_connection(max_retries=0, timeout=1)
        except Exception as error:  # noqa: BLE001 - each transport has its own
            log().info("broker cannot be reached", error=type(error).__name__)
            return False
        return True
