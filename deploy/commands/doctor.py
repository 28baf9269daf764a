"""`iisgd doctor`: check everything that an installation depends on, and say what to do."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import click

from deploy.commands.notify import uncertain_mails
from deploy.error_messages import explain, mask_passwords
from deploy.installation import histories
from deploy.instance_lock import current_settings
from deploy.service_names import NAMES
from deploy.tables import OwnerDatabase, find_bodies_in_folder, time_of_server
from services.notify.sending.gateway import ServerIsUnavailable, SmtpMailer
from services.notify.sending.operations import ledger, sending_hold
from services.validation.verdicts.operations.same_refs import list_same_refs
from shared.bus import store as bus
from shared.bus.lanes import lanes_of, late_lanes
from shared.clock import SystemClock
from shared.database import Transaction
from shared.database.migrations import current_revisions, head_revisions
from shared.logs import configure
from shared.reference.wording import pluralise
from shared.resources import Runtime
from shared.runtime.broker import Broker
from shared.settings import Settings

BODIES = 10_000
"""The maximum number of large bodies that are checked."""

UNCERTAIN = 10
"""The maximum number of uncertain mails that are named."""

NAMED_REFS = 100
"""The maximum number of refs in several spellings that are named."""

SKEW_SECONDS = 2.0


@dataclass(frozen=True)
class Finding:
    """The result of a check: `ok`, `warning` (work continues) or `FAILED`."""

    state: str
    what: str
    do: str = ""
    details: Sequence[str] = ()


def ok(what: str) -> Finding:
    """Return a passed check."""
    return Finding("ok", what)


def warning(what: str, do: str, details: Sequence[str] = ()) -> Finding:
    """Return a check that needs attention."""
    return Finding("warning", what, do, details)


def failed(what: str, do: str) -> Finding:
    """Return a failed check."""
    return Finding("FAILED", what, do)


def check_database(settings: Settings) -> Finding:
    """Check that the database responds and has this version's tables."""
    url = mask_passwords(settings.database)
    path = url.removeprefix("sqlite:///")
    # Reading the tables of a missing SQLite file would create it.
    if path != url and not Path(path).exists():
        return failed(f"{path} does not exist", "run 'iisgd migrate'")
    current = current_revisions(settings.database, histories())
    behind = [name for name, head in head_revisions(histories()).items() if current[name] != head]
    if behind:
        return failed(f"{url}: not up to date: {', '.join(behind)}", "run 'iisgd migrate'")
    return ok(f"{url}, up to date")


def check_clock(settings: Settings) -> Finding:
    """Check that machine and database agree on the time. Leases and deadlines compare the two."""
    if settings.database.startswith("sqlite"):
        return ok("the database is on this machine")
    with _reading(settings) as tx:
        skew = abs((time_of_server(tx) - tx.now).total_seconds())
    if skew <= SKEW_SECONDS:
        return ok(f"within {SKEW_SECONDS:.0f} s of the database's")
    return warning(f"{skew:.1f} s apart from the database's", "synchronise both with the same time server")


def check_blobs(settings: Settings) -> Finding:
    """Check that large bodies can be stored."""
    Runtime.of("entry", settings).blobs.check()
    return ok(f"{settings.blobs} is writable")


def check_bodies(settings: Settings) -> Finding:
    """Check that every body that a version names exists, in a row or in the folder."""
    with _reading(settings) as tx:
        total, large = find_bodies_in_folder(tx, limit=BODIES)
    missing = [sha256 for sha256 in large if not (settings.blobs / sha256[:2] / sha256).exists()]
    if missing:
        return failed(
            f"{len(missing)} of {total:,} bodies are missing, the first {missing[0]}",
            f"restore them into {settings.blobs} from a backup",
        )
    return ok(f"all {total:,} exist" if len(large) < BODIES else f"none of {BODIES:,} large ones is missing")


def check_keys(settings: Settings) -> Finding:
    """Check that tokens can be verified and issued."""
    public, private = list(settings.keys.glob("*.public.pem")), list(settings.keys.glob("*.private.pem"))
    if not public:
        return failed(
            f"no key to verify tokens in {settings.keys}", "run 'iisgd migrate', which creates a pair"
        )
    if open_to_others := [file for file in private if file.stat().st_mode & 0o077]:
        return warning(
            f"other users can read {open_to_others[0]}",
            "chmod 600 it, and replace it if it may have been read",
        )
    if not private:
        return warning(
            "tokens can be verified but not issued here", "no action is needed if another machine issues them"
        )
    return ok(f"{len(public)} to verify and {len(private)} to issue tokens")


