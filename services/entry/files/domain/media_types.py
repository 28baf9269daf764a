"""The media types that submissions come as, and go back as."""

JSON = "application/json"
NDJSON = "application/x-ndjson"
CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
XML = "application/xml"

ACCEPTED = (JSON, NDJSON, CSV, XLSX, XML)
"""As a file. XML is IATI's."""
