"""Carrying needs over, over HTTP."""

from collections import Counter
from typing import Any, NoReturn

from services.entry.audit import operations as audit
from services.entry.carry_over import operations as carry_over_operations
from services.entry.carry_over import schemas
from services.entry.carry_over.domain import (
    DISPOSITIONS,
    Asked,
    CarriedOverMeanwhile,
    FormerNeed,
    NothingToCarryOver,
    period_after,
)
from services.entry.submissions.api.views import handed_answer
from services.entry.submissions.operations.submitting import Handed
from services.entry.windows import operations as windows
from shared.clock import iso
from shared.database import Transaction
from shared.http import Answer, Call, Problem, Route


def list_former(call: Call) -> Answer:
    """Show the caller's needs of a period, and what became of each."""
    pillar, period = call.query["pillar"], call.query["former_period"]
    found = carry_over_operations.list_former(
        call.tx, blobs=call.runtime.blobs, caller=call.known_caller, pillar=pillar, period=period
    )
    return Answer(
        {
            "pillar": pillar,
            "from": period,
            "to": period_after(period),
            "waiting": sum(need.carried is None for need in found),
            "items": [_need(need) for need in found],
        }
    )


def carry_over(call: Call) -> Answer:
    """Give each need that waits its disposition."""
    said = call.body
    asked = [Asked(**each) for each in said["dispositions"]]
    is_late = windows.check_collected(
        call.runtime.database,
        reporter=call.known_caller.reporter,
        kind="need",
        period=said["period"],
        today=call.now.date(),
    )
    handed = Handed(
        caller=call.known_caller,
        author=audit.author_of(call.known_caller, address=call.address),
        pillar=said["pillar"],
        kind="need",
        period=said["period"],
        tlp=said["tlp"],
        is_late=is_late,
    )
    submission, version = carry_over_operations.carry_over(
        call.tx,
        blobs=call.runtime.blobs,
        handed=handed,
        former_period=said["former_period"],
        asked=asked,
    )
    answer = handed_answer(submission, version, is_new=True)
    counted = Counter(each.disposition for each in asked)
    answer.body = {name: counted[name] for name in DISPOSITIONS} | {"submission": answer.body}
    answer.if_exists = _met
    return answer


def _met(_tx: Transaction) -> NoReturn:
    raise CarriedOverMeanwhile


def _need(need: FormerNeed) -> dict[str, Any]:
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
        list_former,
        allow=frozenset(("structure",)),
        summary="Show your needs of a period, and what became of each",
        query=schemas.Former,
        gives=schemas.FormerAnswer,
    ),
    Route(
        "POST",
        "/carry-over",
        carry_over,
        allow=frozenset(("structure",)),
        summary="Carry your needs over into the next period: a disposition for each",
        takes=schemas.CarryOverBody,
        gives=schemas.CarryOverAnswer,
        statuses=(202,),
    ),
)

PROBLEMS = {
    NothingToCarryOver: Problem(409, "Nothing waits to be carried over"),
    CarriedOverMeanwhile: Problem(409, "The needs were carried over meanwhile"),
}
