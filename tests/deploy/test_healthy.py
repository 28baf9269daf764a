import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from click.testing import CliRunner, Result
from werkzeug.serving import make_server

from deploy.cli import main
from deploy.commands import healthy as command
from deploy.installation import service_named
from shared.bus import store
from shared.bus.lanes import LATE_CANARIES
from shared.clock import SystemClock
from shared.database import Database
from shared.ids import new_id
from shared.runtime.flask_app import build_flask
from shared.settings import Settings

LATE = timedelta(seconds=LATE_CANARIES * Settings.canary_seconds + 5)


@pytest.fixture
def healthy(settings, monkeypatch) -> Callable[..., Result]:
    """Return a function that runs a health check like a supervisor, with enough time for a busy machine."""
    monkeypatch.setattr(command, "ANSWER_SECONDS", 60.0)

    def ask(*words: str) -> Result:
        return CliRunner().invoke(main, ["healthy", *words], env=settings.as_environ())

    return ask


@pytest.fixture
def entry(settings):
    database = Database(settings.database, "entry", clock=SystemClock())
    yield database
    database.dispose()


def record_heartbeats(database, *lanes, ago=timedelta()):
    with database.begin() as tx:
        for lane in lanes:
            store.record_heartbeat(tx, lane=lane, now=tx.now - ago)


def leave_delivery(database, *, due_ago, lane="entry", state="waiting"):
    with database.begin() as tx:
        row = {
            "id": new_id(),
            "event_id": new_id(),
            "event": "submission.accepted.v1",
            "subscriber": "entry",
            "lane": lane,
            "trace": new_id(),
            "state": state,
            "due_at": tx.now - due_ago,
            "attempts": 0,
            "created_at": tx.now - due_ago,
        }
        tx.add(store.deliveries, row)


def test_a_worker_is_healthy_while_its_lane_finishes_canaries(healthy, entry):
    before = healthy("worker", "entry")
    assert (before.exit_code, before.output) == (1, "Error: entry: no worker has finished a canary yet\n")
    record_heartbeats(entry, "entry")
    assert healthy("worker", "entry").exit_code == 0
    record_heartbeats(entry, "entry", ago=LATE)
    after = healthy("worker", "entry")
    assert after.exit_code == 1
    assert "entry: no worker has finished a canary for 65 s" in after.output


def test_a_worker_is_not_blamed_for_anothers_lane(healthy, entry):
    record_heartbeats(entry, "entry", "notify.bulk")
    assert healthy("worker", "entry").exit_code == 0
    assert healthy("worker", "notify", "--bulk").exit_code == 0
    assert healthy("worker", "notify").exit_code == 1
    assert healthy("worker", "entry", "--bulk").exit_code == 1


def test_a_worker_for_all_services_is_healthy_when_every_lane_is(healthy, entry):
    record_heartbeats(entry, "entry", "validation", "reporting")
    assert healthy("worker").output == "Error: notify: no worker has finished a canary yet\n"
    record_heartbeats(entry, "notify")
    assert healthy("worker").exit_code == 0


def test_a_relay_is_healthy_when_nothing_is_due(healthy):
    assert healthy("relay").exit_code == 0


def test_a_relay_is_not_healthy_when_what_is_due_is_left_lying(healthy, entry):
    leave_delivery(entry, due_ago=timedelta(seconds=5))
    assert healthy("relay").exit_code == 0
    leave_delivery(entry, due_ago=timedelta(seconds=60))
    answer = healthy("relay")
    assert (answer.exit_code, answer.output) == (1, "Error: due deliveries are not rung in entry\n")


def test_a_relay_that_works_off_a_backlog_is_healthy(healthy, entry):
    leave_delivery(entry, due_ago=timedelta(seconds=60))
    leave_delivery(entry, due_ago=-timedelta(seconds=20), state="rung")
    assert healthy("relay").exit_code == 0


def test_a_lane_that_is_worked_off_does_not_hide_one_that_is_not(healthy, entry):
    leave_delivery(entry, due_ago=-timedelta(seconds=20), state="rung")
    leave_delivery(entry, due_ago=timedelta(seconds=60), lane="entry.bulk")
    assert healthy("relay").output == "Error: due deliveries are not rung in entry.bulk\n"


def test_a_beat_is_healthy_while_its_ticks_reach_anybody(healthy, entry):
    assert healthy("beat").exit_code == 1
    record_heartbeats(entry, "entry", ago=LATE)
    assert healthy("beat").exit_code == 1
    record_heartbeats(entry, "notify.bulk")
    assert healthy("beat").exit_code == 0


@pytest.fixture
def listening():
    """Return a function that starts a web process's app on a free port."""
    servers = []

    def listen(settings: Settings) -> str:
        app = build_flask([service_named("entry")], settings)
        server = make_server("127.0.0.1", 0, app, threaded=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append((server, app))
        return str(server.server_port)

    yield listen
    for server, app in servers:
        server.shutdown()
        server.server_close()
        for runtime in app.extensions["iisgd"]:
            runtime.database.dispose()


def test_a_web_process_without_a_broker_is_healthy_since_it_still_takes_submissions(
    healthy, listening, settings
):
    answer = healthy("web", "--port", listening(settings))
    assert answer.exit_code == 0
    assert "submissions are accepted and wait" in answer.output


def test_a_web_process_without_a_database_is_not_healthy(healthy, listening, tmp_path, keys):
    nowhere = "postgresql+psycopg://iisgd@127.0.0.1:1/iisgd"
    port = listening(Settings(home=tmp_path, database_url=nowhere, key_folder=keys))
    answer = healthy("web", "--port", port)
    assert answer.exit_code == 1
    assert '"entry.database":"cannot be read"' in answer.output


def test_a_web_process_that_does_not_answer_is_not_healthy(healthy):
    answer = healthy("web", "--port", "1")
    assert answer.exit_code == 1
    assert answer.output.startswith("Error: the web process does not respond: ")


def test_a_database_that_cannot_be_reached_is_said_in_one_line(settings):
    nowhere = settings.as_environ() | {
        "IISGD_DATABASE_URL": "postgresql+psycopg://iisgd:secret@127.0.0.1:1/iisgd"
    }
    for words in (["worker", "entry"], ["relay"], ["beat"]):
        answer = CliRunner().invoke(main, ["healthy", *words], env=nowhere)
        assert answer.exit_code == 1
        assert answer.output.startswith("Error: The database (IISGD_DATABASE_URL) cannot be reached")
        assert answer.output.count("\n") == 1
        assert "secret" not in answer.output
