"""Events are read for ever: each version has a golden, written once, that all later code must read."""

import json
from dataclasses import fields, make_dataclass
from pathlib import Path
from types import UnionType
from typing import get_origin, get_type_hints

import pytest

from deploy.installation import services
from shared.bus.lanes import lane_of
from shared.events import EVENTS, Event, EventIsUnknown, MeetingMoved, read_event
from shared.events.reading import UPCASTERS
from shared.events.routes import ROUTES
from shared.runtime.celery_app import build_celery
from shared.settings import Settings

GOLDENS = Path(__file__).parent / "goldens"


def golden(name: str) -> str:
    return (GOLDENS / f"{name}.json").read_text(encoding="utf-8")


def faults(event: type[Event], text: str) -> list[str]:
    """Why a golden is not what the class reads and writes; empty when it is."""
    payload = json.loads(text)
    if payload.keys() != (known := {field.name for field in fields(event)}):
        return [f"only one of both has {sorted(payload.keys() ^ known)}"]
    hints = get_type_hints(event)
    wrong = [name for name, value in payload.items() if not isinstance(value, plain(hints[name]))]
    written = json.dumps(event(**payload).payload(), indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    return [f"{name} has another type" for name in wrong] + (
        ["it is written otherwise"] if written != text else []
    )


def plain(hint: type) -> type:
    """What isinstance can ask about: a mapping for a mapping of something."""
    return hint if isinstance(hint, UnionType) else get_origin(hint) or hint


def unmatched(goldens: set[str], versions: set[str]) -> set[str]:
    """Versions without a golden, and goldens of nothing."""
    return goldens ^ versions


def changed(**fields_: type) -> type[Event]:
    """A meeting's event with other fields than it has."""
    return make_dataclass(
        "Changed",
        fields_.items(),
        bases=(Event,),
        namespace={"name": MeetingMoved.name},
        frozen=True,
        kw_only=True,
    )


def test_every_event_version_has_a_golden_and_every_golden_its_version():
    there = {path.name.removesuffix(".json") for path in GOLDENS.iterdir()}
    assert unmatched(there, {*EVENTS, *UPCASTERS}) == set()


def event_classes(base: type[Event] = Event) -> set[type[Event]]:
    """Every event that the kernel declares; a class without a name of its own is a base of others."""
    named = {base} if "name" in vars(base) and base.__module__.startswith("shared.events.") else set()
    return named.union(*(event_classes(each) for each in base.__subclasses__()))


def test_every_declared_event_is_in_the_flow_table():
    assert event_classes() == set(ROUTES) == set(EVENTS.values())


def test_a_golden_that_is_missing_or_of_no_event_would_be_found():
    assert unmatched({"a.v1"}, {"a.v1", "a.v2"}) == {"a.v2"}
    assert unmatched({"a.v1", "a.v2"}, {"a.v1"}) == {"a.v2"}


@pytest.mark.parametrize("name", EVENTS)
def test_a_golden_is_read_and_written_back_byte_for_byte(name):
    assert faults(EVENTS[name], golden(name)) == []
    event = read_event(name, json.loads(golden(name)))
    assert (type(event), event.name) == (EVENTS[name], name)


@pytest.mark.parametrize("name", sorted({*EVENTS, *UPCASTERS}))
def test_an_event_of_every_version_is_read_into_a_present_one(name):
    assert type(read_event(name, json.loads(golden(name)))) in EVENTS.values()


@pytest.mark.parametrize("name", ["submission.accepted", "submission.returned"])
def test_a_verdict_from_before_there_were_reasons_was_given_because_its_data_came(name):
    former = json.loads(golden(f"{name}.v1"))
    assert read_event(f"{name}.v1", former).payload() == former | {"reason": "data_changed"}


def test_a_field_that_was_added_removed_renamed_or_retyped_would_be_found():
    meeting = get_type_hints(MeetingMoved)
    del meeting["name"]
    text = golden(MeetingMoved.name)
    assert faults(changed(**meeting), text) == []
    assert faults(changed(**meeting, place=str), text) == ["only one of both has ['place']"]
    without = {name: hint for name, hint in meeting.items() if name != "title"}
    assert faults(changed(**without), text) == ["only one of both has ['title']"]
    assert faults(changed(**without, heading=str), text) == ["only one of both has ['heading', 'title']"]
    assert faults(changed(**meeting | {"sequence": str}), text) == ["sequence has another type"]
    assert faults(changed(**meeting), text.replace("  ", " ")) == ["it is written otherwise"]


def test_a_former_version_is_read_through_as_many_upcasters_as_there_are_versions_since():
    upcasters = {
        "meeting.announced.v1": lambda payload: ("meeting.announced.v2", payload | {"previously": None}),
        "meeting.announced.v2": lambda payload: (
            "meeting.moved.v1",
            {"held_on": payload["day"]} | {name: value for name, value in payload.items() if name != "day"},
        ),
    }
    first = {"meeting": "board-8", "body": "board", "title": "8th", "day": "2026-12-15", "sequence": 1}
    present = MeetingMoved(
        meeting="board-8", body="board", title="8th", held_on="2026-12-15", previously=None, sequence=1
    )
    assert read_event("meeting.announced.v1", first, upcasters=upcasters) == present
    assert read_event("meeting.announced.v2", first | {"previously": None}, upcasters=upcasters) == present
    assert read_event("meeting.moved.v1", present.payload(), upcasters=upcasters) == present


@pytest.mark.parametrize("name", ["submission.received.v2", "submission.received", ""])
def test_an_event_that_was_never_one_of_ours_is_refused_by_name(name):
    with pytest.raises(EventIsUnknown, match=f"no event named '{name}'"):
        read_event(name, {})


@pytest.mark.parametrize("name", EVENTS)
def test_every_event_is_named_after_what_happened_and_its_version(name):
    subject, verb, version = name.split(".")
    assert EVENTS[name].__name__ == subject.title() + verb.title()
    assert version.removeprefix("v").isdigit()


@pytest.mark.parametrize("event", EVENTS.values(), ids=EVENTS)
def test_every_event_has_a_handler_and_a_queue_at_each_of_its_subscribers(event):
    declared = {service.name: service for service in services()}
    app = build_celery(services(), Settings())
    queues = {queue.name for queue in app.conf.task_queues}
    assert ROUTES[event]
    for subscriber in ROUTES[event]:
        assert event in {handler.event for handler in declared[subscriber].handlers}
        assert f"{subscriber}:{event.name}" in app.tasks
        assert {lane_of(subscriber, is_large=is_large) for is_large in (False, True)} <= queues


@pytest.mark.parametrize("name", UPCASTERS)
def test_what_waits_under_a_former_versions_name_has_a_task_at_each_subscriber_of_the_present_one(name):
    app = build_celery(services(), Settings())
    subscribers = ROUTES[type(read_event(name, json.loads(golden(name))))]
    assert {f"{subscriber}:{name}" for subscriber in subscribers} <= app.tasks.keys()
