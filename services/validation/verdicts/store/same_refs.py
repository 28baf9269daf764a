"""Query for refs of records in force that are one ref in several spellings."""

from collections import defaultdict

from sqlalchemy import case, select

from services.validation.verdicts.store.index import SPELLING, batches
from services.validation.verdicts.store.record_states import IN_FORCE, OF_SUBMISSION
from services.validation.verdicts.store.tables import known_records, submissions
from shared.database import Transaction
from shared.reference.refs import ref_key


def list_same_refs(tx: Transaction) -> list[dict[str, str]]:
    """List the refs of records in force that are one ref in several spellings: {reporter, kind, period, refs}."""
    c = known_records.c
    in_force = (
        select(c.reporter, c.kind, case((c.kind == "support", ""), else_=c.period), c.ref, SPELLING)
        .join_from(known_records, submissions, OF_SUBMISSION)
        .where(IN_FORCE)
    )
    spellings: dict[tuple[str, str, str, str], set[str]] = defaultdict(set)
    unusual = [tuple(row) for row in tx.execute(in_force.where(c.spelling.is_not(None)))]
    keys = sorted({ref_key(row[3]) for row in unusual})
    usual = (
        tuple(row) for some in batches(keys) for row in tx.execute(in_force.where(tx.among(c.ref, some)))
    )
    for reporter, kind, period, ref, spelling in (*unusual, *usual):
        spellings[reporter, kind, period, ref_key(ref)].add(spelling)
    return [
        {"reporter": reporter, "kind": kind, "period": period, "refs": ", ".join(sorted(found))}
        for (reporter, kind, period, _), found in sorted(spellings.items())
        if len(found) > 1
    ]
