"""Table and queries of statements: each content that was ever submitted for a record, or as a whole body.

A plain insert finds out whether anything was submitted before: the key of an earlier content exists. So the usual
submission, which repeats nothing, is stored without a query.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import Column, Insert, Integer, String, Table, and_, bindparam, cast, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from services.entry.submissions.domain.statements import StatedBy, Statement, Subject
from shared.database import Transaction, array_literal, metadata_of, owned_by_reporter

statements = Table(
    "statements",
    metadata_of("entry"),
    Column("subject", String(32), primary_key=True),
    Column("content", String(32), primary_key=True),
    Column("reporter", String(40), nullable=False),
    Column("submission", String(36), nullable=False),
    Column("version", Integer, nullable=False),
    Column("place", String(110), nullable=False),
    info=owned_by_reporter("reporter", structure="reporter"),
)
"""`subject` is the hash of a record's identity, or of a mapping for whole bodies; `content` is the hash of what was
submitted for it. `place` is the place of the first statement of the content, or of the last correction that stated it."""

CHUNK = 5_000
"""The number of subjects or statements in one query: SQLite takes 32,766 values."""

_by = {
    name: bindparam(f"by_{name}", type_=statements.c[name].type)
    for name in ("reporter", "submission", "version", "place")
}
_arrays = [cast(bindparam(name, type_=String), postgresql.ARRAY(String)) for name in ("subject", "content")]
_rows = func.unnest(*_arrays).table_valued("subject", "content").render_derived("coming")

# PostgreSQL takes thousands of statements as two arrays.
_from_arrays = postgresql.insert(statements).from_select(
    ["subject", "content", *_by], select(*_rows.c, *_by.values())
)


def insert_new(tx: Transaction, subjects: Iterable[Subject], *, by: StatedBy) -> None:
    """Insert statements. The commit raises `RowExists` if one of the contents was stated before."""
    tx.add(statements, *_as_rows(_each_once(subjects), by))


def insert_missing(tx: Transaction, subjects: Iterable[Subject], *, by: StatedBy) -> None:
    """Insert statements, except of contents that were stated before."""
    tx.add(statements, *_as_rows(_each_once(subjects), by), ignore_existing=True)


def upsert_later(tx: Transaction, subjects: Iterable[Subject], *, by: StatedBy) -> None:
    """Insert statements, and move contents that were stated before to the later place."""
    for some in _chunks(_each_once(subjects)):
        if tx.is_postgresql:
            named = zip(("subject", "content"), map(array_literal, zip(*some, strict=True)), strict=True)
            tx.execute(_moving(_from_arrays), dict(named) | {f"by_{name}": getattr(by, name) for name in _by})
        else:
            tx.execute(_moving(sqlite.insert(statements)), _as_rows(some, by))


def find_statement(tx: Transaction, subject: Subject) -> Statement | None:
    """Return the statement of a content; None if it was never stated."""
    c = statements.c
    row = tx.execute(select(statements).where(c.subject == subject[0], c.content == subject[1])).first()
    return Statement(*row) if row else None


def delete_statement(tx: Transaction, stated: Statement) -> None:
    """Delete a statement unless its content was stated by another submission since."""
    c = statements.c
    same = (c.subject == stated.subject, c.content == stated.content, c.submission == stated.submission)
    tx.execute(delete(statements).where(*same))


def list_since(tx: Transaction, subjects: Iterable[Subject]) -> dict[str, list[Statement]]:
    """List the statements of these contents, by subject, and those about the same subject after them.

    A record may have any number of earlier contents: only those after the same one are read.
    """
    same = statements.alias("same")
    is_since = and_(statements.c.subject == same.c.subject, statements.c.place >= same.c.place)
    found: dict[str, dict[Statement, None]] = {}
    for some in _chunks(_each_once(subjects)):
        named, contents = zip(*some, strict=True)
        chosen = tx.among(same.c.subject, named), tx.among(same.c.content, contents)
        for row in tx.execute(select(statements).join(same, is_since).where(*chosen)):
            found.setdefault(row.subject, {})[Statement(*row)] = None
    return {subject: list(each) for subject, each in found.items()}


def _moving(statement: Any) -> Insert:
    changed = {name: statement.excluded[name] for name in ("submission", "version", "place")}
    is_later = statements.c.place < statement.excluded.place
    moving: Insert = statement.on_conflict_do_update(
        index_elements=["subject", "content"], set_=changed, where=is_later
    )
    return moving


def _each_once(subjects: Iterable[Subject]) -> list[Subject]:
    """Return each subject once, in an order in which concurrent writers cannot deadlock."""
    return sorted(set(subjects))


def _as_rows(subjects: Iterable[Subject], by: StatedBy) -> list[dict[str, Any]]:
    own = {name: getattr(by, name) for name in _by}
    return [{"subject": subject, "content": content, **own} for subject, content in subjects]


def _chunks(values: Sequence[Any]) -> Iterator[list[Any]]:
    rest = iter(values)
    while chunk := list(islice(rest, CHUNK)):
        yield chunk
