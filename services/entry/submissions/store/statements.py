"""Table and queries of statements: each content that was ever submitted for a record, or as a whole body.

A plain insert finds out whether anything was submitted before: the key of an earlier content exists. So the usual
submission, which repeats nothing, is stored without a query.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import Column, Insert, Integer, Select, String, Table, any_, bindparam, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from services.entry.submissions.domain.statements import StatedBy, Statement, Subject
from shared.database import Transaction, metadata_of, owned_by_reporter

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

MANY = 5_000
"""The number of statements above which those that are missing are inserted at once: a request has fewer."""

CHUNK = 5_000
"""The number of subjects or statements in one query: SQLite takes 32,766 values."""

_by = {
    name: bindparam(f"by_{name}", type_=statements.c[name].type)
    for name in ("reporter", "submission", "version", "place")
}
_arrays = [bindparam(name, type_=postgresql.ARRAY(String)) for name in ("subject", "content")]
_rows = func.unnest(*_arrays).table_valued("subject", "content").render_derived("coming")
_from_arrays = postgresql.insert(statements).from_select(
    ["subject", "content", *_by], select(*_rows.c, *_by.values())
)
_in_rows = sqlite.insert(statements)


def insert_new(tx: Transaction, subjects: Iterable[Subject], *, by: StatedBy) -> None:
    """Insert statements. The commit raises `RowExists` if one of the contents was stated before."""
    tx.add(statements, *_as_rows(_each_once(subjects), by))


def insert_missing(tx: Transaction, subjects: Iterable[Subject], *, by: StatedBy) -> None:
    """Insert statements, except of contents that were stated before."""
    stated = _each_once(subjects)
    if len(stated) <= MANY:
        tx.add(statements, *_as_rows(stated, by), ignore_existing=True)
    else:
        _send(tx, stated, by, _from_arrays.on_conflict_do_nothing(), _in_rows.on_conflict_do_nothing())


def upsert_later(tx: Transaction, subjects: Iterable[Subject], *, by: StatedBy) -> None:
    """Insert statements, and move contents that were stated before to the later place."""
    _send(tx, _each_once(subjects), by, _moving(_from_arrays), _moving(_in_rows))


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


def list_stated(tx: Transaction, subjects: Collection[str]) -> dict[str, list[Statement]]:
    """List all statements about these subjects, by subject."""
    found: dict[str, list[Statement]] = {}
    for some in _chunks(sorted(subjects)):
        rows = tx.execute(_about_any, {"subjects": some}) if tx.is_postgresql else tx.execute(_about(some))
        for row in rows:
            found.setdefault(row.subject, []).append(Statement(*row))
    return found


# One array is read faster than thousands of parameters.
_about_any = select(statements).where(
    statements.c.subject == any_(bindparam("subjects", type_=postgresql.ARRAY(String)))
)


def _about(subjects: Sequence[str]) -> Select[Any]:
    return select(statements).where(statements.c.subject.in_(subjects))


def _moving(statement: Any) -> Insert:
    changed = {name: statement.excluded[name] for name in ("submission", "version", "place")}
    is_later = statements.c.place < statement.excluded.place
    moving: Insert = statement.on_conflict_do_update(
        index_elements=["subject", "content"], set_=changed, where=is_later
    )
    return moving


def _send(
    tx: Transaction, stated: Sequence[Subject], by: StatedBy, on_postgresql: Any, on_sqlite: Any
) -> None:
    for some in _chunks(stated):
        if tx.is_postgresql:
            subjects, contents = map(list, zip(*some, strict=True))
            own = {f"by_{name}": getattr(by, name) for name in _by}
            tx.execute(on_postgresql, {"subject": subjects, "content": contents, **own})
        else:
            tx.execute(on_sqlite, _as_rows(some, by))


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
