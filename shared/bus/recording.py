"""Record: an event and one delivery per subscriber, in the transaction of the effect they tell of."""

from shared.bus import store
from shared.bus.lanes import lane_of
from shared.database import Transaction
from shared.events import Event
from shared.events.routes import ROUTES
from shared.ids import new_id
from shared.logs import current_trace


def record(tx: Transaction, *events: Event) -> None:
    """Write the events. What the transaction undoes never happened; what it commits reaches every subscriber."""
    trace = current_trace() or new_id()
    told = [(event, new_id()) for event in events]
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
            for event, event_id in told
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
            for event, event_id in told
            for subscriber in ROUTES[type(event)]
        ),
    )
