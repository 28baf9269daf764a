"""Completeness: obligations, and the submissions that meet them."""
