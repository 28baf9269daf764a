import json
import time
from dataclasses import replace
from datetime import timedelta

import pytest
from kombu.exceptions import OperationalError

from deploy.installation import service_named, services
from deploy.service_names import NAMES
from shared.bus import record, store
from shared.bus.lanes import lanes_of
from shared.events import EVENTS
from shared.events.reading import UPCASTERS
from shared.events.routes import ROUTES
from shared.resources import Runtime
from shared.runtime.celery_app import build_celery, ring_with, time_limit
from shared.runtime.declarations import HandlersMismatch, Service
from shared.runtime.flask_app import build_flask
from shared.settings import Settings
from tests.shared.bus.conftest import obligation

TICKS = {f"{service.name}:tick.{tick.name}" for service in services() for tick in service.ticks}


def ready(client):
    answer = client.http.get("/health/ready")
    return answer.status_code, answer.json


def beat(runtime, *lanes):
    for lane in lanes:
        with runtime.database.begin() as tx:
            store.record_heartbeat(tx, lane=lane, now=tx.now)


def test_a_service_that_handles_other_events_than_the_flow_table_says_cannot_be_declared():
    entry = service_named("entry")
    with pytest.raises(HandlersMismatch, match="entry handles"):
        replace(entry, handlers=entry.handlers[1:])
    with pytest.raises(HandlersMismatch, match=r"nobody handles \['deadline.set.v1'"):
        Service("nobody", handlers=entry.handlers)


def test_a_process_that_answers_is_live_whatever_it_lacks(client_of):
    answer = client_of("entry").http.get("/health/live")
    assert (answer.status_code, answer.json) == (200, {"state": "live"})


def test_without_a_broker_or_a_worker_it_takes_submissions_and_says_that_they_wait(client_of):
    status, body = ready(client_of("entry"))
    assert (status, body["state"], body["failing"]) == (200, "degraded", {})
    assert body["degraded"] == {
        "broker": "cannot be reached; submissions are accepted and wait",
        "lane entry": "no worker has finished a canary yet",
        "lane entry.bulk": "no worker has finished a canary yet",
    }


def test_a_lane_is_late_when_it_missed_six_canaries(client_of, runtime_of, clock):
    client = client_of("entry")
    beat(runtime_of("entry"), *lanes_of("entry"))
    clock.advance(timedelta(seconds=60))
    beat(runtime_of("entry"), "entry.bulk")
    assert set(ready(client)[1]["degraded"]) == {"broker"}
    clock.advance(timedelta(seconds=1))
    assert ready(client)[1]["degraded"]["lane entry"] == "no worker has finished a canary for 61 s"
    assert "lane entry.bulk" not in ready(client)[1]["degraded"]


def test_without_a_database_it_is_not_ready_and_says_nothing_of_the_error(settings, clock):
    away = replace(settings, database_url="postgresql+psycopg://nobody:secret@127.0.0.1:1/nothing")
    answer = build_flask([service_named("entry")], away, clock).test_client().get("/health/ready")
    assert answer.status_code == 503
    assert answer.json["state"] == "failing"
    assert answer.json["failing"] == {"entry.database": "cannot be read"}
    assert "secret" not in answer.text


@pytest.mark.parametrize("method", ["get", "post"])
def test_without_a_database_a_request_is_answered_503_with_when_to_ask_again(
    client_of, clock, settings, method
):
    headers = client_of("entry")._headers("EC") | {"Idempotency-Key": "one"}
    away = replace(settings, database_url="postgresql+psycopg://nobody:secret@127.0.0.1:1/nothing")
    client = build_flask([service_named("entry")], away, clock).test_client()
    body = {
        "pillar": "WBCTi",
        "kind": "support",
        "period": "2026",
        "tlp": "TLP:CLEAR",
        "records": [{"ref": "a"}],
    }
    sent = {"json": body} if method == "post" else {}
    answer = getattr(client, method)("/entry/v1/submissions", headers=headers, **sent)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert answer.json["type"] == "urn:iisgd:problem:database-is-away"
    assert "secret" not in answer.text


def test_without_a_blob_folder_it_is_not_ready(settings, clock, tmp_path):
    (tmp_path / "file").touch()
    app = build_flask([service_named("entry")], replace(settings, blob_folder=tmp_path / "file"), clock)
    answer = app.test_client().get("/health/ready")
    assert answer.status_code == 503
    assert answer.json["failing"] == {"blobs": "the folder cannot be written"}
    for runtime in app.extensions["iisgd"]:
        runtime.database.dispose()


