"""Judge what may never be handed in, as things stand: nothing is kept but the report of a trial."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from services.validation.verdicts.formats import bodies
from services.validation.verdicts.operations.bodies import located_submission
from services.validation.verdicts.operations.previews import DryRun
from shared.bus import record
from shared.clock import iso
from shared.events import TrialJudged

if TYPE_CHECKING:
    from shared.blobs import Blobs
    from shared.bus.handling import Effect
    from shared.database import Database, Transaction
    from shared.events import TrialReceived


def judge_trial(*, database: Database, blobs: Blobs, event: TrialReceived) -> Effect:
    """Judge a trial in one piece; the effect keeps the report and tells of it."""
    with blobs.open(event.body) as body:
        run = DryRun(
            database=database,
            blobs=blobs,
            submission=located_submission(event.payload(), blobs=blobs, body=body),
            supersedes=event.supersedes,
        )
        written = run.report(bodies.read_body(body))
    report = json.loads(written)
    stamp = report["stamp"]["ruleset"]

    def tell(tx: Transaction) -> None:
        record(
            tx,
            TrialJudged(
                submission=event.submission,
                version=event.version,
                outcome=report["outcome"],
                ruleset=f"{stamp['name']} {stamp['version']}",
                ruleset_hash=stamp["hash"],
                counts=report["counts"],
                report=blobs.put(tx, written),
                judged_at=iso(tx.now),
            ),
        )

    return tell
