"""Validation, declared."""

from collections.abc import Iterable

from services.validation import api, operations, schemas, store, tasks
from shared.database import Transaction
from shared.events import SubmissionReceived, SubmissionWithdrawn
from shared.http import PUBLIC, ROLES, Problem, Route
from shared.service import Handler, Sample, Service


def count_verdicts(tx: Transaction) -> Iterable[Sample]:
    """How many verdicts were given."""
    for outcome, count in store.count_verdicts(tx).items():
        yield ("verdicts", "Verdicts given, by outcome.", {"outcome": outcome}, float(count))


SERVICE = Service(
    name="validation",
    routes=(
        Route(
            "GET",
            "/rulesets",
            api.list_rulesets,
            allow=PUBLIC,
            gives=schemas.Rulesets,
            summary="The rulesets in force, by version and hash",
        ),
        Route(
            "GET",
            "/rulesets/<name>",
            api.get_ruleset,
            allow=PUBLIC,
            gives=schemas.RulesetShown,
            summary="One ruleset: its rules with their examples, and the fields of records",
        ),
        Route(
            "GET",
            "/verdicts/<submission>",
            api.get_verdict,
            allow=ROLES,
            gives=schemas.VerdictShown,
            summary="The verdict that stands on a submission",
        ),
    ),
    handlers=(
        Handler(SubmissionReceived, tasks.check_submission),
        Handler(SubmissionWithdrawn, tasks.forget_submission),
    ),
    problems={
        operations.RulesetIsUnknown: Problem(404, "Not found"),
        operations.VerdictIsUnknown: Problem(404, "Not found"),
    },
    metrics=count_verdicts,
)
