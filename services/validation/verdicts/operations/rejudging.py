"""Find the submissions whose rules, references or waivers changed, and judge them again."""

from collections.abc import Collection, Iterable

from services.validation.verdicts.operations.chunking import begin_judging, slices_to_judge
from services.validation.verdicts.operations.judging import (
    REFERENCES_CHANGED,
    index_records,
    judge_body,
    replace_verdict,
)
from services.validation.verdicts.store import calendar, index, submission_states, verdicts
from services.validation.verdicts.store.submission_states import SubmissionState
from shared.blobs import Blobs
from shared.bus import record
from shared.bus.handling import Effect
from shared.database import Database, Transaction
from shared.events import SubmissionOutdated
from shared.reference.days import secretariat_day

PAGE_SIZE = 100
"""The number of submissions handled in one transaction; other transactions can write in between."""

MAX_PAGES = 20
"""The maximum number of transactions in one tick."""


def outdate_submissions(
    tx: Transaction, ids: Collection[str], *, reason: str, closed: Collection[tuple[str, str]]
) -> int:
    """Have submissions judged again, except those of `closed` periods, (kind, period). Return their number."""
    states = submission_states.update_outdated(tx, ids, reason=reason, closed=closed)
    announce_outdated(tx, states, reason=reason)
    return len(states)


def announce_outdated(tx: Transaction, states: Iterable[SubmissionState], *, reason: str) -> None:
    """Announce that these submissions are outdated, so that they are judged again."""
    record(
        tx,
        *(
            SubmissionOutdated(**state.received.facts, verdict=state.verdict, reason=reason)
            for state in states
            if state.received is not None
        ),
    )


def judge_again(*, database: Database, blobs: Blobs, event: SubmissionOutdated) -> Effect:
    """Judge a version again. The effect stores the verdict as `replace_verdict` does."""
    with database.read() as tx:
        state = submission_states.find_state(tx, event.submission)
        last = verdicts.find_verdict(tx, event.submission)
    if state is None or state.received is None or state.is_withdrawn or state.version != event.version:
        return lambda _tx: None
    received = state.received
    slices = slices_to_judge(received, blobs=blobs)
    if slices:
        return lambda tx: begin_judging(
            tx, blobs=blobs, received=received, reason=event.reason, slices=slices
        )
    prepared, update = judge_body(
        database=database, blobs=blobs, received=received, verdict=state.verdict + 1
    )

    def store_verdict(tx: Transaction) -> None:
        if replace_verdict(
            tx,
            blobs=blobs,
            received=received,
            state=state,
            last=last.judgement if last else None,
            reason=event.reason,
            prepared=prepared,
        ):
            index_records(tx, received=received, update=update, counts=prepared.is_accepted)

    return store_verdict


def settle_links(*, database: Database) -> None:
    """Have submissions judged again whose links lead to a record with a changed state.

    A submission is checked after its own commit and after that of its target, whichever of the two comes last.
    """
    for _ in range(MAX_PAGES):
        with database.read() as tx:
            unsettled = submission_states.list_unsettled(tx, limit=PAGE_SIZE)
            if not unsettled:
                return
            closed = calendar.list_closed_periods(tx, today=secretariat_day(tx.now))
            outdated = index.list_outdated(tx, [each.submission for each in unsettled])
        with database.begin() as tx:
            submission_states.update_settled(tx, unsettled)
            outdate_submissions(tx, outdated, reason=REFERENCES_CHANGED, closed=closed)
            for state in unsettled:
                if state.is_withdrawn or (state.judged or 0) > 1:
                    index.delete_stale(tx, state)
