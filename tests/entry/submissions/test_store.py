"""Submissions in the store, including rows of earlier versions."""

import shutil
from dataclasses import replace

import pytest
from sqlalchemy import create_engine, text

from deploy.installation import ROLES, history_of
from services.entry.submissions.store import submissions
from shared.clock import iso
from shared.database import Database
from shared.database.migrations import migrate
from tests.conftest import NOW

VERSION = """
    INSERT INTO {entry}submission_versions
        (submission, version, state, received_at, tlp, body, records, verdict, judged_at, ruleset, ruleset_hash, counts,
         report)
    VALUES ('s-1', :version, :state, :at, 'TLP:AMBER', :body, 1, :verdict, :judged_at, 'WBCTi', 'f', '{{"error": 1}}', 'r')
"""


@pytest.fixture
def empty_url(request, tmp_path):
    """A database without tables."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'former.sqlite'}"
    return request.getfixturevalue("postgres").empty()


@pytest.mark.parametrize("empty_url", ["sqlite", "postgresql"], indirect=True)
def test_a_verdict_from_before_each_was_kept_is_still_there(empty_url, tmp_path, clock):
    entry = history_of("entry")
    former = tmp_path / "former"
    former.mkdir()
    shutil.copy(entry.folder / "0001_first.py", former)
    migrate(empty_url, [history_of("bus"), replace(entry, folder=former, grants=())], ROLES)
    engine = create_engine(empty_url)
    prefix = "entry." if engine.dialect.name == "postgresql" else ""
    with engine.begin() as connection:
        for version, state, verdict, judged_at in ((1, "returned", 1, iso(NOW)), (2, "received", 0, None)):
            connection.execute(
                text(VERSION.format(entry=prefix)),
                {
                    "version": version,
                    "state": state,
                    "at": iso(NOW),
                    "body": "0" * 64,
                    "verdict": verdict,
                    "judged_at": judged_at,
                },
            )
    engine.dispose()
    migrate(empty_url, [entry], ROLES)
    database = Database(empty_url, "entry", clock=clock)
    with database.read() as tx:
        judged, waiting = submissions.list_versions(tx, "s-1")
    database.dispose()
    verdict = judged.verdict
    assert (verdict.number, verdict.outcome, verdict.reason) == (1, "returned", "data_changed")
    assert (verdict.judged_at, verdict.counts, verdict.report) == (NOW, {"error": 1}, "r")
    assert waiting.verdict is None
