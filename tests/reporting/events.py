"""Bodies and events as entry and validation would make them."""

from typing import Any

from shared.events import SubmissionAccepted, SubmissionReceived, SubmissionReturned, SubmissionWithdrawn
from shared.records.canonical import canonical_json
from shared.reference import reporter as known_reporter
from shared.resources import Runtime

SECOND = "2026-11-23T08:00:00.000Z"


def submission_id(number: int) -> str:
    return f"00000000-0000-7000-8000-{number:012d}"


def need(ref: str, **values: Any) -> dict[str, Any]:
    return {
        "ref": ref,
        "category": "operational",
        "theme": "eibm_control",
        "disposition": "open",
        **values,
    }


def response(ref: str, **values: Any) -> dict[str, Any]:
    return {"ref": ref, "type": "training", "status": "ongoing", "theme": "eibm_control", **values}


def support(ref: str, **values: Any) -> dict[str, Any]:
    return {
        "ref": ref,
        "support_type": "equipment",
        "activity_status": "2",
        "themes": [{"code": "eibm_control"}],
        "beneficiaries": [{"code": "AL", "percentage": 100}],
        "planned_start": "2026-03-01",
        **values,
    }


def body_of(
    *records: dict[str, Any],
    reporter: str = "AL-WBBSi",
    kind: str = "need",
    period: str | None = None,
    pillar: str = "WBBSi",
    tlp: str = "TLP:AMBER",
) -> dict[str, Any]:
    return {
        "pillar": pillar,
        "kind": kind,
        "period": period or ("2025-2026" if kind == "need" else "2026"),
        "tlp": tlp,
        "reporter": reporter,
        "partner": known_reporter(reporter).partner,
        "records": list(records),
    }


def keep(runtime: Runtime, body: dict[str, Any]) -> str:
    with runtime.database.begin() as tx:
        return runtime.blobs.put(tx, canonical_json(body))


def _common(submission: int, version: int, body: dict[str, Any]) -> dict[str, Any]:
    fields = {name: body[name] for name in ("reporter", "partner", "pillar", "kind", "period")}
    return {"submission": submission_id(submission), "version": version, **fields}


def _content(body: dict[str, Any], sha256: str) -> dict[str, Any]:
    return {
        "tlp": body["tlp"],
        "body": sha256,
        "records": len(body["records"]),
        "received_at": SECOND,
    }


def _judged(verdict: int) -> dict[str, Any]:
    return {
        "verdict": verdict,
        "ruleset": "general",
        "ruleset_hash": "0" * 64,
        "counts": {},
        "report": "0" * 64,
        "judged_at": SECOND,
        "reason": "data_changed" if verdict == 1 else "rules_changed",
    }


def received(
    runtime: Runtime, submission: int, body: dict[str, Any], *, version: int = 1
) -> SubmissionReceived:
    return SubmissionReceived(**_common(submission, version, body), **_content(body, keep(runtime, body)))


def accepted(
    runtime: Runtime, submission: int, body: dict[str, Any], *, version: int = 1, verdict: int = 1
) -> SubmissionAccepted:
    content = _content(body, keep(runtime, body))
    return SubmissionAccepted(**_common(submission, version, body), **content, **_judged(verdict))


def returned(
    runtime: Runtime, submission: int, body: dict[str, Any], *, version: int = 1, verdict: int = 1
) -> SubmissionReturned:
    content = _content(body, keep(runtime, body))
    return SubmissionReturned(**_common(submission, version, body), **content, **_judged(verdict))


def withdrawn(submission: int, body: dict[str, Any], *, version: int = 2) -> SubmissionWithdrawn:
    return SubmissionWithdrawn(
        **_common(submission, version, body), reason="entered twice", withdrawn_at=SECOND
    )
