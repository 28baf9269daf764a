"""The journal: what is written down is sealed in order, is never changed, and is told to whom it concerns."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import create_engine, delete, select, text, update
from sqlalchemy.exc import DBAPIError

from services.entry.app import SERVICE
from services.entry.audit import operations as audit
from services.entry.audit import store, tasks
from services.entry.audit.domain import FIRST, SYSTEM, Actor, Entry, chain_error, seal
from services.entry.audit.store import entries, seals
from shared.http.routes import RequestContext, Result, Route
from shared.ids import new_id
from shared.reference import reporter
from shared.resources import Runtime
from shared.runtime.flask_app import build_flask
from tests.conftest import NOW, Client

CHANGES = "/entry/v1/changes"
JOURNAL = "/entry/v1/journal"
OFFICER = Actor("AL-WBCTi", "portal", "192.0.2.7")

on_one_database = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""For what is decided before any database is asked."""


@pytest.fixture
def runtime(runtime_of) -> Runtime:
    return runtime_of("entry")


@pytest.fixture
def note(runtime) -> Callable[..., None]:
    """Writes something down, in a transaction of its own."""

    def note(action="submission.received", *, actor=OFFICER, reporter="AL-WBCTi", partner="AL", **about):
        with runtime.database.begin() as tx:
            audit.record_action(tx, actor=actor, action=action, reporter=reporter, partner=partner, **about)

    return note


@pytest.fixture
def sealed(runtime, clock, note) -> Callable[..., None]:
    """Writes things down, each for a reporter, and seals them."""

    def sealed(*codes, **about):
        for code in codes:
            note(reporter=code, partner=partner_of(code), **about)
        clock.advance(2 * tasks.SETTLED)
        tasks.seal_audit_log(runtime)

    return sealed


def partner_of(code):
    return reporter(code).partner if code else None


def chain(runtime):
    with runtime.database.read() as tx:
        return list(store.list_chain(tx))


# --- The chain --------------------------------------------------------------------------------------------------------

ENTRY = Entry("0190", NOW, OFFICER, "submission.received", "AL-WBCTi", "AL", "s-1", 1, {"records": 3})


def test_a_seal_fits_its_entry_and_the_seal_before_it():
    first = seal(ENTRY, after=None, at=NOW)
    second = seal(replace(ENTRY, id="0191"), after=first, at=NOW)
    assert (first.sequence, second.sequence) == (1, 2)
    assert chain_error(first, ENTRY, after=None) is None
    assert chain_error(second, replace(ENTRY, id="0191"), after=first) is None
    assert second.hash != seal(replace(ENTRY, id="0191"), after=replace(first, hash=FIRST), at=NOW).hash


@pytest.mark.parametrize(
    "change",
    [
        {"at": NOW + timedelta(microseconds=1)},
        {"actor": replace(OFFICER, code="RS-WBCTi")},
        {"actor": replace(OFFICER, client=None)},
        {"actor": replace(OFFICER, address="192.0.2.8")},
        {"action": "submission.corrected"},
        {"reporter": None},
        {"partner": None},
        {"submission": "s-2"},
        {"version": 2},
        {"detail": {"records": 4}},
    ],
    ids=lambda change: next(iter(change)),
)
def test_no_field_of_a_sealed_entry_can_be_another(change):
    made = seal(ENTRY, after=None, at=NOW)
    assert "was changed" in chain_error(made, replace(ENTRY, **change), after=None)


def test_a_seal_is_for_its_own_moment_and_place():
    made = seal(ENTRY, after=None, at=NOW)
    assert "was changed" in chain_error(replace(made, sealed_at=NOW + timedelta(days=1)), ENTRY, after=None)
    assert (
        chain_error(replace(made, sequence=2), ENTRY, after=None)
        == "seal 1 was removed: seal 2 is in its place"
    )
    assert chain_error(made, None, after=None) == "the entry 0190 was removed"


# --- Sealing ----------------------------------------------------------------------------------------------------------


def test_what_is_noted_is_sealed_in_the_order_it_was_written_and_each_once(runtime, sealed):
    sealed("AL-WBCTi", "RS-WBCTi")
    sealed("AL-WBCTi", "UNODC")
    sealed()
    found = chain(runtime)
    assert [made.sequence for made, _ in found] == [1, 2, 3, 4]
    assert [entry.reporter for _, entry in found] == ["AL-WBCTi", "RS-WBCTi", "AL-WBCTi", "UNODC"]
    with runtime.database.read() as tx:
        checked = audit.check_chain(tx)
    assert (checked.seals, checked.error, checked.last) == (4, None, found[-1][0])


def test_what_was_written_this_moment_waits_for_the_next_tick(runtime, note, clock):
    note()
    tasks.seal_audit_log(runtime)
    assert chain(runtime) == []
    clock.advance(tasks.SETTLED)
    tasks.seal_audit_log(runtime)
    assert len(chain(runtime)) == 1


