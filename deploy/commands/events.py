"""`iisgd events`: the flow table, compared with handlers and queues."""

import click

from deploy.installation import services
from deploy.service_names import NAMES
from shared.bus.lanes import lanes_of
from shared.events.reading import EVENTS
from shared.events.routes import ROUTES
from shared.runtime.celery_app import build_celery
from shared.runtime.declarations import Service
from shared.settings import Settings


def disagreements(declared: list[Service]) -> list[str]:
    """List the differences between table, handlers and queues; empty if there are none."""
    found = [f"{name} has no subscriber" for name, event in EVENTS.items() if not ROUTES.get(event)]
    for event, subscribers in ROUTES.items():
        found += [
            f"{event.name} is routed to {name}, which is not a service"
            for name in subscribers
            if name not in NAMES
        ]
    for service in declared:
        handled = {handler.event for handler in service.handlers}
        routed = {event for event, subscribers in ROUTES.items() if service.name in subscribers}
        found += [f"{service.name} does not handle {event.name}" for event in routed - handled]
        found += [
            f"{service.name} handles {event.name}, which is not routed to it" for event in handled - routed
        ]
    app = build_celery(declared, Settings())
    queues = {queue.name for queue in app.conf.task_queues}
    lanes = {lane for service in declared for lane in lanes_of(service.name)}
    found += [f"the lane {lane} has no queue" for lane in lanes - queues]
    tasks = {f"{name}:{event.name}" for event, subscribers in ROUTES.items() for name in subscribers}
    found += [f"the task {task} is not registered" for task in tasks - set(app.tasks)]
    found += [
        f"beat ticks {entry['task']}, which is not registered"
        for entry in app.conf.beat_schedule.values()
        if entry["task"] not in app.tasks
    ]
    return found


@click.command()
@click.option("--check", is_flag=True, help="Fail unless table, handlers and queues agree.")
def events(check: bool) -> None:  # noqa: FBT001 - click's flag
    """Print the flow: each event, its subscribers and their handlers."""
    declared = services()
    handlers = {
        (service.name, handler.event): handler.handle.__name__
        for service in declared
        for handler in service.handlers
    }
    if not check:
        for event, subscribers in ROUTES.items():
            for name in subscribers:
                click.echo(f"{event.name:26} -> {name:12} {handlers[name, event]}")
        return
    if found := disagreements(declared):
        raise click.ClickException("the flow is inconsistent:\n" + "\n".join(found))
    click.echo(f"flow: {len(ROUTES)} events, {len(handlers)} handlers, queues and beat agree")
