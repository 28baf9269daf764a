"""Validation over HTTP: the rules for everybody, verdicts for those they concern."""

from services.validation import operations
from shared.http import Answer, Call


def list_rulesets(_call: Call) -> Answer:
    """The rulesets in force."""
    return Answer({"items": operations.list_rulesets()})


def get_ruleset(_call: Call, *, name: str) -> Answer:
    """One ruleset with its rules."""
    ruleset = operations.get_ruleset(name)
    return Answer(ruleset, etag=ruleset["hash"])


def get_verdict(call: Call, *, submission: str) -> Answer:
    """The verdict that stands on a submission."""
    caller = call.known_caller
    verdict = operations.get_verdict(
        call.tx,
        blobs=call.runtime.blobs,
        submission=submission,
        reporter=caller.reporter,
        role=caller.role,
    )
    return Answer(verdict)
