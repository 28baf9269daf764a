"""On PostgreSQL a transaction sees the rows of whom it is for, and no others, whatever its query forgets."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Table, func, select, text, update
from sqlalchemy.exc import DBAPIError

from deploy.installation import histories
from services.entry.app import SERVICE as ENTRY
from services.entry.audit import operations as audit
from services.entry.audit.domain import SYSTEM
from services.entry.audit.store import entries
from services.entry.submissions.store import tables as store
from services.validation.findings.store import findings
from services.validation.verdicts.store.tables import submissions as judged_submissions
from services.validation.verdicts.store.tables import verdicts
from shared.clock import FixedClock
from shared.database import ALL_ROWS, NO_ROWS, Database, rows_of, unrestricted
from shared.database.row_security import RowPolicy, policy_of
from shared.http.idempotency import answers
from shared.http.routes import RequestContext, Result, Route
from shared.identity.callers import Caller
from shared.runtime.flask_app import build_flask
from shared.settings import Settings
from tests.conftest import NOW
from tests.in_process import NEEDS, Installation, installed

AL, RS = rows_of(reporter="AL-WBCTi"), rows_of(reporter="RS-WBCTi")
AL_NC = rows_of(reporter="AL-NC", partner="AL")
OF_SUBMISSIONS = [store.submissions, store.versions, store.verdicts, entries, verdicts, findings]


@pytest.fixture(scope="module")
def installation(tmp_path_factory, postgres, keys) -> Iterator[Installation]:
    """Two structures of two partners have handed in needs that a rule warns of; no test changes any of it."""
    url = postgres.fresh()
    settings = Settings(home=tmp_path_factory.mktemp("home"), database_url=url, key_folder=keys)
    with installed(replace(settings, broker_url="amqp://127.0.0.1:1//"), FixedClock(NOW)) as made:
        for code in ("AL-WBCTi", "RS-WBCTi"):
            made.hand_in(NEEDS | {"tlp": "TLP:CLEAR"}, as_=code)
        yield made
    postgres.drop(url)


@pytest.fixture
def database_of(installation) -> Iterator[Callable[..., Database]]:
    """Makes what a web process of a service has: transactions see nothing until they say for whom they are."""
    opened: list[Database] = []

    def make(service: str, url: str = installation.client.settings.database, **options: Any) -> Database:
        opened.append(Database(url, service, clock=FixedClock(NOW), visible_to=NO_ROWS, **options))
        return opened[-1]

    yield make
    for each in opened:
        each.dispose()


@pytest.fixture
def rows(database_of) -> Callable[..., int]:
    """Counts a table's rows without any filter, for whom it is said."""
    return lambda table, *, visible_to: counted(database_of(str(table.schema)), table, visible_to=visible_to)


def counted(database: Database, table: Table, *, visible_to: str | None) -> int:
    with database.read(visible_to=visible_to) as tx:
        return int(tx.execute(select(func.count()).select_from(table)).scalar_one())


def with_reporters() -> list[Table]:
    """All tables that name reporters, by their column or by somebody's word."""
    tables = [table for history in histories() for table in history.metadata.sorted_tables]
    return [table for table in tables if "reporter" in table.c or policy_of(table)]


def test_whoever_says_nothing_sees_nothing_and_each_sees_its_own(installation, rows):
    for table in OF_SUBMISSIONS:
        everything = rows(table, visible_to=ALL_ROWS)
        own, others = rows(table, visible_to=AL), rows(table, visible_to=RS)
        assert own > 0, table.fullname
        assert own + others == everything, table.fullname
        assert rows(table, visible_to=AL_NC) == own, table.fullname
        assert rows(table, visible_to=rows_of(reporter="ME-WBCTi")) == 0, table.fullname
        assert rows(table, visible_to=None) == rows(table, visible_to=NO_ROWS) == 0, table.fullname


def test_what_concerns_nobody_in_particular_is_seen_by_everybody_who_says_a_word(database_of, postgresql_url):
    database = database_of("entry", postgresql_url)
    with database.begin() as tx:
        audit.record_action(tx, actor=SYSTEM, action="deadline.changed", reporter=None)
    assert counted(database, entries, visible_to=rows_of(reporter="ME-WBCTi")) == 1
    assert counted(database, entries, visible_to=NO_ROWS) == 0


