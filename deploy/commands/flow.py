"""`iisgd events`: the flow table, and whether handlers and queues agree with it."""

import click

from deploy.installation import NAMES, services
from shared.bus.lanes import lanes_of
from shared.events.reading import EVENTS
from shared.events.routes import ROUTES
from shared.runtime.celery_app import build_celery
from shared.runtime.declarations import Service
from shared.settings import Settings


def disagreements(declared: list[Service]) -> list[str]:
    """What in table, handlers and queues does not fit; empty when all does."""
    found = [f"{name} is routed to nobody" for name, event in EVENTS.items() if not ROUTES.get(event)]
    for event, subscribers in ROUTES.items():
        found += [
            f"{event.name} goes to {name}, which is no service" for name in subscribers if name not in NAMES
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
    """Print the flow: which event goes to whom, and what they do about it."""
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
        raise click.ClickException("the flow does not fit together:\n" + "\n".join(found))
    click.echo(f"flow: {len(ROUTES)} events, {len(handlers)} handlers, queues and beat agree")
