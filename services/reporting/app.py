"""The reporting service: a list of its parts."""

from services.reporting.completeness import api as completeness_api
from services.reporting.completeness import tasks as completeness_tasks
from services.reporting.figures import api as figures_api
from services.reporting.figures import tasks as figures_tasks
from services.reporting.gaps import api as gaps_api
from shared.runtime.declarations import Part, Service

SERVICE = Service.of(
    "reporting",
    Part(routes=figures_api.ROUTES, problems=figures_api.PROBLEMS, handlers=figures_tasks.HANDLERS),
    Part(routes=gaps_api.ROUTES, problems=gaps_api.PROBLEMS),
    Part(
        routes=completeness_api.ROUTES,
        problems=completeness_api.PROBLEMS,
        handlers=completeness_tasks.HANDLERS,
    ),
)
