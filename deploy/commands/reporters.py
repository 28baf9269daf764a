"""`iisgd reporters`: who reports, with which clients, what these show to get in, and who may act for whom."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape

from deploy.homes import settings_here
from services.entry import operations, store
from services.entry.domain.clients import LONGEST_SECRET_DAYS, Client
from services.entry.domain.delegations import Delegation
from services.entry.domain.journal import Author
from services.entry.formats.secrets import RANDOM_BYTES
from shared.database import Transaction
from shared.errors import NotFound, Unprocessable
from shared.identity.callers import SCOPES
from shared.identity.client_assertions import public_jwk
from shared.reference import (
    ANALYST,
    COORDINATORS,
    FOOTNOTE,
    MEMBERS,
    PARTNERS,
    SECRETARIAT,
    STRUCTURES,
    needs_footnote,
)
from shared.reference import reporter as known_reporter
from shared.resources import Runtime

OPERATOR = Author("operator")
"""Who sits at the machine, and has no credential."""

DAY = click.DateTime(formats=["%Y-%m-%d"])
REASON = click.option("--reason", required=True, help="Why; it is kept in the audit log.")


@click.group()
def reporters() -> None:
    """Look after reporters: their clients, secrets and keys, and who may act for whom."""


@reporters.command("list")
@click.option("--partner", type=click.Choice(list(PARTNERS)), help="Only structures and coordinator of one.")
def list_(partner: str | None) -> None:
    """List everybody who reports, each with its clients and what these can show, and who may act for whom."""
    with _entry() as runtime, runtime.database.read() as tx:
        clients = store.list_clients(tx, reporter=None)
        delegations = [each for each in store.list_delegations(tx) if each.holds(tx.now.date())]
        now = tx.now
    codes = [*STRUCTURES, *COORDINATORS, *MEMBERS, ANALYST, SECRETARIAT]
    if partner is not None:
        codes = [code for code in codes if known_reporter(code).partner == partner]
    lines = [line for code in codes for line in _listed(code, clients, now)]
    lines += [_delegated(each) for each in delegations if each.structure in codes]
    if needs_footnote("\n".join(lines)):
        lines.append(f"[dim]{FOOTNOTE}[/]")
    # Ids are copied: nothing is folded, however narrow the terminal.
    Console(highlight=False).print("\n".join(lines), soft_wrap=True)


@reporters.command()
@click.argument("reporter")
@click.option("--label", required=True, help="What it is: 'Portal of the Ministry of Interior'.")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    type=click.Choice(SCOPES),
    default=SCOPES,
    show_default="both",
    help="What it may do; may be given twice.",
)
def client(reporter: str, label: str, scopes: tuple[str, ...]) -> None:
    """Make a client for REPORTER. It gets in once it has a secret or a key."""
    with _writing() as tx:
        made = operations.make_client(
            tx,
            author=OPERATOR,
            reporter=reporter,
            label=label,
            scopes=[each for each in SCOPES if each in scopes],
        )
    click.echo(f"{reporter} has a client: {made.id}")
    click.echo(
        f"Give it a secret with 'iisgd reporters secret {made.id}', or a key with 'iisgd reporters key'."
    )


@reporters.command()
@click.argument("client")
@click.option(
    "--days",
    type=click.IntRange(1, LONGEST_SECRET_DAYS),
    default=365,
    show_default=True,
    help="How long it is good.",
)
def secret(client: str, days: int) -> None:
    """Give CLIENT a secret, and print it: this once, since nobody keeps it."""
    with _writing() as tx:
        made, text = operations.make_client_secret(
            tx,
            author=OPERATOR,
            client=client,
            within=None,
            random=secrets.token_bytes(RANDOM_BYTES),
            days=days,
        )
    # Alone on standard output, for who hands it on without looking.
    click.echo(text)
    click.echo(f"It is good until {made.expires_at:%Y-%m-%d}, and is not shown again.", err=True)


@reporters.command("end-secret")
@click.argument("client")
@click.argument("secret")
@REASON
def end_secret(client: str, secret: str, reason: str) -> None:
    """End a secret of CLIENT, named by its id or its last four characters."""
    with _writing() as tx:
        known = _found(tx, client)
        fitting = [each.id for each in known.secrets if secret in (each.id, each.hint)]
        if len(fitting) != 1:
            live = ", ".join(f"...{each.hint} ({each.id})" for each in known.live_secrets(tx.now)) or "none"
            raise click.ClickException(f"The client has no one such secret; its live ones: {live}.")
        operations.end_client_secret(
            tx, author=OPERATOR, client=client, within=None, secret=fitting[0], reason=reason
        )
    click.echo("The secret is ended. Tokens that were given for it end within minutes.")


@reporters.command()
@click.argument("client")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def key(client: str, file: Path) -> None:
    """Let CLIENT in with what it signs: FILE holds its public key, as PEM or JWK."""
    jwk = public_jwk(file.read_text(encoding="utf-8", errors="replace"))
    with _writing() as tx:
        made = operations.add_client_key(tx, author=OPERATOR, client=client, within=None, jwk=jwk)
    click.echo(f"The client may sign with its {made.jwk['alg']} key {made.kid}.")


@reporters.command("end-key")
@click.argument("client")
@click.argument("kid", metavar="KEY")
@REASON
def end_key(client: str, kid: str, reason: str) -> None:
    """End the KEY of CLIENT, named by its kid."""
    with _writing() as tx:
        operations.end_client_key(tx, author=OPERATOR, client=client, within=None, kid=kid, reason=reason)
    click.echo("The key is ended. Tokens that were given for it end within minutes.")


@reporters.command()
@click.argument("client")
@REASON
def end(client: str, reason: str) -> None:
    """End CLIENT, with all its secrets and keys."""
    with _writing() as tx:
        operations.end_client(tx, author=OPERATOR, client=client, reason=reason)
    click.echo("The client is ended. Tokens that it has end within minutes.")


@reporters.command()
@click.argument("structure")
@click.option(
    "--to", required=True, metavar="REPORTER", help="Another structure, or the coordinator, of its partner."
)
@click.option("--until", "day", type=DAY, metavar="YYYY-MM-DD", required=True, help="The last day of it.")
@REASON
def delegate(structure: str, to: str, day: datetime, reason: str) -> None:
    """Let a backup act for STRUCTURE until a day."""
    with _writing() as tx:
        given = operations.give_delegation(
            tx, author=OPERATOR, structure=structure, to=to, expires_on=day.date(), reason=reason
        )
    click.echo(f"{to} may act for {structure} until {given.expires_on}, by the delegation {given.id}.")


@reporters.command("end-delegation")
@click.argument("delegation")
@REASON
def end_delegation(delegation: str, reason: str) -> None:
    """End DELEGATION before its day."""
    with _writing() as tx:
        ended = operations.end_delegation(
            tx, author=OPERATOR, delegation=delegation, within=None, reason=reason
        )
    click.echo(f"{ended.to} acts for {ended.structure} no longer, once its tokens end: within minutes.")


@contextmanager
def _writing() -> Iterator[Transaction]:
    """A transaction of entry's; what cannot be right ends the command."""
    try:
        with _entry() as runtime, runtime.database.begin() as tx:
            yield tx
    except Unprocessable as error:
        raise click.ClickException(" ".join(_sentences(error))) from None


