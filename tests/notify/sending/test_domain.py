from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.notify.sending.domain import RETRIES

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


@given(st.integers(1, 200))
def test_the_wait_between_attempts_grows_to_half_an_hour_and_no_further(attempts: int) -> None:
    wait = RETRIES.wait_after(attempts)
    assert timedelta(seconds=30) <= wait <= timedelta(minutes=30)
    assert wait <= RETRIES.wait_after(attempts + 1)


def test_a_mail_is_given_up_two_days_after_its_first_attempt() -> None:
    assert not RETRIES.is_given_up(since=NOW, now=NOW + timedelta(days=2, seconds=-1))
    assert RETRIES.is_given_up(since=NOW, now=NOW + timedelta(days=2))
