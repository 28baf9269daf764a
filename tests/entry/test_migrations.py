"""Bodies that were submitted before statements were recorded are recognised when they are sent again."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.entry.audit.domain import Actor
from services.entry.submissions.domain.submissions import UploadedFile
from services.entry.submissions.operations import resubmitting
from services.entry.submissions.operations.commands import Content, SubmitCommand
from shared.blobs import Blobs
from shared.clock import SystemClock
from shared.database import Database
from shared.identity.callers import Caller
from shared.reference import reporter
from tests.former_databases import create_former, migrate_fully

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


@pytest.fixture(params=["sqlite", "postgresql"])
def former_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    known, versions = zip(row_of("a", RECORDS), row_of("b", FILE), strict=True)
    rows_of = {"submissions": known, "submission_versions": versions}
    return create_former(request, tmp_path, service="entry", revision="0008", rows_of=rows_of)


def test_former_bodies_are_recognised(former_url: str, tmp_path: Path) -> None:
    migrate_fully(former_url, service="entry")
    database = Database(former_url, "entry", clock=SystemClock())
    blobs = Blobs(database=database, folder=tmp_path, inline_bytes=1_000)
    try:
        for submission, sent in (("a", RECORDS), ("b", FILE)):
            with database.begin() as tx:
                known, _, is_new = resubmitting.submit_again(tx, database=database, blobs=blobs, command=sent)
            assert (known.id, is_new) == (submission, False)
    finally:
        database.dispose()