@contextmanager
def _entry() -> Iterator[Runtime]:
    runtime = Runtime.of("entry", settings_here())
    try:
        yield runtime
    finally:
        runtime.database.dispose()


def _sentences(error: Unprocessable) -> Iterator[str]:
    """What is wrong, each with what would pass."""
    for fault in error.errors:
        yield f"{fault.message} Expected: {fault.expected}." if fault.expected else fault.message


def _found(tx: Transaction, client: str) -> Client:
    known = store.find_client(tx, client)
    if known is None:
        raise NotFound("client")
    return known


def _listed(code: str, clients: list[Client], now: datetime) -> Iterator[str]:
    """A reporter, then each of its clients, then what that can show."""
    own = [each for each in clients if each.reporter == code and each.ended_at is None]
    yield f"[bold]{code:12}[/]{escape(known_reporter(code).label)}" + ("" if own else " [dim](no client)[/]")
    for each in own:
        yield f"  {each.id}  {escape(each.label)}; {' and '.join(each.scopes)}; last used: {_last_used(each)}"
        shown = [
            f"secret ...{secret.hint} until {secret.expires_at:%Y-%m-%d}" for secret in each.live_secrets(now)
        ]
        shown += [f"key {escape(key.kid)}" for key in each.live_keys()]
        yield from (f"    {what}" for what in shown or ["[red]nothing that would let it in[/]"])


def _last_used(client: Client) -> str:
    moments = [each.last_used_at for each in client.secrets] + [each.last_used_at for each in client.keys]
    used = [moment for moment in moments if moment]
    return f"{max(used):%Y-%m-%d %H:%M}" if used else "never"


def _delegated(each: Delegation) -> str:
    return f"{each.to} may act for {each.structure} until {each.expires_on}: {escape(each.reason)}  {each.id}"
