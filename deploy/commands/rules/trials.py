"""`iisgd rules try`: judge the records in a file without storing anything."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.text import Text

from deploy.commands.rules.drafts import FILE, file_in_force, read_draft, validation_if_any
from deploy.commands.rules.input_records import InputRecords, read_input
from services.validation.engine.domain.evaluation.submissions import Submission
from services.validation.engine.domain.findings import Finding
from services.validation.engine.domain.rules import Ruleset
from services.validation.rulesets.operations import files
from services.validation.verdicts.operations import record_previews
from shared.clock import SystemClock
from shared.reference import KINDS, PILLARS, is_period
from shared.reference import reporter as known_reporter
from shared.reference.account_texts import describe_read, describe_unread
from shared.reference.days import secretariat_day
from shared.reference.wording import pluralise
from shared.resources import Runtime

SKIPPED = {
    "missing": "a value is missing",
    "condition": "its condition is not met",
    "broken": "a value it reads is invalid",
    "nothing": "the list is empty",
}
PLURALS = {"info": "info"}
TOGETHER = 10**9
"""The position of findings about all records, which come last."""

STYLES = {"failed": "red", "errored": "bold red", "passed": "green", "skipped": "dim"}


@click.command("try")
@click.argument("file", type=FILE)
@click.option("--pillar", type=click.Choice(list(PILLARS)), help="Required if the file does not state it.")
@click.option("--kind", type=click.Choice(KINDS), help="Required if the file does not state it.")
@click.option("--period", help="Required if the file does not state it: 2026, or 2025-2026 for needs.")
@click.option("--reporter", help="The reporter; default: Albania's structure of the pillar.")
@click.option("--rules", "draft", type=FILE, help="A draft to use instead of the file in force.")
@click.option("--all", "everything", is_flag=True, help="Also show passed and skipped rules.")
@click.pass_context
def try_records(
    context: click.Context,
    /,
    *,
    file: Path,
    draft: Path | None,
    everything: bool,
    **said: str | None,
) -> None:
    """Judge the records in FILE, and keep nothing; ends with 1 if they would be returned.

    FILE holds what a reporter would submit: a JSON body, a JSON list, a JSON record on each line, IATI activities (.xml),
    or a table (.csv, .xlsx) with headings such as Title, or the names of fields: title, training.topic, themes.0.code.
    """
    with validation_if_any() as runtime:
        trial, refs = _trial(runtime, file, draft, said)
    console = Console(highlight=False)
    judgement = trial.judgement
    stamp = judgement.stamp["ruleset"]
    console.print(
        f"{stamp['name']} {stamp['version']}, {pluralise(judgement.records, 'record')}", markup=False
    )
    for line in _read(judgement.reading):
        console.print(line, soft_wrap=True)
    for line in _lines(trial, refs, everything=everything):
        console.print(line, soft_wrap=True)
    counted = ", ".join(
        pluralise(count, severity, PLURALS.get(severity))
        for severity, count in judgement.counts.items()
        if count
    )
    console.print(f"They would be {judgement.outcome}: {counted or 'no findings'}.")
    context.exit(0 if judgement.is_accepted else 1)


def _trial(
    runtime: Runtime | None, file: Path, draft: Path | None, said: Mapping[str, str | None]
) -> tuple[record_previews.RecordPreview, Sequence[Any]]:
    """Judge by the rules in force and this installation's records; also return each record's ref."""
    given = read_input(file, kind=said["kind"])
    submission = _submission(given, said)
    ruleset = _ruleset(runtime, submission.pillar, None if draft is None else read_draft(draft))
    refs = [record.get("ref") for record in given.records]
    if runtime is None:
        return record_previews.preview_records(None, ruleset, submission, given.records), refs
    with runtime.database.read() as tx:
        return record_previews.preview_records(tx, ruleset, submission, given.records), refs


def _submission(given: InputRecords, said: Mapping[str, str | None]) -> Submission:
    """Combine the facts of the file and the options. Options take precedence."""
    facts = {name: str(value) for name, value in given.facts.items()}
    facts |= {name: value for name, value in said.items() if value is not None}
    for name in ("pillar", "kind", "period"):
        if name not in facts:
            raise click.UsageError(f"The file does not state the {name}. Use --{name}.")
    if facts["pillar"] not in PILLARS or not is_period(facts["kind"], facts["period"]):
        raise click.UsageError(
            f"There is no {facts['pillar']} {facts['kind']} of {facts['period']}: the pillars are "
            f"{', '.join(PILLARS)}, needs are of two years (2025-2026), responses and support of one (2026)."
        )
    code = facts.get("reporter", f"AL-{facts['pillar']}")
    return Submission(
        pillar=facts["pillar"],
        kind=facts["kind"],
        period=facts["period"],
        tlp=facts.get("tlp", "TLP:AMBER"),
        reporter=code,
        partner=known_reporter(code).partner,
        received_on=secretariat_day(SystemClock().now()).isoformat(),
        origins=given.origins,
        account=given.account,
    )


def _ruleset(runtime: Runtime | None, pillar: str, draft: Ruleset | None) -> Ruleset:
    names = (files.GENERAL, pillar)
    if draft is not None and draft.stamp.name not in names:
        raise click.UsageError(f"The draft is for {draft.stamp.name}, but the records are for {pillar}.")
    general, own = (
        draft if draft is not None and draft.stamp.name == name else file_in_force(runtime, name)
        for name in names
    )
    return files.combine(general, own)


def _read(reading: Mapping[str, Any] | None) -> Iterator[Text]:
    """Yield what was read of the file, and how many parts of it were not."""
    if reading is not None:
        said = "; ".join(f"{name}: {text}" for name, text in describe_read(reading["read"]))
        yield Text(f"{said}. {describe_unread(reading)}", style="dim")


def _lines(trial: record_previews.RecordPreview, refs: Sequence[Any], *, everything: bool) -> Iterator[Text]:
    """Yield the findings record by record; those that concern all records come last."""
    found: dict[int, list[Text]] = {}
    for finding in trial.judgement.findings:
        for place in finding.places:
            found.setdefault(_record_of(place["pointer"]), []).extend(_finding(finding, place))
    if everything:
        for (rule, at, outcome, why), times in Counter(trial.outcomes).items():
            if outcome in ("passed", "skipped"):
                found.setdefault(at, []).append(_outcome(rule, outcome, why, times))
    for at in sorted(found):
        yield Text("All records" if at == TOGETHER else _heading(at, refs[at]), style="bold")
        yield from found[at]
    for finding in trial.judgement.findings:
        if left_out := finding.count - len(finding.places):
            yield Text(f"{finding.rule}: {pluralise(left_out, 'more place')} not shown.")


def _heading(at: int, ref: Any) -> str:
    return f"Record {at + 1}" if ref is None else f"Record {at + 1}, {ref}"


def _record_of(pointer: str) -> int:
    index = pointer.removeprefix("/records/").partition("/")[0]
    return int(index) if index.isdigit() else TOGETHER


def _finding(finding: Finding, place: Mapping[str, Any]) -> Iterator[Text]:
    where = _where(place)
    head = f"  {finding.outcome:8} {finding.rule} {finding.severity}, {where}: "
    yield Text.assemble((head, STYLES[finding.outcome]), finding.cause or place["message"])
    if finding.cause is None:
        yield Text(f"           would pass: {place['expected']}", style="dim")


def _where(place: Mapping[str, Any]) -> str:
    """Return a place in the file, or else the pointer."""
    if "element" in place:
        return ", ".join(str(place[name]) for name in ("ref", "element") if place.get(name))
    row = f"row {place['row']}" if "row" in place else None
    return str(place.get("cell") or row or place["pointer"])


def _outcome(rule: str, outcome: str, why: str | None, times: int) -> Text:
    reason = f": {SKIPPED[why]}" if why else ""
    often = f" ({times} times)" if times > 1 else ""
    return Text(f"  {outcome:8} {rule}{reason}{often}", style=STYLES[outcome])
