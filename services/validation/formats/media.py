"""The media types that validation answers with besides JSON."""

CSV = "text/csv"
HTML = "text/html"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

NOTHING_RUNS = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}
"""The header of a page: it fetches nothing and runs nothing, whatever text a reporter has written into it."""
