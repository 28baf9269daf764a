"""Retries wait longer each time, never longer than the longest wait, and end when their time is over."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.retries import RetryPolicy, doubling

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
POLICY = RetryPolicy(doubling(SECOND, 10 * SECOND), give_up_after=timedelta(days=2))


def test_waits_double_up_to_the_longest_which_then_repeats():
    waits = [POLICY.wait_after(attempts) // SECOND for attempts in (1, 2, 3, 4, 5, 6, 1000)]
    assert waits == [1, 2, 4, 8, 10, 10, 10]


@pytest.mark.parametrize(("first", "longest"), [(0, 10), (10, 10), (20, 10)])
def test_a_first_wait_that_cannot_double_repeats(first, longest):
    assert doubling(first * SECOND, longest * SECOND) == (min(first, longest) * SECOND,)


@settings(max_examples=40)
@given(st.integers(1, 100), st.floats(0, 1))
def test_jitter_spreads_a_wait_by_a_quarter_at_most(attempts, jitter):
    wait = POLICY.wait_after(attempts)
    assert 0.75 * wait <= POLICY.wait_after(attempts, jitter=jitter) <= 1.25 * wait


def test_the_last_attempt_is_at_the_very_end_and_there_is_none_after_it():
    end = NOW + timedelta(days=2)
    assert POLICY.next_attempt_at(3, since=NOW, now=NOW) == NOW + 4 * SECOND
    assert POLICY.next_attempt_at(9, since=NOW, now=end - SECOND) == end
    assert POLICY.next_attempt_at(9, since=NOW, now=end) is None


def test_work_that_was_never_attempted_is_not_given_up():
    assert not POLICY.is_given_up(since=None, now=NOW + timedelta(days=9))
    assert not POLICY.is_given_up(since=NOW, now=NOW + timedelta(days=2) - SECOND)
    assert POLICY.is_given_up(since=NOW, now=NOW + timedelta(days=2))


def test_a_policy_without_an_end_never_gives_up():
    endless = RetryPolicy((SECOND,))
    assert endless.next_attempt_at(10**6, since=NOW, now=NOW + timedelta(days=999)) is not None
