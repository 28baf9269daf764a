"""Use cases of carrying over: give each open need a disposition, and submit it for the next period."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from services.entry.audit import operations as audit
from services.entry.carry_over import store
from services.entry.carry_over.domain import (
    CarriedNeed,
    DispositionRequest,
    NothingToCarryOver,
    PreviousNeed,
    carried_record,
    in_stored_spelling,
    period_after,
    period_before,
    previous_needs,
    validate,
)
from services.entry.submissions.domain.refusals import FileIsBeingRead
from services.entry.submissions.domain.submissions import Submission, Version, latest_body
from services.entry.submissions.domain.timeline import find_reported
from services.entry.submissions.operations import commands, queries, resubmitting, submitting
from services.entry.submissions.operations.commands import SubmitCommand
from shared.blobs import Blobs
from shared.database import Database, Transaction
from shared.errors import FieldError, Unprocessable
from shared.identity.callers import Caller
from shared.reference.markings import check_unclassified
from shared.reference.refs import ref_key

NEED = "need"


def list_previous_needs(
    tx: Transaction, *, blobs: Blobs, caller: Caller, pillar: str, period: str
) -> list[PreviousNeed]:
    """List the caller's accepted needs of a period by ref, each with its disposition."""
    stated: dict[str, tuple[str, dict[str, Any]]] = {}
    for known in _list_active(tx, caller, pillar, period):
        version = find_reported(queries.list_versions(tx, submission=known.id))
        for claim, record in queries.list_claims(blobs, version, submission=known.id):
            # Of several submissions with a need, the one that stated it last counts.
            key = ref_key(str(record["ref"]))
            if key not in stated or claim > stated[key][0]:
                stated[key] = claim, record
    accepted = {str(record["ref"]): record for _, record in stated.values()}
    decided = store.list_carried_needs(tx, reporter=caller.reporter, pillar=pillar, period=period)
    later = [
        record
        for known in _list_active(tx, caller, pillar, period_after(period))
        for record in _read_records(blobs, latest_body(queries.list_versions(tx, submission=known.id)))
    ]
    return previous_needs(accepted, decided=decided, later=later)


def list_records_to_carry(
    tx: Transaction, *, blobs: Blobs, caller: Caller, pillar: str, kind: str, period: str
) -> list[dict[str, Any]]:
    """List the needs of the previous period without a disposition, as kept records. Other kinds have none."""
    if kind != NEED:
        return []
    needs = list_previous_needs(tx, blobs=blobs, caller=caller, pillar=pillar, period=period_before(period))
    return [
        carried_record(need.record, DispositionRequest(need.ref, "kept"))
        for need in needs
        if need.carried is None
    ]


def carry_over(
    tx: Transaction,
    *,
    database: Database,
    blobs: Blobs,
    command: SubmitCommand,
    previous_period: str,
    requests: Sequence[DispositionRequest],
) -> tuple[Submission, Version]:
    """Store a disposition for each waiting need, and submit all of them for the next period.

    They become a new submission, or the next version of the active one. The command has no records yet. Raise
    `NothingToCarryOver`, or `Unprocessable` unless each waiting need has one valid disposition.
    """
    commands.check_command(database, command, now=tx.now)
    check_unclassified([asdict(each) for each in requests], at="/dispositions")
    needs = list_previous_needs(
        tx, blobs=blobs, caller=command.caller, pillar=command.pillar, period=previous_period
    )
    waiting = {need.ref: need.record for need in needs if need.carried is None}
    if not waiting:
        raise NothingToCarryOver(previous_period)
    current = _find_current(tx, command)
    existing = {str(record.get("ref")) for record in _read_records(blobs, current and current[1])}
    requests = in_stored_spelling(requests, {*waiting, *existing})
    if errors := validate(requests, waiting=waiting, existing=existing):
        raise Unprocessable([FieldError(**vars(error)) for error in errors])
    command = replace(command, records=[carried_record(waiting[each.ref], each) for each in requests])
    submission, version = _submit(tx, database, blobs, command, current)
    _store(tx, command, submission, version, previous_period=previous_period, requests=requests)
    return submission, version


def _submit(
    tx: Transaction,
    database: Database,
    blobs: Blobs,
    command: SubmitCommand,
    current: tuple[Submission, Version] | None,
) -> tuple[Submission, Version]:
    if current is None:
        submitted = resubmitting.submit_again(tx, database=database, blobs=blobs, command=command)
        return submitted.submission, submitted.version
    known, version = current
    return submitting.correct(
        tx, database=database, blobs=blobs, command=command, submission=known.id, version=version.number
    )


def _find_current(tx: Transaction, command: SubmitCommand) -> tuple[Submission, Version] | None:
    """Return the last active submission of the mapping with its current version; None without one."""
    active = _list_active(tx, command.caller, command.pillar, command.period)
    if not active:
        return None
    version = queries.list_versions(tx, submission=active[-1].id)[-1]
    if version.body is None and version.refusal is None:
        raise FileIsBeingRead
    return active[-1], version


def _store(
    tx: Transaction,
    command: SubmitCommand,
    submission: Submission,
    version: Version,
    *,
    previous_period: str,
    requests: Sequence[DispositionRequest],
) -> None:
    caller = command.caller
    carried = (
        CarriedNeed(
            **vars(each),
            to_period=command.period,
            submission=submission.id,
            version=version.number,
            decided_by=command.actor.code,
            decided_at=tx.now,
        )
        for each in requests
    )
    store.insert_carried_needs(
        tx, carried, reporter=caller.reporter, pillar=command.pillar, period=previous_period
    )
    audit.record_action(
        tx,
        actor=command.actor,
        action="needs.carried_over",
        reporter=caller.reporter,
        partner=caller.partner,
        submission=submission.id,
        version=version.number,
        detail={
            "from": previous_period,
            "to": command.period,
            **Counter(each.disposition for each in requests),
        },
    )


def _list_active(tx: Transaction, caller: Caller, pillar: str, period: str) -> list[Submission]:
    return queries.list_active(tx, reporter=caller.reporter, pillar=pillar, kind=NEED, period=period)


def _read_records(blobs: Blobs, version: Version | None) -> list[dict[str, Any]]:
    if version is None or version.body is None:
        return []
    return list(queries.read_records(blobs, version.body))
