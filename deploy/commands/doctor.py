"""`iisgd doctor`: looks at everything that an installation leans on, and says what to do."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import click

from deploy.commands.notify import uncertain_mails
from deploy.commands.words import how_many
from deploy.homes import settings_here
from deploy.installation import NAMES, histories
from deploy.mistakes import explain, masked
from deploy.tables import EveryTable, find_bodies_in_folder, time_of_server
from services.notify import store as notify
from services.notify.gateway import ServerIsAway, SmtpMailer
from shared.bus import store as bus
from shared.bus.lanes import lanes_of, late_lanes
from shared.clock import SystemClock
from shared.database import Transaction
from shared.database.migrations import current_revisions, head_revisions
from shared.logs import configure
from shared.resources import Runtime
from shared.runtime.broker import Broker
from shared.settings import Settings

BODIES = 10_000
"""So many large bodies, at most, are looked for."""

UNCERTAIN = 10
"""So many mails in doubt are named."""

SKEW_SECONDS = 2.0


@dataclass(frozen=True)
class Finding:
    """What a check found: `ok`, `warning` (the work goes on) or `FAILED`."""

    state: str
    what: str
    do: str = ""
    details: Sequence[str] = ()


def ok(what: str) -> Finding:
    """All is well."""
    return Finding("ok", what)


def warning(what: str, do: str, details: Sequence[str] = ()) -> Finding:
    """Somebody should know."""
    return Finding("warning", what, do, details)


def failed(what: str, do: str) -> Finding:
    """Something does not work."""
    return Finding("FAILED", what, do)


def check_database(settings: Settings) -> Finding:
    """Whether it answers, with the tables of this version."""
    url = masked(settings.database)
    path = url.removeprefix("sqlite:///")
    # To look for a SQLite file's tables would make it.
    if path != url and not Path(path).exists():
        return failed(f"there is no {path}", "run 'iisgd migrate'")
    current = current_revisions(settings.database, histories())
    behind = [name for name, head in head_revisions(histories()).items() if current[name] != head]
    if behind:
        return failed(f"{url}: not up to date: {', '.join(behind)}", "run 'iisgd migrate'")
    return ok(f"{url}, up to date")


def check_clock(settings: Settings) -> Finding:
    """Whether machine and database agree on the time: leases and deadlines compare the two."""
    if settings.database.startswith("sqlite"):
        return ok("the database is on this machine")
    with _reading(settings) as tx:
        skew = abs((time_of_server(tx) - tx.now).total_seconds())
    if skew <= SKEW_SECONDS:
        return ok(f"within {SKEW_SECONDS:.0f} s of the database's")
    return warning(f"{skew:.1f} s apart from the database's", "have both follow the same time server")


def check_blobs(settings: Settings) -> Finding:
    """Whether large bodies can be kept."""
    Runtime.of("entry", settings).blobs.check()
    return ok(f"{settings.blobs} can be written")


def check_bodies(settings: Settings) -> Finding:
    """Whether every body that a version names is there, in a row or in the folder."""
    with _reading(settings) as tx:
        total, large = find_bodies_in_folder(tx, limit=BODIES)
    missing = [sha256 for sha256 in large if not (settings.blobs / sha256[:2] / sha256).exists()]
    if missing:
        return failed(
            f"{len(missing)} of {total:,} bodies are missing, the first {missing[0]}",
            f"put them back into {settings.blobs} from a backup",
        )
    return ok(
        f"all {total:,} are there" if len(large) < BODIES else f"none of {BODIES:,} large ones is missing"
    )


def check_keys(settings: Settings) -> Finding:
    """Whether tokens can be checked and issued."""
    public, private = list(settings.keys.glob("*.public.pem")), list(settings.keys.glob("*.private.pem"))
    if not public:
        return failed(
            f"no key to check tokens with in {settings.keys}", "run 'iisgd migrate', which makes a pair"
        )
    if open_to_others := [file for file in private if file.stat().st_mode & 0o077]:
        return warning(f"others may read {open_to_others[0]}", "chmod 600 it; if they may have, replace it")
    if not private:
        return warning("tokens can be checked here, not issued", "nothing, if they are issued elsewhere")
    return ok(f"{len(public)} to check and {len(private)} to issue tokens with")


def check_broker(settings: Settings) -> Finding:
    """Whether it answers."""
    where = masked(settings.broker_url)
    if Broker(settings).is_reachable():
        return ok(where)
    return failed(f"{where} does not answer", "start it; submissions are taken and wait meanwhile")


def check_mail_server(settings: Settings) -> Finding:
    """Whether it lets us in; no mail is sent."""
    try:
        with SmtpMailer(settings.smtp_url) as mailer:
            mailer.greet()
    except ServerIsAway as error:
        return failed(f"{masked(settings.smtp_url)}: {error}", "start it, or set IISGD_SMTP_URL; mails wait")
    return ok(masked(settings.smtp_url))


def check_lanes(settings: Settings) -> Finding:
    """Whether each lane finished work lately."""
    lanes = [lane for name in NAMES for lane in lanes_of(name)]
    with _reading(settings) as tx:
        heartbeats = bus.heartbeats(tx, lanes=lanes)
        late = late_lanes(heartbeats, lanes=lanes, now=tx.now, canary_seconds=settings.canary_seconds)
    if not late:
        return ok(f"all {len(lanes)} finish work")
    silent = ", ".join(late) if len(late) < len(lanes) else "any lane"
    why = next(iter(late.values()))
    return failed(f"{silent}: {why}", "start workers, relay and beat, and see their logs")


def check_dead(settings: Settings) -> Finding:
    """Whether events were given up."""
    with _reading(settings) as tx:
        dead = sum(status.dead for status in bus.lane_statuses(tx))
    if dead:
        return warning(
            how_many(dead, "delivery is dead", "deliveries are dead"),
            "'iisgd bus dead' says why, 'iisgd bus replay' tries again",
        )
    return ok("no delivery is dead")


def check_mails(settings: Settings) -> Finding:
    """Whether only the mail server knows what became of a mail."""
    with _reading(settings) as tx:
        count = notify.count_mails(tx)["uncertain"]
    if not count:
        return ok("none is in doubt")
    named = uncertain_mails(settings, limit=UNCERTAIN)
    return warning(
        f"{count} in doubt",
        "search the mail server's log for the message ids; 'iisgd notify uncertain' lists all",
        [f"{mail.recipient}  {mail.subject}  {mail.message_id}" for mail in named],
    )


def check_sending(settings: Settings) -> Finding:
    """Whether mails go out."""
    with _reading(settings) as tx:
        held = notify.reason_held(tx)
    if held is not None:
        return warning(f"held: {held}", "'iisgd notify release' lets mails go")
    return ok("mails go out when they are due")


CHECKS: dict[str, Callable[[Settings], Finding]] = {
    "keys": check_keys,
    "blob folder": check_blobs,
    "broker": check_broker,
    "mail server": check_mail_server,
    "database": check_database,
}

CHECKS_OF_DATABASE: dict[str, Callable[[Settings], Finding]] = {
    "clock": check_clock,
    "bodies": check_bodies,
    "lanes": check_lanes,
    "deliveries": check_dead,
    "mails": check_mails,
    "sending": check_sending,
}
"""What can only be looked at where the database is well."""


@click.command()
@click.pass_context
def doctor(ctx: click.Context) -> None:
    """Check the installation, one line each, with what to do. Exit code 1 when something does not work."""
    # A setting that cannot be used ends this as it ends every command.
    settings = settings_here()
    configure(replace(settings, log_level="ERROR"), "doctor")
    findings = {"settings": ok("all can be read")}
    findings |= {name: _looked_at(check, settings) for name, check in CHECKS.items()}
    if findings["database"].state == "ok":
        findings |= {name: _looked_at(check, settings) for name, check in CHECKS_OF_DATABASE.items()}
    else:
        findings |= {name: Finding("-", "needs the database") for name in CHECKS_OF_DATABASE}
    for name, finding in findings.items():
        click.echo(_line(name, finding))
        for detail in finding.details:
            click.echo(f"{'':23}{detail}")
    if any(finding.state == "FAILED" for finding in findings.values()):
        ctx.exit(1)


@contextmanager
def _reading(settings: Settings) -> Iterator[Transaction]:
    database = EveryTable(settings.database, clock=SystemClock())
    try:
        with database.read() as tx:
            yield tx
    finally:
        database.dispose()


def _looked_at(check: Callable[[Settings], Finding], settings: Settings) -> Finding:
    try:
        return check(settings)
    except Exception as error:  # noqa: BLE001 - the other checks still have something to say
        return failed(explain(error) or f"{type(error).__name__}: {masked(str(error))}", "")


def _line(name: str, finding: Finding) -> str:
    end = f" - {finding.do}" if finding.do else ""
    return f"{finding.state:8} {name:13} {finding.what}{end}"
