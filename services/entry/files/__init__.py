"""File formats of the intake channels: CSV, XLSX, JSON and IATI, read into records."""
