"""`iisgd rules import-iati`: rulesets and activities of the IATI Standard."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

import click

from deploy.commands.rules.drafts import FILE
from services.entry.files.domain.read_result import ReadResult
from services.entry.files.domain.refusals import FileIsRefused
from services.entry.files.formats.read_iati import read_iati
from services.validation.iati import operations as iati
from shared.reference.wording import pluralise

WORDS = {True: "true", False: "false", None: "no condition match"}
_BEFORE_XML = b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n"
"""Byte order marks and blanks that may precede the first bracket of an XML file."""


@click.command()
@click.argument("file", type=FILE)
@click.option("--activities", type=FILE, help="An IATI file to run the ruleset on.")
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The output file; default: standard output.",
)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option(
    "--publishers",
    type=FILE,
    help="Identifiers in the IATI Registry, one per line, for rules with an idCondition.",
)
def import_iati(
    file: Path, activities: Path | None, output: Path | None, form: str, publishers: Path | None
) -> None:
    """Turn FILE, an IATI ruleset, into rules, or IATI activities into records.

    A ruleset (JSON) alone becomes a file of rules. With --activities it is run, and each rule says of each node that
    it selects: true, false, or no condition match. Activities (XML) alone become support records, one JSON line each.
    """
    if output is not None and output.resolve() in {file.resolve(), activities and activities.resolve()}:
        raise click.UsageError("--output would overwrite an input file. Name another file.")
    with _out(output) as out:
        if _is_xml(file):
            if activities is not None:
                raise click.UsageError(
                    "FILE is XML. With --activities, FILE must be the ruleset, a JSON file."
                )
            _write_records(file, out)
            return
        ruleset = file.read_bytes()
        if activities is None:
            out.write(iati.translate_ruleset(ruleset))
            return
        known = publishers.read_text(encoding="utf-8", errors="replace").split() if publishers else ()
        with activities.open("rb") as source:
            _write_results(iati.list_results(ruleset, source, publishers=known), out, form)


@contextmanager
def _out(path: Path | None) -> Iterator[TextIO]:
    if path is None:
        yield sys.stdout
    else:
        with path.open("w", encoding="utf-8") as file:
            yield file


def _is_xml(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4_096).lstrip(_BEFORE_XML).startswith(b"<")


def _write_results(results: Iterator[dict[str, Any]], out: TextIO, form: str) -> None:
    """Write each result as it arrives, then a summary line; with JSON, the summary goes to stderr."""
    counts: dict[bool | None, int] = dict.fromkeys(WORDS, 0)
    for number, result in enumerate(results):
        counts[result["result"]] += 1
        if form == "json":
            out.write(f"{',' if number else '['}\n{json.dumps(result, ensure_ascii=False)}")
        else:
            out.write(_line(result))
    overall = iati.combine_outcomes(result for result, count in counts.items() if count)
    if form == "json":
        out.write("\n]\n" if any(counts.values()) else "[]\n")
    else:
        out.write("\n" if any(counts.values()) else "No rule selects a node.\n")
    found = ", ".join(f"{count:,} {WORDS[result]}" for result, count in counts.items())
    click.echo(f"overall: {WORDS[overall]} ({found})", file=sys.stderr if form == "json" else out)


def _line(result: dict[str, Any]) -> str:
    whose = result["identifier"] or "(no identifier)"
    line = f"{result['rule']} {result['kind']}: {WORDS[result['result']]}  {result['node']}  {whose}\n"
    return line if result["result"] is not False else f"{line}    What would pass: {result['expected']}\n"


def _write_records(file: Path, out: TextIO) -> None:
    count = 0
    with file.open("rb") as source:
        try:
            reading = read_iati(source, kind="support")
            for record in reading.records:
                count += 1
                out.write(json.dumps(record, ensure_ascii=False) + "\n")
        except FileIsRefused as refused:
            raise click.ClickException(f"{file.name}: {refused.message} {refused.expected}") from None
    _echo_unread(reading)
    click.echo(f"{pluralise(count, 'activity', 'activities')} converted to records.", err=True)


def _echo_unread(reading: ReadResult) -> None:
    """Print each part that was not read, with its place, to standard error."""
    for part in reading.unread:
        where = ", ".join(each for each in (part.ref, part.element) if each)
        message = part.written["message"]
        click.echo(f"{where}: {message}" if where else message, err=True)
