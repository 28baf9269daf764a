from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.notify.sending.domain import GIVE_UP_AFTER, Mail, MailState, is_given_up, next_attempt_at

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


@given(st.integers(1, 200))
def test_the_wait_between_attempts_grows_to_half_an_hour_and_no_further(attempts: int) -> None:
    wait = next_attempt_at(attempts, NOW) - NOW
    assert timedelta(seconds=30) <= wait <= timedelta(minutes=30)
    assert wait <= next_attempt_at(attempts + 1, NOW) - NOW


def test_a_mail_is_given_up_two_days_after_its_first_attempt() -> None:
    mail = Mail(
        id="m",
        recipient="a@b.example",
        backup=None,
        label="A",
        state=MailState.DUE,
        attempts=9,
        due_at=NOW,
        first_tried_at=NOW,
        claim=None,
        created_at=NOW,
    )
    assert not is_given_up(mail, NOW + GIVE_UP_AFTER - timedelta(seconds=1))
    assert is_given_up(mail, NOW + GIVE_UP_AFTER)
