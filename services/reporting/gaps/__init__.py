"""Gaps: the needs per partner and pillar, and how far responses and support meet them."""
