"""Judge trials: a trial never counts, and only its report is stored."""

import json

from services.validation.verdicts.domain.received import Received
from services.validation.verdicts.operations.bodies import open_records
from services.validation.verdicts.operations.previews import Preview
from shared.blobs import Blobs
from shared.bus import record
from shared.bus.handling import Effect
from shared.clock import iso
from shared.database import Database, Transaction
from shared.events import TrialJudged, TrialReceived


def judge_trial(*, database: Database, blobs: Blobs, event: TrialReceived) -> Effect:
    """Judge a trial in one piece. The effect stores the report and announces it."""
    with open_records(Received.of(event.payload()), blobs=blobs) as (submission, records):
        preview = Preview(database=database, blobs=blobs, submission=submission, supersedes=event.supersedes)
        written = preview.report(records)
    report = json.loads(written)
    stamp = report["stamp"]["ruleset"]

    def announce(tx: Transaction) -> None:
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

    return announce
