"""Workbooks and tables, written from records and findings."""
