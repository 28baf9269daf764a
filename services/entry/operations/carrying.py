"""Carry needs over into the next period: each gets its disposition, and stands in a submission of that period."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from services.entry import store
from services.entry.domain.carrying import (
    Asked,
    Carried,
    FormerNeed,
    NothingToCarryOver,
    carried_record,
    former_needs,
    mistakes_in,
    period_after,
    period_before,
)
from services.entry.domain.markings import check_unclassified
from services.entry.domain.submissions import FileIsBeingRead, Submission, Version, latest_body
from services.entry.domain.timeline import in_report
from services.entry.formats.bodies import records_in
from services.entry.operations.handing_in import (
    Handed,
    check_handed,
    correct_submission,
    receive_submission,
)
from services.entry.operations.journal import note
from shared.blobs import Blobs
from shared.database import Transaction
from shared.errors import FieldError, Unprocessable
from shared.identity.callers import Caller

NEED = "need"


def list_former(
    tx: Transaction, *, blobs: Blobs, caller: Caller, pillar: str, period: str
) -> list[FormerNeed]:
    """The caller's needs of a period that were accepted, by ref, with what became of each."""
    accepted: dict[str, dict[str, Any]] = {}
    for known in _standing(tx, caller, pillar, period):
        version = in_report(store.versions_of(tx, known.id))
        accepted |= {str(record["ref"]): record for record in _records(blobs, version)}
    decided = store.carried_of(tx, reporter=caller.reporter, pillar=pillar, period=period)
    later = [
        record
        for known in _standing(tx, caller, pillar, period_after(period))
        for record in _records(blobs, latest_body(store.versions_of(tx, known.id)))
    ]
    return former_needs(accepted, decided=decided, later=later)


def records_to_carry(
    tx: Transaction, *, blobs: Blobs, caller: Caller, pillar: str, kind: str, period: str
) -> list[dict[str, Any]]:
    """The needs of the period before that nobody has disposed of yet, as they would be kept; other kinds have none."""
    if kind != NEED:
        return []
    former = list_former(tx, blobs=blobs, caller=caller, pillar=pillar, period=period_before(period))
    return [carried_record(need.record, Asked(need.ref, "kept")) for need in former if need.carried is None]


def carry_over(
    tx: Transaction, *, blobs: Blobs, handed: Handed, former_period: str, asked: Sequence[Asked]
) -> tuple[Submission, Version]:
    """Give each need that waits its disposition, and hand in all of them for the next period.

    They are a new submission, or the next version of the one that stands. What is handed in has no records yet.
    Raises `NothingToCarryOver`, and `Unprocessable` unless each need that waits has one disposition that can be.
    """
    check_handed(handed)
    check_unclassified([asdict(each) for each in asked], at="/dispositions")
    former = list_former(tx, blobs=blobs, caller=handed.caller, pillar=handed.pillar, period=former_period)
    waiting = {need.ref: need.record for need in former if need.carried is None}
    if not waiting:
        raise NothingToCarryOver(former_period)
    present = _present(tx, handed)
    there = {str(record.get("ref")) for record in _records(blobs, present and present[1])}
    if mistakes := mistakes_in(asked, waiting=waiting, there=there):
        raise Unprocessable([FieldError(**vars(mistake)) for mistake in mistakes])
    handed = replace(handed, records=[carried_record(waiting[each.ref], each) for each in asked])
    submission, version = _hand_in(tx, blobs, handed, present)
    _keep(tx, handed, submission, version, former_period=former_period, asked=asked)
    return submission, version


def _hand_in(
    tx: Transaction, blobs: Blobs, handed: Handed, present: tuple[Submission, Version] | None
) -> tuple[Submission, Version]:
    if present is None:
        return receive_submission(tx, blobs=blobs, handed=handed)
    known, version = present
    return correct_submission(tx, blobs=blobs, handed=handed, submission=known.id, version=version.number)


def _present(tx: Transaction, handed: Handed) -> tuple[Submission, Version] | None:
    """The last submission of the mapping that stands, with its present version."""
    standing = _standing(tx, handed.caller, handed.pillar, handed.period)
    if not standing:
        return None
    version = store.versions_of(tx, standing[-1].id)[-1]
    if version.body is None and version.refusal is None:
        raise FileIsBeingRead
    return standing[-1], version


def _keep(
    tx: Transaction,
    handed: Handed,
    submission: Submission,
    version: Version,
    *,
    former_period: str,
    asked: Sequence[Asked],
) -> None:
    caller = handed.caller
    carried = (
        Carried(
            **vars(each),
            to_period=handed.period,
            submission=submission.id,
            version=version.number,
            decided_by=handed.author.actor,
            decided_at=tx.now,
        )
        for each in asked
    )
    store.add_carried(tx, carried, reporter=caller.reporter, pillar=handed.pillar, period=former_period)
    note(
        tx,
        author=handed.author,
        action="needs.carried_over",
        reporter=caller.reporter,
        partner=caller.partner,
        submission=submission.id,
        version=version.number,
        detail={"from": former_period, "to": handed.period, **Counter(each.disposition for each in asked)},
    )


def _standing(tx: Transaction, caller: Caller, pillar: str, period: str) -> list[Submission]:
    return store.standing_in(tx, reporter=caller.reporter, pillar=pillar, kind=NEED, period=period)


def _records(blobs: Blobs, version: Version | None) -> list[dict[str, Any]]:
    if version is None or version.body is None:
        return []
    with blobs.open(version.body) as body:
        return list(records_in(body))
