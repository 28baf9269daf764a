"""Carrying needs over, over HTTP."""

from collections import Counter
from typing import Any, NoReturn

from services.entry import operations
from services.entry.api.authors import author_of
from services.entry.api.showing import handed_answer
from services.entry.domain.carrying import (
    DISPOSITIONS,
    Asked,
    CarriedOverMeanwhile,
    FormerNeed,
    period_after,
)
from services.entry.operations import Handed
from shared.clock import iso
from shared.database import Transaction
from shared.http.routes import RequestContext, Result


def list_former(call: RequestContext) -> Result:
    """Show the caller's needs of a period, and what became of each."""
    pillar, period = call.query["pillar"], call.query["former_period"]
    found = operations.list_former(
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
    """Give each need that waits its disposition."""
    said = call.body
    asked = [Asked(**each) for each in said["dispositions"]]
    is_late = operations.check_collected(
        call.runtime.database,
        reporter=call.known_caller.reporter,
        kind="need",
        period=said["period"],
        today=call.now.date(),
    )
    handed = Handed(
        caller=call.known_caller,
        author=author_of(call),
        pillar=said["pillar"],
        kind="need",
        period=said["period"],
        tlp=said["tlp"],
        is_late=is_late,
    )
    submission, version = operations.carry_over(
        call.tx,
        blobs=call.runtime.blobs,
        handed=handed,
        former_period=said["former_period"],
        asked=asked,
    )
    answer = handed_answer(submission, version, is_new=True)
    counted = Counter(each.disposition for each in asked)
    answer.body = {name: counted[name] for name in DISPOSITIONS} | {"submission": answer.body}
    answer.on_conflict = _met
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
