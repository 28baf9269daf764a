"""The notify service: a list of its parts."""

from services.notify.calendar import api as calendar_api
from services.notify.calendar import tasks as calendar_tasks
from services.notify.contacts import api as contacts_api
from services.notify.reminders import api as reminders_api
from services.notify.sending import api as sending_api
from services.notify.sending import tasks as sending_tasks
from shared.runtime.declarations import Part, Service

SERVICE = Service.of(
    "notify",
    Part(routes=calendar_api.ROUTES, problems=calendar_api.PROBLEMS, handlers=calendar_tasks.HANDLERS),
    Part(routes=reminders_api.ROUTES),
    Part(
        routes=sending_api.ROUTES,
        handlers=sending_tasks.HANDLERS,
        ticks=sending_tasks.TICKS,
        metrics=sending_tasks.measure_mails,
    ),
    Part(routes=contacts_api.ROUTES),
)
