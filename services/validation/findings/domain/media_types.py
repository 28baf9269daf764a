"""Media types of reports."""

CSV = "text/csv"
HTML = "text/html"
JSON = "application/json"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

FORMATS = {"json": JSON, "csv": CSV, "html": HTML, "xlsx": XLSX}
"""The formats of a report and their media types."""
