"""Bodies that were submitted before statements were recorded are recognised when they are sent again."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Boolean, Column, Integer, MetaData, String, Table
from sqlalchemy.schema import CreateSchema

from deploy.installation import ROLES, history_of
from services.entry.audit.domain import Actor
from services.entry.submissions.domain.submissions import UploadedFile
from services.entry.submissions.operations import resubmitting
from services.entry.submissions.operations.commands import Content, SubmitCommand
from shared.blobs import Blobs
from shared.clock import SystemClock
from shared.database import Database, UtcDateTime
from shared.database.migrations import _config, _connection, migrate
from shared.identity.callers import Caller
from shared.reference import reporter
from tests.databases import PostgresServer

HISTORIES = [history_of("bus"), history_of("entry")]
KNOWN = reporter("EC")
ABOUT = {"pillar": "WBCTi", "kind": "support", "period": "2026", "tlp": "TLP:CLEAR"}


def command_of(**content) -> SubmitCommand:
    caller = Caller(KNOWN.code, KNOWN.role, KNOWN.partner, tuple(KNOWN.pillars))
    return SubmitCommand(caller=caller, actor=Actor(KNOWN.code), **ABOUT, **content)


RECORDS = command_of(records=[{"ref": "S-1"}])
FILE = command_of(file=UploadedFile("f" * 64, "text/csv", None, 7))
NOW = datetime(2026, 6, 1, tzinfo=UTC)


def row_of(submission: str, sent: SubmitCommand) -> tuple[dict, dict]:
    """The rows of a submission and its version, as they were stored."""
    about = {"reporter": KNOWN.code, "pillar": "WBCTi", "kind": "support", "period": "2026"}
    content = Content.of(sent)
    submissions = {
        **about,
        "id": submission,
        "version": 1,
        "state": "accepted",
        "created_at": NOW,
        "changed_at": NOW,
        "content": content.key,
        "is_trial": False,
    }
    body = {"body": content.sha256, "records": 1}
    file = {"content": content.sha256, "file": content.sha256, "records": 0}
    return submissions, {
        "submission": submission,
        "version": 1,
        "state": "accepted",
        "received_at": NOW,
        "tlp": "TLP:CLEAR",
        "verdict": 0,
        "is_late": False,
        **(file if sent.file else body),
    }


TYPES = {bool: Boolean, int: Integer, str: String, datetime: UtcDateTime}


def table_of(name: str, row: dict) -> Table:
    columns = (Column(column, TYPES[type(value)]) for column, value in row.items())
    return Table(name, MetaData(schema="entry"), *columns)


@pytest.fixture(params=["sqlite", "postgresql"])
def former_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    server: PostgresServer | None = None
    url = f"sqlite:///{tmp_path / 'iisgd.sqlite'}"
    if request.param == "postgresql":
        server = request.getfixturevalue("postgres")
        url = server.empty()
    migrate(url, HISTORIES[:1], ROLES)
    with _connection(url) as connection:
        if server is not None:
            connection.execute(CreateSchema("entry"))
        command.upgrade(_config(HISTORIES[1], connection), "0008")
        for submission, sent in (("a", RECORDS), ("b", FILE)):
            rows = row_of(submission, sent)
            for name, row in zip(("submissions", "submission_versions"), rows, strict=True):
                connection.execute(table_of(name, row).insert(), row)
    yield url
    if server is not None:
        server.drop(url)


def test_former_bodies_are_recognised(former_url: str, tmp_path: Path) -> None:
    migrate(former_url, HISTORIES, ROLES)
    database = Database(former_url, "entry", clock=SystemClock())
    blobs = Blobs(database=database, folder=tmp_path, inline_bytes=1_000)
    try:
        for submission, sent in (("a", RECORDS), ("b", FILE)):
            with database.begin() as tx:
                known, _, is_new = resubmitting.submit_again(tx, database=database, blobs=blobs, command=sent)
            assert (known.id, is_new) == (submission, False)
    finally:
        database.dispose()
