"""Reporting: figures, gaps and completeness."""
