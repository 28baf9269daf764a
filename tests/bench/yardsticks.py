"""The yardsticks on the same server, database and broker: bare WSGI apps and a bare Celery worker."""

import os
import sys
from typing import Any

from celery import Celery
from flask import Flask, Response, request
from sqlalchemy import Column, LargeBinary, MetaData, String, Table, create_engine, insert
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from shared.ids import new_id
from shared.runtime.celery_app import build_celery
from shared.settings import Settings

ENVIRON: Any = os.environ  # noqa: TID251 - a yardstick has no settings of ours
URL = "YARDSTICK_DATABASE_URL"
BROKER = "YARDSTICK_BROKER_URL"

metadata = MetaData()
rows = Table(
    "yardstick_rows", metadata, Column("id", String(36), primary_key=True), Column("body", LargeBinary)
)


class Base(DeclarativeBase):
    """The models of the naive yardstick."""


class NaiveSubmission(Base):
    """A submission."""

    __tablename__ = "yardstick_submissions"
    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    body: Mapped[bytes] = mapped_column(LargeBinary)


def prepare(url: str) -> None:
    """Create the yardsticks' tables."""
    engine = create_engine(url)
    metadata.create_all(engine)
    Base.metadata.create_all(engine)
    engine.dispose()


def one_row() -> Flask:
    """Return an app whose view does one one-row INSERT and commit."""
    app = Flask("yardstick")
    engine = create_engine(ENVIRON[URL])

    @app.post("/post")
    def post() -> Response:
        body = request.get_data()
        with engine.begin() as connection:
            connection.execute(insert(rows), {"id": new_id(), "body": body})
        return Response(b"{}", status=202, mimetype="application/json")

    return app


def naive() -> Flask:
    """Return an app that can lose events: it commits an ORM INSERT, then sends the task inside the request."""
    app = Flask("naive")
    engine = create_engine(ENVIRON[URL])
    celery = Celery("naive", broker=ENVIRON[BROKER], set_as_current=False)

    @app.post("/post")
    def post() -> Response:
        submission = NaiveSubmission(id=new_id(), body=request.get_data())
        identifier = submission.id
        with Session(engine) as session:
            session.add(submission)
            session.commit()
        celery.send_task("naive.check", args=[identifier], queue="naive", ignore_result=True)
        return Response(b"{}", status=202, mimetype="application/json")

    return app


def bare(settings: Settings) -> Celery:
    """Return a Celery app with the product's settings, no service and one task that does nothing."""
    app = build_celery([], settings)

    @app.task(name="bare", shared=False)
    def nothing() -> None:
        """Do nothing."""

    return app


def main(workers: str) -> None:
    """Run bare tasks with the given number of processes."""
    options = ["--quiet", "worker", "--queues=bare", f"--concurrency={workers}", "--pool=prefork"]
    options += ["--loglevel=ERROR", "--without-gossip", "--without-mingle", "--without-heartbeat"]
    bare(Settings.from_environ()).worker_main(options)


if __name__ == "__main__":
    main(*sys.argv[1:])
