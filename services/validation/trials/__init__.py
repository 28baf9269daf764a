"""Trials: submissions that are judged and never count."""
