"""Tests: one folder per service and part, and journeys that run the real processes."""
