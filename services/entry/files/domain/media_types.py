"""Media types of submissions and downloads."""

JSON = "application/json"
NDJSON = "application/x-ndjson"
CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
XML = "application/xml"

ACCEPTED = (JSON, NDJSON, CSV, XLSX, XML)
"""Media types accepted for an uploaded file. XML is IATI's."""
