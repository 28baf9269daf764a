"""Use cases check the caller's role, whichever edge calls them."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime

import pytest

from services.validation.verdicts.operations import exemptions, previews, reading
from shared.database import Transaction
from shared.http.problems import RoleIsForbidden
from shared.identity.callers import Caller
from shared.resources import Runtime
from tests.validation.conftest import NEED, submission_id

ANALYST = Caller("RCC", "analyst", None, ())
COORDINATOR = Caller("AL-COORD", "coordinator", "AL", ("WBCTi",))
STRUCTURE = Caller("AL-WBCTi", "structure", "AL", ("WBCTi",))


@pytest.fixture
def tx(runtime_of: Callable[[str], Runtime]) -> Iterator[Transaction]:
    with runtime_of("validation").database.read() as tx:
        yield tx


def test_an_analyst_gets_no_report(tx: Transaction, runtime_of: Callable[[str], Runtime]) -> None:
    with pytest.raises(RoleIsForbidden):
        reading.get_report(
            tx, blobs=runtime_of("validation").blobs, caller=ANALYST, submission=submission_id(1)
        )


def test_an_analyst_lists_no_findings(tx: Transaction) -> None:
    with pytest.raises(RoleIsForbidden):
        exemptions.list_findings(
            tx, caller=ANALYST, submission=submission_id(1), state=None, after=None, limit=10
        )


@pytest.mark.parametrize("caller", [STRUCTURE, COORDINATOR, ANALYST], ids=lambda caller: caller.role)
def test_only_the_secretariat_waives_findings(tx: Transaction, caller: Caller) -> None:
    with pytest.raises(RoleIsForbidden):
        exemptions.waive_finding(
            tx, caller=caller, finding="f", reason="Agreed in the Board.", expires_on=date(2026, 12, 1)
        )


@pytest.mark.parametrize("caller", [COORDINATOR, ANALYST], ids=lambda caller: caller.role)
def test_only_reporters_preview_verdicts(runtime_of: Callable[[str], Runtime], caller: Caller) -> None:
    runtime = runtime_of("validation")
    command = previews.PreviewCommand(
        caller=caller, pillar="WBCTi", kind="need", period="2025-2026", tlp="TLP:AMBER", records=[NEED]
    )
    with pytest.raises(RoleIsForbidden):
        previews.preview_verdict(
            database=runtime.database,
            blobs=runtime.blobs,
            command=command,
            now=datetime(2026, 11, 23, tzinfo=UTC),
            with_outcomes=False,
        )
