"""A reporting service, its client, and figures and obligations to read."""

from collections.abc import Callable

import pytest

from services.reporting.app import SERVICE
from shared.events import Event, ObligationSet
from shared.resources import Runtime
from tests.reporting.events import accepted, body_of, need, received, support


@pytest.fixture
def runtime(runtime_of: Callable[[str], Runtime]) -> Runtime:
    return runtime_of("reporting")


@pytest.fixture
def fold(runtime: Runtime, deliver: Callable[..., None]) -> Callable[..., None]:
    """Deliver the events one by one, each in its own transaction."""

    def each(*events: Event) -> None:
        for event in events:
            deliver(runtime, SERVICE, event)

    return each


@pytest.fixture
def get(client_of):
    client = client_of("reporting")

    def ask(path, as_="RCC-ANALYST", **headers):
        return client.get(f"/reporting/v1/{path}", as_=as_, headers=headers)

    return ask


@pytest.fixture
def figures(runtime, fold):
    """Three supports of a member, and needs of two partners under several markings."""
    both = [{"code": "AL", "percentage": 50}, {"code": "XK", "percentage": 50}]
    supports = body_of(
        support("S-1", tlp="TLP:CLEAR", beneficiaries=both, budget="100.01", currency="EUR"),
        support("S-2", tlp="TLP:CLEAR", budget=7, currency="ALL", planned_start="2025-01-01"),
        support("S-3", tlp="TLP:RED", budget=40, currency="EUR"),
        reporter="EC",
        kind="support",
    )
    needs_al = body_of(need("N-1", estimated_cost=9, currency="EUR"), need("N-2", tlp="TLP:RED"))
    needs_xk = body_of(need("N-1", tlp="TLP:GREEN"), need("N-2", tlp="TLP:RED"), reporter="XK-WBBSi")
    for number, body in enumerate([supports, needs_al, needs_xk]):
        fold(accepted(runtime, number, body))


@pytest.fixture
def owed(runtime, fold):
    for structure in ("AL-WBCTi", "AL-WBBSi", "XK-WBBSi"):
        obligation = f"{structure}/need/2025-2026"
        fold(
            ObligationSet(
                obligation=obligation,
                structure=structure,
                kind="need",
                period="2025-2026",
                due_on="2026-12-01",
                sequence=1,
            )
        )
    fold(accepted(runtime, 1, body_of(need("N-1"))))
    fold(received(runtime, 2, body_of(need("N-1"), reporter="XK-WBBSi")))
