"""`iisgd entry verify-receipt`: whether a receipt is this installation's, and what became of what it is for."""

from typing import Any, TextIO

import click

from deploy.homes import settings_here
from services.entry import operations, store
from services.entry.domain.submissions import Submission, Version
from shared.identity.signing import SignatureIsWrong
from shared.resources import Runtime

LONGEST_RECEIPT = 10_000


@click.command("verify-receipt")
@click.argument("receipt", type=click.File("r"), default="-")
def verify_receipt(receipt: TextIO) -> None:
    """Check a RECEIPT: a file that holds one, or - for what comes in."""
    settings = settings_here()
    try:
        said = operations.read_receipt(receipt.read(LONGEST_RECEIPT).strip(), folder=settings.keys)
    except SignatureIsWrong as error:
        raise click.ClickException(str(error)) from None
    runtime = Runtime.of("entry", settings)
    try:
        with runtime.database.read() as tx:
            known = store.find_submission(tx, said["submission"])
            versions = store.versions_of(tx, said["submission"])
    finally:
        runtime.database.dispose()
    click.echo(
        f"The receipt is good. {said['reporter']} handed in version {said['version']} of submission "
        f"{said['submission']}, the {said['kind']} mapping of {said['period']} for {said['pillar']}, "
        f"on {said['received_at']}.\nIts content has the sha-256 {said['content_hash']}."
    )
    click.echo(_what_became(said, known, versions))


def _what_became(said: dict[str, Any], known: Submission | None, versions: list[Version]) -> str:
    version = next((each for each in versions if each.number == said["version"]), None)
    if known is None or version is None:
        raise click.ClickException(
            "This installation signed the receipt, and does not hold what it is for: look at its backups."
        )
    if version.content != said["content_hash"]:
        raise click.ClickException(
            "This installation holds other content for it: look at 'iisgd audit verify'."
        )
    later = f"; version {known.version} is the present one" if known.version != version.number else ""
    return f"It is here, and {version.state}{later}."
