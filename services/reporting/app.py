"""Reporting, declared."""

from services.reporting import api, schemas, tasks
from services.reporting.domain.visibility import KindIsRestricted
from shared.events import (
    DeadlineSet,
    MeetingMoved,
    ObligationSet,
    SubmissionAccepted,
    SubmissionReceived,
    SubmissionReturned,
    SubmissionWithdrawn,
)
from shared.http.problems import Problem
from shared.http.routes import PUBLIC, Route
from shared.identity.rights import ROLES, Role
from shared.runtime.declarations import Handler, Service

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
            response_schema=schemas.Aggregates,
            text_media_types=(api.CSV,),
            summary="Figures, filtered and grouped by any key; without a token those of support marked TLP:CLEAR",
        ),
        Route(
            "GET",
            "/gaps",
            api.get_gaps,
            allow=ROLES,
            query=schemas.GapsQuery,
            response_schema=schemas.Gaps,
            summary="The gap matrix: needs per partner and pillar, and how far they are met",
        ),
        Route(
            "GET",
            "/completeness",
            api.get_completeness,
            allow=OWED,
            query=schemas.CompletenessQuery,
            response_schema=schemas.Completeness,
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
