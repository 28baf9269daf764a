"""Idempotency-Key: the first answer to a key is stored in the transaction of its effect, and given again.

No mark is made before: a request that is killed leaves nothing, and two at once meet at the row's key, where the second
waits for the first.
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
    """One request that must have one effect."""

    reporter: str
    key: str
    request: str

    @classmethod
    def of(cls, *, reporter: str, key: str | None, path: str, body: bytes) -> "IdempotentRequest":
        """Identify a request; `IdempotencyKeyIsMissing` without a usable key.

        The path has its query with it. Of a file, the body is its sha-256: its bytes are read once.
        """
        if not key or len(key) > MAX_KEY or not key.isprintable():
            raise IdempotencyKeyIsMissing
        request = hashlib.sha256(path.encode() + b"\0" + body).hexdigest()
        return cls(reporter=reporter, key=key, request=request)

    def store(self, tx: Transaction, answer: Result) -> None:
        """Keep the answer; the commit raises `RowExists` if the key has one."""
        tx.add(
            answers,
            {
                "service": tx.service,
                "reporter": self.reporter,
                "key": self.key,
                "request": self.request,
                "status": answer.status,
                "headers": dict(answer.headers),
                "body": answer.body if answer.stored_body is None else answer.stored_body,
                "created_at": tx.now,
            },
        )

    def find(self, tx: Transaction) -> Result | None:
        """The stored answer, if any; `IdempotencyKeyIsTaken` if it belongs to another request."""
        c = answers.c
        mine: tuple[Any, ...] = (c.service == tx.service, c.reporter == self.reporter, c.key == self.key)
        row = tx.execute(select(c.request, c.status, c.headers, c.body).where(*mine)).first()
        if row is None:
            return None
        if row.request != self.request:
            raise IdempotencyKeyIsTaken
        return Result(row.body, row.status, row.headers | {"Idempotency-Replayed": "true"})


def delete_answers(tx: Transaction, *, before: datetime) -> None:
    """Forget answers stored before the moment; their keys are new again."""
    tx.execute(delete(answers).where(answers.c.created_at < before))
