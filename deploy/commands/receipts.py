"""`iisgd entry verify-receipt`: check a receipt's signature and show its submission's status."""

from typing import Any, TextIO

import click

from deploy.instance_lock import current_settings
from services.entry.submissions.domain.submissions import Submission, Version
from services.entry.submissions.operations import receipts
from services.entry.submissions.store import submissions
from shared.identity.signing import SignatureIsWrong
from shared.reference.wording import pluralise
from shared.resources import Runtime

MAX_RECEIPT_CHARACTERS = 10_000


@click.command("verify-receipt")
@click.argument("receipt", type=click.File("r"), default="-")
def verify_receipt(receipt: TextIO) -> None:
    """Verify RECEIPT, a file with one receipt, or - for standard input."""
    settings = current_settings()
    try:
        said = receipts.read_receipt(receipt.read(MAX_RECEIPT_CHARACTERS).strip(), folder=settings.keys)
    except SignatureIsWrong as error:
        raise click.ClickException(str(error)) from None
    runtime = Runtime.of("entry", settings)
    try:
        with runtime.database.read() as tx:
            known = submissions.find_submission(tx, said["submission"])
            versions = submissions.list_versions(tx, said["submission"])
    finally:
        runtime.database.dispose()
    click.echo(
        f"The receipt is valid. {said['reporter']} submitted version {said['version']} of submission "
        f"{said['submission']}, the {said['kind']} mapping of {said['period']} for {said['pillar']}, "
        f"on {said['received_at']}.\nIts content has the SHA-256 {said['content_hash']}."
    )
    if said.get("reading"):
        click.echo(_what_was_read(said["reading"]))
    click.echo(_what_became(said, known, versions))


def _what_was_read(reading: dict[str, Any]) -> str:
    read, unread = reading["read"], sum(reading["unread"].values())
    return f"{pluralise(read['records'], 'record')} ({read['format']}) were read; {pluralise(unread, 'part')} of it were not."


def _what_became(said: dict[str, Any], known: Submission | None, versions: list[Version]) -> str:
    version = next((each for each in versions if each.number == said["version"]), None)
    if known is None or version is None:
        raise click.ClickException(
            "This installation signed the receipt but does not hold the submission. Check its backups."
        )
    if version.content != said["content_hash"]:
        raise click.ClickException("This installation holds different content. Run 'iisgd audit verify'.")
    later = f"; version {known.version} is current" if known.version != version.number else ""
    return f"It is stored and {version.state}{later}."
