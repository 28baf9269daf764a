"""Recording of events: an event and one delivery per subscriber, in the transaction of the effect."""

from shared.bus import store
from shared.bus.lanes import lane_of
from shared.database import Transaction
from shared.events import Event
from shared.events.routes import ROUTES
from shared.ids import new_id
from shared.logs import current_trace


def record(tx: Transaction, *events: Event) -> None:
    """Record events. If the transaction commits, they reach every subscriber; if it rolls back, they never happened."""
    trace = current_trace() or new_id()
    numbered = [(event, new_id()) for event in events]
    tx.add(
        store.events,
        *(
            {
                "id": event_id,
                "name": event.name,
                "producer": tx.service,
                "trace": trace,
                "occurred_at": tx.now,
                "payload": event.payload(),
            }
            for event, event_id in numbered
        ),
    )
    tx.add(
        store.deliveries,
        *(
            {
                "id": new_id(),
                "event_id": event_id,
                "event": event.name,
                "subscriber": subscriber,
                "lane": lane_of(subscriber, is_large=event.is_large),
                "trace": trace,
                "state": "waiting",
                "due_at": tx.now,
                "attempts": 0,
                "created_at": tx.now,
            }
            for event, event_id in numbered
            for subscriber in ROUTES[type(event)]
        ),
    )
