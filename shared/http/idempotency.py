"""Idempotency keys. The first response to a key is stored in the transaction of its effect, and repeated.

No in-flight marker is stored: a killed request leaves nothing behind, and of two simultaneous requests the second waits
at the row's key for the first.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Integer, String, Table, delete, select

from shared.bus.store import metadata
from shared.database import Json, Transaction, UtcDateTime
from shared.http.problems import IdempotencyKeyIsMissing, IdempotencyKeyIsTaken
from shared.http.routes import Result

MAX_KEY = 100

answers = Table(
    "answers",
    metadata,
    Column("service", String(20), primary_key=True),
    Column("reporter", String(40), primary_key=True),
    Column("key", String(MAX_KEY), primary_key=True),
    Column("request", String(64), nullable=False),
    Column("status", Integer, nullable=False),
    Column("headers", Json, nullable=False),
    Column("body", Json),
    Column("created_at", UtcDateTime, nullable=False),
)


@dataclass(frozen=True)
class IdempotentRequest:
    """A request that has one effect, however often it is sent."""

    reporter: str
    key: str
    request: str
    compares_bytes: bool = False
    """Whether a file is compared by its bytes."""

    @classmethod
    def of(
        cls, *, reporter: str, key: str | None, path: str, body: bytes, compares_bytes: bool = False
    ) -> "IdempotentRequest":
        """Identify a request; raise `IdempotencyKeyIsMissing` without a usable key.

        `path` includes the query. `body` is the content, or its sha-256 for a file that is compared by its bytes.
        """
        if not key or len(key) > MAX_KEY or not key.isprintable():
            raise IdempotencyKeyIsMissing
        request = hashlib.sha256(path.encode() + b"\0" + body).hexdigest()
        return cls(reporter=reporter, key=key, request=request, compares_bytes=compares_bytes)

    def store(self, tx: Transaction, result: Result) -> None:
        """Store the result; the commit raises `RowExists` if the key has one already."""
        tx.add(
            answers,
            {
                "service": tx.service,
                "reporter": self.reporter,
                "key": self.key,
                "request": self.request,
                "status": result.status,
                "headers": dict(result.headers),
                "body": result.body if result.stored_body is None else result.stored_body,
                "created_at": tx.now,
            },
        )

    def find(self, tx: Transaction) -> Result | None:
        """Return the stored result, or None; raise `IdempotencyKeyIsTaken` if it belongs to another request."""
        c = answers.c
        mine: tuple[Any, ...] = (c.service == tx.service, c.reporter == self.reporter, c.key == self.key)
        row = tx.execute(select(c.request, c.status, c.headers, c.body).where(*mine)).first()
        if row is None:
            return None
        if row.request != self.request:
            raise IdempotencyKeyIsTaken(compares_bytes=self.compares_bytes)
        return Result(row.body, row.status, row.headers | {"Idempotency-Replayed": "true"})


def delete_answers(tx: Transaction, *, before: datetime) -> None:
    """Delete results stored before a time. Their keys may be used again."""
    tx.execute(delete(answers).where(answers.c.created_at < before))