def test_what_is_committed_late_is_sealed_after_what_overtook_it(runtime, sealed):
    early = new_id()
    sealed("AL-WBCTi")
    with runtime.database.begin() as tx:
        store.insert_entry(tx, replace(ENTRY, id=early))
    sealed()
    assert [made.entry for made, _ in chain(runtime)][1:] == [early]
    with runtime.database.read() as tx:
        assert audit.check_chain(tx).error is None


def test_a_backlog_is_sealed_in_one_tick_batch_by_batch(runtime, sealed, monkeypatch):
    monkeypatch.setattr("services.entry.audit.operations.SEALED_AT_ONCE", 2)
    sealed(*["AL-WBCTi"] * 5)
    assert [made.sequence for made, _ in chain(runtime)] == [1, 2, 3, 4, 5]


def test_ticks_that_meet_seal_everything_once(runtime, note, clock):
    for _ in range(50):
        note()
    clock.advance(2 * tasks.SETTLED)
    threads = [threading.Thread(target=tasks.seal_audit_log, args=(runtime,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    tasks.seal_audit_log(runtime)
    assert [made.sequence for made, _ in chain(runtime)] == list(range(1, 51))


def test_to_note_something_only_inserts_so_that_a_post_stays_one_statement(runtime):
    with runtime.database.begin() as tx:
        audit.record_action(tx, actor=SYSTEM, action="submission.received", reporter="AL-WBCTi")
        assert tx._lazy.is_untouched
    with runtime.database.read() as tx:
        assert tx.execute(select(entries.c.actor)).scalar() == "iisgd"


def test_the_age_of_what_waits_to_be_sealed_is_a_metric(client_of, note, clock, runtime):
    def shown() -> str:
        lines = client_of("entry").http.get("/metrics").text.splitlines()
        return next(line for line in lines if line.startswith("iisgd_oldest_unsealed_seconds"))

    note()
    clock.advance(timedelta(seconds=90))
    assert shown() == "iisgd_oldest_unsealed_seconds 90.0"
    tasks.seal_audit_log(runtime)
    assert shown() == "iisgd_oldest_unsealed_seconds 0.0"


# --- Rows are added only ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("table", [entries, seals], ids=["journal", "seals"])
def test_even_the_owner_of_the_tables_changes_and_removes_nothing(database_url, sealed, table):
    sealed("AL-WBCTi")
    engine = create_engine(database_url)
    if engine.dialect.name == "sqlite":
        engine = engine.execution_options(schema_translate_map={"entry": None})
    statements = [update(table).values({table.primary_key.columns[0]: "1"}), delete(table)]
    if engine.dialect.name == "postgresql":
        statements.append(text(f"TRUNCATE entry.{table.name}"))
    for statement in statements:
        with pytest.raises(DBAPIError, match="are only added"), engine.begin() as connection:
            connection.execute(statement)
    engine.dispose()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize("table", [entries, seals], ids=["journal", "seals"])
def test_the_service_itself_has_no_right_to_change_or_remove(runtime, table):
    for statement in (update(table).values({table.primary_key.columns[0]: "1"}), delete(table)):
        with pytest.raises(DBAPIError, match="permission denied"), runtime.database.begin() as tx:
            tx.execute(statement)


# --- The feed ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def entry(client_of) -> Client:
    return client_of("entry")


def told(entry, as_, *, after=0, **options):
    query = "".join(f"&{name}={value}" for name, value in options.items())
    answer = entry.get(f"{CHANGES}?after={after}{query}", as_=as_)
    assert answer.status_code == 200, answer.text
    return [item["sequence"] for item in answer.json["items"]], answer.json["next"]


def test_everybody_is_told_what_concerns_them_and_nobody_what_concerns_another(entry, sealed):
    sealed("AL-WBCTi", "AL-WBBSi", "RS-WBCTi", "UNODC", None)
    assert told(entry, "AL-WBCTi") == ([1, 5], 5)
    assert told(entry, "UNODC") == ([4, 5], 5)
    assert told(entry, "AL-NC") == ([1, 2, 5], 5)
    assert told(entry, "SECRETARIAT") == ([1, 2, 3, 4, 5], 5)
    assert told(entry, "ME-WBCTi") == ([5], 5)


def test_the_feed_goes_on_from_its_cursor_also_when_there_is_nothing_new(entry, sealed):
    sealed("AL-WBCTi", "RS-WBCTi", "AL-WBCTi", "AL-WBCTi")
    assert told(entry, "AL-WBCTi", limit=2) == ([1, 3], 3)
    assert told(entry, "AL-WBCTi", after=3, limit=2) == ([4], 4)
    assert told(entry, "AL-WBCTi", after=4) == ([], 4)
    sealed("AL-WBCTi")
    assert told(entry, "AL-WBCTi", after=4) == ([5], 5)


def test_a_change_says_what_happened_to_what_and_by_whom_and_not_from_where(entry, sealed):
    sealed("AL-WBCTi", submission="s-1", version=2, detail={"records": 3})
    (item,) = entry.get(CHANGES, as_="AL-NC").json["items"]
    assert item == {
        "sequence": 1,
        "at": "2026-11-23T09:00:00.000Z",
        "action": "submission.received",
        "actor": "AL-WBCTi",
        "reporter": "AL-WBCTi",
        "partner": "AL",
        "submission": "s-1",
        "version": 2,
        "detail": {"records": 3},
    }


def test_what_is_not_published_is_told_to_nobody_but_in_the_audit_log(entry, sealed):
    sealed("AL-WBCTi", action="secret.made")
    assert told(entry, "AL-WBCTi") == ([], 0)
    assert told(entry, "SECRETARIAT") == ([], 0)
    shown = entry.get(JOURNAL, as_="SECRETARIAT").json["items"]
    assert [(item["action"], item["sequence"]) for item in shown] == [("secret.made", 1)]


def test_who_waits_for_changes_is_answered_when_one_is_sealed(entry, sealed):
    answers = []
    waiting = threading.Thread(
        target=lambda: answers.append(entry.get(CHANGES, as_="AL-WBCTi", headers={"Prefer": "wait=20"}))
    )
    waiting.start()
    sealed("RS-WBCTi", "AL-WBCTi")
    waiting.join()
    assert [item["sequence"] for item in answers[0].json["items"]] == [2]


@on_one_database
@pytest.mark.parametrize(
    "query", ["after=-1", "after=x", "after=2147483648", "limit=0", "limit=201", "since=1"]
)
def test_a_cursor_that_was_never_given_is_refused(entry, query):
    assert entry.get(f"{CHANGES}?{query}", as_="AL-WBCTi").status_code == 422


# --- The audit log ----------------------------------------------------------------------------------------------------


def test_the_secretariat_sees_who_did_what_from_where_also_before_it_is_sealed(entry, sealed, note):
    sealed("AL-WBCTi", submission="s-1", version=1)
    note("client.made", actor=Actor("AL-NC", None, "198.51.100.1"), reporter="AL-WBCTi")
    latest, first = entry.get(JOURNAL, as_="SECRETARIAT").json["items"]
    assert (latest["sequence"], latest["action"], latest["actor"]) == (None, "client.made", "AL-NC")
    assert (latest["client"], latest["address"]) == (None, "198.51.100.1")
    assert (first["sequence"], first["submission"], first["client"]) == (1, "s-1", "portal")


def test_the_audit_log_is_searched_and_paged(entry, note, clock):
    note("submission.received", submission="s-1")
    note("submission.corrected", submission="s-1")
    note("secret.made", reporter="RS-WBCTi", partner="RS")
    clock.advance(timedelta(days=1))
    note("secret.ended", reporter="RS-WBCTi", partner="RS")

    def found(query: str) -> list[str]:
        answer = entry.get(f"{JOURNAL}?{query}", as_="SECRETARIAT")
        assert answer.status_code == 200, answer.text
        return [item["action"] for item in answer.json["items"]]

    assert found("reporter=RS-WBCTi") == ["secret.ended", "secret.made"]
    assert found("submission=s-1") == ["submission.corrected", "submission.received"]
    assert found("action=submission.") == ["submission.corrected", "submission.received"]
    assert found("action=secret.made") == ["secret.made"]
    assert found("since=2026-11-24T00:00:00Z") == ["secret.ended"]
    page = entry.get(f"{JOURNAL}?limit=3", as_="SECRETARIAT").json
    assert found(f"after={page['next']}") == ["submission.received"]


# --- From where -------------------------------------------------------------------------------------------------------


@on_one_database
@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "192.0.2.66", "127.0.0.1"),
        (1, "192.0.2.66, 192.0.2.7", "192.0.2.7"),
        (2, "192.0.2.66, 192.0.2.7, 10.0.0.1", "192.0.2.7"),
        (1, "x" * 100, "x" * 60),
    ],
)
def test_where_a_request_came_from_is_believed_of_our_own_proxies_only(
    settings, clock, proxies, forwarded, address
):
    def show(call: RequestContext) -> Result:
        actor = audit.actor_of(call.known_caller, address=call.address)
        return Result([actor.code, actor.address])

    service = replace(SERVICE, routes=(Route("GET", "/here", show, allow=frozenset(("structure",))),))
    app = build_flask([service], replace(settings, proxies=proxies), clock)
    client = Client(app.test_client(), settings, clock)
    shown = client.get("/entry/v1/here", as_="AL-WBCTi", headers={"X-Forwarded-For": forwarded})
    assert shown.json == ["AL-WBCTi", address]
