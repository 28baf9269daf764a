"""Evaluation of records by rules, in batches and in any order, with a reproducible judgement."""
