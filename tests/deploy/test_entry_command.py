from datetime import timedelta

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from deploy.cli import main
from services.entry.audit.domain import Actor
from services.entry.audit.store import entries
from services.entry.windows import operations as windows
from services.entry.windows import store
from shared.resources import Runtime
from shared.settings import Settings


@pytest.fixture
def runtime(settings):
    made = Runtime.of("entry", settings)
    yield made
    made.database.dispose()


def call(settings: Settings, *arguments: str) -> Result:
    environ = {name: value for name, value in settings.as_environ().items() if name.startswith("IISGD_")}
    return CliRunner(env=environ | {"COLUMNS": "200"}).invoke(main, ["entry", *arguments])


def in_days(runtime: Runtime, days: int) -> str:
    return (runtime.clock.now().date() + timedelta(days=days)).isoformat()


def make(settings: Settings, day: str, *, reporter: str = "AL-WBCTi") -> Result:
    return call(
        settings, "except", reporter, "need", "2025-2026", "--until", day, "--reason", "A new ministry"
    )


def test_an_exception_is_made_and_is_in_the_audit_log_as_the_operator_s(settings, runtime):
    day = in_days(runtime, 14)
    done = make(settings, day)
    assert done.exit_code == 0, done.output
    assert f"AL-WBCTi may submit the need mapping of 2025-2026 until {day}." in done.output
    with runtime.database.read() as tx:
        (row,) = tx.execute(select(entries)).all()
    assert (row.action, row.actor, row.reporter) == ("window.exception_granted", "operator", "AL-WBCTi")


def test_exceptions_are_listed_with_how_they_stand_and_why(settings, runtime):
    assert call(settings, "exceptions").output == "There are no exceptions.\n"
    make(settings, in_days(runtime, 14))
    make(settings, in_days(runtime, 7), reporter="RS-WBBSi")
    with runtime.database.begin() as tx:
        newest, _ = store.list_exceptions(tx, reporters=None, after=None, limit=2)
        windows.revoke_exception(
            tx, actor=Actor("SECRETARIAT"), exception=newest.id, reason="It came in after all"
        )
    lines = call(settings, "exceptions").output.splitlines()
    (ended,) = [line for line in lines if line.startswith("RS-WBBSi")]
    assert "ended" in ended
    assert ended.rstrip().endswith("A new ministry; revoked: It came in after all")
    (holds,) = [line for line in lines if line.startswith("AL-WBCTi")]
    assert f"2025-2026 {in_days(runtime, 14)} holds" in " ".join(holds.split())


@pytest.mark.parametrize(
    ("reporter", "days", "words"),
    [
        ("XX-WBCTi", 7, "There is no reporter 'XX-WBCTi'. Expected: the code of a structure or a member."),
        ("AL-WBCTi", -1, " is not an allowed last day."),
    ],
)
def test_what_cannot_be_right_is_refused_in_a_sentence(settings, runtime, reporter, days, words):
    done = make(settings, in_days(runtime, days), reporter=reporter)
    assert done.exit_code == 1
    assert done.output.startswith("Error: ")
    assert words in done.output


def test_support_needs_no_exception(settings, runtime):
    done = call(
        settings, "except", "UNODC", "support", "2026", "--until", in_days(runtime, 7), "--reason", "Late"
    )
    assert done.exit_code == 2
    assert "'support' is not one of 'need', 'response'" in done.output
