"""`iisgd reporters`: reporters, their clients, secrets and keys, and delegations."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape

from deploy.instance_lock import current_settings
from services.entry.audit.domain import Actor
from services.entry.clients.domain import MAX_SECRET_DAYS, Client, Delegation
from services.entry.clients.formats import RANDOM_BYTES
from services.entry.clients.operations import clients as operations_clients
from services.entry.clients.operations import delegations as operations_delegations
from services.entry.clients.store import clients as store_clients
from services.entry.clients.store import delegations as store_delegations
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
from shared.reference.days import reporter_day
from shared.resources import Runtime

OPERATOR = Actor("operator")
"""The person at the machine, who has no credential."""

DAY = click.DateTime(formats=["%Y-%m-%d"])
REASON = click.option("--reason", required=True, help="The reason, for the audit log.")


@click.group()
def reporters() -> None:
    """Manage clients, secrets, keys and delegations of reporters."""


@reporters.command("list")
@click.option(
    "--partner", type=click.Choice(list(PARTNERS)), help="Only this partner's structures and coordinator."
)
def list_(partner: str | None) -> None:
    """List all reporters with their clients, secrets, keys and delegations."""
    with _entry() as runtime, runtime.database.read() as tx:
        clients = store_clients.list_clients(tx, reporter=None)
        delegations = [
            each
            for each in store_delegations.list_delegations(tx)
            if each.is_active(reporter_day(each.structure, tx.now))
        ]
        now = tx.now
    codes = [*STRUCTURES, *COORDINATORS, *MEMBERS, ANALYST, SECRETARIAT]
    if partner is not None:
        codes = [code for code in codes if known_reporter(code).partner == partner]
    lines = [line for code in codes for line in _listed(code, clients, now)]
    lines += [_delegated(each) for each in delegations if each.structure in codes]
    if needs_footnote("\n".join(lines)):
        lines.append(f"[dim]{FOOTNOTE}[/]")
    # Ids are copied, so lines are never folded on a narrow terminal.
    Console(highlight=False).print("\n".join(lines), soft_wrap=True)


@reporters.command()
@click.argument("reporter")
@click.option("--label", required=True, help="A description: 'Portal of the Ministry of Interior'.")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    type=click.Choice(SCOPES),
    default=SCOPES,
    show_default="both",
    help="A permitted scope; may be given twice.",
)
def client(reporter: str, label: str, scopes: tuple[str, ...]) -> None:
    """Create a client for REPORTER. It can authenticate once it has a secret or a key."""
    with _writing() as tx:
        made = operations_clients.create_client(
            tx,
            actor=OPERATOR,
            reporter=reporter,
            label=label,
            scopes=[each for each in SCOPES if each in scopes],
        )
    # Standard output holds only the id, for scripts.
    click.echo(made.id)
    click.echo(
        f"This is the new client of {reporter}. Create a secret with 'iisgd reporters secret {made.id}', "
        "or add a key with 'iisgd reporters key'.",
        err=True,
    )


@reporters.command()
@click.argument("client")
@click.option(
    "--days",
    type=click.IntRange(1, MAX_SECRET_DAYS),
    default=365,
    show_default=True,
    help="The lifetime.",
)
def secret(client: str, days: int) -> None:
    """Create a secret for CLIENT and print it once."""
    with _writing() as tx:
        made, text = operations_clients.create_secret(
            tx,
            actor=OPERATOR,
            client=client,
            caller=None,
            random=secrets.token_bytes(RANDOM_BYTES),
            days=days,
        )
    # Standard output holds only the secret, for scripts.
    click.echo(text)
    click.echo(f"It expires on {made.expires_at:%Y-%m-%d} and is not shown again.", err=True)


@reporters.command("end-secret")
@click.argument("client")
@click.argument("secret")
@REASON
def end_secret(client: str, secret: str, reason: str) -> None:
    """Revoke a secret of CLIENT, named by its id or its last four characters."""
    with _writing() as tx:
        known = _found(tx, client)
        fitting = [each.id for each in known.secrets if secret in (each.id, each.hint)]
        if len(fitting) != 1:
            live = ", ".join(f"...{each.hint} ({each.id})" for each in known.live_secrets(tx.now)) or "none"
            raise click.ClickException(f"No single live secret matches. The client's live secrets: {live}.")
        operations_clients.revoke_secret(
            tx, actor=OPERATOR, client=client, caller=None, secret=fitting[0], reason=reason
        )
    click.echo("The secret is revoked. Its tokens expire within minutes.")


@reporters.command()
@click.argument("client")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def key(client: str, file: Path) -> None:
    """Add the public key in FILE (PEM or JWK) to CLIENT."""
    jwk = public_jwk(file.read_text(encoding="utf-8", errors="replace"))
    with _writing() as tx:
        made = operations_clients.create_key(tx, actor=OPERATOR, client=client, caller=None, jwk=jwk)
    click.echo(f"The client can now sign with its {made.jwk['alg']} key {made.kid}.")


# A kid may begin with a hyphen (one in 64 does). Click must not read it as an option, not even as -h.
@reporters.command(
    "end-key", context_settings={"ignore_unknown_options": True, "help_option_names": ["--help"]}
)
@click.argument("client")
@click.argument("kid", metavar="KEY")
@REASON
def end_key(client: str, kid: str, reason: str) -> None:
    """Revoke the KEY of CLIENT, named by its kid."""
    with _writing() as tx:
        operations_clients.revoke_key(tx, actor=OPERATOR, client=client, caller=None, kid=kid, reason=reason)
    click.echo("The key is revoked. Its tokens expire within minutes.")


@reporters.command()
@click.argument("client")
@REASON
def end(client: str, reason: str) -> None:
    """Revoke CLIENT with all its secrets and keys."""
    with _writing() as tx:
        operations_clients.revoke_client(tx, actor=OPERATOR, client=client, reason=reason)
    click.echo("The client is revoked. Its tokens expire within minutes.")


@reporters.command()
@click.argument("structure")
@click.option(
    "--to", required=True, metavar="REPORTER", help="Another structure, or the coordinator, of its partner."
)
@click.option("--until", "day", type=DAY, metavar="YYYY-MM-DD", required=True, help="The last day.")
@REASON
def delegate(structure: str, to: str, day: datetime, reason: str) -> None:
    """Let a backup act for STRUCTURE until a date."""
    with _writing() as tx:
        given = operations_delegations.grant_delegation(
            tx, caller=None, actor=OPERATOR, structure=structure, to=to, expires_on=day.date(), reason=reason
        )
    click.echo(f"{to} may act for {structure} until {given.expires_on}, by delegation {given.id}.")


@reporters.command("end-delegation")
@click.argument("delegation")
@REASON
def end_delegation(delegation: str, reason: str) -> None:
    """Revoke DELEGATION before its last day."""
    with _writing() as tx:
        ended = operations_delegations.revoke_delegation(
            tx, actor=OPERATOR, delegation=delegation, caller=None, reason=reason
        )
    click.echo(f"{ended.to} may no longer act for {ended.structure}. Its tokens expire within minutes.")


@contextmanager
def _writing() -> Iterator[Transaction]:
    """Open a transaction of entry. An invalid request ends the command with a sentence."""
    try:
        with _entry() as runtime, runtime.database.begin() as tx:
            yield tx
    except Unprocessable as error:
        raise click.ClickException(" ".join(_sentences(error))) from None


@contextmanager
def _entry() -> Iterator[Runtime]:
    runtime = Runtime.of("entry", current_settings())
    try:
        yield runtime
    finally:
        runtime.database.dispose()


def _sentences(error: Unprocessable) -> Iterator[str]:
    """Join the errors of a request into sentences, each with what would pass."""
    for fault in error.errors:
        yield f"{fault.message} Expected: {fault.expected}." if fault.expected else fault.message


def _found(tx: Transaction, client: str) -> Client:
    known = store_clients.find_client(tx, client)
    if known is None:
        raise NotFound("client")
    return known


def _listed(code: str, clients: list[Client], now: datetime) -> Iterator[str]:
    """Return the lines of a reporter: its name, its clients, and their secrets and keys."""
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