def test_metrics_tell_of_requests_and_of_deliveries_by_lane_state_and_age(client_of, runtime_of, clock):
    client = client_of("entry", "reporting")
    with runtime_of("notify").database.begin() as tx:
        record(tx, obligation(1), obligation(2))
    clock.advance(timedelta(seconds=90))
    assert client.get("/entry/v1/submissions", as_="AL-WBCTi").status_code == 200
    text = client.http.get("/metrics").text
    assert 'iisgd_requests_total{method="GET",route="/submissions",service="entry",status="200"}' in text
    assert 'iisgd_deliveries{lane="reporting",state="waiting"} 2.0' in text
    assert 'iisgd_deliveries{lane="reporting",state="dead"} 0.0' in text
    assert 'iisgd_oldest_delivery_seconds{lane="reporting"} 90.0' in text


def test_one_app_can_serve_one_service_or_all(settings, clock):
    def paths(app):
        found = {rule.rule.split("/")[1] for rule in app.url_map.iter_rules()}
        return found - {"", ".well-known", "docs", "health", "metrics"}

    assert paths(build_flask([service_named("notify")], settings, clock)) == {"notify"}
    assert paths(build_flask(services(), settings, clock)) == set(NAMES)


@pytest.fixture
def celery(settings):
    return build_celery(services(), settings)


def test_there_is_a_task_for_each_event_of_a_service_named_after_both(celery):
    told = {f"{name}:{event.name}" for event, subscribers in ROUTES.items() for name in subscribers}
    formerly = {f"{name}:{event}" for event in UPCASTERS for name in NAMES}
    ours = {name for name in celery.tasks if not name.startswith("celery.")}
    assert ours == told | formerly | TICKS | {f"{name}:canary" for name in NAMES}
    assert {event.name for event in ROUTES} == set(EVENTS)


def test_a_lane_is_a_queue_of_its_own_that_no_exchange_stands_before(celery):
    queues = {queue.name: queue for queue in celery.conf.task_queues}
    assert set(queues) == {lane for name in NAMES for lane in lanes_of(name)}
    assert all(queue.exchange.name == "" for queue in queues.values())


def test_messages_are_json_without_results_or_retries(celery):
    assert celery.conf.accept_content == ["json"]
    assert celery.conf.task_serializer == "json"
    assert celery.conf.task_ignore_result
    assert not celery.conf.result_backend
    assert not celery.conf.task_publish_retry


def test_beat_ticks_and_has_each_lane_sing(celery, settings):
    schedule = celery.conf.beat_schedule
    assert set(schedule) == {
        *TICKS,
        *(f"canary of {lane}" for name in NAMES for lane in lanes_of(name)),
    }
    for name, entry in schedule.items():
        assert entry["options"]["expires"] > entry["schedule"].total_seconds()
        if name.startswith("canary of "):
            assert entry["options"]["queue"] == name.removeprefix("canary of ")


def test_a_task_is_ended_before_its_lease_is():
    settings = Settings(lease_seconds=30, bulk_lease_seconds=300)
    assert time_limit(settings, bulk=False) < 30
    assert 30 < time_limit(settings, bulk=True) < 300


def test_ringing_a_broker_that_is_away_fails_at_once(settings):
    ring = ring_with(build_celery([], settings))
    began = time.monotonic()
    with pytest.raises(OperationalError):
        ring("reporting", "obligation.set.v1", [("id", "trace")])
    assert time.monotonic() - began < 2


def test_a_runtime_opens_nothing_until_it_is_asked(tmp_path):
    Runtime.of("entry", Settings(home=tmp_path / "none"))
    assert list(tmp_path.iterdir()) == []


def test_each_service_describes_itself(client_of):
    client = client_of(*NAMES)
    for name in NAMES:
        described = json.loads(client.http.get(f"/{name}/v1/openapi.json").data)
        assert described["openapi"].startswith("3.")
        declared = {route.path.replace("<", "{").replace(">", "}") for route in service_named(name).routes}
        assert {path.removeprefix(f"/{name}/v1") for path in described["paths"]} == declared
