"""Tests: they mirror the rooms, and journeys run the real processes."""
