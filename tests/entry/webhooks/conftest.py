"""Fixtures for tests of webhooks."""

from collections.abc import Iterator

import pytest

from tests.entry.webhooks.receivers import Receiver
from tests.entry.webhooks.steps import Desk


@pytest.fixture
def desk(client_of, runtime_of, clock) -> Desk:
    return Desk(client_of("entry"), runtime_of("entry"), clock)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver
