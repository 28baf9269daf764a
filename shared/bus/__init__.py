"""The bus: the database remembers, Celery rings the doorbell.

`record` writes events with the effect they tell of; the relay rings; `handle` gives each subscriber each event once.
"""

from shared.bus.recording import record
from shared.bus.store import metadata

__all__ = ["metadata", "record"]
