from datetime import timedelta

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import update

from deploy.cli import main
from services.notify.calendar.domain import Collection, Meeting
from services.notify.calendar.operations import collections, meetings
from services.notify.contacts import operations as contacts
from services.notify.contacts.domain import Contact
from services.notify.reminders import store as reminders_store
from services.notify.sending import store
from services.notify.sending.operations import bundling, ledger
from services.notify.sending.store import mails
from shared.ids import new_id
from shared.resources import Runtime
from shared.settings import Settings


@pytest.fixture
def runtime(settings):
    """A runtime with needs due in seven days for a Board meeting; one structure has a mailbox."""
    made = Runtime.of("notify", settings)
    with made.database.begin() as tx:
        held_on = tx.now.date() + timedelta(days=14)
        board = Meeting("board-8", "board", "8th Board meeting", held_on)
        meetings.set_meeting(tx, wanted=board, now=tx.now)
        collection = Collection("need", "2025-2026", "board-8", opens_days_before=60, due_days_before=7)
        collections.define_collection(tx, collection=collection, now=tx.now)
        contacts.set_contact(tx, contact=Contact("AL-WBCTi", "ct@al.example", None, "CT office"))
    yield made
    made.database.dispose()


def call(settings: Settings, *arguments: str, columns: int = 200) -> Result:
    environ = {name: value for name, value in settings.as_environ().items() if name.startswith("IISGD_")}
    return CliRunner(env=environ | {"COLUMNS": str(columns)}).invoke(main, ["notify", *arguments])


def in_days(runtime: Runtime, days: int) -> str:
    return (runtime.clock.now().date() + timedelta(days=days)).isoformat()


def stored(runtime: Runtime) -> tuple:
    with runtime.database.read() as tx:
        return (
            reminders_store.list_due(tx, tx.now.date() + timedelta(days=100)),
            ledger.list_mails(tx, state=None, after=None, limit=1000),
        )


def test_a_plan_shows_who_would_get_what_today_and_who_has_no_contact(settings, runtime):
    done = call(settings, "plan")
    assert done.exit_code == 0, done.output
    assert "2 mails on " in done.output
    (row,) = [line for line in done.output.splitlines() if "ct@al.example" in line]
    assert "AL-WBCTi" in row
    assert "7 days before" in row
    assert "Due in 7 days" in row
    assert "no contact" in done.output


def test_a_plan_on_a_narrow_terminal_folds_an_address_instead_of_cutting_it(settings, runtime):
    with runtime.database.begin() as tx:
        long = Contact("AL-WBCTi", "counter.terrorism.office@interior-al.example", None, "CT office")
        contacts.set_contact(tx, contact=long)
    output = call(settings, "plan", columns=60).output
    cells = [line.split("│")[1].strip() for line in output.splitlines() if line.startswith("│")]
    assert "counter.terrorism.office@interior-al.example" in "".join(cells)


def test_a_plan_for_another_day_shows_that_day_s_step(settings, runtime):
    done = call(settings, "plan", "--on", in_days(runtime, 6))
    assert "1 day before" in done.output
    assert "Due tomorrow" in done.output


def test_a_plan_for_a_quiet_day_says_so(settings, runtime):
    day = in_days(runtime, 3)
    assert call(settings, "plan", "--on", day).output == f"No mail is planned for {day}.\n"


def test_a_plan_in_full_shows_the_mails_as_they_would_be_read(settings, runtime):
    done = call(settings, "plan", "--full")
    assert "To: ct@al.example" in done.output
    assert "Needs 2025-2026" in done.output
    assert settings.public_url in done.output


def test_a_plan_writes_nothing(settings, runtime):
    before = stored(runtime)
    call(settings, "plan", "--full", "--on", in_days(runtime, 6))
    assert stored(runtime) == before


def test_a_plan_of_a_day_that_is_none_is_refused(settings, runtime):
    done = call(settings, "plan", "--on", "tomorrow")
    assert done.exit_code == 2
    assert "does not match the format" in done.output


def test_what_is_held_waits_until_it_is_released(settings, runtime):
    assert "Mails are held until 'iisgd notify release'" in call(settings, "hold", "--reason", "audit").output
    with runtime.database.begin() as tx:
        assert bundling.bundle_due_mails(tx, now=tx.now) == 0
    assert "Mails are held: audit." in call(settings, "plan").output
    assert call(settings, "release").output == "Mails are released; they were held because: audit\n"
    assert call(settings, "release").output == "Mails were not held.\n"
    with runtime.database.begin() as tx:
        assert bundling.bundle_due_mails(tx, now=tx.now) == 1


def test_holding_asks_for_a_reason(settings, runtime):
    assert "Missing option '--reason'" in call(settings, "hold").output


def test_mails_in_doubt_are_listed_with_what_finds_them_in_the_mail_server_s_log(settings, runtime):
    assert call(settings, "uncertain").output == "No mail is uncertain.\n"
    with runtime.database.begin() as tx:
        to = {"recipient": "ct@al.example", "backup": None, "label": "CT office"}
        store.insert_mail(tx, mail=new_id(), to=to, now=tx.now)
        said = {"subject": "Due tomorrow", "message_id": "<1@rcc.example>", "reason": "It fell silent."}
        tried = {"state": "uncertain", "first_tried_at": tx.now}
        tx.execute(update(mails).values(said | tried))
        day = f"{tx.now:%Y-%m-%d}"
    output = call(settings, "uncertain").output
    for text in ("ct@al.example  Due tomorrow", "<1@rcc.example>", f"first tried {day}", "It fell silent."):
        assert text in output
    assert "1 mail uncertain" in output


def test_a_moved_meeting_takes_its_deadlines_along_and_is_announced(settings, runtime):
    day = in_days(runtime, 44)
    preview = call(settings, "move", "board-8", day, "--dry-run").output
    assert preview.endswith("18 structures would be notified.\n")
    output = call(settings, "move", "board-8", day).output
    assert f"8th Board meeting: {in_days(runtime, 14)} -> {day}" in output
    assert f"due     {in_days(runtime, 7)} -> {in_days(runtime, 37)}" in output
    assert "new date" in call(settings, "plan").output
    assert "is already on" in call(settings, "move", "board-8", day).output


def test_a_meeting_that_does_not_exist_is_refused_in_a_sentence(settings, runtime):
    done = call(settings, "move", "board-99", in_days(runtime, 30))
    assert done.exit_code == 1
    assert done.output.startswith("Error: ")
    assert "board-99" in done.output
