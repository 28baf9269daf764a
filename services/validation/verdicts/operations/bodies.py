"""Read the bodies of received versions for the engine."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, BinaryIO

from services.validation.engine.domain.evaluation.origins import Origins
from services.validation.engine.domain.evaluation.place_limits import FILE_LIMIT
from services.validation.engine.domain.evaluation.submissions import Submission
from services.validation.verdicts.domain.received import Received
from shared.blobs import Blobs
from shared.records import bodies
from shared.records.bodies import Slice
from shared.records.canonical import parse_json
from shared.records.places import claim_at, own_place, read_own, read_runs
from shared.reference.accounts import Account


def submission_facts(received: Received) -> Submission:
    """Return the facts that rules may read about a received version."""
    return Submission(
        pillar=received.pillar,
        kind=received.kind,
        period=received.period,
        tlp=received.tlp,
        reporter=received.reporter,
        partner=received.partner,
        received_on=received.received_on,
    )


def read_submission(received: Received, *, blobs: Blobs) -> Submission:
    """Return the facts of a version and, if it was received as a file, the cells of its records."""
    with blobs.open(received.body) as body:
        return _located(received, blobs, body)


@contextmanager
def open_records(received: Received, *, blobs: Blobs) -> Iterator[tuple[Submission, Iterator[Any]]]:
    """Open a body: give the submission, and the records one by one as they are read."""
    with blobs.open(received.body) as body:
        yield _located(received, blobs, body), bodies.read_records(body)


def read_chunk(received: Received, *, blobs: Blobs, offset: int, length: int) -> tuple[Submission, list[Any]]:
    """Return the submission and the records of one slice of its body."""
    with blobs.open(received.body) as body:
        return _located(received, blobs, body), bodies.read_slice(body, offset=offset, length=length)


def slice_body(received: Received, *, blobs: Blobs, size: int) -> Sequence[Slice]:
    """Cut a body into slices of `size` records. Return none if the body can only be read whole."""
    with blobs.open(received.body) as body:
        return bodies.list_slices(body, size=size)


def _located(received: Received, blobs: Blobs, body: BinaryIO) -> Submission:
    """Add the cells of the records and the account of what was read, if a file was received, and their places.

    The body is at its beginning, before and after.
    """
    submission, head = submission_facts(received), bodies.read_head(body)
    if "origins" in head:
        origins = Origins.read(parse_json(blobs.get(head["origins"])))
        submission = replace(submission, origins=origins, place_limit=FILE_LIMIT)
    if "reading" in head:
        account = Account(**parse_json(blobs.get(head["reading"])))
        submission = replace(submission, account=account, place_limit=FILE_LIMIT)
    if (runs := read_runs(head, get=blobs.get)) is not None:
        own = read_own(head, default=own_place(received.received_at, received.submission, received.version))
        submission = replace(
            submission, stated=[(claim_at(place, own=own), number) for place, number in runs]
        )
    return submission
