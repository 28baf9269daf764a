"""The bus: the database remembers, Celery rings the doorbell.

`record` writes events in the transaction of their effect, the relay rings, and `handling` has one effect per event and
subscriber.
"""

from shared.bus.recording import record
from shared.bus.store import metadata

__all__ = ["metadata", "record"]
