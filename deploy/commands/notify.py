"""`iisgd notify`: preview, hold and release mails, and move a meeting."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

import click
from rich.console import Console
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table

from deploy.instance_lock import current_settings
from services.notify.calendar.domain import MeetingIsUnknown, WindowWouldCloseEarly
from services.notify.calendar.operations import meetings
from services.notify.messages import formats
from services.notify.reminders.domain.ladder import CANCELLED, DATE_CHANGED, LADDER, Step
from services.notify.sending.domain import Mail, MailState
from services.notify.sending.operations import ledger, previewing, sending_hold
from services.notify.sending.operations.previewing import PlannedMail
from shared.errors import Unprocessable
from shared.reference.days import secretariat_day
from shared.reference.wording import pluralise
from shared.resources import Runtime
from shared.settings import Settings

DAY = click.DateTime(formats=["%Y-%m-%d"])
MAX_LISTED = 1000
"""The maximum number of listed mails."""


def _in_words(step: Step) -> str:
    if step.days_before < 0:
        return "overdue"
    return f"{step.days_before} {'day' if step.days_before == 1 else 'days'} before"


STEPS_IN_WORDS = {step.name: _in_words(step) for step in LADDER} | {
    DATE_CHANGED: "new date",
    CANCELLED: "cancelled",
}


@click.group()
def notify() -> None:
    """Manage reminders and mails."""


@notify.command()
@click.option("--on", "day", type=DAY, metavar="YYYY-MM-DD", help="The day; default: today.")
@click.option("--full", is_flag=True, help="Also print the mails.")
def plan(day: datetime | None, full: bool) -> None:  # noqa: FBT001 - click's flag
    """Print the mails of a day as currently planned. Nothing is sent or written."""
    with _notify() as runtime, runtime.database.read() as tx:
        today = secretariat_day(runtime.clock.now())
        on = day.date() if day else today
        mails = previewing.preview_mails(tx, on=on, today=today, public_url=runtime.settings.public_url)
        held = sending_hold.find_hold_reason(tx)
    console = Console(highlight=False)
    if held is not None:
        console.print(f"Mails are held: {held}. 'iisgd notify release' releases them.\n", markup=False)
    if not mails:
        console.print(f"No mail is planned for {on}.")
        return
    console.print(_planned(mails, title=f"{pluralise(len(mails), 'mail')} on {on}"))
    if full:
        for mail in mails:
            console.print(_letter(mail))


@notify.command()
@click.option("--reason", required=True, help="The reason, shown wherever held mails are reported.")
def hold(reason: str) -> None:
    """Hold all mails. Planning continues."""
    with _notify() as runtime, runtime.database.begin() as tx:
        sending_hold.hold_sending(tx, reason=reason)
    click.echo("Mails are held until 'iisgd notify release'.")


@notify.command()
def release() -> None:
    """Release held mails: those that still apply are sent, one per mailbox."""
    with _notify() as runtime, runtime.database.begin() as tx:
        held = sending_hold.find_hold_reason(tx)
        sending_hold.release_sending(tx)
    click.echo(f"Mails are released; they were held because: {held}" if held else "Mails were not held.")


@notify.command()
def uncertain() -> None:
    """List the mails whose delivery is uncertain. None of them is sent again automatically."""
    mails = uncertain_mails(current_settings(), limit=MAX_LISTED)
    if not mails:
        click.echo("No mail is uncertain.")
        return
    for mail in mails:
        tried = (
            f"{mail.first_tried_at:%Y-%m-%d %H:%M:%S} UTC" if mail.first_tried_at else "at an unknown time"
        )
        click.echo(f"{mail.recipient}  {mail.subject}")
        click.echo(f"    {mail.message_id}, first tried {tried}\n    {mail.reason}")
    click.echo(
        f"\n{pluralise(len(mails), 'mail')} uncertain: search the mail server's log for the message ids."
    )


@notify.command()
@click.argument("meeting")
@click.argument("date", type=DAY, metavar="YYYY-MM-DD")
@click.option(
    "--close",
    "closing",
    type=(str, DAY),
    multiple=True,
    metavar="COLLECTION YYYY-MM-DD",
    help="The last day of a window, such as need-2025-2026 2027-01-15.",
)
@click.option("--dry-run", "is_preview", is_flag=True, help="Only print the consequences.")
def move(meeting: str, date: datetime, closing: Sequence[tuple[str, datetime]], is_preview: bool) -> None:  # noqa: FBT001 - click's flag
    """Move MEETING to another date, and notify the structures that owe a mapping.

    Windows, deadlines and reminders follow. An open window closes at the later of its old and new day.
    """
    closes_on = {collection: day.date() for collection, day in closing}
    with _notify() as runtime, runtime.database.begin() as tx:
        try:
            change = meetings.move_meeting(
                tx,
                meeting=meeting,
                held_on=date.date(),
                closes_on=closes_on,
                now=tx.now,
                is_preview=is_preview,
            )
        except Unprocessable as error:
            raise click.ClickException("\n".join(each.message for each in error.errors)) from None
        except (MeetingIsUnknown, WindowWouldCloseEarly) as error:
            raise click.ClickException(str(error)) from None
    before, after = change.before, change.after
    if before is None or before == after:
        click.echo(f"{after.title} is already on {after.held_on}")
        return
    click.echo(f"{after.title}: {before.held_on} -> {after.held_on}")
    for each in change.collections:
        was, now = each.scheduled.dates, each.after
        click.echo(f"    {each.scheduled.collection.code}:")
        for name in ("opens", "due", "closes"):
            days = getattr(was, f"{name}_on"), getattr(now, f"{name}_on")
            click.echo(f"        {name:<7} {days[0]}" + (f" -> {days[1]}" if days[0] != days[1] else ""))
    would_be = "would be" if is_preview else "are"
    click.echo(f"{pluralise(len(change.notified), 'structure')} {would_be} notified.")


def uncertain_mails(settings: Settings, *, limit: int) -> tuple[Mail, ...]:
    """Return the newest mails whose delivery is uncertain."""
    with _notify(settings) as runtime, runtime.database.read() as tx:
        return ledger.list_mails(tx, state=MailState.UNCERTAIN.value, after=None, limit=limit)


def _planned(mails: tuple[PlannedMail, ...], *, title: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold")
    for name in ("To", "For", "Steps", "Subject"):
        table.add_column(name, overflow="fold")
    for mail in mails:
        steps = ", ".join(sorted({STEPS_IN_WORDS[reminder.step] for reminder in mail.reminders}))
        to = escape(mail.recipient) if mail.recipient else "[red]no contact[/red]"
        table.add_row(to, ", ".join(mail.structures), steps, escape(mail.subject))
    return table


def _letter(mail: PlannedMail) -> Panel:
    head = f"To: {mail.recipient or 'no contact'}\nSubject: {mail.subject}"
    return Panel(escape(f"{head}\n\n{mail.text}"), width=formats.WIDTH + 4)


@contextmanager
def _notify(settings: Settings | None = None) -> Iterator[Runtime]:
    runtime = Runtime.of("notify", settings or current_settings())
    try:
        yield runtime
    finally:
        runtime.database.dispose()
