"""The validation service: a list of its parts."""

from services.validation.rulesets import api as rulesets_api
from services.validation.rulesets import pages as rulesets_pages
from services.validation.rulesets.operations import files as rulesets_files
from services.validation.trials import tasks as trials_tasks
from services.validation.verdicts import api as verdicts_api
from services.validation.verdicts import tasks as verdicts_tasks
from shared.runtime.declarations import Part, Service

SERVICE = Service.of(
    "validation",
    Part(
        routes=(*rulesets_api.ROUTES, *rulesets_pages.ROUTES),
        problems=rulesets_api.PROBLEMS,
        preload=rulesets_files.load_bundled,
    ),
    Part(
        routes=verdicts_api.ROUTES,
        problems=verdicts_api.PROBLEMS,
        handlers=verdicts_tasks.HANDLERS,
        ticks=verdicts_tasks.TICKS,
        metrics=verdicts_tasks.count_verdicts,
    ),
    Part(handlers=trials_tasks.HANDLERS),
)
