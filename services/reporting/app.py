"""Reporting, declared."""

from services.reporting.figures import api, schemas, tasks
from services.reporting.figures.domain.visibility import KindIsRestricted
from shared.events import (
    DeadlineSet,
    MeetingMoved,
    ObligationSet,
    SubmissionAccepted,
    SubmissionReceived,
    SubmissionReturned,
    SubmissionWithdrawn,
)
from shared.http import PUBLIC, ROLES, Problem, Role, Route
from shared.service import Handler, Service

OWED: frozenset[Role] = frozenset(("structure", "coordinator", "analyst", "secretariat"))

SERVICE = Service(
    name="reporting",
    routes=(
        Route(
            "GET",
            "/aggregates",
            api.get_aggregates,
            allow=PUBLIC,
            query=schemas.AggregatesQuery,
            gives=schemas.Aggregates,
            gives_texts=(api.CSV,),
            summary="Figures, filtered and grouped by any key; without a token those of support marked TLP:CLEAR",
        ),
        Route(
            "GET",
            "/gaps",
            api.get_gaps,
            allow=ROLES,
            query=schemas.GapsQuery,
            gives=schemas.Gaps,
            summary="The gap matrix: needs per partner and pillar, and how far they are met",
        ),
        Route(
            "GET",
            "/completeness",
            api.get_completeness,
            allow=OWED,
            query=schemas.CompletenessQuery,
            gives=schemas.Completeness,
            summary="What is owed and how it stands, per structure and partner",
        ),
    ),
    handlers=(
        Handler(SubmissionReceived, tasks.note_arrival),
        Handler(SubmissionAccepted, tasks.fold_submission),
        Handler(SubmissionReturned, tasks.remove_submission),
        Handler(SubmissionWithdrawn, tasks.remove_submission),
        Handler(ObligationSet, tasks.note_obligation),
        Handler(DeadlineSet, tasks.note_deadline),
        Handler(MeetingMoved, tasks.note_meeting),
    ),
    problems={
        KindIsRestricted: Problem(401, "Sign in to read this", {"WWW-Authenticate": "Bearer"}),
    },
)
