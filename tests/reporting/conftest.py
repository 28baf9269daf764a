"""A reporting service to fold into, and what its tables say."""

from collections.abc import Callable

import pytest

from services.reporting.app import SERVICE
from shared.events import Event
from shared.resources import Runtime


@pytest.fixture
def runtime(runtime_of: Callable[[str], Runtime]) -> Runtime:
    return runtime_of("reporting")


@pytest.fixture
def fold(runtime: Runtime, deliver: Callable[..., None]) -> Callable[..., None]:
    """Handles the events one by one, each in its own transaction."""

    def each(*events: Event) -> None:
        for event in events:
            deliver(runtime, SERVICE, event)

    return each
