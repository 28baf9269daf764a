"""Read and render findings reports."""

from services.validation.findings.domain.reports import Report, ReportHeader
from services.validation.findings.formats import stored_reports
from services.validation.findings.formats.report_csv import report_as_csv
from services.validation.findings.formats.report_html import report_as_html
from services.validation.findings.formats.report_xlsx import report_as_xlsx
from shared.i18n import ENGLISH
from shared.reference.findings import findings_in, marked_in, marked_reading, reading_in


def read_report(content: bytes) -> Report:
    """Read a stored report, of this version or an earlier one."""
    return stored_reports.read_report(content)


def shorten_report(report: Report, language: str = ENGLISH) -> Report:
    """Limit a report to the first places of each finding, in a language, without the fields that only services need."""
    short = stored_reports.shorten_report(report)
    found = {**short, "findings": findings_in(short["findings"], language)}
    return found | {"reading": reading_in(short["reading"], language)} if short.get("reading") else found


def render_xlsx(report: Report, heading: ReportHeader) -> bytes:
    """Render a report as a workbook with all listed places."""
    return report_as_xlsx(_for_document(report, heading), heading)


def render_csv(report: Report, heading: ReportHeader) -> str:
    """Render a report as CSV with the first places of each finding."""
    return report_as_csv(_for_document(stored_reports.shorten_report(report), heading), heading)


def render_html(report: Report, heading: ReportHeader, *, rules_page: str) -> str:
    """Render a report as a page with the first places of each finding. `rules_page` is the URL of the rules."""
    shown = _for_document(stored_reports.shorten_report(report), heading)
    return report_as_html(shown, heading, rules_page=rules_page)


def _for_document(report: Report, heading: ReportHeader) -> Report:
    language = heading.language
    found = {**report, "findings": marked_in(report["findings"], language)}
    return (
        found | {"reading": marked_reading(report["reading"], language)} if report.get("reading") else found
    )
