"""Verdicts: judging of submissions, rejudging and previews."""
