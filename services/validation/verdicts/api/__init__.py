"""The API of verdicts: verdicts, reports, findings, previews and statistics of rules."""

from services.validation.findings.domain.finding_lifecycle import FindingCannotBeExcused
from services.validation.verdicts.api import findings, previews, statistics, verdicts
from services.validation.verdicts.operations.exemptions import (
    FindingIsUnknown,
    PeriodIsAdopted,
    WaiverIsTooLong,
)
from services.validation.verdicts.operations.previews import MappingIsNotYours, TextIsClassified
from services.validation.verdicts.operations.reading import VerdictIsUnknown
from shared.http import Problem

ROUTES = (*statistics.ROUTES, *verdicts.ROUTES, *findings.ROUTES, *previews.ROUTES)

PROBLEMS: dict[type[Exception], Problem] = {
    VerdictIsUnknown: Problem(404, "Not found"),
    FindingIsUnknown: Problem(404, "Not found"),
    FindingCannotBeExcused: Problem(409, "The finding cannot be excused"),
    PeriodIsAdopted: Problem(409, "The period was adopted"),
    WaiverIsTooLong: Problem(422, "The waiver ends on no day that it may"),
    MappingIsNotYours: Problem(403, "The mapping is not yours to report"),
    TextIsClassified: Problem(422, "The text is classified"),
}
