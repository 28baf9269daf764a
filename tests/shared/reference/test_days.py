"""Days in the reporters' time zones."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from shared.reference import COORDINATORS, MEMBERS, PARTNERS, STRUCTURES
from shared.reference.days import in_words, reporter_day, secretariat_day, secretariat_midnight
from shared.reference.reporters import reporter, time_zone_of

ALMOST_MIDNIGHT = datetime(2026, 6, 30, 22, 30, tzinfo=UTC)


@pytest.mark.parametrize("code", ["AL-WBCTi", "XK-NC", "EC", "SECRETARIAT", "a reporter of another register"])
def test_a_day_begins_at_midnight_where_the_reporter_is(code):
    assert reporter_day(code, ALMOST_MIDNIGHT) == date(2026, 7, 1)
    assert reporter_day(code, ALMOST_MIDNIGHT.replace(hour=21)) == date(2026, 6, 30)


def test_every_reporter_has_a_time_zone_that_this_machine_knows():
    for code in (*STRUCTURES, *COORDINATORS, *MEMBERS):
        assert ZoneInfo(reporter(code).time_zone)
    assert {code: partner.time_zone for code, partner in PARTNERS.items()} == {
        "AL": "Europe/Tirane",
        "BA": "Europe/Sarajevo",
        "XK": "Europe/Belgrade",
        "ME": "Europe/Podgorica",
        "MK": "Europe/Skopje",
        "RS": "Europe/Belgrade",
    }
    assert time_zone_of("EC") == "Europe/Brussels"


def test_a_time_in_words_names_its_time_zone():
    assert in_words("AL-WBCTi", ALMOST_MIDNIGHT) == "1 July 2026, 00:30 (Europe/Tirane)"


def test_a_day_of_the_secretariat_begins_at_its_midnight():
    assert secretariat_day(secretariat_midnight(date(2026, 7, 1))) == date(2026, 7, 1)
    assert secretariat_midnight(date(2026, 7, 1)).astimezone(UTC) == datetime(2026, 6, 30, 22, tzinfo=UTC)
