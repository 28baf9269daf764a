"""Bodies and fixtures of entry's tests."""

from copy import deepcopy
from typing import Any

import pytest

from services.entry.app import SERVICE
from shared.events import WindowSet
from tests.conftest import Client

NEED: dict[str, Any] = {
    "pillar": "WBCTi",
    "kind": "need",
    "period": "2025-2026",
    "tlp": "TLP:AMBER",
    "records": [{"ref": "AL-CT-N01", "title": "Training of first responders", "theme": "jap25_prevention"}],
}


def need(**changes: Any) -> dict[str, Any]:
    """A submission of one need, changed as told."""
    return deepcopy(NEED) | changes


def window(*, opens_on: str = "2026-09-01", closes_on: str = "2026-12-31", sequence: int = 1) -> WindowSet:
    """When needs of 2025-2026 are collected."""
    return WindowSet(
        window="need/2025-2026",
        kind="need",
        period="2025-2026",
        opens_on=opens_on,
        closes_on=closes_on,
        meeting="board-8",
        sequence=sequence,
    )


@pytest.fixture
def entry(client_of, runtime_of, deliver) -> Client:
    """A client of entry while the window for needs is open."""
    deliver(runtime_of("entry"), SERVICE, window())
    return client_of("entry")
