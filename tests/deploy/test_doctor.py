import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import insert, update

from deploy.cli import main
from deploy.commands import doctor
from deploy.launcher import Launcher
from deploy.tables import OwnerDatabase
from services.entry.submissions.store import tables
from services.notify.sending import store
from services.notify.sending.operations import sending_hold
from services.notify.sending.store import mails
from shared.bus import store as bus
from shared.clock import FixedClock, SystemClock
from shared.database import Transaction
from shared.ids import new_id
from shared.resources import Runtime
from shared.settings import Settings


@pytest.fixture
def installation(settings, keys) -> Settings:
    """A migrated installation with keys and without running processes."""
    shutil.copytree(keys, settings.home / "keys")
    return replace(settings, key_folder=None, smtp_url="smtp://me:secret@127.0.0.1:1")


def environ(settings: Settings) -> dict[str, str]:
    return {name: value for name, value in settings.as_environ().items() if name.startswith("IISGD_")}


def ask(settings: Settings) -> Result:
    return CliRunner(env=environ(settings)).invoke(main, ["doctor"])


def line(done: Result, name: str) -> str:
    """Return the line of a check: its state and result."""
    (found,) = [line for line in done.output.splitlines() if line[9:].startswith(f"{name} ")]
    return " ".join(found.replace(name, "", 1).split())


@pytest.fixture(scope="module")
def working(launched) -> Settings:
    """A system with all its processes."""
    return launched.settings


def test_a_system_at_work_is_well(working):
    done = ask(working)
    assert done.exit_code == 0, done.output
    states = [line.split()[0] for line in done.output.splitlines()]
    assert states == ["ok"] * (1 + len(doctor.CHECKS) + len(doctor.CHECKS_OF_DATABASE))


def test_a_launcher_at_work_tells_where_its_broker_and_mail_server_are(working):
    found = CliRunner(env={"IISGD_HOME": str(working.home)}).invoke(main, ["doctor"])
    assert line(found, "broker") == f"ok {working.broker_url}"
    assert line(found, "mail server") == f"ok {working.smtp_url}"


def test_addresses_that_the_settings_name_are_looked_at_whatever_a_launcher_tells(working):
    given = {"IISGD_HOME": str(working.home), "IISGD_SMTP_URL": "smtp://127.0.0.1:1"}
    found = CliRunner(env=given).invoke(main, ["doctor"])
    assert line(found, "mail server").startswith("FAILED smtp://127.0.0.1:1: ")
    assert line(found, "broker") == f"ok {working.broker_url}"


def test_what_a_launcher_told_that_is_gone_is_not_looked_at(tmp_path):
    Launcher.embedded(Settings(home=tmp_path)).stop()
    assert "redis://127.0.0.1:6379/0" in line(ask(Settings(home=tmp_path)), "broker")


def test_what_does_not_answer_is_named_without_its_password_and_with_what_to_do(installation):
    done = ask(replace(installation, broker_url="redis://:secret@127.0.0.1:1/0"))
    assert done.exit_code == 1
    assert line(done, "broker").startswith("FAILED redis://:***@127.0.0.1:1/0 does not respond - start it")
    assert line(done, "mail server").startswith("FAILED smtp://me:***@127.0.0.1:1: The mail server cannot be")
    assert line(done, "lanes").startswith(
        "FAILED any lane: no worker has finished a canary yet - start workers"
    )
    assert line(done, "database").startswith("ok")
    assert "secret" not in done.output


def test_a_database_that_is_away_costs_only_the_checks_that_need_it(installation):
    url = "postgresql+psycopg://me:secret@127.0.0.1:1/iisgd"
    done = ask(replace(installation, database_url=url))
    assert done.exit_code == 1
    assert "Connection refused" in line(done, "database")
    assert line(done, "keys").startswith("ok")
    assert line(done, "bodies") == "- needs the database"
    assert "secret" not in done.output


def test_a_database_that_was_never_made_is_not_made_by_looking(tmp_path):
    done = ask(Settings(home=tmp_path))
    assert line(done, "database") == f"FAILED {tmp_path}/iisgd.sqlite does not exist - run 'iisgd migrate'"
    assert not (tmp_path / "iisgd.sqlite").exists()


def test_a_database_that_is_not_up_to_date_is_said(installation, monkeypatch):
    heads = doctor.head_revisions(doctor.histories()) | {"entry": "0042"}
    monkeypatch.setattr(doctor, "head_revisions", lambda _histories: heads)
    assert "not up to date: entry - run 'iisgd migrate'" in line(ask(installation), "database")


def test_a_late_lane_is_named(installation):
    runtime = Runtime.of("entry", installation)
    with runtime.database.begin() as tx:
        for lane in ("entry.bulk", "validation", "validation.bulk", "reporting", "reporting.bulk", "notify"):
            bus.record_heartbeat(tx, lane=lane, now=tx.now)
        bus.record_heartbeat(tx, lane="notify.bulk", now=tx.now)
        bus.record_heartbeat(tx, lane="entry", now=tx.now - timedelta(hours=1))
    runtime.database.dispose()
    assert line(ask(installation), "lanes").startswith("FAILED entry: no worker has finished a canary for 36")


