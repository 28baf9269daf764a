"""`iisgd demo`: run the main job on the sample data, show it, and stop."""

import time
from collections import Counter
from collections.abc import Sequence
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table

from deploy import instance_lock
from deploy.commands.bus import open_deliveries
from deploy.commands.database import prepare
from deploy.commands.progress import step
from deploy.commands.run import show_parts, stopping
from deploy.commands.sample import post_submissions
from deploy.launcher import Launcher
from deploy.sample_loader import Portal, hold_mails, load_calendar, release_mails
from shared.reference import FOOTNOTE, PARTNERS, PILLARS
from shared.settings import Settings

MAIL_SECONDS = 60.0
SETTLE_SECONDS = 60.0
SEVERITIES = ("blocker", "error", "warning", "info")


class DemoTimedOut(Exception):
    """An expected result did not arrive in time."""

    def __init__(self, what: str, logs: Path) -> None:
        super().__init__(f"{what} did not arrive in time. The logs are in {logs}.")


@click.command()
def demo() -> None:
    """Run the main job on the sample data, show the results, and stop."""
    began = time.monotonic()
    console = Console(highlight=False)
    home = Settings.from_environ().home / "demo"
    launcher = Launcher.embedded(Settings(home=home))
    console.print(
        "[bold]IISG-D[/bold]  needs, responses and support of the Western Balkans, from post to figure"
    )
    with stopping(launcher, console):
        _start(launcher, console)
        post_submissions(Portal(launcher.settings, launcher.port), console)
        _show(launcher, console)
        show_parts(launcher, console)
    console.print(f"\nEverything is stopped. The demo took {time.monotonic() - began:.0f} s.")


def _start(launcher: Launcher, console: Console) -> None:
    instance_lock.wipe(launcher.settings.home)
    with step(console, "Creating the database and the calendar ..."):
        prepare(launcher.settings)
        hold_mails(launcher.settings, "the sample is being loaded")
        load_calendar(launcher.settings)
    launcher.start()
    with step(console, "Starting entry, validation, reporting and notify ..."):
        launcher.wait_ready()


def _show(launcher: Launcher, console: Console) -> None:
    portal = Portal(launcher.settings, launcher.port)
    try:
        with step(console, "Waiting for reporting and notify ..."):
            _wait_until_settled(launcher)
        _show_submissions(portal, console)
        _show_gaps(portal.get("/reporting/v1/gaps", "RCC-ANALYST"), console)
        _show_completeness(portal.get("/reporting/v1/completeness", "RCC-ANALYST"), console)
        release_mails(launcher.settings)
        _show_reminders(launcher, portal, console)
    finally:
        portal.close()


def _wait_until_settled(launcher: Launcher) -> None:
    """Wait until reporting and notify have handled every verdict."""
    until = time.monotonic() + SETTLE_SECONDS
    while open_deliveries(launcher.settings):
        if time.monotonic() > until:
            raise DemoTimedOut("The last events", launcher.logs)
        time.sleep(0.1)


def _show_submissions(portal: Portal, console: Console) -> None:
    found = portal.get_all("/entry/v1/submissions", "SECRETARIAT")
    table = Table(title="Submissions and their verdicts", title_justify="left", title_style="bold")
    table.add_column("Reporter")
    for name in ("Accepted", "Returned", "Records"):
        table.add_column(name, justify="right")
    table.add_column("Findings")
    shown = [portal.get(f"/entry/v1/submissions/{item['id']}", "SECRETARIAT") for item in found]
    for reporter in sorted({item["reporter"] for item in shown}, key=_reporter_order):
        own = [item for item in shown if item["reporter"] == reporter]
        states = Counter(item["state"] for item in own)
        findings: Counter[str] = Counter()
        for finding in (each for item in own for each in item["findings"]):
            findings[finding["severity"]] += finding["count"]
        returned = f"[red]{states['returned']}[/red]" if states["returned"] else "-"
        text = ", ".join(f"{findings[name]} {name}" for name in SEVERITIES if findings[name]) or "-"
        records = str(sum(item["records"] for item in own))
        table.add_row(reporter, str(states["accepted"]), returned, records, text)
    states = Counter(item["state"] for item in shown)
    records = str(sum(item["records"] for item in shown))
    table.add_section()
    table.add_row("All", str(states["accepted"]), str(states["returned"]), records, "", style="bold")
    console.print(table)
    console.print(_posted([item["version"] for item in shown]), style="dim")
    _show_findings(shown, console)


def _posted(versions: Sequence[int]) -> str:
    """Count each posted submission once, by its last version."""
    several = Counter(version for version in versions if version > 1)
    text = "".join(f", {count} of them in {version} versions" for version, count in sorted(several.items()))
    return f"{sum(versions)} versions were posted, of {len(versions)} submissions{text}."


def _show_findings(shown: Sequence[Any], console: Console) -> None:
    console.print("\n[bold]Findings[/bold]")
    for item in reversed(shown):
        for finding in item["findings"]:
            colour = "yellow" if finding["severity"] in ("warning", "info") else "red"
            head = f"[{colour}]{finding['severity']}[/{colour}] {finding['rule']}  {item['reporter']}"
            for place in finding["places"]:
                console.print(f"  {head}, record {place['ref']}, {place['pointer']}")
                console.print(Padding(place["message"], (0, 0, 0, 4)), markup=False)
                console.print(Padding(f"Would pass: {place['expected']}", (0, 0, 0, 4)), style="dim")
            if finding["left_out"]:
                console.print(f"  {head}, and {finding['left_out']} more places")


