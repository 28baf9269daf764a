"""Findings reports as text, CSV, HTML and XLSX."""
