"""Tests that the event flow is consistent: routing table, handlers, queues, beat, and consumers of each queue."""

import shlex
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import pytest
import yaml
from celery import Celery
from click.testing import CliRunner

from deploy.cli import main
from deploy.commands import events as flow
from deploy.commands import processes
from deploy.installation import ROOT, services
from deploy.launcher import Launcher
from deploy.service_names import NAMES
from shared.bus.lanes import lane_of, lanes_of
from shared.events import DeadlineSet, SubmissionReceived, WindowSet
from shared.events.routes import ROUTES
from shared.settings import Settings

LANES = {lane for name in NAMES for lane in lanes_of(name)}
COMPOSE = ROOT / "docker-compose.yml"


@pytest.fixture
def routed(monkeypatch) -> Callable[..., list[str]]:
    """Return a function that lists disagreements when some events have other subscribers in the table."""

    def disagreements(**subscribers: Sequence[str]) -> list[str]:
        events = {event.__name__: event for event in ROUTES}
        changes = {events[name]: tuple(names) for name, names in subscribers.items()}
        monkeypatch.setattr(flow, "ROUTES", {**ROUTES, **changes})
        return flow.disagreements(services())

    return disagreements


@pytest.fixture
def built(monkeypatch) -> Callable[[Callable[[Celery], None]], list[str]]:
    """Return a function that lists disagreements when the Celery app is built differently."""
    build = flow.build_celery

    def disagreements(change: Callable[[Celery], None]) -> list[str]:
        def build_changed(*arguments) -> Celery:
            app = build(*arguments)
            change(app)
            return app

        monkeypatch.setattr(flow, "build_celery", build_changed)
        return flow.disagreements(services())

    return disagreements


def test_table_handlers_queues_and_beat_agree():
    assert flow.disagreements(services()) == []


def test_an_event_that_goes_to_nobody_is_found(routed):
    assert "window.set.v1 has no subscriber" in routed(WindowSet=())


def test_an_event_that_the_table_does_not_have_is_found(monkeypatch):
    monkeypatch.setattr(flow, "ROUTES", {event: to for event, to in ROUTES.items() if event is not WindowSet})
    assert set(flow.disagreements(services())) == {
        "window.set.v1 has no subscriber",
        "entry handles window.set.v1, which is not routed to it",
        "validation handles window.set.v1, which is not routed to it",
    }


def test_a_subscriber_without_a_handler_is_found_and_so_is_its_missing_task(routed):
    assert set(routed(ObligationSet=("reporting", "entry"))) == {
        "entry does not handle obligation.set.v1",
        "the task entry:obligation.set.v1 is not registered",
    }


def test_a_handler_of_what_is_not_routed_to_it_is_found(routed):
    found = routed(SubmissionReceived=("validation", "reporting"))
    assert found == ["notify handles submission.received.v1, which is not routed to it"]


def test_a_subscriber_that_is_no_service_is_found(routed):
    assert "deadline.set.v1 is routed to billing, which is not a service" in routed(
        DeadlineSet=("reporting", "billing")
    )


def test_a_lane_without_a_queue_is_found(built):
    def forget(app: Celery) -> None:
        app.conf.task_queues = [queue for queue in app.conf.task_queues if queue.name != "notify.bulk"]

    assert built(forget) == ["the lane notify.bulk has no queue"]


def test_a_task_that_is_not_registered_is_found(built):
    def forget(app: Celery) -> None:
        app.tasks.unregister("notify:submission.received.v1")

    assert built(forget) == ["the task notify:submission.received.v1 is not registered"]


def test_a_tick_of_nothing_is_found(built):
    def forget(app: Celery) -> None:
        app.tasks.unregister("notify:tick.plan")

    assert built(forget) == ["beat ticks notify:tick.plan, which is not registered"]


def test_the_command_prints_the_table_and_fails_when_something_disagrees(routed):
    shown = CliRunner().invoke(main, ["events"])
    assert shown.exit_code == 0
    assert f"{SubmissionReceived.name:26} -> validation   check_submission" in shown.output
    assert len(shown.output.splitlines()) == sum(len(subscribers) for subscribers in ROUTES.values())
    assert CliRunner().invoke(main, ["events", "--check"]).exit_code == 0
    routed(DeadlineSet=())
    failed = CliRunner().invoke(main, ["events", "--check"])
    assert failed.exit_code == 1
    assert f"{DeadlineSet.name} has no subscriber" in failed.output


def consumed(commands: Iterable[Sequence[str]]) -> list[str]:
    """Return the queues that the worker commands among these consume."""
    lanes = []
    for command in commands:
        if "worker" in command:
            arguments = list(command[list(command).index("worker") + 1 :])
            given = processes.worker.make_context("worker", arguments).params
            lanes += [lane_of(name, is_large=given["bulk"]) for name in given["names"] or NAMES]
    return lanes


def test_a_queue_without_a_consumer_would_be_found():
    assert consumed([["iisgd", "worker", "entry", "notify"], ["iisgd", "worker", "--bulk", "entry"]]) == [
        "entry",
        "notify",
        "entry.bulk",
    ]
    assert set(consumed([["iisgd", "worker"], ["iisgd", "relay"]])) == set(NAMES)


def test_every_queue_has_a_consumer_in_the_embedded_installation(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    launcher = Launcher.embedded(Settings(home=tmp_path))
    assert set(consumed(part.command for part in launcher.components.values())) == LANES


def test_every_queue_has_a_consumer_among_the_containers():
    if not COMPOSE.exists():
        pytest.skip("there is no docker-compose.yml")
    assert set(consumed(container_commands(COMPOSE))) == LANES


def container_commands(file: Path) -> list[Sequence[str]]:
    containers = yaml.safe_load(file.read_text(encoding="utf-8"))["services"].values()
    commands = [container.get("command") or [] for container in containers]
    return [shlex.split(command) if isinstance(command, str) else command for command in commands]