def test_a_view_that_forgets_its_filter_shows_the_callers_rows_only(installation):
    def show_all(call: RequestContext) -> Result:
        rows = call.tx.execute(select(store.submissions.c.reporter))
        return Result(sorted(rows.scalars()))

    everybody = frozenset(("structure", "coordinator", "member", "secretariat"))
    service = replace(ENTRY, routes=(Route("GET", "/all", show_all, allow=everybody),))
    app = build_flask([service], installation.client.settings, installation.client.clock)
    client = replace(installation.client, http=app.test_client())
    shown = {
        code: client.get("/entry/v1/all", as_=code).json
        for code in ("AL-WBCTi", "AL-WBBSi", "AL-NC", "RS-NC", "UNODC", "SECRETARIAT")
    }
    for runtime in app.extensions["iisgd"]:
        runtime.database.dispose()
    assert shown == {
        "AL-WBCTi": ["AL-WBCTi"],
        "AL-WBBSi": [],
        "AL-NC": ["AL-WBCTi"],
        "RS-NC": ["RS-WBCTi"],
        "UNODC": [],
        "SECRETARIAT": ["AL-WBCTi", "RS-WBCTi"],
    }


def test_nobody_changes_or_gives_away_what_it_does_not_see(database_of):
    database, c = database_of("entry"), store.submissions.c
    with database.begin(visible_to=AL) as tx:
        changed = update(store.submissions).values(state=c.state).returning(c.reporter)
        assert list(tx.execute(changed).scalars()) == ["AL-WBCTi"]
    with pytest.raises(DBAPIError, match="row-level security"), database.begin(visible_to=AL) as tx:
        tx.execute(update(store.submissions).values(reporter="RS-WBCTi").returning(c.id))


def test_a_word_is_gone_with_its_transaction(database_of):
    database = database_of("entry", pool_size=1)
    assert counted(database, store.submissions, visible_to=ALL_ROWS) == 2
    assert counted(database, store.submissions, visible_to=None) == 0


def test_what_only_inserts_needs_no_word_and_asks_for_no_connection(database_of, postgresql_url):
    database = database_of("entry", postgresql_url)
    with database.begin(visible_to=AL) as tx:
        audit.record_action(tx, actor=SYSTEM, action="submission.received", reporter="RS-WBCTi")
        assert tx._lazy.is_untouched
    assert counted(database, entries, visible_to=AL) == 0
    assert counted(database, entries, visible_to=RS) == 1


def test_an_answer_to_a_key_is_seen_for_its_reporter_only(database_of):
    for word, whose in ((AL, {"AL-WBCTi"}), (RS, {"RS-WBCTi"}), (AL_NC, set()), (None, set())):
        with database_of("entry").read(visible_to=word) as tx:
            assert set(tx.execute(select(answers.c.reporter)).scalars()) == whose


def test_every_table_that_names_reporters_is_covered_or_says_why_not(installation):
    covered = text("SELECT schemaname || '.' || tablename FROM pg_policies WHERE qual LIKE '%app.sees%'")
    forced = text("SELECT oid::regclass::text FROM pg_class WHERE relrowsecurity AND relforcerowsecurity")
    with installation.engine.connect() as connection:
        names = set(connection.execute(covered).scalars()) & set(connection.execute(forced).scalars())
    assert {table.fullname for table in with_reporters() if not is_excused(table)} == names
    assert {store.submissions, entries, judged_submissions, answers} <= set(with_reporters())


def is_excused(table: Table) -> bool:
    policy = policy_of(table)
    return bool(policy and policy.unrestricted_because)


def test_a_table_that_is_excused_would_be_known_by_its_reason():
    assert unrestricted("It is public.") == {"row_policy": RowPolicy(unrestricted_because="It is public.")}


@pytest.mark.parametrize("code", ["X *", "X\tY", " "])
def test_no_code_smuggles_a_second_word_in(code):
    with pytest.raises(ValueError, match="is not a code"):
        rows_of(reporter=code)


@pytest.mark.parametrize(
    ("caller", "visible_to"),
    [
        (Caller("AL-WBCTi", "structure", "AL", ("WBCTi",)), "reporter:AL-WBCTi"),
        (Caller("AL-NC", "coordinator", "AL", ("WBCTi",)), "reporter:AL-NC partner:AL"),
        (Caller("UNODC", "member", None, ("WBCTi",)), "reporter:UNODC"),
        (Caller("RCC-ANALYST", "analyst", None, ()), "*"),
        (Caller("SECRETARIAT", "secretariat", None, ()), "*"),
    ],
    ids=lambda each: each.role if isinstance(each, Caller) else "",
)
def test_what_a_caller_sees_follows_from_its_role(caller, visible_to):
    assert caller.visible_to == visible_to
