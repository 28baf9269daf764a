"""The life of a version: published, in force, applied to open periods, retired."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest

from services.validation.engine.domain.reading import RulesetIsBroken
from services.validation.rulesets import store
from services.validation.rulesets.operations import files, publishing
from services.validation.rulesets.operations import versions as operations_versions
from services.validation.verdicts import tasks
from services.validation.verdicts.operations import publication_rollout
from services.validation.verdicts.operations.publication_rollout import SETTLING_TIME
from services.validation.verdicts.store import verdicts
from shared.clock import FixedClock
from shared.events import SubmissionOutdated
from shared.resources import Runtime
from tests.conftest import NOW
from tests.in_process import NEEDS, SUPPORTS, Installation, installed
from tests.validation.conftest import NEED
from tests.validation.drafts import STRICT, draft

QUOTED = "a text with a colon and a space in it needs quotation marks"
COLUMNS = "indentation: names that belong together begin in the same column"
TODAY = NOW.date()
TOMORROW = TODAY + timedelta(days=1)

URGENT = NEEDS | {"records": [NEED]}
MODEST = NEEDS | {"records": [NEED | {"ref": "CT-002", "priority_level": "low"}]}
"""What STRICT accepts, and what it returns."""


@pytest.fixture
def installation(settings, clock) -> Iterator[Installation]:
    with installed(settings, clock) as made:
        yield made


@pytest.fixture
def runtime(runtime_of: Callable[[str], Runtime]) -> Runtime:
    return runtime_of("validation")


def publish(runtime: Runtime, content: bytes, on: date = TODAY) -> publishing.Publication:
    with runtime.database.begin() as tx:
        return publishing.publish_ruleset(
            tx, blobs=runtime.blobs, content=content, in_force_from=on, by="SECRETARIAT"
        )


def version_in_force(runtime: Runtime, on: date, pillar: str = "WBCTi") -> str:
    with runtime.database.read() as tx:
        return files.ruleset_in_force(tx, blobs=runtime.blobs, pillar=pillar, on=on).stamp.version


def states(runtime: Runtime, on: date, name: str = "WBCTi") -> dict[str, str]:
    with runtime.database.read() as tx:
        versions = operations_versions.list_versions(tx, on=on)
    return {each["version"]: each["state"] for each in versions if each["name"] == name}


# --- Publishing -------------------------------------------------------------------------------------------------------


def test_a_version_judges_from_its_day_and_the_one_before_until_then(runtime):
    published = publish(runtime, draft(add=[STRICT]), TOMORROW)
    assert published.is_new
    assert version_in_force(runtime, TODAY) == "2026.3+general.2026.3"
    assert version_in_force(runtime, TOMORROW) == "2026.4+general.2026.3"
    assert version_in_force(runtime, TOMORROW, "WBBSi") == "2026.3+general.2026.3"


def test_general_rules_are_in_force_for_every_pillar(runtime):
    publish(runtime, draft("general", "2026.5", drop=["GEN-02"]))
    with runtime.database.read() as tx:
        rulesets = files.rulesets_in_force(tx, blobs=runtime.blobs, on=TODAY)
    assert {ruleset.stamp.version for ruleset in rulesets.values()} == {"2026.3+general.2026.5"}
    assert not any(rule.id == "GEN-02" for ruleset in rulesets.values() for rule in ruleset.rules)


@pytest.mark.both_databases
def test_what_ships_is_in_force_until_a_version_was_published_and_a_version_until_the_next(runtime):
    assert states(runtime, TODAY) == {"2026.3": "in_force"}
    publish(runtime, draft(add=[STRICT]))
    publish(runtime, draft("WBCTi", "2026.5"), TOMORROW)
    assert states(runtime, TODAY) == {"2026.5": "coming", "2026.4": "in_force", "2026.3": "retired"}
    assert states(runtime, TOMORROW) == {"2026.5": "in_force", "2026.4": "retired", "2026.3": "retired"}


def test_of_two_versions_for_the_same_day_the_later_published_one_holds(runtime, clock):
    publish(runtime, draft(add=[STRICT]), TOMORROW)
    clock.advance(timedelta(minutes=1))
    publish(runtime, draft("WBCTi", "2026.5"), TOMORROW)
    assert states(runtime, TODAY) == {"2026.5": "coming", "2026.4": "retired", "2026.3": "in_force"}
    assert version_in_force(runtime, TOMORROW) == "2026.5+general.2026.3"


def test_the_same_again_changes_nothing(runtime, clock):
    first = publish(runtime, draft(add=[STRICT]))
    clock.advance(timedelta(days=3))
    again = publish(runtime, draft(add=[STRICT]))
    assert not again.is_new
    assert again.row == first.row


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (
            draft(add=[STRICT | {"assert": "priority_level == 'low'"}]),
            "WBCTi-90: example 1 of 'passes' fails",
        ),
        (draft(add=[STRICT | {"examples": {}}]), "WBCTi-90: has no example that passes"),
        (draft(add=[STRICT | {"assert": "open('/etc/passwd')"}]), "open"),
        (draft(add=[STRICT, STRICT]), "WBCTi-90: the id is used twice"),
        (b"name: WBXX\nversion: '1'\ntitle: Nobody's\nrules: []\n", "must be one of general, WBCTi"),
        (b"name: WBCTi\nname: WBBSi\n", "line 2, column 1: 'name' is given twice"),
        (b"- no mapping", "must consist of names and values"),
        (b"rules: [", "line 1, column 9"),
        (b"title: \xff", "character 8 of the file is not text; files of rules are encoded in UTF-8"),
        (b"name: x\ntitle: a: b\n", f"line 2, column 9: {QUOTED}"),
        (b"name: x\n title: a\n", f"line 2, column 7: {COLUMNS}; or {QUOTED}"),
        (b"rules:\n  - id: A\n   title: A\n", f"line 3, column 4: {COLUMNS}"),
        (b"rules:\n\t- id: A\n", "line 2, column 1: a tab is used here; YAML accepts spaces only"),
        (b"title: @a\n", "line 1, column 8: a text that begins with @ needs quotation marks"),
        (b"title: *a\n", "line 1, column 8: a text that begins with * needs quotation marks"),
        (b"title: !a\n", "line 1, column 8: a text that begins with ! needs quotation marks"),
        (b"title: 'a' b\n", "line 1, column 12: text follows a closing quotation mark"),
        (b"title: 'a\nrules: 1\n", "line 1, column 8: a quotation mark opened here is never closed"),
        (b"title: [a\nrules: 1\n", "line 1, column 8: a bracket opened here is not closed"),
        (b"title: {a\nrules: {1\n", "line 1, column 8: a brace opened here is not closed"),
        (b"title: a\nrules\nname: x\n", "line 2, column 1: a name is followed by a colon and a space"),
        (b'title: "a\\d"\n', "line 1, column 11: a backslash has a meaning in double quotation marks"),
        (b"title: a\n---\n", "line 2, column 1: a line of hyphens begins another document"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_file_that_is_not_sound_is_refused_with_what_is_wrong(content, says):
    with pytest.raises(RulesetIsBroken) as broken:
        files.read_valid_ruleset(content)
    assert says in "; ".join(broken.value.problems)


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ({"examples": {"fails": STRICT["examples"]["fails"]}}, "WBCTi-90: has no example that passes"),
        ({"id": "GEN-02"}, "GEN-02 is used in general and in WBCTi"),
        ({"id": "STR-02"}, "STR-02 is used in the structural rules and in WBCTi"),
    ],
)
def test_a_version_that_is_not_sound_is_not_published(runtime, rule, says):
    with pytest.raises(RulesetIsBroken, match=says):
        publish(runtime, draft(add=[STRICT | rule]))
    assert states(runtime, TODAY) == {"2026.3": "in_force"}


def test_a_version_that_exists_and_says_otherwise_is_refused(runtime):
    publish(runtime, draft(add=[STRICT]))
    for content in (draft(), draft("WBCTi", "2026.3", add=[STRICT])):
        with pytest.raises(publishing.VersionIsTaken, match="exists with another content"):
            publish(runtime, content)
    assert states(runtime, TODAY) == {"2026.4": "in_force", "2026.3": "retired"}


def test_rules_cannot_come_into_force_in_the_past(runtime):
    with pytest.raises(publishing.DayIsPast, match="2026-11-22 is past"):
        publish(runtime, draft(add=[STRICT]), TODAY - timedelta(days=1))
    assert states(runtime, TODAY) == {"2026.3": "in_force"}


# --- Applying ---------------------------------------------------------------------------------------------------------


def tick(installation: Installation) -> None:
    tasks.apply_publications(installation.runtimes["validation"])


def verdict(installation: Installation, submission: str) -> verdicts.VerdictRow:
    with installation.runtimes["validation"].database.read() as tx:
        found = verdicts.find_verdict(tx, submission)
    assert found is not None
    return found


def told(installation: Installation) -> list[dict[str, Any]]:
    """Return the events about outdated submissions, in order."""
    return [event.payload for event in installation.events() if event.name == SubmissionOutdated.name]


def is_applied(installation: Installation, version: str = "2026.4") -> bool:
    with installation.runtimes["validation"].database.read() as tx:
        found = store.find_version(tx, name="WBCTi", version=version)
    return found is not None and found.applied_at is not None


def test_open_periods_are_judged_by_what_was_published_with_the_reason(installation):
    urgent, modest = installation.hand_in(URGENT), installation.hand_in(MODEST, as_="XK-WBCTi")
    publish(installation.runtimes["validation"], draft(add=[STRICT]))
    tick(installation)
    installation.settle()
    assert [verdict(installation, each).outcome for each in (urgent, modest)] == ["accepted", "returned"]
    assert {verdict(installation, each).reason for each in (urgent, modest)} == {"rules_changed"}
    assert {verdict(installation, each).ruleset for each in (urgent, modest)} == {
        "WBCTi 2026.4+general.2026.3"
    }
    seen = installation.client.get(f"/entry/v1/submissions/{modest}", as_="XK-WBCTi").json
    assert seen["state"] == "returned"


def test_what_was_adopted_was_withdrawn_or_is_another_pillars_keeps_its_verdict(installation, clock):
    adopted = installation.hand_in(MODEST)
    gone = installation.hand_in(MODEST, as_="XK-WBCTi")
    withdrawal = {"version": 1, "reason": "Sent twice"}
    installation.client.post(f"/entry/v1/submissions/{gone}/withdrawal", json=withdrawal, as_="XK-WBCTi")
    support = installation.hand_in(SUPPORTS, as_="UNODC")
    others = installation.hand_in(SUPPORTS | {"pillar": "WBCSCi"}, as_="EC")
    clock.advance(timedelta(days=23))  # the Board's meeting, which adopted the needs, was yesterday
    publish(installation.runtimes["validation"], draft(add=[STRICT]), clock.now().date())
    tick(installation)
    installation.settle()
    assert [each["submission"] for each in told(installation)] == [support]
    assert verdict(installation, adopted).ruleset == "WBCTi 2026.3+general.2026.3"
    assert verdict(installation, others).verdict == 1


def test_a_version_for_a_later_day_is_applied_on_that_day(installation, clock):
    modest = installation.hand_in(MODEST)
    publish(installation.runtimes["validation"], draft(add=[STRICT]), TOMORROW)
    tick(installation)
    assert told(installation) == []
    clock.advance(timedelta(days=1))
    tick(installation)
    installation.settle()
    assert verdict(installation, modest).outcome == "returned"


def hand_in_three(installation: Installation) -> set[str]:
    return {installation.hand_in(MODEST, as_=each) for each in ("AL-WBCTi", "XK-WBCTi", "RS-WBCTi")}


def test_many_are_handed_over_a_page_at_a_time_and_a_bounded_number_in_a_tick(installation, monkeypatch):
    monkeypatch.setattr(publication_rollout, "PAGE_SIZE", 1)
    monkeypatch.setattr(publication_rollout, "MAX_PAGES", 2)
    submissions = hand_in_three(installation)
    publish(installation.runtimes["validation"], draft(add=[STRICT]))
    for expected in (2, 3, 3):
        tick(installation)
        assert len(told(installation)) == expected
    assert sorted(each["submission"] for each in told(installation)) == sorted(submissions)


@pytest.mark.both_databases
def test_what_is_killed_midway_goes_on_where_it_was_and_hands_nothing_over_twice(installation, monkeypatch):
    monkeypatch.setattr(publication_rollout, "PAGE_SIZE", 1)
    submissions = hand_in_three(installation)
    publish(installation.runtimes["validation"], draft(add=[STRICT]))
    real, pages = publication_rollout.announce_outdated, []

    def die_in_the_second_page(*args: Any, **facts: Any) -> None:
        pages.append(args)
        real(*args, **facts)
        if len(pages) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(publication_rollout, "announce_outdated", die_in_the_second_page)
    with pytest.raises(KeyboardInterrupt):
        tick(installation)
    assert len(told(installation)) == 1
    installation.settle()
    tick(installation)
    installation.settle()
    assert sorted(each["submission"] for each in told(installation)) == sorted(submissions)
    assert {verdict(installation, each).verdict for each in submissions} == {2}


def test_two_ticks_at_once_hand_over_each_submission_once(installation):
    submissions = hand_in_three(installation)
    publish(installation.runtimes["validation"], draft(add=[STRICT]))
    together = Barrier(2)

    def run() -> None:
        together.wait()
        tick(installation)

    threads = [Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(each["submission"] for each in told(installation)) == sorted(submissions)


def test_a_verdict_by_the_former_rules_that_comes_late_is_followed_by_another(
    installation, clock, received, deliver
):
    runtime = installation.runtimes["validation"]
    event = received(runtime, MODEST["records"][0])
    effect = tasks.check_submission(runtime, event)
    publish(runtime, draft(add=[STRICT]))
    tick(installation)
    with runtime.database.begin() as tx:
        effect(tx)
    assert verdict(installation, event.submission).ruleset == "WBCTi 2026.3+general.2026.3"
    clock.advance(SETTLING_TIME - timedelta(seconds=1))
    tick(installation)
    assert not is_applied(installation)
    installation.settle()
    assert verdict(installation, event.submission).ruleset == "WBCTi 2026.4+general.2026.3"
    clock.advance(timedelta(seconds=1))
    tick(installation)
    assert is_applied(installation)


def test_a_version_whose_place_another_took_at_once_is_applied_with_it(installation, clock: FixedClock):
    modest = installation.hand_in(MODEST)
    publish(installation.runtimes["validation"], draft(add=[STRICT]))
    clock.advance(timedelta(seconds=1))
    publish(installation.runtimes["validation"], draft("WBCTi", "2026.5"))
    tick(installation)
    installation.settle()
    assert verdict(installation, modest).ruleset == "WBCTi 2026.5+general.2026.3"
    clock.advance(SETTLING_TIME)
    tick(installation)
    assert is_applied(installation, "2026.4")
    assert is_applied(installation, "2026.5")


def test_when_nothing_is_published_a_tick_looks_no_further(installation, monkeypatch):
    installation.hand_in(MODEST)
    monkeypatch.setattr(publication_rollout, "_outdate_page", lambda *_: pytest.fail("it looked"))
    tick(installation)
