"""Figures: the records of accepted submissions, folded into aggregates and queried."""
