"""`iisgd bus`: inspect and replay deliveries."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import click

from deploy.commands.processes import prune as prune_done
from deploy.service_names import NAMES
from shared.bus import store
from shared.bus.lanes import lanes_of
from shared.bus.store import LaneStatus
from shared.clock import SystemClock
from shared.database import Database, Transaction
from shared.reference.wording import pluralise
from shared.settings import Settings

DELIVERY = ("delivery", "deliveries")


@click.group()
def bus() -> None:
    """Manage the bus."""


@bus.command()
def status() -> None:
    """Print each queue: waiting, in flight, dead, and the age of the oldest open delivery."""
    with _operating() as tx:
        known = {status.lane: status for status in store.lane_statuses(tx)}
        click.echo(f"{'queue':20} {'waiting':>8} {'in flight':>10} {'dead':>6} {'oldest':>10}")
        for lane in (lane for name in NAMES for lane in lanes_of(name)):
            status = known.get(lane, LaneStatus(lane, 0, 0, 0, None))
            age = f"{(tx.now - status.oldest_at).total_seconds():.1f} s" if status.oldest_at else "-"
            click.echo(f"{lane:20} {status.waiting:>8} {status.in_flight:>10} {status.dead:>6} {age:>10}")


@bus.command()
@click.option("--limit", default=50, show_default=True)
def dead(limit: int) -> None:
    """List dead deliveries with their reasons, the latest first."""
    with _operating() as tx:
        rows = store.list_dead(tx, limit=limit)
        for row in rows:
            click.echo(f"{row.id}  {row.event} -> {row.subscriber}  after {row.attempts} attempts")
            click.echo(
                f"    {row.reason}\n    trace {row.trace}, dead-lettered at {row.finished_at:%Y-%m-%d %H:%M:%S}"
            )
    if not rows:
        click.echo("No delivery is dead.")


@bus.command()
@click.argument("ids", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="All dead deliveries.")
def replay(ids: Sequence[str], everything: bool) -> None:  # noqa: FBT001 - click's flag
    """Replay dead deliveries by id, or all."""
    if bool(ids) == everything:
        raise click.UsageError("Name the deliveries, or use --all.")
    with _operating() as tx:
        revived = store.replay_dead(tx, ids=None if everything else ids, now=tx.now)
        if unknown := [id_ for id_ in ids if id_ not in revived]:
            raise click.ClickException(
                f"There is no dead delivery {', '.join(unknown)}. Nothing was changed."
            )
    click.echo(f"{pluralise(len(revived), *DELIVERY)} will be rung again")


@bus.command()
def prune() -> None:
    """Delete deliveries that were done long ago, without waiting for the relay."""
    click.echo(f"{pluralise(prune_done(Settings.from_environ()), *DELIVERY)} deleted")


def open_deliveries(settings: Settings) -> int:
    """Count the deliveries that are neither done nor dead."""
    with _operating(settings) as tx:
        return sum(status.waiting + status.in_flight for status in store.lane_statuses(tx))


@contextmanager
def _operating(settings: Settings | None = None) -> Iterator[Transaction]:
    settings = settings or Settings.from_environ()
    database = Database(settings.database, "operator", clock=SystemClock())
    try:
        with database.begin() as tx:
            yield tx
    finally:
        database.dispose()
