"""Gaps: the needs per partner and pillar, and their coverage by responses and support."""
