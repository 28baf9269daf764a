"""The carry-over of needs, over HTTP."""

from collections import Counter
from typing import Any, NoReturn

from services.entry.audit import operations as audit
from services.entry.carry_over import operations, schemas
from services.entry.carry_over.domain import (
    DISPOSITIONS,
    CarriedOverMeanwhile,
    DispositionRequest,
    NothingToCarryOver,
    PreviousNeed,
    period_after,
)
from services.entry.submissions.operations import receipts
from services.entry.submissions.operations.commands import SubmitCommand
from shared.clock import iso
from shared.database import Transaction
from shared.http.problems import Problem
from shared.http.routes import RequestContext, Result, Route
from shared.identity.rights import CARRIERS


def list_previous_needs(call: RequestContext) -> Result:
    """List the caller's needs of a period, each with its disposition."""
    pillar, period = call.query["pillar"], call.query["former_period"]
    found = operations.list_previous_needs(
        call.tx, blobs=call.runtime.blobs, caller=call.known_caller, pillar=pillar, period=period
    )
    return Result(
        {
            "pillar": pillar,
            "from": period,
            "to": period_after(period),
            "waiting": sum(need.carried is None for need in found),
            "items": [_need(need) for need in found],
        }
    )


def carry_over(call: RequestContext) -> Result:
    """Give each waiting need a disposition."""
    body = call.body
    requests = [DispositionRequest(**each) for each in body["dispositions"]]
    command = SubmitCommand(
        caller=call.known_caller,
        actor=audit.actor_of(call.known_caller, address=call.address),
        pillar=body["pillar"],
        kind="need",
        period=body["period"],
        tlp=body["tlp"],
    )
    submission, version = operations.carry_over(
        call.tx,
        database=call.runtime.database,
        blobs=call.runtime.blobs,
        command=command,
        previous_period=body["former_period"],
        requests=requests,
    )
    counted = Counter(each.disposition for each in requests)
    return Result(
        {name: counted[name] for name in DISPOSITIONS}
        | {"submission": receipts.acknowledge(submission, version)},
        status=202,
        headers={"Location": f"/entry/v1/submissions/{submission.id}"},
        on_conflict=_raise_carried_over,
    )


def _raise_carried_over(_tx: Transaction) -> NoReturn:
    raise CarriedOverMeanwhile


def _need(need: PreviousNeed) -> dict[str, Any]:
    carried = need.carried
    return {
        "ref": need.ref,
        "title": need.record.get("title"),
        "was": need.record.get("disposition"),
        "disposition": carried and carried.disposition,
        "into": carried and carried.into,
        "why": carried and carried.why,
        "submission": carried and carried.submission,
        "version": carried and carried.version,
        "decided_by": carried and carried.decided_by,
        "decided_at": iso(carried.decided_at) if carried and carried.decided_at else None,
    }


ROUTES = (
    Route(
        "GET",
        "/carry-over",
        list_previous_needs,
        allow=CARRIERS,
        operation_id="listPreviousNeeds",
        summary="List your needs of a period, with their dispositions",
        query=schemas.PreviousNeedsQuery,
        response_schema=schemas.PreviousNeedsResponse,
    ),
    Route(
        "POST",
        "/carry-over",
        carry_over,
        allow=CARRIERS,
        operation_id="carryOverNeeds",
        summary="Carry your needs over into the next period",
        request_schema=schemas.CarryOverBody,
        response_schema=schemas.CarryOverResponse,
        statuses={202: "Stored as a submission. Its verdict follows."},
        response_headers=("Location",),
    ),
)

PROBLEMS = {
    NothingToCarryOver: Problem(409, "Nothing waits to be carried over"),
    CarriedOverMeanwhile: Problem(409, "Another request has carried the needs over"),
}
