"""The API of verdicts: verdicts, reports, findings, previews and statistics of rules."""

from services.validation.findings.domain.finding_lifecycle import FindingCannotBeExempted
from services.validation.verdicts.api import exemptions, previews, statistics, verdicts
from services.validation.verdicts.operations.exemptions import (
    FindingIsUnknown,
    PeriodIsAdopted,
    WaiverIsTooLong,
)
from services.validation.verdicts.operations.previews import MappingIsNotYours
from services.validation.verdicts.operations.reading import VerdictIsUnknown
from shared.http.problems import Problem
from shared.reference.markings import TextIsClassified

ROUTES = (*statistics.ROUTES, *verdicts.ROUTES, *exemptions.ROUTES, *previews.ROUTES)

PROBLEMS: dict[type[Exception], Problem] = {
    VerdictIsUnknown: Problem(404, "Not found"),
    FindingIsUnknown: Problem(404, "Not found"),
    FindingCannotBeExempted: Problem(409, "The finding cannot be exempted", slug="finding-cannot-be-excused"),
    PeriodIsAdopted: Problem(409, "The period was adopted"),
    WaiverIsTooLong: Problem(422, "The end of the waiver is out of range"),
    MappingIsNotYours: Problem(403, "The mapping is not covered by your credential"),
    TextIsClassified: Problem(422, "The text is classified"),
}
