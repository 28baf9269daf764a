"""`iisgd notify`: who would get what, mails in doubt, holding mails, and moving a meeting."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import click
from rich.console import Console
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table

from deploy.commands.words import how_many
from deploy.homes import settings_here
from services.notify import formats, operations, store
from services.notify.domain.mails import Mail, MailState
from services.notify.domain.reminders import DATE_CHANGED, STEPS, Step
from services.notify.operations import PlannedMail
from shared.resources import Runtime
from shared.settings import Settings

DAY = click.DateTime(formats=["%Y-%m-%d"])
MOST = 1000
"""Mails in doubt that are listed."""


def _in_words(step: Step) -> str:
    if step.days_before < 0:
        return "overdue"
    return f"{step.days_before} {'day' if step.days_before == 1 else 'days'} before"


STEPS_IN_WORDS = {step.name: _in_words(step) for step in STEPS} | {DATE_CHANGED: "new date"}


@click.group()
def notify() -> None:
    """Look after reminders and mails."""


@notify.command()
@click.option("--on", "day", type=DAY, metavar="YYYY-MM-DD", help="The day; today when not given.")
@click.option("--full", is_flag=True, help="Print the mails in full.")
def plan(day: datetime | None, full: bool) -> None:  # noqa: FBT001 - click's flag
    """Print who would get which mail on a day, if all goes as it stands now. Nothing is sent or written."""
    with _notify() as runtime, runtime.database.read() as tx:
        today = runtime.clock.now().date()
        on = day.date() if day else today
        mails = operations.preview(tx, on=on, today=today)
        held = store.reason_held(tx)
        public_url = runtime.settings.public_url
    console = Console(highlight=False)
    if held is not None:
        console.print(f"Sending is held: {held}. 'iisgd notify release' lets mails go.\n", markup=False)
    if not mails:
        console.print(f"Nobody would get a mail on {on}.")
        return
    console.print(_planned(mails, title=f"{how_many(len(mails), 'mail')} on {on}"))
    if full:
        for mail in mails:
            console.print(_letter(mail, public_url))


@notify.command()
@click.option("--reason", required=True, help="Shown wherever somebody asks why no mail leaves.")
def hold(reason: str) -> None:
    """Send nothing from now on; planning goes on."""
    with _notify() as runtime, runtime.database.begin() as tx:
        operations.hold_sending(tx, reason=reason)
    click.echo("No mail leaves until 'iisgd notify release'.")


@notify.command()
def release() -> None:
    """Send again: what still holds goes out, one mail per mailbox."""
    with _notify() as runtime, runtime.database.begin() as tx:
        held = store.reason_held(tx)
        operations.release_sending(tx)
    click.echo(f"Mails go again; they were held: {held}" if held else "Nothing was held; mails go.")


@notify.command()
def uncertain() -> None:
    """List the mails whose fate only the mail server knows; none of them is sent again by itself."""
    mails = uncertain_mails(settings_here(), limit=MOST)
    if not mails:
        click.echo("No mail is in doubt.")
        return
    for mail in mails:
        tried = (
            f"{mail.first_tried_at:%Y-%m-%d %H:%M:%S} UTC" if mail.first_tried_at else "at an unknown time"
        )
        click.echo(f"{mail.recipient}  {mail.subject}")
        click.echo(f"    {mail.message_id}, first tried {tried}\n    {mail.reason}")
    click.echo(
        f"\n{how_many(len(mails), 'mail')} in doubt: search the mail server's log for the message ids."
    )


@notify.command()
@click.argument("meeting")
@click.argument("date", type=DAY, metavar="YYYY-MM-DD")
def move(meeting: str, date: datetime) -> None:
    """Give MEETING another date; windows, deadlines and reminders follow, and who owes something is told."""
    with _notify() as runtime, runtime.database.begin() as tx:
        before = store.get_meeting(tx, meeting)
        after = operations.move_meeting(tx, meeting=meeting, held_on=date.date(), now=tx.now)
        hanging = [known for known in store.all_collections(tx) if known.collection.meeting == meeting]
    if before == after:
        click.echo(f"{after.title}: is on {after.held_on} already")
        return
    click.echo(f"{after.title}: {before.held_on} -> {after.held_on}")
    for known in hanging:
        dates = known.dates
        click.echo(
            f"    {known.collection.code}: open {dates.opens_on} to {dates.closes_on}, due {dates.due_on}"
        )


def uncertain_mails(settings: Settings, *, limit: int) -> tuple[Mail, ...]:
    """The newest mails whose fate only the mail server knows."""
    with _notify(settings) as runtime, runtime.database.read() as tx:
        return store.all_mails(tx, state=MailState.UNCERTAIN.value, after=None, limit=limit)


def _planned(mails: tuple[PlannedMail, ...], *, title: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold")
    for name in ("To", "For", "Steps", "Subject"):
        table.add_column(name, overflow="fold")
    for mail in mails:
        steps = ", ".join(sorted({STEPS_IN_WORDS[reminder.step] for reminder in mail.reminders}))
        to = escape(mail.recipient) if mail.recipient else "[red]no contact is set[/red]"
        table.add_row(to, ", ".join(mail.structures), steps, escape(mail.letter.subject))
    return table


def _letter(mail: PlannedMail, public_url: str) -> Panel:
    rendered = formats.render(mail.letter, public_url=public_url)
    head = f"To: {mail.recipient or 'nobody: no contact is set'}\nSubject: {rendered.subject}"
    return Panel(escape(f"{head}\n\n{rendered.text}"), width=formats.WIDTH + 4)


@contextmanager
def _notify(settings: Settings | None = None) -> Iterator[Runtime]:
    runtime = Runtime.of("notify", settings or settings_here())
    try:
        yield runtime
    finally:
        runtime.database.dispose()
