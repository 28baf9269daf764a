"""Load a calendar with its contacts."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from services.notify.calendar import store
from services.notify.calendar.domain import Collection, Meeting
from services.notify.calendar.operations.collections import define_collection
from services.notify.calendar.operations.meetings import set_meeting
from services.notify.contacts import operations as contacts
from services.notify.contacts.domain import Contact
from shared.database import Transaction
from shared.reference.days import secretariat_day


def load_calendar(tx: Transaction, *, calendar: Mapping[str, Any], now: datetime) -> None:
    """Create the meetings, collections and contacts that do not exist. Those that exist stay unchanged.

    A meeting has `held_on`, or `held_in_days`, counted from today, for a calendar that must lie in the future.
    """
    known = store.list_meetings(tx)
    for row in calendar.get("meetings", ()):
        if row["code"] not in known:
            held_on = row.get("held_on") or secretariat_day(now) + timedelta(days=row["held_in_days"])
            set_meeting(tx, wanted=Meeting(row["code"], row["body"], row["title"], _day(held_on)), now=now)
    for row in calendar.get("collections", ()):
        collection = Collection(**(row | {"period": str(row["period"])}))
        if store.find_collection(tx, collection.code) is None:
            define_collection(tx, collection=collection, now=now)
    present = contacts.list_contacts(tx)
    for row in calendar.get("contacts", ()):
        if row["structure"] not in present:
            contacts.set_contact(tx, contact=Contact(**({"backup": None} | row)))


def _day(value: date | str) -> date:
    return value if isinstance(value, date) else date.fromisoformat(value)
