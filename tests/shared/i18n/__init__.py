"""Tests of texts in several languages."""