def test_a_missing_body_is_named_with_where_to_put_it(installation):
    add_version(installation, body="0" * 64)
    assert line(ask(installation), "bodies").startswith(
        f"FAILED 1 of 1 bodies are missing, the first {'0' * 64}"
    )


def test_bodies_in_a_row_and_in_the_folder_are_found(installation):
    runtime = Runtime.of("entry", installation)
    with runtime.database.begin() as tx:
        kept = [runtime.blobs.put(tx, body) for body in (b"small", b"x" * 100_000)]
    runtime.database.dispose()
    for sha256 in kept:
        add_version(installation, body=sha256)
    assert line(ask(installation), "bodies") == "ok all 2 exist"


def add_version(settings: Settings, *, body: str) -> None:
    with writing(settings) as tx:
        row = {"submission": new_id(), "version": 1, "state": "received", "received_at": tx.now, "body": body}
        tx.execute(insert(tables.versions), row | {"records": 1, "verdict": 0})


@contextmanager
def writing(settings: Settings) -> Iterator[Transaction]:
    database = OwnerDatabase(settings.database, clock=SystemClock())
    with database.begin() as tx:
        yield tx
    database.dispose()


def test_records_whose_refs_are_one_are_listed(installation, monkeypatch):
    same = {"reporter": "CEPOL", "kind": "support", "period": "", "refs": "S\u030c-1, \u0160-1"}
    monkeypatch.setattr(doctor, "list_same_refs", lambda _tx: [same])
    done = ask(installation)
    assert line(done, "refs").startswith(
        "warning 1 ref is written in several ways - ask the reporters to withdraw"
    )
    assert "CEPOL  support  S\u030c-1, \u0160-1" in done.output


def test_missing_keys_and_keys_that_others_may_read_are_said(installation):
    private = next(installation.keys.glob("*.private.pem"))
    private.chmod(0o644)
    assert line(ask(installation), "keys").startswith(f"warning other users can read {private} - chmod 600")
    private.unlink()
    assert line(ask(installation), "keys").startswith("warning tokens can be verified but not issued here")
    next(installation.keys.glob("*.public.pem")).unlink()
    assert line(ask(installation), "keys").startswith("FAILED no key to verify tokens")


def test_a_blob_folder_that_cannot_be_made_is_said(installation):
    installation.blobs.touch()
    assert line(ask(installation), "blob folder").startswith("FAILED File exists")


def test_dead_deliveries_are_a_warning_with_the_commands_that_help(installation):
    with writing(installation) as tx:
        names = ("id", "event_id", "event", "subscriber", "lane", "trace")
        row = dict.fromkeys(names, "entry") | {"state": "dead", "due_at": tx.now, "created_at": tx.now}
        tx.execute(insert(bus.deliveries), row | {"attempts": 8})
    assert line(ask(installation), "deliveries").startswith("warning 1 delivery is dead - 'iisgd bus dead'")


def test_mails_in_doubt_are_named(installation):
    runtime = Runtime.of("notify", installation)
    with runtime.database.begin() as tx:
        to = {"recipient": "ct@al.example", "backup": None, "label": "CT office"}
        store.insert_mail(tx, mail=new_id(), to=to, now=tx.now)
        said = {"state": "uncertain", "subject": "Due tomorrow", "message_id": "<1@rcc.example>"}
        tx.execute(update(mails).values(said))
    runtime.database.dispose()
    done = ask(installation)
    assert line(done, "mails").startswith("warning 1 uncertain - search the mail server's log")
    assert "ct@al.example  Due tomorrow  <1@rcc.example>" in done.output


def test_held_sending_is_a_warning_with_its_reason(installation):
    assert line(ask(installation), "sending") == "ok mails are sent when due"
    runtime = Runtime.of("notify", installation)
    with runtime.database.begin() as tx:
        sending_hold.hold_sending(tx, reason="the Board is being moved")
    runtime.database.dispose()
    assert line(ask(installation), "sending").startswith(
        "warning held: the Board is being moved - 'iisgd notify rel"
    )


def test_a_clock_that_differs_from_the_database_server_s_is_said(postgresql_url, monkeypatch):
    settings = Settings(database_url=postgresql_url)
    assert doctor.check_clock(settings).state == "ok"
    late = FixedClock(SystemClock().now() - timedelta(minutes=5))
    monkeypatch.setattr(doctor, "SystemClock", lambda: late)
    found = doctor.check_clock(settings)
    assert found.state == "warning"
    assert "s apart from the database's" in found.what


def test_a_check_that_breaks_is_a_finding_too(installation, monkeypatch):
    def fail(_settings: Settings) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setitem(doctor.CHECKS, "broker", fail)
    done = ask(installation)
    assert line(done, "broker") == "FAILED ZeroDivisionError: a bug"
    assert line(done, "database").startswith("ok")