def check_broker(settings: Settings) -> Finding:
    """Check that the broker responds."""
    where = mask_passwords(settings.broker_url)
    if Broker(settings).is_reachable():
        return ok(where)
    return failed(f"{where} does not respond", "start it; submissions are accepted and wait meanwhile")


def check_mail_server(settings: Settings) -> Finding:
    """Check that the mail server accepts a login. No mail is sent."""
    try:
        with SmtpMailer(settings.smtp_url) as mailer:
            mailer.connect()
    except ServerIsUnavailable as error:
        return failed(
            f"{mask_passwords(settings.smtp_url)}: {error}", "start it, or set IISGD_SMTP_URL; mails wait"
        )
    return ok(mask_passwords(settings.smtp_url))


def check_lanes(settings: Settings) -> Finding:
    """Check that each lane finished work recently."""
    lanes = [lane for name in NAMES for lane in lanes_of(name)]
    with _reading(settings) as tx:
        heartbeats = bus.heartbeats(tx, lanes=lanes)
        late = late_lanes(heartbeats, lanes=lanes, now=tx.now, canary_seconds=settings.canary_seconds)
    if not late:
        return ok(f"all {len(lanes)} finish work")
    silent = ", ".join(late) if len(late) < len(lanes) else "any lane"
    why = next(iter(late.values()))
    return failed(f"{silent}: {why}", "start workers, relay and beat, and check their logs")


def check_dead(settings: Settings) -> Finding:
    """Check that no delivery is dead."""
    with _reading(settings) as tx:
        dead = sum(status.dead for status in bus.lane_statuses(tx))
    if dead:
        return warning(
            pluralise(dead, "delivery is dead", "deliveries are dead"),
            "'iisgd bus dead' lists the reasons, 'iisgd bus replay' retries",
        )
    return ok("no delivery is dead")


def check_mails(settings: Settings) -> Finding:
    """Check for mails whose delivery is uncertain."""
    with _reading(settings) as tx:
        count = ledger.count_mails(tx)["uncertain"]
    if not count:
        return ok("none is uncertain")
    named = uncertain_mails(settings, limit=UNCERTAIN)
    return warning(
        f"{count} uncertain",
        "search the mail server's log for the message ids; 'iisgd notify uncertain' lists all",
        [f"{mail.recipient}  {mail.subject}  {mail.message_id}" for mail in named],
    )


def check_sending(settings: Settings) -> Finding:
    """Check that sending is not held."""
    with _reading(settings) as tx:
        held = sending_hold.find_hold_reason(tx)
    if held is not None:
        return warning(f"held: {held}", "'iisgd notify release' releases them")
    return ok("mails are sent when due")


def check_refs(settings: Settings) -> Finding:
    """Check for records in force whose refs differ only in the encoding of accents. New ones cannot arise."""
    with _reading(settings) as tx:
        found = list_same_refs(tx)
    if not found:
        return ok("each record in force has a ref of its own")
    return warning(
        f"{pluralise(len(found), 'ref is', 'refs are')} written in several ways",
        "ask the reporters to withdraw all but one record of each; nothing was merged",
        [
            f"{each['reporter']}  {each['kind']}  {each['period']}  {each['refs']}".replace("    ", "  ")
            for each in found[:NAMED_REFS]
        ],
    )


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
    "refs": check_refs,
    "lanes": check_lanes,
    "deliveries": check_dead,
    "mails": check_mails,
    "sending": check_sending,
}
"""Checks that need a working database."""


@click.command()
@click.pass_context
def doctor(ctx: click.Context) -> None:
    """Check the installation, one line per check, with what to do. Exit with 1 if a check fails."""
    # An invalid setting ends this command like any other.
    settings = current_settings()
    configure(replace(settings, log_level="ERROR"), "doctor")
    findings = {"settings": ok("all are valid")}
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
    database = OwnerDatabase(settings.database, clock=SystemClock())
    try:
        with database.read() as tx:
            yield tx
    finally:
        database.dispose()


def _looked_at(check: Callable[[Settings], Finding], settings: Settings) -> Finding:
    try:
        return check(settings)
    except Exception as error:  # noqa: BLE001 - the other checks still have something to say
        return failed(explain(error) or f"{type(error).__name__}: {mask_passwords(str(error))}", "")


def _line(name: str, finding: Finding) -> str:
    end = f" - {finding.do}" if finding.do else ""
    return f"{finding.state:8} {name:13} {finding.what}{end}"
