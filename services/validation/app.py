"""Validation, declared."""

from collections.abc import Iterable

from services.validation import api, operations, pages, schemas, store, tasks
from services.validation.formats.media import CSV, HTML, XLSX
from shared.database import Transaction
from shared.events import (
    ChunkReady,
    ChunksJudged,
    MeetingMoved,
    SubmissionOutdated,
    SubmissionReceived,
    SubmissionWithdrawn,
    TrialReceived,
    WindowSet,
)
from shared.http.problems import Problem
from shared.http.routes import PUBLIC, Route
from shared.identity.rights import ROLES, Role
from shared.runtime.declarations import Handler, Sample, Service, Tick

REPORTERS: frozenset[Role] = frozenset(("structure", "member"))
READERS: frozenset[Role] = frozenset(("structure", "member", "coordinator", "secretariat"))
"""Whoever may see findings, each those that concern them."""

WAIVERS: frozenset[Role] = frozenset(("secretariat",))
"""Whoever may let a finding pass."""

OVERSEERS: frozenset[Role] = frozenset(("analyst", "secretariat"))
"""Whoever looks after the rules."""


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
            response_schema=schemas.Rulesets,
            summary="The rulesets in force, by version and hash",
        ),
        Route(
            "GET",
            "/rulesets/<name>",
            api.get_ruleset,
            allow=PUBLIC,
            query=schemas.RulesetQuery,
            response_schema=schemas.RulesetShown,
            summary="One ruleset: its rules with their examples, and the fields of records",
        ),
        Route(
            "GET",
            "/rulesets/<name>.html",
            pages.read_ruleset,
            allow=PUBLIC,
            query=schemas.RulesetQuery,
            text_media_types=(HTML,),
            summary="The same as a page to be read",
        ),
        Route(
            "GET",
            "/rules/stats",
            api.get_statistics,
            allow=OVERSEERS,
            response_schema=schemas.RuleStatistics,
            summary="How the rules in force fare: how often each fails, for how many, and what it costs",
        ),
        Route(
            "GET",
            "/verdicts/<submission>",
            api.get_verdict,
            allow=ROLES,
            response_schema=schemas.VerdictShown,
            query=schemas.VerdictQuery,
            summary="The verdict that stands on a submission, or an older one",
        ),
        Route(
            "GET",
            "/verdicts/<submission>/history",
            api.list_verdicts,
            allow=ROLES,
            response_schema=schemas.History,
            summary="All verdicts on a submission, and why each was given",
        ),
        Route(
            "GET",
            "/verdicts/<submission>/report",
            api.get_report,
            allow=READERS,
            query=schemas.ReportQuery,
            response_schema=schemas.Report,
            text_media_types=(CSV, HTML),
            binary_media_types=(XLSX,),
            summary="The findings report of a verdict, as JSON, CSV, page or workbook",
        ),
        Route(
            "GET",
            "/verdicts/<submission>/findings",
            api.list_findings,
            allow=READERS,
            query=schemas.FindingsQuery,
            response_schema=schemas.Findings,
            summary="What was found on a submission, and what has become of it",
        ),
        Route(
            "POST",
            "/findings/<finding>/justification",
            api.justify_finding,
            allow=REPORTERS,
            request_schema=schemas.Justification,
            response_schema=schemas.FindingFollowed,
            summary="Say why what a rule warns of is as it should be",
        ),
        Route(
            "POST",
            "/findings/<finding>/waiver",
            api.waive_finding,
            allow=WAIVERS,
            request_schema=schemas.Waiver,
            response_schema=schemas.FindingFollowed,
            summary="Let a finding pass until a day; the submission is judged again",
        ),
        Route(
            "POST",
            "/check",
            api.check_body,
            allow=REPORTERS,
            stores_nothing=True,
            query=schemas.CheckQuery,
            request_schema=schemas.CheckBody,
            response_schema=schemas.CheckAnswer,
            text_media_types=(CSV, HTML),
            binary_media_types=(XLSX,),
            summary="What the verdict on a body would be: findings at once, nothing is kept",
        ),
    ),
    handlers=(
        Handler(SubmissionReceived, tasks.check_submission),
        Handler(SubmissionOutdated, tasks.judge_again),
        Handler(ChunkReady, tasks.judge_chunk),
        Handler(ChunksJudged, tasks.judge_whole),
        Handler(SubmissionWithdrawn, tasks.forget_submission),
        Handler(TrialReceived, tasks.judge_trial),
        Handler(MeetingMoved, tasks.note_meeting),
        Handler(WindowSet, tasks.note_window),
    ),
    ticks=(
        Tick("settle-links", 5, tasks.settle_links),
        Tick("apply-publications", 10, tasks.apply_publications),
        Tick("end-waivers", 60, tasks.end_waivers),
    ),
    problems={
        operations.RulesetIsUnknown: Problem(404, "Not found"),
        operations.VerdictIsUnknown: Problem(404, "Not found"),
        operations.FindingIsUnknown: Problem(404, "Not found"),
        operations.FindingCannotBeExcused: Problem(409, "The finding cannot be excused"),
        operations.PeriodIsAdopted: Problem(409, "The period was adopted"),
        operations.WaiverIsTooLong: Problem(422, "The waiver ends on no day that it may"),
        operations.MappingIsNotYours: Problem(403, "The mapping is not yours to report"),
        operations.TextIsClassified: Problem(422, "The text is classified"),
    },
    metrics=count_verdicts,
)
