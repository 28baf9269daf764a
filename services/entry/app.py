"""The entry service: a list of its parts."""

from services.entry.audit import api as audit_api
from services.entry.audit import tasks as audit_tasks
from services.entry.carry_over import api as carry_over_api
from services.entry.clients import api as clients_api
from services.entry.clients import tasks as clients_tasks
from services.entry.submissions import api as submissions_api
from services.entry.submissions import tasks as submissions_tasks
from services.entry.webhooks import api as webhooks_api
from services.entry.webhooks import tasks as webhooks_tasks
from services.entry.windows import api as windows_api
from services.entry.windows import tasks as windows_tasks
from services.entry.workbooks import api as workbooks_api
from shared.runtime.declarations import Part, Service

SERVICE = Service.of(
    "entry",
    Part(
        routes=submissions_api.ROUTES,
        problems=submissions_api.PROBLEMS,
        handlers=submissions_tasks.HANDLERS,
        ticks=submissions_tasks.TICKS,
        metrics=submissions_tasks.measure,
    ),
    Part(routes=windows_api.ROUTES, problems=windows_api.PROBLEMS, handlers=windows_tasks.HANDLERS),
    Part(routes=carry_over_api.ROUTES, problems=carry_over_api.PROBLEMS),
    Part(routes=workbooks_api.ROUTES, problems=workbooks_api.PROBLEMS),
    Part(routes=audit_api.ROUTES, ticks=audit_tasks.TICKS, metrics=audit_tasks.measure),
    Part(
        routes=webhooks_api.ROUTES,
        problems=webhooks_api.PROBLEMS,
        ticks=webhooks_tasks.TICKS,
        metrics=webhooks_tasks.measure,
    ),
    Part(routes=clients_api.ROUTES, problems=clients_api.PROBLEMS, ticks=clients_tasks.TICKS),
)
