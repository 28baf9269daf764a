"""Responses that only their caller may see, and reports in the format that the client prefers."""

from dataclasses import replace
from urllib.parse import quote

from services.validation.findings.domain.media_types import CSV, FORMATS, HTML, XLSX
from services.validation.findings.domain.reports import Report, ReportHeader
from services.validation.findings.operations import reports
from shared.http.routes import RequestContext, Result

PRIVATE = {"Cache-Control": "private, no-cache", "Vary": "Accept, Authorization"}
"""The headers of a response that depends on the credential."""

CONTENT_SECURITY = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}
"""The headers of a page: a browser fetches and runs nothing, whatever text a reporter wrote into it."""


def report_answer(
    call: RequestContext, report: Report, heading: ReportHeader, *, form: str | None, name: str
) -> Result:
    """Return a report in a format, by default the one that the client prefers. `name` is that of the file."""
    heading = replace(heading, language=call.language)
    media_type = FORMATS[form] if form else call.preferred_of(*FORMATS.values())
    saved = {"Content-Disposition": f'attachment; filename="{name}.{_FORMAT_OF[media_type]}"'}
    if media_type == XLSX:
        content = reports.render_xlsx(report, heading)
        return Result(
            content=content, media_type=XLSX, hash_etag=True, headers=PRIVATE | saved, language=call.language
        )
    if media_type == CSV:
        text, headers = reports.render_csv(report, heading), saved
    elif media_type == HTML:
        text = reports.render_html(report, heading, rules_page=_rules_page(call, report))
        headers = CONTENT_SECURITY
    else:
        return Result(
            reports.shorten_report(report, call.language),
            hash_etag=True,
            headers=PRIVATE,
            language=call.language,
        )
    return Result(
        text=text, media_type=media_type, hash_etag=True, headers=PRIVATE | headers, language=call.language
    )


_FORMAT_OF = {media_type: form for form, media_type in FORMATS.items()}


def _rules_page(call: RequestContext, report: Report) -> str:
    """Return the URL of the rules in the version that judged."""
    ruleset = report["stamp"]["ruleset"]
    path = f"/validation/v1/rulesets/{ruleset['name']}.html?version={quote(ruleset['version'])}"
    return call.runtime.settings.public_url + path