def _reporter_order(code: str) -> tuple[int, str]:
    partner = code.partition("-")[0]
    return (list(PARTNERS).index(partner) if partner in PARTNERS else len(PARTNERS), code)


def _show_gaps(gaps: Any, console: Console) -> None:
    title = "\nNeeds: all / answered / supported / open"
    table = Table(title=title, title_justify="left", title_style="bold")
    table.add_column("Partner")
    for pillar in PILLARS:
        table.add_column(pillar, justify="right", no_wrap=True)
    cells = {(cell["partner"], cell["pillar"]): cell for cell in gaps["cells"]}
    for partner in PARTNERS.values():
        table.add_row(partner.label, *(_gap(cells.get((partner.code, pillar))) for pillar in PILLARS))
    totals = {row["pillar"]: row for row in gaps["totals"]["pillars"]}
    table.add_section()
    table.add_row("All", *(_gap(totals.get(pillar)) for pillar in PILLARS), style="bold")
    console.print(table)
    everything = gaps["totals"]["all"]
    console.print(
        f"All counts the {everything['reported']} of {everything['structures']} structures that have reported.",
        style="dim",
    )
    console.print(
        "A need is answered if a response refers to it, supported if a support record does (it can be both), "
        "and open otherwise. Not reported: there is no accepted submission, not even a nil return.",
        style="dim",
    )
    console.print(FOOTNOTE, style="dim")


def _gap(cell: Any) -> str:
    if cell is None:
        return "-"
    if cell["needs"] is None:
        return "[yellow]not reported[/yellow]" if cell["state"] == "not_reported" else "unknown"
    if not cell["needs"]:
        return "no needs"
    still_open = f"[red]{cell['open']}[/red]" if cell["open"] else "0"
    return f"{cell['needs']} / {cell['answered']} / {cell['supported']} / {still_open}"


def _show_completeness(answer: Any, console: Console) -> None:
    owed = sorted({(row["due_on"], row["kind"], row["period"]) for row in answer["obligations"]})
    table = Table(title="\nCompleteness per structure", title_justify="left", title_style="bold")
    table.add_column("Structure")
    for due_on, kind, period in owed:
        table.add_column(f"{kind} {period}\ndue {due_on}")
    states = {(row["structure"], row["kind"], row["period"]): row["state"] for row in answer["obligations"]}
    structures = list(dict.fromkeys(row["structure"] for row in answer["obligations"]))
    for structure in sorted(structures, key=_reporter_order):
        table.add_row(structure, *(_state(states.get((structure, kind, period))) for _, kind, period in owed))
    console.print(table)


def _state(state: str | None) -> str:
    colour = {"accepted": "green", "received": "green", "returned": "red", "missing": "red"}.get(
        state or "", "dim"
    )
    word = "not reported" if state == "missing" else state or "-"
    return f"[{colour}]{word}[/{colour}]"


def _show_reminders(launcher: Launcher, portal: Portal, console: Console) -> None:
    with step(console, "Waiting for the reminders to be sent ..."):
        mails = _await_mails(launcher, portal)
    meetings = portal.get("/notify/v1/meetings", "SECRETARIAT")["items"]
    coming = next(meeting for meeting in meetings if meeting["collections"])
    console.print(f"\n[bold]Reminders sent for the {coming['title']}, {coming['held_on']}[/bold]")
    table = Table()
    table.add_column("To", overflow="fold")
    table.add_column("When", no_wrap=True)
    table.add_column("Mappings")
    for mail in mails:
        message = message_from_bytes(mail.read_bytes(), policy=default)
        (to,) = message["To"].addresses
        when = f"{message['Date'].datetime:%Y-%m-%d %H:%M} UTC"
        table.add_row(f"{to.display_name}\n{to.addr_spec}", when, str(message["Subject"]))
    console.print(table)
    message = message_from_bytes(mails[0].read_bytes(), policy=default)
    body = message.get_body(("plain",))
    head = "\n".join(f"{name}: {message[name]}" for name in ("From", "To", "Date", "Subject"))
    text = body.get_content() if body is not None else ""
    console.print(
        Panel(f"{head}\n\n{text}".replace("[", r"\["), title="One reminder in full", title_align="left")
    )


def _await_mails(launcher: Launcher, portal: Portal) -> list[Path]:
    """Return the files of the mails, once notify has no waiting mail."""
    until = time.monotonic() + MAIL_SECONDS
    while time.monotonic() < until:
        states = Counter(mail["state"] for mail in portal.get_all("/notify/v1/mails", "SECRETARIAT"))
        files = sorted(launcher.mail.glob("*.eml")) if launcher.mail.exists() else []
        if files and len(files) == states["sent"] and not states["due"] + states["sending"] + states["data"]:
            return files
        time.sleep(0.2)
    raise DemoTimedOut("The reminders", launcher.logs)
