"""Read and render findings reports."""

from services.validation.findings.domain.reports import Report, ReportHeader
from services.validation.findings.formats import stored_reports
from services.validation.findings.formats.report_csv import report_as_csv
from services.validation.findings.formats.report_html import report_as_html
from services.validation.findings.formats.report_xlsx import report_as_xlsx
from shared.i18n import ENGLISH
from shared.reference.findings import findings_in, reading_in


def read_report(content: bytes) -> Report:
    """Read a stored report, of this version or an earlier one."""
    return stored_reports.read_report(content)


def shorten_report(report: Report, language: str = ENGLISH) -> Report:
    """Limit a report to the first places of each finding, in a language, without the fields that only services need."""
    return _translated(stored_reports.shorten_report(report), language)


def _translated(report: Report, language: str) -> Report:
    found = {**report, "findings": findings_in(report["findings"], language)}
    return found | {"reading": reading_in(report["reading"], language)} if report.get("reading") else found


def render_xlsx(report: Report, heading: ReportHeader) -> bytes:
    """Render a report as a workbook with all listed places."""
    return report_as_xlsx(_translated(report, heading.language), heading)


def render_csv(report: Report, heading: ReportHeader) -> str:
    """Render a report as CSV with the first places of each finding."""
    return report_as_csv(shorten_report(report, heading.language), heading)


def render_html(report: Report, heading: ReportHeader, *, rules_page: str) -> str:
    """Render a report as a page with the first places of each finding. `rules_page` is the URL of the rules."""
    return report_as_html(shorten_report(report, heading.language), heading, rules_page=rules_page)
