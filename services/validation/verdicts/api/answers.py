"""Answers that only their caller may see, and reports in the format that the client prefers."""

import hashlib
from urllib.parse import quote

from services.validation.findings.domain.media_types import CSV, FORMATS, HTML, XLSX
from services.validation.findings.domain.reports import Report, ReportHeader
from services.validation.findings.operations import reports
from shared.http.routes import RequestContext, Result
from shared.records.canonical import canonical_json

PRIVATE = {"Cache-Control": "private, no-cache", "Vary": "Accept, Authorization"}
"""The headers of an answer that depends on the credential."""

CONTENT_SECURITY = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}
"""The headers of a page: a browser fetches and runs nothing, whatever text a reporter wrote into it."""


def tag_of(content: bytes) -> str:
    """Return the ETag of a content."""
    return hashlib.sha256(content).hexdigest()[:32]


def report_answer(
    call: RequestContext, report: Report, heading: ReportHeader, *, form: str | None, name: str
) -> Result:
    """Answer with a report in a format, or in the one that the client prefers. `name` is that of the file."""
    chosen = form or _preferred(call)
    saved = {"Content-Disposition": f'attachment; filename="{name}.{chosen}"'}
    match chosen:
        case "xlsx":
            content = reports.render_xlsx(report, heading)
            return Result(content=content, media_type=XLSX, etag=tag_of(content), headers=PRIVATE | saved)
        case "csv":
            text, media_type, headers = reports.render_csv(report, heading), CSV, saved
        case "html":
            text = reports.render_html(report, heading, rules_page=_rules_page(call, report))
            media_type, headers = HTML, CONTENT_SECURITY
        case _:
            brief = reports.shorten_report(report)
            return Result(brief, etag=tag_of(canonical_json(brief)), headers=PRIVATE)
    return Result(text=text, media_type=media_type, etag=tag_of(text.encode()), headers=PRIVATE | headers)


def _rules_page(call: RequestContext, report: Report) -> str:
    """Return the URL of the rules in the version that judged."""
    ruleset = report["stamp"]["ruleset"]
    path = f"/validation/v1/rulesets/{ruleset['name']}.html?version={quote(ruleset['version'])}"
    return call.runtime.settings.public_url + path


def _preferred(call: RequestContext) -> str:
    """Return the format that the client prefers (RFC 9110), JSON where it names none of ours."""
    ranges = [_weighted(part) for part in call.headers.get("Accept", "").split(",")]
    formats = {media_type: form for form, media_type in FORMATS.items()} | {"*/*": "json"}
    known = [
        (weight, formats[media_type]) for media_type, weight in ranges if media_type in formats and weight
    ]
    return max(known, key=lambda each: each[0], default=(0.0, "json"))[1]


def _weighted(part: str) -> tuple[str, float]:
    """Return a media type and its weight: 1 by default, 0 if it cannot be read."""
    media_type, *parameters = (each.strip() for each in part.lower().split(";"))
    weight = next((each[2:] for each in parameters if each.startswith("q=")), "1")
    return media_type, float(weight) if weight.replace(".", "", 1).isdecimal() and weight.isascii() else 0.0
