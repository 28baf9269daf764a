"""Calendar days. A day is a day in the reporter's time zone, never in UTC."""

from collections.abc import Iterable
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from shared.i18n import Text
from shared.i18n.days import day_text
from shared.reference.reporters import SECRETARIAT_TIME_ZONE, time_zone_of


def reporter_day(reporter: str, moment: datetime) -> date:
    """Return the day of a moment where the reporter is."""
    return local_time(time_zone_of(reporter), moment).date()


def earliest_day(reporters: Iterable[str], moment: datetime) -> date:
    """Return the day of a moment where it is earliest: it has begun for all these reporters."""
    return min(reporter_day(each, moment) for each in reporters)


def secretariat_day(moment: datetime) -> date:
    """Return the day of a moment at the Secretariat. Rulesets come into force, and meetings are held, on its days."""
    return local_time(SECRETARIAT_TIME_ZONE, moment).date()


def secretariat_midnight(day: date) -> datetime:
    """Return the moment at which a day begins at the Secretariat."""
    return datetime.combine(day, time.min, ZoneInfo(SECRETARIAT_TIME_ZONE))


def local_time(time_zone: str, moment: datetime) -> datetime:
    """Return a moment as the clocks of a time zone show it."""
    return moment.astimezone(ZoneInfo(time_zone))


def in_words(reporter: str, moment: datetime) -> Text:
    """Return a moment as the reporter's clocks show it: `3 March 2026, 14:02 (Europe/Tirane)`."""
    time_zone = time_zone_of(reporter)
    local = local_time(time_zone, moment)
    return Text("{day}, {time} ({zone})", day=day_text(local), time=f"{local:%H:%M}", zone=time_zone)
