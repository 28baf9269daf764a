"""Validation over HTTP: the rules for everybody, verdicts for those they concern, checks for those who report."""

import hashlib
from collections.abc import Mapping
from time import perf_counter
from urllib.parse import quote

from services.validation import operations
from services.validation.formats.media import CSV, HTML, NOTHING_RUNS, XLSX
from services.validation.formats.report_csv import report_as_csv
from services.validation.formats.report_html import report_as_html
from services.validation.formats.report_reading import in_brief
from services.validation.formats.report_words import Heading, Report
from services.validation.formats.report_xlsx import report_as_xlsx
from shared.http.paging import Page
from shared.http.routes import RequestContext, Result
from shared.records.canonical import canonical_json

MEDIA_TYPES = {"json": "application/json", "csv": CSV, "html": HTML, "xlsx": XLSX}

PRIVATE = {"Cache-Control": "private, no-cache", "Vary": "Accept, Authorization"}
"""Whose answer it is depends on the credential."""


def list_rulesets(call: RequestContext) -> Result:
    """The rulesets in force."""
    found = operations.list_rulesets(call.tx, blobs=call.runtime.blobs, on=call.now.date())
    return Result({"items": found})


def get_ruleset(call: RequestContext, *, name: str) -> Result:
    """One ruleset with its rules."""
    ruleset = operations.get_ruleset(
        call.tx, blobs=call.runtime.blobs, name=name, on=call.now.date(), version=call.query["version"]
    )
    return Result(ruleset, etag=ruleset["hash"])


def get_statistics(call: RequestContext) -> Result:
    """How the rules in force fare."""
    found = operations.rule_statistics(call.tx, blobs=call.runtime.blobs, timer=perf_counter)
    return Result({"items": found})


def get_verdict(call: RequestContext, *, submission: str) -> Result:
    """A verdict: the one that stands, or an older one."""
    verdict = operations.get_verdict(
        call.tx, blobs=call.runtime.blobs, caller=call.known_caller, submission=submission, **call.query
    )
    return Result(verdict, etag=_tag(canonical_json(verdict)), headers=PRIVATE)


def list_verdicts(call: RequestContext, *, submission: str) -> Result:
    """All verdicts on a submission."""
    found = operations.list_verdicts(call.tx, caller=call.known_caller, submission=submission)
    return Result({"items": found}, headers=PRIVATE)


def get_report(call: RequestContext, *, submission: str) -> Result:
    """The report of a verdict, in the form that is asked for."""
    which = {name: call.query[name] for name in ("version", "verdict")}
    report, heading = operations.get_report(
        call.tx, blobs=call.runtime.blobs, caller=call.known_caller, submission=submission, **which
    )
    name = f"findings-{submission}-v{heading.version}-{heading.verdict}"
    return _in_form(call, report, heading, form=call.query["format"] or _accepted(call), name=name)


def list_findings(call: RequestContext, *, submission: str) -> Result:
    """What was found on a submission, and what has become of it."""
    limit = call.query["limit"]
    found = operations.list_findings(
        call.tx,
        caller=call.known_caller,
        submission=submission,
        state=call.query["state"],
        after=call.query["after"],
        limit=limit + 1,
    )
    page = Page.of(found, limit=limit, key=lambda each: str(each["finding"]))
    return Result(page, headers=PRIVATE)


def justify_finding(call: RequestContext, *, finding: str) -> Result:
    """A reporter's reason for what a rule warns of."""
    return Result(operations.justify_finding(call.tx, caller=call.known_caller, finding=finding, **call.body))


def waive_finding(call: RequestContext, *, finding: str) -> Result:
    """The Secretariat's reason to let a finding pass."""
    return Result(operations.waive_finding(call.tx, caller=call.known_caller, finding=finding, **call.body))


def check_body(call: RequestContext) -> Result:
    """What the verdict on a body would be; nothing is kept."""
    call.consume(records=len(call.body["records"]))
    with_outcomes = call.query["outcomes"] == "all"
    facts = ("pillar", "kind", "period", "tlp", "records")
    corrected = call.body["supersedes"]
    report, heading = operations.check_body(
        database=call.runtime.database,
        blobs=call.runtime.blobs,
        handed=operations.Handed(
            caller=call.known_caller,
            supersedes=corrected and corrected["submission"],
            **{name: call.body[name] for name in facts},
        ),
        now=call.now,
        with_outcomes=with_outcomes,
    )
    # Outcomes of single records come as JSON only.
    form = call.query["format"] or ("json" if with_outcomes else _accepted(call))
    return _in_form(call, report, heading, form=form, name="check")


def _in_form(call: RequestContext, report: Report, heading: Heading, *, form: str, name: str) -> Result:
    saved = {"Content-Disposition": f'attachment; filename="{name}.{form}"'}
    if form == "xlsx":
        # A workbook has room for every place that is told.
        content = report_as_xlsx(report, heading)
        return Result(content=content, media_type=XLSX, etag=_tag(content), headers=PRIVATE | saved)
    brief = in_brief(report)
    match form:
        case "csv":
            return _text(report_as_csv(brief, heading), CSV, saved)
        case "html":
            return _text(
                report_as_html(brief, heading, rules_page=_rules_page(call, brief)), HTML, NOTHING_RUNS
            )
        case _:
            return Result(brief, etag=_tag(canonical_json(brief)), headers=PRIVATE)


def _text(text: str, media_type: str, headers: Mapping[str, str]) -> Result:
    return Result(text=text, media_type=media_type, etag=_tag(text.encode()), headers={**PRIVATE, **headers})


def _rules_page(call: RequestContext, report: Report) -> str:
    """Where the rules can be read as they were when they judged."""
    ruleset = report["stamp"]["ruleset"]
    path = f"/validation/v1/rulesets/{ruleset['name']}.html?version={quote(ruleset['version'])}"
    return call.runtime.settings.public_url + path


def _accepted(call: RequestContext) -> str:
    """The form that the client likes best (RFC 9110); JSON where it has no wish of ours."""
    wishes = [_wish(part) for part in call.headers.get("Accept", "").split(",")]
    forms = {media_type: form for form, media_type in MEDIA_TYPES.items()} | {"*/*": "json"}
    known = [(weight, forms[media_type]) for media_type, weight in wishes if media_type in forms and weight]
    return max(known, key=lambda wish: wish[0], default=(0.0, "json"))[1]


def _wish(part: str) -> tuple[str, float]:
    """A media type and how much it is wanted: 1 if that is not said, 0 if it cannot be read."""
    media_type, *parameters = (each.strip() for each in part.lower().split(";"))
    weight = next((each[2:] for each in parameters if each.startswith("q=")), "1")
    return media_type, float(weight) if weight.replace(".", "", 1).isdecimal() and weight.isascii() else 0.0


def _tag(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:32]
